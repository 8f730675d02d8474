"""The records of imports: a module that is shipped, an import in a source file, the owner of a module, a finding."""

from __future__ import annotations

from typing import Literal

from wsnox._record import Record

__all__ = ["Finding", "Guard", "How", "Import", "Kind", "Module", "Owner", "Shipped"]

Guard = Literal["", "typing", "optional", "fallback", "never"]
How = Literal["sources", "metadata", "name"]
Kind = Literal["missing", "transitive", "group", "failing", "unshipped"]


class Import(Record, kw_only=True):
    """An absolute import at *line* of *file* (POSIX, relative to the tree that was read).

    ``import a.b`` is the module ``a.b``; ``from a.b import c, d`` is ``a.b`` with the *names* ``c`` and ``d``, each of
    which may be a module as well. *lazy* is an import that runs later than its module: in a function, or as a script.

    *guard* keeps it from being needed: ``typing`` only type checkers see it; ``optional`` its absence is handled;
    ``fallback`` it runs where none of the modules *instead* is installed; ``never`` its branch is dead on the target.
    """

    module: str
    names: tuple[str, ...] = ()
    file: str
    line: int
    lazy: bool = False
    guard: Guard = ""
    instead: tuple[str, ...] = ()


class Module(Record, kw_only=True):
    """A module that a distribution ships, by its dotted *name*, from *file* (POSIX, relative to the project)."""

    name: str
    file: str


class Shipped(Record, kw_only=True):
    """What the wheel of a project ships: its *modules*, and the *prefixes* that belong to it alone.

    A regular package belongs to one distribution, so its dotted name stands for all below it; a namespace package does
    not, so the names below it stand there. *unread* names a build setting that decides and is not read (a ``setup.py``,
    an unknown backend): then the rest is a guess, of what a build backend usually takes.
    """

    modules: tuple[Module, ...]
    prefixes: tuple[str, ...]
    unread: str = ""


class Owner(Record):
    """A distribution, by its normalised *name*, and *how* it is known to own a module.

    ``sources`` read in its source tree, ``metadata`` in the RECORD of an environment, ``name`` guessed by its name.
    """

    name: str
    how: How


class Finding(Record, kw_only=True):
    """An import that *member* (empty: the workspace root) must not count on, of one *kind*, wherever it stands.

    ``missing`` nothing in the closure provides the *module*; ``transitive`` only a dependency's dependency does, along
    the *chain*; ``group`` only the dependency *groups* do; ``failing`` importing the module raised *raised*;
    ``unshipped`` the wheel leaves out a file that the sources have, and *module* is its path in the wheel.

    *places* are the files (POSIX, relative to the workspace root) and lines; *owner* is the distribution that has the
    module, with its *version*, *how* that is known and the members by which it is *declared*; *fix* is the command that
    declares it. Without an owner, *beside* is the path at which the workspace has such a module, and nothing installs it.
    """

    member: str
    kind: Kind
    module: str
    places: tuple[tuple[str, int], ...]
    owner: str = ""
    version: str = ""
    how: How | None = None
    declared: tuple[str, ...] = ()
    chain: str = ""
    groups: tuple[str, ...] = ()
    raised: str = ""
    beside: str = ""
    fix: str = ""

"""What a changed path means: the workspace's rules, the directories of local packages, and the rules of ``rules.toml``.

The model is guppy's determinator: ordered rules as data, and what nothing matches means everything.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wsnox._record import Record
from wsnox.affected.links import is_below
from wsnox.lock.model import Archive, Directory, Virtual
from wsnox.workspace.config import read_rule_list
from wsnox.workspace.globs import included
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.settings import PathRule

__all__ = ["Meaning", "Rules", "Tree", "default_rules", "matching_names", "trees_of"]

READ = ("uv.lock", "pyproject.toml")
"""Files of the workspace root that are analysed instead."""

_ROOT = Path("/")


class Tree(NamedTuple):
    """The local package *name* at *path*, relative to the workspace root."""

    name: str
    path: str


class Meaning(Record, kw_only=True):
    """What a change of one file means, and *because* of what.

    It concerns *everything*, or the sessions with one of the local *packages* in their closure, or *sessions* (patterns),
    or those that run in the root; nothing where none of these holds. What a default rule says of a *document* is about
    sessions of which nothing is known that reads it; what is *final* nobody can add to.
    """

    because: str
    everything: bool = False
    packages: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    in_root: bool = False
    document: bool = False
    final: bool = False


class Defaults(Record, kw_only=True):
    """``rules.toml``."""

    leftovers: tuple[str, ...]
    root_project: tuple[str, ...]
    rules: tuple[PathRule, ...]


@lru_cache(maxsize=1)
def default_rules() -> Defaults:
    """Return the rules that ship with wsnox."""
    table = open_table(Path(str(files("wsnox.affected").joinpath("rules.toml"))))
    table.known_keys(("leftovers", "root-project", "rules"))
    found = Defaults(
        leftovers=table.strings("leftovers") or (),
        root_project=table.strings("root-project") or (),
        rules=read_rule_list(table),
    )
    table.close()
    return found


def trees_of(workspace: Workspace, lock: Lock) -> Iterator[Tree]:
    """Yield the local packages: the members, and what else *lock* takes from a path; the root's own project is none."""
    for member in workspace.members:
        if member.path != ".":
            yield Tree(member.name, member.path)
    for package in lock.packages:
        match package.source:
            case Directory(path=path) | Virtual(path=path) | Archive(path=path):
                place = posixpath.normpath(path.replace("\\", "/"))
                if place.startswith("/"):
                    place = posixpath.relpath(place, workspace.root.as_posix())
                if place != ".":
                    yield Tree(package.name, place)
            case _:
                pass


class Rules:
    """Says what a path means in a *workspace* whose local packages, now or before, are *trees*."""

    def __init__(self, workspace: Workspace, trees: Iterable[Tree]) -> None:
        self._own = workspace.manifest.config.affected
        self._project = None if workspace.project is None else workspace.project.name
        self._members = tuple(member.name for member in workspace.members)
        self.trees = tuple(sorted(set(trees)))

    def meaning(self, path: str) -> Meaning:
        """Return what a change of the file at *path* means; the steps are those that ``rules.toml`` tells."""
        for rule in self._own.rules:
            if pattern := _match(path, rule.paths):
                because = f"the rule `{pattern}` of `tool.wsnox.affected`"
                return replace(self._of(rule, because), final=rule.affects == "nothing")
        if path in READ:
            return Meaning(because="it is read, and compared session by session")
        if self._own.defaults and (pattern := _match(path, default_rules().leftovers)):
            return Meaning(because=f"a leftover, by the default rule `{pattern}`", final=True)
        if trees := [tree for tree in self.trees if _touches(path, tree.path)]:
            names = tuple(dict.fromkeys(tree.name for tree in trees))
            return Meaning(because=f"a file of {' and '.join(f'`{name}`' for name in names)}", packages=names)
        return self._by_default(path)

    def _by_default(self, path: str) -> Meaning:
        if not self._own.defaults:
            return _unknown()
        if self._project is not None and (pattern := _match(path, self._of_project(self._project))):
            meaning = self.of_project(f"a file of `{self._project}`, by the default rule `{pattern}`")
            # What is neither code nor below a folder is for people, and a member may read it like any other document.
            return replace(meaning, document="/" not in path and not path.endswith(".py"))
        for rule in default_rules().rules:
            if pattern := _match(path, rule.paths):
                meaning = self._of(rule, f"the default rule `{pattern}`")
                return replace(meaning, document=rule.affects == "nothing")
        return _unknown()

    def of_project(self, because: str) -> Meaning:
        """Return what a change of the root's own project means, which the sessions in its directory see, too."""
        return Meaning(because=because, packages=() if self._project is None else (self._project,), in_root=True)

    def _of_project(self, name: str) -> tuple[str, ...]:
        module = re.sub(r"[-_.]+", "_", name)
        return tuple(pattern.replace("{module}", module) for pattern in default_rules().root_project)

    def _of(self, rule: PathRule, because: str) -> Meaning:
        members = tuple(matching_names(self._members, rule.members))
        missing = [each for each in rule.members if not any(matching_names(self._members, (each,)))]
        if missing:
            # A rule that a renamed member left behind must not let a change pass.
            return Meaning(because=f"{because}, whose `{missing[0]}` is no member", everything=True)
        everything = rule.affects == "everything"
        return Meaning(because=because, everything=everything, packages=members, sessions=rule.sessions)


def _unknown() -> Meaning:
    return Meaning(because="no rule knows it", everything=True)


def _match(path: str, patterns: tuple[str, ...]) -> str:
    """Return the first of *patterns* that matches *path*, empty where none does."""
    return next((each for each in patterns if included(_ROOT, path, (each,))), "")


def _touches(path: str, folder: str) -> bool:
    """Tell whether *path* is in *folder*, or above it: a submodule is one path, whatever changed in it."""
    return is_below(path, folder) or is_below(folder, path)


def matching_names(names: Iterable[str], patterns: Iterable[str]) -> Iterator[str]:
    """Yield those *names* that one of *patterns* (with ``*`` and ``?``) matches."""
    compiled = [re.compile(re.escape(each).replace(r"\*", ".*").replace(r"\?", ".")) for each in patterns]
    yield from (name for name in names if any(each.fullmatch(name) for each in compiled))

"""The meaning of a changed path: the workspace's rules, the directories of local packages, and the rules of ``rules.toml``.

``rules.toml`` lists the steps in their order. The model is guppy's determinator: ordered rules as data, of which the first
that matches counts, and a path that nothing matches concerns everything.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wsnox._record import Record
from wsnox.affected.links import is_below
from wsnox.lock import Archive, Directory, Virtual
from wsnox.workspace.config import read_rule_list
from wsnox.workspace.globs import included
from wsnox.workspace.model import matching
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.settings import PathRule

__all__ = ["ANALYSED", "LocalPackage", "Meaning", "Rules", "local_packages", "matches_session"]

ANALYSED = ("uv.lock", "pyproject.toml")
"""Files of the workspace root that are compared by their content."""


class Meaning(Record, kw_only=True):
    """What a change of one file means, and *because* of which rule.

    It concerns *everything*, or the sessions with one of the local *packages* in their closure, *sessions* (patterns), and
    those that run in the root where *in_root*; nothing where none of these is set. A *document* also concerns
    whoever reads it. A *final* meaning is the last word: nobody who reads the file counts.
    """

    because: str
    everything: bool = False
    packages: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    in_root: bool = False
    document: bool = False
    final: bool = False


_UNKNOWN = Meaning(because="no rule knows it", everything=True)


class Rules:
    """The meanings of paths in a *workspace* whose local packages, now or before, are *packages*."""

    def __init__(self, workspace: Workspace, packages: Iterable[LocalPackage]) -> None:
        self._config = workspace.manifest.config.affected
        self._project = "" if workspace.project is None else workspace.project.name
        self._members = workspace.members
        self.packages = tuple(sorted(set(packages)))

    def meaning(self, path: str) -> Meaning:
        """Return what a change of the file at *path*, relative to the workspace root, means."""
        for rule in self._config.rules:
            if pattern := _first_match(path, rule.paths):
                meaning = self._by_rule(rule, f"the rule `{pattern}` of `tool.wsnox.affected`")
                return replace(meaning, final=rule.affects == "nothing")
        if path in ANALYSED:
            return Meaning(because="it is read, and compared session by session")
        defaults = _default_rules() if self._config.default_rules else _NO_DEFAULTS
        if pattern := _first_match(path, defaults.leftovers):
            return Meaning(because=f"a leftover, by the default rule `{pattern}`", final=True)
        # A submodule is one path, whatever changed in it, so that it may also lie above a package.
        names = dict.fromkeys(
            package.name for package in self.packages if is_below(path, package.path) or is_below(package.path, path)
        )
        if names:
            return Meaning(because=f"a file of {' and '.join(f'`{name}`' for name in names)}", packages=tuple(names))
        module = re.sub(r"[-_.]+", "_", self._project)
        of_project = tuple(pattern.replace("{module}", module) for pattern in defaults.root_project)
        if self._project and (pattern := _first_match(path, of_project)):
            meaning = self.of_root_project(f"a file of `{self._project}`, by the default rule `{pattern}`")
            # A file that is neither code nor in a folder is for people, and a member may read it like any other document.
            return replace(meaning, document="/" not in path and not path.endswith(".py"))
        for rule in defaults.rules:
            if pattern := _first_match(path, rule.paths):
                meaning = self._by_rule(rule, f"the default rule `{pattern}`")
                return replace(meaning, document=rule.affects == "nothing")
        return _UNKNOWN

    def of_root_project(self, because: str) -> Meaning:
        """Return what a change of the root's own project means, which the sessions in its directory see, too."""
        return Meaning(because=because, packages=(self._project,) if self._project else (), in_root=True)

    def _by_rule(self, rule: PathRule, because: str) -> Meaning:
        for pattern in rule.members:
            if not matching(self._members, [pattern]):
                # A rule that a renamed member left behind must not let a change pass.
                return Meaning(because=f"{because}, whose `{pattern}` is no member", everything=True)
        return Meaning(
            because=because,
            everything=rule.affects == "everything",
            packages=tuple(member.name for member in matching(self._members, rule.members)),
            sessions=rule.sessions,
        )


def matches_session(pattern: str, names: Iterable[str]) -> bool:
    """Return whether *pattern* matches one of the *names* of a session or its run."""
    return any(fnmatchcase(name, pattern) for name in names)


def _first_match(path: str, patterns: tuple[str, ...]) -> str:
    """Return the first of *patterns* that matches *path*, empty where none does."""
    return next((pattern for pattern in patterns if included(_SLASH, path, (pattern,))), "")


_SLASH = Path("/")
"""Stands for the workspace root: no pattern of a rule is absolute."""


class LocalPackage(NamedTuple):
    """The local package *name* in the directory, or archive, at *path*, relative to the workspace root."""

    name: str
    path: str


def local_packages(workspace: Workspace, lock: Lock) -> Iterator[LocalPackage]:
    """Yield the members, and the other packages that *lock* takes from a path, except the root's own project."""
    for member in workspace.members:
        if member.path != ".":
            yield LocalPackage(member.name, member.path)
    for package in lock.packages:
        match package.source:
            case Directory(path=path) | Virtual(path=path) | Archive(path=path):
                relative = posixpath.normpath(path.replace("\\", "/"))
                if relative.startswith("/"):
                    relative = posixpath.relpath(relative, workspace.root.as_posix())
                if relative != ".":
                    yield LocalPackage(package.name, relative)
            case _:
                pass


class _Defaults(Record, kw_only=True):
    """``rules.toml``."""

    leftovers: tuple[str, ...] = ()
    root_project: tuple[str, ...] = ()
    rules: tuple[PathRule, ...] = ()


_NO_DEFAULTS = _Defaults()


@lru_cache(maxsize=1)
def _default_rules() -> _Defaults:
    """Return the rules that ship with wsnox."""
    table = open_table(Path(str(files("wsnox.affected").joinpath("rules.toml"))))
    table.known_keys(("leftovers", "root-project", "rules"))
    defaults = _Defaults(
        leftovers=table.strings("leftovers") or (),
        root_project=table.strings("root-project") or (),
        rules=read_rule_list(table),
    )
    table.close()
    return defaults

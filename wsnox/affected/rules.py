"""The meaning of a changed path: the workspace's rules, the directories of local packages, and the rules of ``rules.toml``.

``rules.toml`` lists the steps in their order. The model is guppy's determinator: ordered rules as data, of which the first
that matches counts, and a path that nothing matches concerns everything.
"""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wsnox._record import Record, field, replace
from wsnox.affected.paths import above, relative
from wsnox.lock import Archive, Directory, Virtual
from wsnox.package_names import canonicalize_name
from wsnox.workspace.config import read_rule_list
from wsnox.workspace.globs import first_included
from wsnox.workspace.model import matching
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.settings import PathRule
    from wsnox.workspace.tables import Table

__all__ = ["ANALYSED", "LocalPackage", "Meaning", "Rules", "Ships", "local_packages", "matches_session", "table_path"]

ANALYSED = ("uv.lock", "pyproject.toml")
"""Files of the workspace root that are compared by their content."""


class Meaning(Record, kw_only=True):
    """What a change of one file means, and *because* of which rule.

    It concerns *everything*; the sessions with one of the local *packages* in their closure; those of the packages that
    *own* it; *sessions* (patterns); those that have one of *tools*; and those that run in the root where *in_root*. It
    means nothing where none of these is set. A *document* also concerns whoever reads it, a *pipeline* everything where
    it runs wsnox. A *final* meaning is the last word: nobody who reads the file counts.
    """

    because: str
    everything: bool = False
    packages: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    read_by: tuple[tuple[str, str], ...] = ()
    sessions: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    in_root: bool = False
    document: bool = False
    pipeline: bool = False
    final: bool = False


class Ships(Protocol):
    """Tells whether those who install a member can get the file at *path*, relative to its directory, or see its effect.

    Where that cannot be told, the answer is true, unless it must be *certain*.
    """

    def __call__(self, member: str, path: str, /, *, certain: bool = False) -> bool: ...  # noqa: D102 - see above


class Rules:
    """The meanings of paths in a *workspace* whose local packages, now or before, are *packages*.

    *ships* tells which of their files others get; *outputs* are paths of files that runs of sessions have written.
    """

    def __init__(
        self,
        workspace: Workspace,
        packages: Iterable[LocalPackage],
        ships: Ships,
        outputs: frozenset[str] = frozenset(),
    ) -> None:
        self._config = workspace.manifest.config.affected
        self._defaults = _default_rules() if self._config.default_rules else _Defaults()
        self._members, self._ships, self._outputs = workspace.members, ships, outputs
        self._project = "" if workspace.project is None else workspace.project.name
        module = re.sub(r"[-_.]+", "_", self._project)
        patterns = self._defaults.root_project
        self._of_root = tuple(
            pattern.replace("{module}", module) for pattern in patterns if module or "{module}" not in pattern
        )
        self.packages = tuple(sorted(set(packages)))
        self._meanings: dict[str, Meaning] = {}
        self._names_at: dict[str, list[str]] = {}
        self._names_below: dict[str, list[str]] = {}
        self._names_above: dict[str, dict[str, str]] = {}
        for package in self.packages:
            self._names_at.setdefault(package.path, []).append(package.name)
            for folder in above(package.path):
                self._names_below.setdefault(folder, []).append(package.name)

    # --- files ---

    def meaning(self, path: str) -> Meaning:
        """Return what a change of the file at *path*, relative to the workspace root, means."""
        if path not in self._meanings:
            self._meanings[path] = self._meaning(path)
        return self._meanings[path]

    def _meaning(self, path: str) -> Meaning:
        for rule in self._config.rules:
            if pattern := first_included(path, rule.paths):
                return self._by_rule(rule, path, f"the rule `{pattern}` of `tool.wsnox.affected`")
        if path in ANALYSED:
            return Meaning(because="it is read, and compared session by session")
        if pattern := first_included(path, self._defaults.leftovers):
            return Meaning(because=f"a leftover, by the default rule `{pattern}`", final=True)
        meaning = self._of_packages(path) or self._by_default(path)
        if path in self._outputs and (meaning.everything or path.rpartition("/")[0] in self._names_at):
            return Meaning(because="a report that a run wrote, which git does not track", final=True)
        return meaning

    def _of_packages(self, path: str) -> Meaning | None:
        """Return what *path* means to the packages that have it in their directory; `None` if none has."""
        # A submodule is one path, whatever changed in it, so that it may also lie above a package.
        folder = path.rpartition("/")[0]
        if folder not in self._names_above:
            self._names_above[folder] = {name: at for at in above(folder) for name in self._names_at.get(at, ())}
        holding = {**dict.fromkeys(self._names_at.get(path, ()), path), **self._names_above[folder]}
        names = dict.fromkeys((*sorted(self._names_below.get(path, ())), *sorted(holding)))
        if not names:
            return None
        own = {name: pattern for name, folder in holding.items() if (pattern := self._own_pattern(name, folder, path))}
        return _of_packages(tuple(names), tuple(sorted(own.items())))

    def _own_pattern(self, name: str, folder: str, path: str) -> str:
        """Return the default rule by which *path* is a file of the package *name* in *folder* alone, empty if none is."""
        if path == folder:
            # A submodule, or a link: whatever changed is in it.
            return ""
        inside = relative(path, folder)
        pattern = first_included(inside, self._defaults.own)
        return pattern if pattern and not self._ships(name, inside) else ""

    def _by_default(self, path: str) -> Meaning:
        """Return what *path*, which is in no package's directory, means by the default rules."""
        defaults = self._defaults
        if pattern := first_included(path, self._of_root):
            return self._of_root_project(f"a file of the root, by the default rule `{pattern}`", path)
        if self._project and self._ships(self._project, path, certain=True):
            return self._of_root_project(f"a file of `{self._project}`")
        if pattern := first_included(path, defaults.ci):
            return Meaning(because=f"a pipeline, by the default rule `{pattern}`", pipeline=True)
        # Tools look for their settings in the folders above the workspace, too.
        name = re.sub(r"^(\.\./)+", "", path)
        tools = [tool for tool in defaults.tools.values() if first_included(name, tool.files)]
        if name != path and name in defaults.shared:
            tools = [*defaults.tools.values()]
        names = tuple(name for tool in tools for name in tool.names)
        for rule in defaults.rules:
            if pattern := first_included(path, rule.paths):
                meaning = self._by_rule(rule, path, f"the default rule `{pattern}`", is_default=True)
                return replace(meaning, tools=names)
        if tools:
            return Meaning(because=f"settings of `{tools[0].name}`", tools=names)
        return Meaning(because="no rule knows it", everything=True)

    def _of_root_project(self, because: str, path: str = "") -> Meaning:
        """Return what a change of the root's own project means, which the sessions in its directory see, too."""
        project = (self._project,) if self._project else ()
        if project and path and not self._ships(self._project, path):
            return Meaning(because=because, own=project, in_root=True)
        return Meaning(because=because, packages=project, in_root=True)

    def _by_rule(self, rule: PathRule, path: str, because: str, *, is_default: bool = False) -> Meaning:
        for pattern in rule.members:
            if not matching(self._members, [pattern]):
                # A rule that a renamed member left behind must not let a change pass.
                return Meaning(because=f"{because}, whose `{pattern}` is not a member", everything=True)
        if rule.affects == "own":
            owners = [name for folder in above(path) for name in self._names_at.get(folder, ())][:1]
            project = [self._project] if self._project and not owners else []
            return Meaning(because=because, own=(*owners, *project), in_root=not owners)
        nothing = rule.affects == "nothing"
        return Meaning(
            because=because,
            everything=rule.affects == "everything",
            packages=tuple(member.name for member in matching(self._members, rule.members)) if rule.members else (),
            sessions=rule.sessions,
            document=nothing and is_default,
            final=nothing and not is_default,
        )

    # --- tables of the root's manifest ---

    def table_meaning(self, table: str, distributions: frozenset[str]) -> Meaning | None:
        """Return what a change of the dotted *table* of the root's manifest means, `None` if it is compared otherwise.

        *distributions* are the names in the two lockfiles.
        """
        for rule in self._config.rules:
            for pattern in rule.tables:
                if fnmatchcase(table, pattern):
                    return self._by_rule(rule, "", f"the rule for the table `{pattern}` of `tool.wsnox.affected`")
        # What is compared, and what is the root project's, follows from what wsnox does: nobody can choose otherwise.
        manifest, source = _default_rules().manifest, table.removeprefix("tool.uv.sources.")
        if table in manifest.compared or (source != table and source in distributions):
            return None
        if self._project and table in (*manifest.root_project, *manifest.build):
            return self._of_root_project("it is about the root's own project")
        name = table.removeprefix("tool.")
        tool = self._defaults.tools.get(name)
        if tool is None and name != table and self._config.default_rules and canonicalize_name(name) in distributions:
            tool = Tool(name=name)
        if tool is not None:
            return Meaning(because=f"settings of `{tool.name}`", tools=tool.names)
        if self._config.default_rules and table in (*manifest.nothing, *manifest.build):
            return Meaning(because="no session reads it")
        return Meaning(because="every session may read it", everything=True)


@lru_cache(maxsize=10_000)
def _of_packages(names: tuple[str, ...], own: tuple[tuple[str, str], ...]) -> Meaning:
    """Return the meaning of a file of the packages *names*; for those with a pattern in *own*, it is theirs alone."""
    because, alone = f"a file of {' and '.join(f'`{name}`' for name in names)}", dict(own)
    if own:
        because += f" alone, by the default rule `{own[0][1]}`"
    return Meaning(because=because, packages=tuple(name for name in names if name not in alone), own=tuple(alone))


def table_path(table: str) -> str:
    """Return the dotted *table* of the root's manifest as if it were a file."""
    return f"pyproject.toml [{table}]"


def matches_session(pattern: str, names: Iterable[str]) -> bool:
    """Return whether *pattern* matches one of the *names* of a session or its run."""
    return any(fnmatchcase(name, pattern) for name in names)


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


# --- rules.toml ---


class Tool(Record, kw_only=True):
    """A tool that reads its table of ``[tool]``, which has its *name*, and *files*; *distributions* have it."""

    name: str
    files: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The distributions by which a session has the tool."""
        return self.distributions or (canonicalize_name(self.name),)


class _Manifest(Record, kw_only=True):
    compared: tuple[str, ...] = ()
    root_project: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()


class _Defaults(Record, kw_only=True):
    """``rules.toml``."""

    leftovers: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    root_project: tuple[str, ...] = ()
    ci: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    manifest: _Manifest = _Manifest()
    tools: Mapping[str, Tool] = field(default_factory=dict)
    rules: tuple[PathRule, ...] = ()


@lru_cache(maxsize=1)
def _default_rules() -> _Defaults:
    """Return the rules that ship with wsnox."""
    table = open_table(Path(str(files("wsnox.affected").joinpath("rules.toml"))))
    manifest, tools = table.table("manifest"), table.table("tools")
    defaults = _Defaults(
        leftovers=_strings(table, "leftovers"),
        own=_strings(table, "own"),
        root_project=_strings(table, "root-project"),
        ci=_strings(table, "ci"),
        shared=_strings(table, "shared"),
        manifest=_Manifest(
            compared=_strings(manifest, "compared"),
            root_project=_strings(manifest, "root-project"),
            build=_strings(manifest, "build"),
            nothing=_strings(manifest, "nothing"),
        ),
        tools={
            name: Tool(
                name=name,
                files=_strings(tools.table(name), "files"),
                distributions=_strings(tools.table(name), "distributions"),
            )
            for name in tools
        },
        rules=read_rule_list(table),
    )
    table.close()
    return defaults


def _strings(table: Table, key: str) -> tuple[str, ...]:
    return table.strings(key) or ()

"""States of a workspace as a test can read them: members on disk, their lockfile in memory, and no git."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.affected.determinator import affected
from wsnox.affected.lock_closures import Targets
from wsnox.affected.model import State
from wsnox.affected.readers import Line, WorkTree
from wsnox.affected.rules import Rules, local_packages
from wsnox.cli.reasons import reason_text
from wsnox.lock import Dependency, Directory, Lock, Package, Registry
from wsnox.markers.target import describe
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from typing_extensions import Self

    from wsnox.affected.model import Affected

__all__ = ["CORE", "EVERYTHING", "LONE", "MEMBERS", "SVC", "TOOL", "Workspaces", "names", "reasons"]

CORE = MemberSpec("core", dependencies=["pyhumps==3.7.3"])
SVC = MemberSpec("svc", dependencies=["core"], groups={"dev": ["tool"]})
TOOL = MemberSpec("tool", dependencies=["leaf"])
LONE = MemberSpec("lone", dependencies=["num==1.0"])
MEMBERS = (CORE, SVC, TOOL, LONE)
EVERYTHING = ["core", "lone", "svc", "tool", "workspace"]
HERE = describe("3.12.4", "linux")


def _lock(members: Sequence[MemberSpec]) -> Lock:
    """Return what uv would lock for *members*, whose requirements are names, or names with the version to lock."""
    tables = [
        *(member.dependencies for member in members),
        *(some for member in members for some in member.groups.values()),
    ]
    local = {member.name: Package(member.name, "1.0", Directory(member.folder, editable=True)) for member in members}
    others = [Requirement(text) for texts in tables for text in texts if Requirement(text).name not in local]
    packages = local | {
        other.name: Package(other.name, str(other.specifier).removeprefix("==") or "1.0", Registry("index"))
        for other in others
    }
    order = [*packages]

    def edges(texts: Iterable[str]) -> tuple[Dependency, ...]:
        return tuple(Dependency(order.index(Requirement(text).name)) for text in texts)

    for member in members:
        packages[member.name] = replace(
            packages[member.name],
            dependencies=edges(member.dependencies),
            groups={group: edges(texts) for group, texts in member.groups.items()},
        )
    return Lock(
        revision=3,
        requires_python=">=3.10",
        packages=tuple(packages.values()),
        members=tuple(sorted(local)),
    )


def _ships(_: str, path: str, **_certain: bool) -> bool:
    """Return that every member ships its manifest, its folder ``src``, a licence, and some of its tests."""
    return path.startswith(("src/", "pyproject.toml", "LICENSE", "tests/shipped/"))


@dataclass
class Workspaces:
    """Two states of a workspace in *folder*, and *lines* of its files."""

    folder: Path
    before: State | None = None
    after: State | None = None
    lines: list[Line] = field(default_factory=list)

    def write(
        self,
        *members: MemberSpec,
        more: str = "",
        root_project: MemberSpec | None = None,
        uv: Mapping[str, Any] | None = None,
        **wsnox: Any,
    ) -> Self:
        """Write the workspace as it was, and still is; *uv* and *wsnox* are settings, *more* is TOML for the root's manifest."""
        self.before = self.after = self._state(members or MEMBERS, root_project, uv, wsnox, more)
        return self

    def rewrite(
        self,
        *members: MemberSpec,
        more: str = "",
        root_project: MemberSpec | None = None,
        uv: Mapping[str, Any] | None = None,
        **wsnox: Any,
    ) -> Self:
        """Write the workspace as it is now."""
        self.after = self._state(members or MEMBERS, root_project, uv, wsnox, more)
        return self

    def _state(
        self,
        members: Sequence[MemberSpec],
        root_project: MemberSpec | None,
        uv: Mapping[str, Any] | None,
        wsnox: Mapping[str, Any],
        more: str,
    ) -> State:
        root = self.folder / "workspace"
        # A hand-made lockfile is not compared with the manifests.
        settings = {"commands": ["python -V"], "lock": "frozen", **wsnox}
        settings = {key: value for key, value in settings.items() if value is not None}
        write_workspace(root, members, index=root, root_project=root_project, uv=uv, wsnox=settings)
        with (root / "pyproject.toml").open("a", encoding="utf-8") as manifest:
            manifest.write(more)
        everyone = members if root_project is None else (*members, root_project)
        return State(workspace=discover(root), lock=_lock(everyone))

    def naming(self, file: str, text: str) -> Self:
        """Let *file* hold the line *text*."""
        self.lines.append(Line(file, text))
        return self

    def changed(self, *paths: str, conftest: str = "", pipelines: Sequence[str] = ()) -> Affected:
        """Return what is affected where *paths* changed, of which *pipelines* run wsnox.

        The ``conftest.py`` above the members says *conftest*; a member ships what `_ships` says.
        """
        assert self.before is not None
        assert self.after is not None
        states = (self.before, self.after)
        runs = [runs_of(Suite(state.workspace, running="3.12.4").configured()) for state in states]
        packages = [package for state in states for package in local_packages(state.workspace, state.lock)]
        rules = Rules(self.after.workspace, packages, _ships)
        return affected(
            *states,
            before=runs[0],
            runs=runs[1],
            meanings={path: rules.meaning(path) for path in paths},
            rules=rules,
            targets=Targets(HERE, (), [state.lock for state in states]),
            work_tree=WorkTree(lines=tuple(self.lines), conftest=conftest, pipelines=frozenset(pipelines)),
        )


def names(answer: Affected) -> list[str]:
    """Return the titles of the affected runs that plain nox would run."""
    return [affected_run.run.title for affected_run in answer.runs if affected_run.run.session.default]


def reasons(answer: Affected, title: str = "") -> list[str]:
    """Return the reasons for the run called *title*, or for everything."""
    if not title:
        return [reason.words for reason in answer.everything]
    return [
        reason_text(reason)
        for affected_run in answer.runs
        if affected_run.run.title == title
        for reason in affected_run.reasons
    ]

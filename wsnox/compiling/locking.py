"""One file of a resolution, made for one variant of a session: asked for, resolved, and rendered. Writing it is the caller's."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.compiling.highest import Highest
from wsnox.compiling.lowest import Lowest
from wsnox.compiling.published import Published
from wsnox.compiling.uv_compile import Seed, UvCompile, index_of
from wsnox.freshness.requirements import UnreadRequirement, locked_requirements
from wsnox.lock import Registry
from wsnox.markers.expressions import Fact, both
from wsnox.markers.versions import same_version
from wsnox.resolution_errors import ResolutionFileError
from wsnox.resolutions.drift import unlike_locked, versions_of
from wsnox.resolutions.floors import refuse_unbounded
from wsnox.resolutions.rendering import Rendering
from wsnox.resolutions.requested import requested
from wsnox.resolutions.resolution_file import Facts, read_resolution
from wsnox.text import first_of
from wsnox.urls import absolute, is_absolute, is_url
from wsnox.workspace.settings import Resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.compiling.question import Resolved
    from wsnox.freshness.requirements import LoweredRequirement
    from wsnox.lock import Lock
    from wsnox.resolutions.requested import Requested
    from wsnox.resolutions.resolution_file import ResolutionFile
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.sessions import SessionRun
    from wsnox.workspace.settings import ResolutionBase

__all__ = ["Made", "Making"]


_QUESTIONS = {"lowest": Lowest, "latest": Highest, "published": Published, "below": Highest}


class Made(Record, kw_only=True):
    """The *content* of the file at *path* for session *title*, its *facts*, and how many of its *packages* are *as_locked*."""

    title: str
    path: str
    content: bytes
    facts: Facts
    packages: int
    as_locked: int


class Making(Record, kw_only=True):
    """How files are made: with the program *uv* of this *version*, for *workspace* with *lock*, in the *environ* of the process.

    What an earlier file has is kept unless *upgrade*, or its name is in *upgraded*. *cutoff* is ``--exclude-newer``.
    """

    uv: str
    version: str
    workspace: Workspace
    lock: Lock
    environ: Mapping[str, str]
    upgrade: bool = False
    upgraded: frozenset[str] = frozenset()
    cutoff: str = ""

    def make(self, run: SessionRun, title: str) -> Made:
        """Return the file for the variant of *run*, called *title*; raise a `WsnoxError` that says why there is none."""
        workspace, resolution = self.workspace, run.session.resolution or Resolution()
        request = self._with_built(requested(workspace, run, resolution, run.session.pythons))
        refuse_unbounded(workspace, request, resolution, _versions(self.lock))
        before = self._before(run, title)
        cutoff = self.cutoff or (before.facts.cutoff if before else "")
        with tempfile.TemporaryDirectory(prefix="wsnox-") as name:
            folder = Path(name).resolve()
            question = _QUESTIONS[resolution.base or "lowest"](
                title=title,
                workspace=workspace,
                requested=request,
                resolution=resolution,
                seeds=self._seeds(before, base=resolution.base),
                uv=UvCompile(
                    self.uv,
                    workspace,
                    self.environ,
                    folder,
                    python=request.python,
                    build=bool(resolution.build),
                    cutoff=cutoff,
                ),
            )
            resolved = question.resolve()
            facts = self._facts(request, resolved, resolution, cutoff)
            facts = replace(facts, unlike=self._unlike(facts, resolved, before))
            root = workspace.root.resolve().as_posix()
            rendering = Rendering(
                document=resolved.document,
                annotations=resolved.annotations,
                root=root,
                base=folder.as_posix(),
                folders=_folders(self.lock, root),
            )
            content = rendering.text(facts)
        locked, packages = _versions(self.lock), resolved.document["packages"]
        same = [
            package
            for package in packages
            if "version" not in package or locked.get(package["name"]) == package["version"]
        ]
        return Made(
            title=title,
            path=run.resolution_file,
            content=content,
            facts=facts,
            packages=len(packages),
            as_locked=len(same),
        )

    def _with_built(self, request: Requested) -> Requested:
        """Return *request* with what ``uv.lock`` says of members whose dependencies only a build tells."""
        direct = dict(request.direct)
        for name in {*request.unread} & request.members.keys():
            extras = request.members[name][0]
            facts = [Fact("extra", "==", extra) for extra in extras]
            declared = [
                declared
                for index in self.lock.by_name.get(name, ())
                for declared in self.lock.packages[index].requires_dist
            ]
            direct[name] = tuple(
                one
                for one in locked_requirements(self.workspace, declared)
                if not isinstance(one, UnreadRequirement)
                and one.origins == {""}
                and (not request.pythons.speaks_of_extras(one.condition) or _asks(one, request, facts))
            )
        return replace(request, direct=direct)

    def _before(self, run: SessionRun, title: str) -> ResolutionFile | None:
        if self.upgrade:
            return None
        try:
            return read_resolution(self.workspace, run.resolution_file, title)
        except ResolutionFileError:
            return None

    def _seeds(self, before: ResolutionFile | None, *, base: ResolutionBase | None) -> tuple[Seed, ...]:
        """Return what is kept of the file *before*, and but for the latest versions of ``uv.lock``, for names that it does not have."""
        root = self.workspace.root.as_posix()
        kept = [seed for seed in (_seeds_of(before.lock, root) if before else ()) if seed.name not in self.upgraded]
        if base == "latest":
            return tuple(kept)
        names = {seed.name for seed in kept}
        return (*kept, *(seed for seed in _seeds_of(self.lock, root) if seed.name not in names))

    def _unlike(self, facts: Facts, resolved: Resolved, before: ResolutionFile | None) -> dict[str, str]:
        held: dict[str, set[str]] = {}
        for package in resolved.document["packages"]:
            if "version" in package:
                held.setdefault(package["name"], set()).add(package["version"])
        if before and self.upgraded:
            packages = tuple(one for one in before.lock.packages if one.name not in self.upgraded)
            before = replace(before, lock=replace(before.lock, packages=packages))
        return unlike_locked(facts, held, versions_of(self.lock), before)

    def _facts(self, request: Requested, resolved: Resolved, resolution: Resolution, cutoff: str) -> Facts:
        parents: dict[str, tuple[str, ...]] = {}
        groups: dict[str, set[str]] = {}
        for (package, _), annotation in resolved.annotations.items():
            parents[package] = (*parents.get(package, ()), *annotation.parents)
            for parent in annotation.parents:
                if ":" in parent:
                    groups.setdefault(parent, set()).add(package)
        lifted = {
            name: f"not {lowest}, for {', '.join(first_of(sorted({*parents[name]} - {member}), 3)) or 'want of a wheel'}"
            for name, (lowest, member) in resolved.lifted.items()
        }
        for package in resolved.document["packages"]:
            floors = resolved.floors.get(package["name"], ())
            # Another version may also be for an environment where groups alone ask for it.
            if (
                package["name"] in (resolution.lifted or ())
                and floors
                and not any(same_version(package["version"], floor) for floor in floors)
            ):
                lifted[package["name"]] = f"not {', '.join(floors)}, as `lifted` allows"
        return Facts(
            resolution=resolution.name,
            base=resolution.base or "",
            requests=request.lines,
            groups={part: tuple(sorted(names)) for part, names in groups.items()},
            floors={name: ", ".join(versions) for name, versions in resolved.floors.items()},
            lifted=lifted,
            untested=_untested(request, resolution),
            unreleased=resolved.unreleased,
            omitted=request.omitted,
            uv=self.version,
            cutoff=cutoff,
        )


def _untested(request: Requested, resolution: Resolution) -> tuple[str, ...]:
    """Return the direct dependencies whose bounds say nothing of what is installed: for the lowest versions alone there are any."""
    names = {*(resolution.unbounded or ()), *request.elsewhere} if resolution.base == "lowest" else set()
    return tuple(sorted(names))


def _seeds_of(lock: Lock, root: str) -> list[Seed]:
    """Return the versions that *lock*, in *root*, has from an index."""
    return [
        Seed(package.name, package.version, index_of(package.source.location, root))
        for package in lock.packages
        if isinstance(package.source, Registry) and package.version is not None
    ]


def _folders(lock: Lock, root: str) -> frozenset[str]:
    """Return the folders that *lock* names relative to *root* as indexes."""
    locations = (package.source.location for package in lock.packages if isinstance(package.source, Registry))
    return frozenset(
        absolute(root, location) for location in locations if not (is_url(location) or is_absolute(location))
    )


def _asks(requirement: LoweredRequirement, request: Requested, extras: list[Fact]) -> bool:
    """Return whether one of the *extras* brings *requirement*."""
    return any(not request.pythons.is_nowhere(both(requirement.condition, extra)) for extra in extras)


def _versions(lock: Lock) -> dict[str, str]:
    return {
        package.name: package.version
        for package in lock.packages
        if package.version is not None and isinstance(package.source, Registry)
    }

"""The lowest versions that members allow, in stages, as uv alone would not give an honest answer.

1. The members alone, without groups and without what the root constrains: what a user may get. These are their floors.
2. The same with the session's groups, within the floors: a group that needs more than a floor would hide it.
3. Where a floor is not the number in the bound, the direct dependencies by themselves: is there no such release, or does
   another dependency need more?

Everything else is kept as in the file before, else as in ``uv.lock``, where it can be: only floors move. uv takes the
packages of the file that it overwrites for preferences, so they are written there first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsnox._record import Record, replace
from wsnox.compiling.uv_compile import Request, UnresolvedError
from wsnox.freshness.origins import MemberKinds
from wsnox.markers.versions import same_version
from wsnox.resolution_errors import LiftedError, NoResolutionError
from wsnox.resolutions.floors import active, is_floor
from wsnox.resolutions.requested import CONSTRAINING
from wsnox.workspace.model import requirement_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.compiling.uv_compile import Seed, UvCompile
    from wsnox.resolutions.rendering import Annotation
    from wsnox.resolutions.requested import Requested
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.settings import Resolution

__all__ = ["Lowest", "Resolved"]

LOWEST = ("--resolution", "lowest-direct")
Document = dict[str, Any]


class Resolved(Record, kw_only=True):
    """uv's *document* and *annotations*, and the *floors* of direct dependencies by name.

    Those that another dependency has *lifted* are given with their lowest version, and the member that allows it.
    """

    document: Document
    annotations: Mapping[tuple[str, str], Annotation]
    floors: Mapping[str, tuple[str, ...]]
    lifted: Mapping[str, tuple[str, str]]


class Lowest(Record, kw_only=True):
    """The question for session *title*: what is *requested* in *workspace*, by the keys of *resolution*, to *uv*.

    *seeds* are versions to keep.
    """

    title: str
    workspace: Workspace
    requested: Requested
    resolution: Resolution
    seeds: tuple[Seed, ...]
    uv: UvCompile

    def resolve(self) -> Resolved:
        """Return the answer; raise `LiftedError` or `NoResolutionError`."""
        unbounded = frozenset(self.resolution.unbounded or ())
        direct = {requirement.name for _, requirement in active(self.requested)} - unbounded
        bare = self._bare(frozenset(direct))
        alone = self._packages(bare)
        pins = {(name, version): f"{name}=={version}{marker}" for name, version, marker in _pinned(alone, direct)}
        groups = tuple(self._groups())
        request, document = bare, alone
        if groups or self._constraining():
            request = replace(bare, groups=groups, bare=False)
            request, document = self._within(request, pins)
        try:
            annotations = self.uv.annotations(request, document)
        except UnresolvedError as error:
            raise NoResolutionError(self.title, error.lines) from None
        floors: dict[str, tuple[str, ...]] = {}
        for name, version in sorted(pins):
            floors[name] = (*floors.get(name, ()), version)
        return Resolved(
            document=document,
            annotations=annotations,
            floors=floors,
            lifted=self._lifted(floors),
        )

    # --- requests ---

    def _bare(self, direct: frozenset[str]) -> Request:
        """Return the request for the members alone, whose *direct* dependencies are not kept."""
        kinds = MemberKinds(self.workspace)
        lines, manifests, extras = list[str](), list[str](), list[str]()
        for name, (own, _) in self.requested.members.items():
            member = self.workspace.named(name)
            if kinds.of(member) == "virtual":
                manifests.append(self._manifest(name))
                extras += own
            else:
                lines.append(f"-e ./{member.path}" + (f"[{','.join(own)}]" if own else ""))
        return Request(
            lines=tuple(lines),
            manifests=tuple(manifests),
            constraints=self.resolution.constraints or (),
            seeds=tuple(seed for seed in self.seeds if seed.name not in direct),
            options=(*LOWEST, *_options("--extra", extras)),
            bare=True,
        )

    def _manifest(self, name: str) -> str:
        path = self.workspace.named(name).path
        return "pyproject.toml" if path == "." else f"{path}/pyproject.toml"

    def _groups(self) -> Iterator[str]:
        for name, (_, groups) in self.requested.members.items():
            yield from (f"{self._manifest(name)}:{group}" for group in groups)
        yield from (f"pyproject.toml:{group}" for group in self.requested.root_groups)

    def _constraining(self) -> dict[str, tuple[str, ...]]:
        """Return the keys of the root's ``[tool.uv]`` that constrain or override a distribution, by its name."""
        top = self.workspace.manifest.top
        uv = None if top is None else top.table("tool").table("uv")
        texts = {key: uv.peek(key) for key in CONSTRAINING} if uv is not None else {}
        named = (
            (requirement_name(str(text)), key)
            for key, array in texts.items()
            if isinstance(array, list)
            for text in array
        )
        return {name: (key,) for name, key in named}

    # --- answers ---

    def _packages(self, request: Request) -> Document:
        try:
            return self.uv.packages(request)
        except UnresolvedError as error:
            raise NoResolutionError(self.title, error.lines) from None

    def _within(self, request: Request, pins: Mapping[tuple[str, str], str]) -> tuple[Request, Document]:
        """Return *request* with the *pins* of the floors as constraints, but for those that may be lifted, and its answer."""
        free = self.resolution.lifted or ()
        held = {key: line for key, line in pins.items() if key[0] not in free}
        within = replace(request, constraints=(*request.constraints, *held.values()))
        try:
            return within, self.uv.packages(within)
        except UnresolvedError as error:
            failure = NoResolutionError(self.title, error.lines)
        # Without the floors, what lifts them shows.
        document = self._packages(request)
        lifts = [
            (name, floor, version)
            for name, floor in held
            for other, version, _ in _pinned(document, {name})
            if not any(key == other and same_version(version, one) for key, one in held)
        ]
        if not lifts:
            raise failure
        try:
            annotations = self.uv.annotations(request, document)
        except UnresolvedError:
            annotations = {}
        parents = {key: [*annotation.parents] for key, annotation in annotations.items()}
        own, constraining = self.requested.members, self._constraining()
        raise LiftedError(
            self.title,
            [
                (
                    *lift,
                    [one for one in parents.get((lift[0], lift[2]), ()) if one not in own]
                    or constraining.get(lift[0], ()),
                )
                for lift in lifts
            ],
        )

    def _lifted(self, floors: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, str]]:
        """Return the direct dependencies that another one lifts above the lowest release that their bounds allow."""
        doubtful = {
            requirement.name
            for _, requirement in active(self.requested)
            if not any(is_floor(version, requirement) for version in floors.get(requirement.name, ("",)))
        }
        lifted: dict[str, tuple[str, str]] = {}
        for name, (extras, _) in self.requested.members.items() if doubtful else ():
            request = Request(
                manifests=(self._manifest(name),),
                constraints=self.resolution.constraints or (),
                options=(*LOWEST, "--no-deps", *_options("--extra", extras)),
                bare=True,
            )
            lowest = _pinned(self._packages(request), doubtful & floors.keys())
            lifted |= {
                dependency: (version, name)
                for dependency, version, _ in lowest
                if not any(same_version(version, floor) for floor in floors[dependency])
            }
        return lifted


def _options(option: str, values: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for value in values for word in (option, value))


def _pinned(document: Document, names: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, version and marker, as a requirement ends in one, of those packages of *document* with one of *names*."""
    for package in document["packages"]:
        if package["name"] in names and "version" in package:
            yield package["name"], package["version"], f" ; {package['marker']}" if "marker" in package else ""

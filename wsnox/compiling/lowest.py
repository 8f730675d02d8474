"""The lowest versions that members allow, in stages, as uv alone would not give an honest answer.

1. The members alone, without groups and without what the root constrains: what a user may get. These are their floors.
2. The same with the session's groups, within the floors: a group that needs more than a floor would hide it.
3. Where a floor is not the number in the bound, the direct dependencies by themselves: is there no such release, or does
   another dependency need more?

Everything else is kept as in the file before, else as in ``uv.lock``, where it can be: only floors move. uv takes the
packages of the file that it overwrites for preferences, so they are written there first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import replace
from wsnox.compiling.question import Question, Resolved, repeated
from wsnox.compiling.uv_compile import Request, UnresolvedError
from wsnox.markers.versions import same_version
from wsnox.resolution_errors import LiftedError, NoResolutionError
from wsnox.resolutions.floors import active, is_floor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.compiling.question import Document


__all__ = ["Lowest"]

LOWEST = ("--resolution", "lowest-direct")


class Lowest(Question, kw_only=True):
    """The question for the lowest versions."""

    def resolve(self) -> Resolved:
        """Return the answer; raise `LiftedError` or `NoResolutionError`."""
        unbounded = frozenset(self.resolution.unbounded or ())
        direct = {requirement.name for _, requirement in active(self.requested)} - unbounded
        bare = self.request(LOWEST, without=direct)
        alone = self.packages(bare)
        pins = {(name, version): f"{name}=={version}{marker}" for name, version, marker in _pinned(alone, direct)}
        groups = tuple(self.groups())
        request, document = bare, alone
        if groups or self.constraining():
            request = replace(bare, groups=groups, bare=False)
            request, document = self._within(request, pins)
        floors: dict[str, tuple[str, ...]] = {}
        for name, version in sorted(pins):
            floors[name] = (*floors.get(name, ()), version)
        return Resolved(
            document=document,
            annotations=self.annotations(request, document),
            floors=floors,
            lifted=self._lifted(floors),
        )

    # --- answers ---

    def _within(self, request: Request, pins: Mapping[tuple[str, str], str]) -> tuple[Request, Document]:
        """Return *request* with the *pins* of the floors as constraints, but for those that may be lifted, and its answer."""
        free = self.resolution.lifted or ()
        held = {key: line for key, line in pins.items() if key[0] not in free}
        within = replace(request, constraints=(*request.constraints, *held.values()))
        # uv takes what a group names for direct as well, and of several versions in uv.lock, for different Pythons, the lowest
        # for all of them; so it is asked for the highest first, which may not work, as more forks need more wheels. What is
        # `lifted` is to be as low as it can be.
        highest = replace(within, options=tuple(option for option in within.options if option not in LOWEST))
        said: tuple[str, ...] = ()
        for question in (within,) if free else (highest, within):
            try:
                return question, self.uv.packages(question)
            except UnresolvedError as error:
                said = error.lines
        # Without the floors, what lifts them shows.
        document = self.packages(request)
        lifts = [(name, floor, version) for name, floor in held for version in _lifting(document, name, floor, held)]
        if not lifts:
            raise NoResolutionError(self.title, said)
        try:
            annotations = self.uv.annotations(request, document)
        except UnresolvedError:
            annotations = {}
        parents = {key: [*annotation.parents] for key, annotation in annotations.items()}
        own, constraining = self.requested.members, self.constraining()
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
                manifests=(self.manifest(name),),
                constraints=self.resolution.constraints or (),
                options=(*LOWEST, "--no-deps", *repeated("--extra", extras)),
                bare=True,
            )
            lowest = _pinned(self.packages(request), doubtful & floors.keys())
            lifted |= {
                dependency: (version, name)
                for dependency, version, _ in lowest
                if not any(same_version(version, floor) for floor in floors[dependency])
            }
        return lifted


def _lifting(document: Document, name: str, floor: str, floors: Iterable[tuple[str, str]]) -> list[str]:
    """Return the versions of *name* in *document* that are none of the *floors*, or all of them where *floor* is not among them.

    A bound for some Pythons may be lifted to that for others.
    """
    versions = [version for _, version, _ in _pinned(document, {name})]
    own = [one for key, one in floors if key == name]
    others = [version for version in versions if not any(same_version(version, one) for one in own)]
    return others or ([] if any(same_version(version, floor) for version in versions) else versions)


def _pinned(document: Document, names: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, version and marker, as a requirement ends in one, of those packages of *document* with one of *names*."""
    for package in document["packages"]:
        if package["name"] in names and "version" in package:
            yield package["name"], package["version"], f" ; {package['marker']}" if "marker" in package else ""

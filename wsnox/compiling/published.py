"""A member as its users get it: its wheel, and the other members that it needs from the index, at the lowest that it allows.

Sources of ``[tool.uv.sources]`` do not count, as nobody publishes them. Everything else stays as in ``uv.lock`` where it
can, so that what fails is a bound on another member. Between releases, a member may need what no index has yet: such a
member is taken as it is in the workspace, and so is one that the configuration names, with those that it needs itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import replace
from wsnox.compiling.lowest import LOWEST
from wsnox.compiling.question import Question, Resolved
from wsnox.compiling.uv_compile import Request, UnresolvedError
from wsnox.errors import RequestError
from wsnox.freshness.origins import MemberKinds
from wsnox.resolutions.floors import active
from wsnox.resolutions.requested import requested

if TYPE_CHECKING:
    from wsnox.freshness.requirements import LoweredRequirement
    from wsnox.resolutions.requested import Requested

__all__ = ["Published"]

AS_PUBLISHED = (*LOWEST, "--no-sources")


class Published(Question, kw_only=True):
    """The question for a member as it is published."""

    def resolve(self) -> Resolved:
        """Return the answer; raise `RequestError` for a member that is none, or `NoResolutionError`."""
        kinds = MemberKinds(self.workspace)
        for name in self.requested.members:
            if kinds.of(self.workspace.named(name)) == "virtual":
                hint = "leave it out, as by `resolutions = []` in its `[tool.wsnox]`"
                raise RequestError(f"`{name}` is virtual, so nobody publishes it", hint=hint)
        unreleased, latest = self._unreleased(), self.resolution.siblings == "latest"
        # The lowest are the same every time; of the latest, an earlier file is kept.
        options = ("--no-sources",) if latest else AS_PUBLISHED
        request = self.request(options, without=() if latest else self.workspace.names)
        request = replace(
            request,
            lines=(*request.lines, *(f"-e ./{self.workspace.named(name).path}" for name in unreleased)),
            groups=tuple(self.groups()),
            # What is built is not taken from an index.
            built=(*self.requested.members, *unreleased),
        )
        document = self.packages(request)
        annotations = self.annotations(request, document)
        for package in document["packages"]:
            if "directory" in package:
                package["directory"] = {**package["directory"], "editable": False}
        floors: dict[str, tuple[str, ...]] = {}
        for package in document["packages"]:
            if package["name"] in self.workspace.names and "version" in package and not latest:
                floors[package["name"]] = (*floors.get(package["name"], ()), package["version"])
        return Resolved(document=document, annotations=annotations, floors=floors, unreleased=unreleased)

    def _unreleased(self) -> tuple[str, ...]:
        """Return the members of which no index has what is needed, or that are said to be unreleased, and what these need."""
        names: set[str] = {name for name in self.resolution.unreleased or () if name in self.requested.projects}
        queue = [*self.requested.of_groups, *(requirement for _, requirement in active(self.requested))]
        seen = set(self.requested.members)
        while queue:
            requirement = queue.pop()
            name = requirement.name
            if name not in self.workspace.names or name in seen:
                continue
            if name in names or not self._is_released(requirement):
                names.add(name)
                seen.add(name)
                queue += [other for _, other in active(self._requested_of(name))]
        return tuple(sorted(names))

    def _requested_of(self, name: str) -> Requested:
        from wsnox.closure.request import Contents  # noqa: PLC0415 - hardly a member is unreleased
        from wsnox.workspace.model import MemberSelection  # noqa: PLC0415 - likewise

        # A group of the session may ask for extras that no dependency does.
        extras = self.requested.projects.get(name, ())
        selection = MemberSelection(member=self.workspace.named(name), extras=extras, groups=())  # type: ignore[arg-type] # normalised names
        contents = Contents(selections=(selection,))
        return requested(self.workspace, contents, self.resolution, (self.requested.python,))

    def _is_released(self, requirement: LoweredRequirement) -> bool:
        line = f"{requirement.name}{','.join(requirement.clauses)}"
        try:
            self.uv.packages(Request(lines=(line,), options=(*AS_PUBLISHED, "--no-deps"), bare=True))
        except UnresolvedError:
            return False
        return True

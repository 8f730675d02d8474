"""A question to uv, as every kind of resolution has it: the members, their groups, what is kept, and how uv answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsnox._record import Record, field
from wsnox.compiling.uv_compile import Request, UnresolvedError
from wsnox.freshness.origins import MemberKinds
from wsnox.resolution_errors import NoResolutionError
from wsnox.resolutions.requested import CONSTRAINING
from wsnox.workspace.model import requirement_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wsnox.compiling.uv_compile import Seed, UvCompile
    from wsnox.resolutions.rendering import Annotation
    from wsnox.resolutions.requested import Requested
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.settings import Resolution

__all__ = ["Document", "Question", "Resolved", "repeated"]

Document = dict[str, Any]


class Resolved(Record, kw_only=True):
    """uv's *document* and *annotations*, and the *floors* of direct dependencies by name.

    Those that another dependency has *lifted* are given with their lowest version, and the member that allows it. Members
    *unreleased* are not from an index.
    """

    document: Document
    annotations: Mapping[tuple[str, str], Annotation]
    floors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lifted: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unreleased: tuple[str, ...] = ()


class Question(Record, kw_only=True):
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
        """Return the answer; raise a `RequestError` that says why there is none."""
        raise NotImplementedError

    def request(self, options: Sequence[str], without: Collection[str] = ()) -> Request:
        """Return the request for the members alone, with these *options*; the distributions *without* are not kept."""
        kinds = MemberKinds(self.workspace)
        lines, manifests, extras = list[str](), list[str](), list[str]()
        for name, (own, _) in self.requested.members.items():
            member = self.workspace.named(name)
            if kinds.of(member) == "virtual":
                manifests.append(self.manifest(name))
                extras += own
            else:
                lines.append(f"-e ./{member.path}" + (f"[{','.join(own)}]" if own else ""))
        return Request(
            lines=tuple(lines),
            manifests=tuple(manifests),
            constraints=self.resolution.constraints or (),
            seeds=tuple(seed for seed in self.seeds if seed.name not in without),
            # Without a build, the version of a project may be unknown, and what it depends on.
            built=tuple(self.requested.projects),
            options=(*options, *repeated("--extra", extras)),
            bare=True,
        )

    def manifest(self, name: str) -> str:
        """Return the path of the manifest of the member called *name*."""
        path = self.workspace.named(name).path
        return "pyproject.toml" if path == "." else f"{path}/pyproject.toml"

    def groups(self) -> Iterator[str]:
        """Yield the groups of the session, as uv takes them."""
        for name, (_, groups) in self.requested.members.items():
            yield from (f"{self.manifest(name)}:{group}" for group in groups)
        yield from (f"pyproject.toml:{group}" for group in self.requested.root_groups)

    def constraining(self) -> dict[str, tuple[str, ...]]:
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

    def packages(self, request: Request) -> Document:
        """Return what uv resolves for *request*; raise `NoResolutionError`."""
        try:
            return self.uv.packages(request)
        except UnresolvedError as error:
            raise NoResolutionError(self.title, error.lines) from None

    def annotations(self, request: Request, document: Document) -> Mapping[tuple[str, str], Annotation]:
        """Return what brings the packages of *document*, which answers *request*; raise `NoResolutionError`."""
        try:
            return self.uv.annotations(request, document)
        except UnresolvedError as error:
            raise NoResolutionError(self.title, error.lines) from None


def repeated(option: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return *option* with each of *values*."""
    return tuple(word for value in values for word in (option, value))

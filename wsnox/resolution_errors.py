"""The ways to refuse another resolution than the lockfile's, in the manner of `wsnox.errors`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox.errors import LockError, RequestError
from wsnox.text import first_of, listed
from wsnox.urls import masked

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LiftedError",
    "NoResolutionError",
    "OlderPythonError",
    "ResolutionFileError",
    "ResolutionOptionsError",
    "StaleResolutionError",
    "UnboundedError",
    "UnusedFileError",
]


class ResolutionFileError(LockError):
    """The file of another resolution at *path* (from the root) cannot be used, as it *has* some problem."""

    def __init__(self, path: str, has: str, title: str) -> None:
        super().__init__(f"`{path}` {has}", hint=f"run `wsnox lock {title}`")


class StaleResolutionError(LockError):
    """The file at *path* is of another state of the workspace than session *title*; *differences* has a clause for each.

    Where only an *upgrade* looks for the versions again, the hint says so.
    """

    def __init__(self, path: str, title: str, differences: Sequence[str], *, upgrade: bool = False) -> None:
        self.differences = tuple(map(masked, differences))
        clauses = f" {differences[0]}" if len(differences) == 1 else listed(first_of(differences, 12), "- ")
        super().__init__(
            f"`{path}` does not match the workspace:{clauses}",
            hint=f"run `wsnox lock {'--upgrade ' if upgrade else ''}{title}`",
        )


class UnusedFileError(LockError):
    """The file at *path* is of a session that the workspace does not have, or no longer."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"`{path}` is of no session", hint="delete it, and run `wsnox lock` if its session has another name now"
        )


class UnboundedError(RequestError):
    """Direct dependencies have no lower bound: *places* are member, its path, the dependency, and its locked version."""

    def __init__(self, places: Sequence[tuple[str, str, str, str]]) -> None:
        self.places = tuple(places)
        texts = [f"`{name}` has no lower bound for `{dependency}`" for name, _, dependency, _ in places]
        sentence = texts[0] if len(texts) == 1 else f"{len(texts)} lower bounds are missing:{listed(texts, '- ')}"
        by_member: dict[str, list[str]] = {}
        for name, _, dependency, version in places:
            # The version of a member may be one that only a build tells.
            by_member.setdefault(name, []).append(f'"{dependency}>={version or "VERSION"}"')
        adds = [f"`uv add --package {name} {' '.join(dependencies)}`" for name, dependencies in by_member.items()]
        names = ", ".join(f'"{name}"' for name in dict.fromkeys(place[2] for place in places))
        unknown = "" if all(version for *_, version in places) else " with the oldest VERSION that works"
        super().__init__(
            sentence,
            hint=f"{' and '.join(first_of(adds, 6))}{unknown}, or `unbounded = [{names}]` to leave them untested",
        )


class LiftedError(RequestError):
    """Lower bounds of session *title* are not reached.

    *lifts* are the dependency, its lowest version, the one that it would have, and who asks for that.
    """

    def __init__(self, title: str, lifts: Sequence[tuple[str, str, str, Sequence[str]]]) -> None:
        texts = [
            f"`{name}` would be {version} instead of {floor}{f', for {_few(parents)}' if parents else ''}"
            for name, floor, version, parents in lifts
        ]
        sentence = f"what `{title}` installs beside its members keeps their dependencies from the lowest versions"
        names = ", ".join(f'"{name}"' for name, _, _, _ in lifts)
        super().__init__(
            f"{sentence}:{listed(texts, '- ')}",
            hint=f"let the group or constraint allow less, choose other `groups` for this resolution, or set `lifted = [{names}]`",
        )


class OlderPythonError(RequestError):
    """Members need others that are not for the same Pythons: *promises* are member, its range, what needs the other, that, and its range."""

    def __init__(self, promises: Sequence[tuple[str, str, str, str, str]]) -> None:
        texts = [
            f"`{member}` promises Python `{promised}`, but "
            f"{f'its dependency `{other}`' if owner == member else f'`{owner}` needs `{other}`, which'} is for `{narrow}`"
            for member, promised, owner, other, narrow in promises
        ]
        sentence = texts[0] if len(texts) == 1 else f"{len(texts)} promises cannot be kept:{listed(texts, '- ')}"
        ends = [
            f"raise `requires-python` of `{member}` or lower that of `{other}`" for member, _, _, other, _ in promises
        ]
        super().__init__(sentence, hint="; ".join(first_of([*dict.fromkeys(ends)], 6)))


class ResolutionOptionsError(RequestError):
    """Options ask for extras or groups on top of those of session *title*, which has a file of its own."""

    def __init__(self, title: str) -> None:
        hint = "set `extras`, `groups` or `root-groups` of the session, and run `wsnox lock`"
        super().__init__(f"`{title}` installs what its file has: no extras and groups on top", hint=hint)


def _few(names: Sequence[str]) -> str:
    return ", ".join(first_of([f"`{name}`" for name in names], 3))


class NoResolutionError(RequestError):
    """uv finds no versions for session *title*; *lines* are what it said."""

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        # A backend that fails says a lot.
        said = lines if len(lines) <= 24 else [*lines[:12], "...", *lines[-12:]]
        hint = "see what uv says above"
        if any(re.search(r"no .*wheels|Wheels are required", line) for line in lines):
            hint += "; `build = true` of the resolution lets it build source distributions, which runs their code"
        super().__init__(f"uv finds no versions for `{title}`:{listed(said)}", hint=hint)

"""Members by name and by pattern."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wsnox.workspace.settings import MemberPattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName

    from wsnox.workspace.model import Manifest, Member
    from wsnox.workspace.settings import Names

__all__ = ["EVERYONE", "chosen", "matching"]

EVERYONE = (MemberPattern("*"),)


def matching(members: Iterable[Member], patterns: Iterable[str] | None) -> tuple[Member, ...]:
    """Return those *members* whose names match one of *patterns*, all for `None`."""
    if patterns is None:
        return tuple(members)
    patterns = tuple(patterns)
    return tuple(member for member in members if any(fnmatchcase(member.name, pattern) for pattern in patterns))


def chosen(members: Iterable[Member], choices: Iterable[MemberPattern]) -> dict[NormalizedName, Names]:
    """Return the names of the members that *choices* mean, in their order, each with the extras asked that it has."""
    members = tuple(members)
    found: dict[NormalizedName, Names] = {}
    for choice in choices:
        for member in matching(members, [choice.pattern]):
            found[member.name] = _merged(found.get(member.name, ()), _had(member.manifest, choice.extras))
    return found


def _had(manifest: Manifest, extras: Names) -> Names:
    """Return those *extras* that *manifest* has; where the build decides which there are, the lockfile will tell."""
    return tuple(extra for extra in extras if manifest.dynamic_extras or extra in manifest.extras)


def _merged(first: Names, second: Names) -> Names:
    return tuple(dict.fromkeys((*first, *second)))

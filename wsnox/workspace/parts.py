"""Which members, groups and extras a session takes: what a member does not have is left where everybody was asked.

That what was asked exists at all is for `wsnox.workspace.checks` to say; here every choice is a filter.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from wsnox.workspace.settings import PackageChoice, Variant
from wsnox.workspace.specs import Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName

    from wsnox.workspace.records import Manifest, Member
    from wsnox.workspace.settings import Names, Settings

__all__ = ["EVERYONE", "chosen", "groups_of", "matching", "parts_of", "together"]

EVERYONE = (PackageChoice("*"),)
ONE_VARIANT = (Variant("", ()),)


def matching(members: Iterable[Member], patterns: Iterable[str] | None) -> tuple[Member, ...]:
    """Return those *members* whose names match one of *patterns*, all for `None`."""
    if patterns is None:
        return tuple(members)
    patterns = tuple(patterns)
    return tuple(member for member in members if any(fnmatchcase(member.name, pattern) for pattern in patterns))


def chosen(members: Iterable[Member], choices: Iterable[PackageChoice]) -> dict[NormalizedName, Names]:
    """Return the names of the members that *choices* mean, in their order, each with the extras asked that it has."""
    members = tuple(members)
    found: dict[NormalizedName, Names] = {}
    for choice in choices:
        for member in matching(members, [choice.pattern]):
            found[member.name] = _merged(found.get(member.name, ()), _had(member.manifest, choice.extras))
    return found


def groups_of(member: Member, groups: Names | None) -> Names | None:
    """Return those *groups* that *member* has; `None` stays what it is, uv's default groups."""
    return None if groups is None else tuple(group for group in groups if group in member.manifest.groups)


def parts_of(member: Member, settings: Settings) -> dict[str, tuple[Part, ...]]:
    """Return the variants of *member*: those of which it has something, each once, or one without extras."""
    groups = groups_of(member, settings.groups)
    variants: dict[Names | Literal["all"], str] = {}
    for variant in settings.extras or ONE_VARIANT:
        extras = _of_variant(member.manifest, variant)
        if extras or not variant.extras:
            variants.setdefault(extras, variant.id)
    return {id_: (Part(member=member, extras=extras, groups=groups),) for extras, id_ in (variants or {(): ""}).items()}


def together(each: Iterable[Part], variants: tuple[Variant, ...] | None) -> dict[str, tuple[Part, ...]]:
    """Return the variants of members that are installed together, *each* with what it has of the variant on top."""
    each = tuple(each)
    return {
        variant.id: tuple(replace(part, extras=_added(part, variant)) for part in each)
        for variant in variants or ONE_VARIANT
    }


def _added(part: Part, variant: Variant) -> Names | Literal["all"]:
    more = _of_variant(part.member.manifest, variant)
    return "all" if more == "all" or part.extras == "all" else _merged(part.extras, more)


def _of_variant(manifest: Manifest, variant: Variant) -> Names | Literal["all"]:
    return "all" if variant.extras == "all" else _had(manifest, variant.extras)


def _had(manifest: Manifest, extras: Names) -> Names:
    """Return those *extras* that *manifest* has; where the build decides which there are, the lockfile will tell."""
    return tuple(extra for extra in extras if manifest.dynamic_extras or extra in manifest.extras)


def _merged(first: Names, second: Names) -> Names:
    return tuple(dict.fromkeys((*first, *second)))

"""Kinds of edits of locked workspaces, by area, for comparing the check of freshness with ``uv lock --check``."""

from __future__ import annotations

from tests.freshness.edits.edit import Edit
from tests.freshness.edits.files import LOCKFILES, TEXTS
from tests.freshness.edits.projects import EXTRAS, GROUPS, PROJECTS, PYTHONS
from tests.freshness.edits.requirements import INVALID, MARKERS, SPECIFIERS, SPELLINGS
from tests.freshness.edits.settings import CONFLICTS, ENVIRONMENTS, LISTS, OPTIONS, VALUES
from tests.freshness.edits.sources import INDEXED, MEMBERS, PLACED, REMOTE, SOURCES

__all__ = ["AREAS", "Edit"]

AREAS: dict[str, tuple[Edit, ...]] = {
    "spellings": SPELLINGS,
    "specifiers": SPECIFIERS,
    "markers": MARKERS,
    "invalid": INVALID,
    "extras": EXTRAS,
    "groups": GROUPS,
    "pythons": PYTHONS,
    "projects": PROJECTS,
    "sources": SOURCES,
    "remote": (*REMOTE, *PLACED, *INDEXED),
    "members": MEMBERS,
    "options": OPTIONS,
    "lists": LISTS,
    "values": VALUES,
    "environments": ENVIRONMENTS,
    "conflicts": CONFLICTS,
    "texts": TEXTS,
    "lockfiles": LOCKFILES,
}

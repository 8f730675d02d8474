"""Shards in the words of a CI system: GitHub's ``strategy.matrix`` and GitLab's child pipelines.

Both systems refuse an empty list of jobs (GitHub: "Matrix vector does not contain any values"; GitLab: "jobs config
should contain at least one visible job"), so that where nothing must run there is one job that has nothing to do.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.change.shards import Shard

__all__ = ["LIMITS", "NOTHING", "github", "gitlab"]

LIMITS: Mapping[str, int] = {"github": 256, "gitlab": 500}
"""The most jobs of a matrix (GitHub docs, Usage limits), and of a pipeline (GitLab docs, GitLab.com Free)."""

NOTHING = "nothing affected"
_TEMPLATE = ".wsnox"


def github(shards: Sequence[Shard]) -> dict[str, Any]:
    """Return a ``strategy.matrix`` (GitHub docs, Workflow syntax): of each job its name, sessions and Pythons.

    *sessions* and *pythons* are words with spaces between; both are empty in the job that has nothing to do.
    """
    jobs = [
        {"name": name, "sessions": " ".join(shard.titles), "pythons": " ".join(shard.pythons)}
        for name, shard in _named(shards)
    ]
    return {"include": jobs or [{"name": NOTHING, "sessions": "", "pythons": ""}]}


def gitlab(shards: Sequence[Shard], *, include: str = "") -> dict[str, Any]:
    """Return a child pipeline (GitLab docs, CI/CD YAML syntax reference), of which a job runs each shard.

    The file *include* of the repository has the job ``.wsnox``, which the jobs extend, and which finds their sessions in
    variables; without it each job calls nox.
    """
    # A session may be called like one of GitLab's keywords; no keyword has two words.
    jobs = {f"session {name}" if len(shard.runs) == 1 else name: _job(shard, include) for name, shard in _named(shards)}
    if not jobs:
        return {NOTHING: {"script": ["echo 'no session is affected'"]}}
    return {**({"include": [{"local": f"/{include.lstrip('/')}"}]} if include else {}), **jobs}


def _job(shard: Shard, include: str) -> dict[str, Any]:
    variables = {"WSNOX_SESSIONS": " ".join(shard.titles), "WSNOX_PYTHONS": " ".join(shard.pythons)}
    if include:
        return {"extends": _TEMPLATE, "variables": variables}
    return {"variables": variables, "script": [f"nox -s {shlex.join(shard.titles)}"]}


def _named(shards: Sequence[Shard]) -> list[tuple[str, Shard]]:
    """Return *shards* with names: a session's own, or ``sessions 1/3`` for several, by which GitLab groups them."""
    if all(len(shard.runs) == 1 for shard in shards):
        return [(shard.titles[0], shard) for shard in shards]
    return [(f"sessions {number}/{len(shards)}", shard) for number, shard in enumerate(shards, 1)]

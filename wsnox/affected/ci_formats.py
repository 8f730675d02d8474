"""Shards written down for CI systems: a matrix of GitHub's, a child pipeline of GitLab's, steps of Buildkite's.

A system that is to be added needs an entry in `FORMATS`, and nothing else. The command line takes its choices from here,
so this module loads nothing that is large.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from wsnox.errors import RequestError
from wsnox.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wsnox.affected.shards import Shard

__all__ = ["FORMATS", "Format"]

Jobs = dict[str, Any]


class Format(NamedTuple):
    """What a CI system takes: *limit* jobs at most, in what *write* returns for shards and the text of *include*.

    *include* says what `--include` means to it: nothing where empty, else the help of the option. The file is read for
    *write* where *reads*; otherwise *write* gets its path.
    """

    limit: int
    write: Callable[[Sequence[Shard], str], Jobs]
    include: str = ""
    reads: bool = False


# --- GitHub ---


def _github(shards: Sequence[Shard], _: str) -> Jobs:
    """Return a ``strategy.matrix`` (GitHub docs, Workflow syntax): of each job its name, sessions and Pythons.

    *sessions* and *pythons* are words with spaces between; both are empty in the job that has nothing to do, as GitHub
    refuses an empty matrix.
    """
    jobs = [
        {"name": _label(shards, number), **_variables(shard, "sessions", "pythons")}
        for number, shard in enumerate(shards)
    ]
    return {"include": jobs or [{"name": _NOTHING, "sessions": "", "pythons": ""}]}


# --- GitLab ---


def _gitlab(shards: Sequence[Shard], include: str) -> Jobs:
    """Return a child pipeline (GitLab docs, CI/CD YAML syntax reference), in which a job runs each shard.

    The jobs extend ``.wsnox``, which the file *include* of the repository may define, and that ``.wsnox-default``. A pipeline
    with rules of its own runs in merge requests, too: jobs without rules are otherwise for branches alone.
    """
    # A session may have the name of one of GitLab's keywords; no keyword has two words.
    jobs = {
        f"session {shard.titles[0]}" if len(shard.runs) == 1 else f"sessions {number}/{len(shards)}": {
            "extends": ".wsnox",
            "variables": _variables(shard),
        }
        for number, shard in enumerate(shards, 1)
    }
    workflow = {"workflow": {"rules": [{"when": "always"}]}}
    if not jobs:
        # GitLab refuses a pipeline without jobs.
        return {**workflow, _NOTHING: {"script": ["echo 'no session is affected'"]}}
    return {
        **workflow,
        **(
            {"include": [{"local": f"/{include.lstrip('/')}"}]}
            if include
            else {".wsnox": {"extends": ".wsnox-default"}}
        ),
        **_GITLAB_DEFAULTS,
        **jobs,
    }


_GITLAB_DEFAULTS: Jobs = {
    # The job that starts this pipeline may set others.
    "variables": {
        "WSNOX": f"wsnox=={__version__}",
        "WSNOX_DIRECTORY": ".",
        "WSNOX_IMAGE": "python:3.13",
        "WSNOX_OPTIONS": "",
        "WSNOX_PACKAGES": "",
    },
    ".wsnox-default": {
        "image": "$WSNOX_IMAGE",
        "variables": {"UV_CACHE_DIR": "$CI_PROJECT_DIR/.wsnox/uv"},
        "cache": {"key": {"files": ["uv.lock"], "prefix": "wsnox"}, "paths": [".wsnox/uv"]},
        "before_script": [
            # What git ignores is no change.
            "mkdir -p .wsnox && echo '*' > .wsnox/.gitignore",
            "command -v uv > /dev/null || pip install --quiet uv",
        ],
        "script": [
            'if [ -n "$WSNOX_PYTHONS" ]; then uv python install $WSNOX_PYTHONS; fi',
            'with=; for package in $WSNOX_PACKAGES; do with="$with --with $package"; done',
            'report="$PWD/.wsnox/report-$CI_JOB_ID.json"',
            'cd "$WSNOX_DIRECTORY"',
            'uvx --with "$WSNOX" $with nox --report "$report" --session $WSNOX_SESSIONS $WSNOX_OPTIONS',
        ],
        # Also of a run that failed: wsnox's record has what nox's report does not, and GitLab shows what is in the XML.
        "after_script": [
            'cp "$WSNOX_DIRECTORY/.nox/.wsnox/run.json" ".wsnox/report-$CI_JOB_ID-wsnox.json" || true',
            'uvx --from "$WSNOX" wsnox report --format junit -o .wsnox/junit.xml .wsnox/report-"$CI_JOB_ID"*.json || true',
            "uv cache prune --ci",
        ],
        "artifacts": {
            "when": "always",
            "paths": [".wsnox/report-*.json"],
            "reports": {"junit": ".wsnox/junit.xml"},
            "expire_in": "1 week",
        },
    },
    "report": {
        "extends": ".wsnox-default",
        "stage": ".post",
        "rules": [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", "when": "always"}],
        # Merge requests, whose branches are not protected, read it.
        "cache": {"key": "wsnox-times", "paths": [".wsnox/times.json"], "unprotect": True},
        "script": [
            'uvx --from "$WSNOX" wsnox report --times .wsnox/times.json .wsnox/report-*.json',
            'uvx --from "$WSNOX" wsnox report --format html -o .wsnox/report.html .wsnox/report-*.json',
        ],
        "after_script": [],
        "artifacts": {"paths": [".wsnox/report.html", ".wsnox/times.json"]},
    },
    # What fails in a push would not run again for the next one, were that compared with it.
    "green": {
        "image": "$WSNOX_IMAGE",
        "stage": ".post",
        "rules": [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}],
        "variables": {"GIT_STRATEGY": "none"},
        "cache": {"key": "wsnox-green", "paths": [".wsnox/green"], "policy": "push", "unprotect": True},
        "script": ["mkdir -p .wsnox", 'echo "$CI_COMMIT_SHA" > .wsnox/green'],
    },
}


# --- Buildkite ---


def _buildkite(shards: Sequence[Shard], include: str) -> Jobs:
    """Return what ``buildkite-agent pipeline upload`` takes (Buildkite docs, Command step): a group with a step for each shard.

    *include* is a JSON object with keys that every step has, as ``agents`` and ``plugins``. The commands have no ``$``, which the
    upload would take for a variable of its own.
    """
    shared = _json_object(include)
    steps = [
        {
            "label": _label(shards, number),
            "artifact_paths": "wsnox-report-*.json",
            **({} if "command" in shared else {"commands": _buildkite_commands(shard, number)}),
            **shared,
            "env": {**shared.get("env", {}), **_variables(shard)},
        }
        for number, shard in enumerate(shards)
    ]
    keys = {key: value for key, value in shared.items() if key not in {"command", "commands"}}
    if not steps:
        return {"steps": [{"label": _NOTHING, **keys, "command": "echo 'no session is affected'"}]}
    report = {
        "label": "report",
        **keys,
        "depends_on": "sessions",
        "allow_dependency_failure": True,
        "commands": [
            "buildkite-agent artifact download 'wsnox-report-*.json' .",
            f"uvx wsnox=={__version__} report --format markdown wsnox-report-*.json | buildkite-agent annotate",
        ],
    }
    return {"steps": [{"group": "sessions", "key": "sessions", "steps": steps}, report]}


def _buildkite_commands(shard: Shard, number: int) -> list[str]:
    pythons = [f"uv python install {shlex.join(shard.pythons)}"] if shard.pythons else []
    nox = f"uvx --with wsnox=={__version__} nox --report wsnox-report-{number}.json -s {shlex.join(shard.titles)}"
    # wsnox's record has what nox's report does not: leaks, and what to do about them.
    return [*pythons, f"{nox} || {{ cp .nox/.wsnox/run.json wsnox-report-{number}-wsnox.json; exit 1; }}"]


def _json_object(text: str) -> Jobs:
    import json  # noqa: PLC0415 - the command line loads this module at every start

    try:
        keys = json.loads(text or "{}")
    except ValueError as error:
        raise RequestError(f"the file of `--include` is no JSON: {error}") from None
    if not isinstance(keys, dict) or not isinstance(keys.get("env", {}), dict):
        raise RequestError("the file of `--include` is no JSON object with the keys of a step")
    return keys


# --- What they share ---

_NOTHING = "nothing affected"
_LABEL_LENGTH = 60


def _variables(shard: Shard, sessions: str = "WSNOX_SESSIONS", pythons: str = "WSNOX_PYTHONS") -> dict[str, str]:
    """Return what a job has to know, in variables, so that no name ever stands in a script."""
    return {sessions: " ".join(shard.titles), pythons: " ".join(shard.pythons)}


def _label(shards: Sequence[Shard], number: int) -> str:
    """Return the name of a job: its session, or which of the jobs it is and how its sessions begin."""
    titles = shards[number].titles
    if all(len(shard.runs) == 1 for shard in shards):
        return titles[0]
    shown = [titles[0]]
    for title in titles[1:]:
        if len(", ".join([*shown, title])) > _LABEL_LENGTH:
            break
        shown.append(title)
    more = len(titles) - len(shown)
    return f"{number + 1}/{len(shards)}: {', '.join(shown)}{f' and {more} more' if more else ''}"


FORMATS: Mapping[str, Format] = {
    "github": Format(limit=256, write=_github),  # GitHub docs, Usage limits: of a matrix
    "gitlab": Format(
        limit=498,  # GitLab docs, GitLab.com Free: jobs of a pipeline, of which `report` and `green` are two
        write=_gitlab,
        include="a file of the repository with the job `.wsnox`, which runs the sessions",
    ),
    "buildkite": Format(
        limit=499,  # Buildkite docs, Pipeline upload: steps of a file, of which the report is one
        write=_buildkite,
        include="a JSON file with keys that every step has, as `agents`",
        reads=True,
    ),
}

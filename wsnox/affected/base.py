"""The base that ``--since auto`` means: what the CI system says of its run, or else the default branch, by plain git.

1. A merge request, pull request or merge queue is compared with the state that it is merged into. Where ``HEAD`` is the
   merge commit that CI systems make of one, that is its first parent, so a clone of depth 2 will do.
2. Another branch is compared with the default branch; a push to that with the commit of the last green run, which
   ``WSNOX_LAST_GREEN`` names, or else with the commit before the push: sessions that failed there would not run again.
3. Tags, schedules and runs started by hand have no state before: everything is affected, and so it is where the system
   does not say enough. A base is never guessed.

Sources: GitHub's "Events that trigger workflows" and "Webhook events and payloads", GitLab's "Predefined CI/CD
variables", Buildkite's "Environment variables".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.affected.git import git, is_shallow, run_git, text_of
from wsnox.errors import RequestError
from wsnox.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["AUTO", "Base", "Candidate", "Whole", "candidate", "find_base"]

AUTO = "auto"
LAST_GREEN = "WSNOX_LAST_GREEN"


class Base(Record):
    """The *revision* to compare with, and what it is, in *words*: none where somebody named it."""

    revision: str
    words: str = ""

    def __str__(self) -> str:
        if not self.words:
            return f"`{self.revision}`"
        is_commit = len(self.revision) >= 40 and self.revision.isalnum()
        return f"`{self.revision[:7] if is_commit else self.revision}` ({self.words})"


class Whole(Record):
    """There is nothing to compare with, as the *words* say."""

    words: str


class Candidate(Record, kw_only=True):
    """What a CI system says: the *revision* to compare with, and what it is, in *words*.

    Where ``HEAD`` merges the commit *merged* into something, that is the base, and not the revision. *default* says that
    the run is of the default branch, whose last green run is a better base.
    """

    revision: str
    words: str
    merged: str = ""
    default: bool = False


def find_base(root: Path, environ: Mapping[str, str]) -> Base | Whole:
    """Return the base of the run that *environ* describes, for the repository around *root*.

    Raise `RequestError` where git cannot tell.
    """
    run = candidate(environ, _event(environ)) or _by_git(root, environ)
    if isinstance(run, Whole):
        return run
    if run.merged:
        # The commit itself has its parents, even where a shallow clone hides them.
        lines = text_of(git(root, "cat-file", "commit", "HEAD")).partition("\n\n")[0].splitlines()
        parents = [line.removeprefix("parent ") for line in lines if line.startswith("parent ")]
        if run.merged in parents[1:]:
            if not _commit(root, parents[0]):
                raise RequestError(
                    f"{Base(parents[0], run.words)} is not in this shallow clone",
                    hint="`fetch-depth: 2` of `actions/checkout`, or `GIT_DEPTH: 2` of GitLab, fetches it",
                )
            return Base(parents[0], run.words)
        if not _is_in_head(root, run.merged):
            return Whole(f"`{run.merged[:7]}` is not what is checked out")
    if run.default:
        return _of_default_branch(root, run, environ.get(LAST_GREEN, ""))
    return Base(run.revision, run.words)


def _of_default_branch(root: Path, run: Candidate, last_green: str) -> Base | Whole:
    """Return the base of a run of the default branch: *last_green* where it is in the history of ``HEAD``."""
    ignored = ""
    if last_green:
        if _is_in_head(root, last_green):
            return Base(last_green, "the last green run")
        ignored = f"; `{last_green}`, the last green run, is not in its history"
    if not run.revision:
        return Whole(f"{run.words}{ignored}")
    if not _commit(root, run.revision) and not is_shallow(root):
        return Whole(f"{Base(run.revision, run.words)} was removed from the history by a forced push{ignored}")
    return Base(run.revision, f"{run.words}{ignored}")


# --- what a CI system says ------------------------------------------------------------------------------------------


def candidate(environ: Mapping[str, str], event: Mapping[str, Any]) -> Candidate | Whole | None:
    """Return what the CI system of *environ* says, `None` where it says nothing; *event* is GitHub's."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ, event)
    if environ.get("GITLAB_CI") == "true":
        return _gitlab(environ)
    if environ.get("BUILDKITE") == "true":
        return _buildkite(environ)
    for variable in _TARGET_BRANCHES:
        if branch := environ.get(variable, "").removeprefix("refs/heads/"):
            return Candidate(revision=f"origin/{branch}", words="the target of this pull request")
    return None


_TARGET_BRANCHES = ("CHANGE_TARGET", "SYSTEM_PULLREQUEST_TARGETBRANCH", "BITBUCKET_PR_DESTINATION_BRANCH")
"""The variables in which Jenkins, Azure Pipelines and Bitbucket Pipelines name the branch that a change is for."""


def _github(environ: Mapping[str, str], event: Mapping[str, Any]) -> Candidate | Whole:
    name, ref = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_REF", "")
    match name, event:
        case "pull_request" | "pull_request_target", {
            "number": number,
            "pull_request": {"base": {"sha": str(base), "ref": str(branch)}, "head": {"sha": str(head)}},
        }:
            words = f"`{branch}`, the base of pull request {number}"
            return Candidate(revision=base, words=words, merged=head)
        case "merge_group", {"merge_group": {"base_sha": str(base)}}:
            return Candidate(revision=base, words="the base of this merge group")
        case "push", {"before": str(before), "repository": {"default_branch": str(default)}}:
            return _push(ref.removeprefix("refs/heads/"), before, default, tag=ref.startswith("refs/tags/"))
        case _:
            return _started(name, {"workflow_dispatch"})


def _gitlab(environ: Mapping[str, str]) -> Candidate | Whole:
    # A child pipeline has the variables of the merge request, too.
    if number := environ.get("CI_MERGE_REQUEST_IID"):
        branch = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
        # The target's commit is only named for merged results and merge trains.
        names = ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA")
        revision = next(filter(None, map(environ.get, names)), f"origin/{branch}")
        return Candidate(
            revision=revision,
            words=f"`{branch}`, the target of merge request {number}",
            merged=environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environ.get("CI_COMMIT_SHA", ""),
        )
    source, tag = environ.get("CI_PIPELINE_SOURCE", ""), bool(environ.get("CI_COMMIT_TAG"))
    if source != "push":
        return _started(source, {"web", "api", "trigger"})
    before, default = environ.get("CI_COMMIT_BEFORE_SHA", ""), environ.get("CI_DEFAULT_BRANCH", "")
    return _push(environ.get("CI_COMMIT_BRANCH", ""), before, default, tag=tag)


def _buildkite(environ: Mapping[str, str]) -> Candidate | Whole:
    default, branch = environ.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH", ""), environ.get("BUILDKITE_BRANCH", "")
    if target := environ.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH"):
        number = environ.get("BUILDKITE_PULL_REQUEST", "")
        return Candidate(revision=f"origin/{target}", words=f"the base of pull request {number}")
    if environ.get("BUILDKITE_SOURCE") == "schedule":
        return _started("schedule", set())
    return _push(branch, "", default, tag=bool(environ.get("BUILDKITE_TAG")))


def _push(branch: str, before: str, default: str, *, tag: bool) -> Candidate | Whole:
    """Return what a push to *branch* is compared with; of a new one, *before* is zeros, and empty where nobody says."""
    if tag:
        return Whole("a tag has no state before")
    if branch != default:
        return Candidate(revision=f"origin/{default}", words="the default branch")
    if before.strip("0"):
        return Candidate(revision=before, words="the commit before this push", default=True)
    words = f"this is the first push of `{branch}`" if before else f"nothing says what `{branch}` was before"
    return Candidate(revision="", words=words, default=True)


def _started(event: str, by_hand: set[str]) -> Whole:
    if event == "schedule":
        return Whole("a scheduled run covers everything")
    if event in by_hand:
        return Whole("a run that is started by hand covers everything")
    return Whole(f"for the event `{event}`, nothing says what to compare with")


def _event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the event that started a workflow of GitHub; raise `RequestError` where it cannot be read."""
    path = environ.get("GITHUB_EVENT_PATH")
    if environ.get("GITHUB_ACTIONS") != "true" or not path:
        return {}
    try:
        event = json.loads(read_regular(path))
    except (OSError, ValueError, RecursionError) as error:
        raise RequestError(f"the event in `{path}` cannot be read ({error})") from error
    return event if isinstance(event, dict) else {}


# --- plain git ------------------------------------------------------------------------------------------------------


def _by_git(root: Path, environ: Mapping[str, str]) -> Candidate | Whole:
    branch = _default_branch(root)
    if environ.get("CI") and not run_git(root, "merge-base", "--is-ancestor", "HEAD", branch).returncode:
        return Candidate(revision="", words=f"nothing says what `{branch}` was before", default=True)
    return Candidate(revision=branch, words="the default branch")


def _default_branch(root: Path) -> str:
    """Return the default branch of the remote, as far as the clone knows it; raise `RequestError` where it does not."""
    remotes = text_of(git(root, "remote")).split()
    remote = "origin" if "origin" in remotes or not remotes else remotes[0]
    head = run_git(root, "symbolic-ref", "--quiet", "--short", f"refs/remotes/{remote}/HEAD")
    if not head.returncode:
        return text_of(head.stdout)
    for candidates in ((f"{remote}/main", f"{remote}/master"), ("main", "master")):
        existing = [name for name in candidates if _commit(root, name)]
        if len(existing) == 1:
            return existing[0]
    raise RequestError(
        "git does not say which branch is the default", hint=f"`git remote set-head {remote} --auto` asks the remote"
    )


def _is_in_head(root: Path, revision: str) -> bool:
    commit = _commit(root, revision)
    return bool(commit) and not run_git(root, "merge-base", "--is-ancestor", commit, "HEAD").returncode


def _commit(root: Path, revision: str) -> str:
    """Return the commit that *revision* means, empty where the clone has none."""
    parsed = run_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return "" if parsed.returncode else text_of(parsed.stdout)

"""What ``--since auto`` compares with, as CI systems describe their runs and as clones are made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import git
from wsnox.affected.base import Base, Candidate, Whole, candidate, find_base
from wsnox.errors import RequestError

if TYPE_CHECKING:
    from pathlib import Path

ZEROS = "0" * 40
A, B = "a" * 40, "b" * 40
PULL_REQUEST = {
    "number": 12,
    "pull_request": {"base": {"sha": A, "ref": "main"}, "head": {"sha": B, "ref": "topic"}},
}
REPOSITORY = {"repository": {"default_branch": "main"}}


def _push(before: str, **more: Any) -> dict[str, Any]:
    return {"before": before, "after": B, **REPOSITORY, **more}


NEXT = Candidate(revision=A, words="the commit before this push", default=True)
MAIN = Candidate(revision="origin/main", words="the default branch")
PULL = Candidate(revision=A, words="`main`, the base of pull request 12", merged=B)


@pytest.mark.parametrize(
    ("name", "ref", "event", "answer"),
    [
        ("pull_request", "refs/pull/12/merge", PULL_REQUEST, PULL),
        ("pull_request_target", "refs/heads/main", PULL_REQUEST, PULL),
        ("merge_group", "refs/heads/gh-readonly-queue/main/pr-12-a", {"merge_group": {"base_sha": A, "head_sha": B}},
         Candidate(revision=A, words="the base of this merge group")),
        ("push", "refs/heads/main", _push(A), NEXT),
        ("push", "refs/heads/main", _push(A, forced=True), NEXT),
        ("push", "refs/heads/main", _push(ZEROS), Candidate(revision="", words="this is the first push of `main`", default=True)),
        ("push", "refs/heads/topic/x", _push(A), MAIN),
        ("push", "refs/heads/topic/x", _push(ZEROS, created=True), MAIN),
        ("push", "refs/tags/v1", _push(ZEROS), Whole("a tag has no state before")),
        ("release", "refs/tags/v1", {}, Whole("for the event `release`, nothing says what to compare with")),
        ("schedule", "refs/heads/main", {}, Whole("a scheduled run covers everything")),
        ("workflow_dispatch", "refs/heads/main", {}, Whole("a run that is started by hand covers everything")),
        ("push", "refs/heads/main", {}, Whole("for the event `push`, nothing says what to compare with")),
        ("pull_request", "refs/pull/12/merge", {"number": 12}, Whole("for the event `pull_request`, nothing says what to compare with")),
    ],
    ids=["pull-request", "target", "queue", "push", "forced", "first", "branch", "new-branch", "tag", "release", "schedule",
         "by-hand", "no-event", "odd-event"],
)  # fmt: skip
def test_github(name: str, ref: str, event: dict[str, Any], answer: Candidate | Whole) -> None:
    """Each event of GitHub that starts a workflow."""
    environ = {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_EVENT_NAME": name, "GITHUB_REF": ref}
    assert candidate(environ, event) == answer


MERGE_REQUEST = {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_SHA": "c" * 40}
REQUEST = "`main`, the target of merge request 7"
BRANCH = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}


@pytest.mark.parametrize(
    ("variables", "answer"),
    [
        ({**MERGE_REQUEST, "CI_MERGE_REQUEST_DIFF_BASE_SHA": A}, Candidate(revision=A, words=REQUEST, merged="c" * 40)),
        ({**MERGE_REQUEST, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": A, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": B,
          "CI_MERGE_REQUEST_DIFF_BASE_SHA": ZEROS, "CI_PIPELINE_SOURCE": "parent_pipeline"},
         Candidate(revision=A, words=REQUEST, merged=B)),
        (MERGE_REQUEST, Candidate(revision="origin/main", words=REQUEST, merged="c" * 40)),
        ({**BRANCH, "CI_COMMIT_BEFORE_SHA": A}, NEXT),
        ({**BRANCH, "CI_COMMIT_BRANCH": "topic", "CI_COMMIT_BEFORE_SHA": ZEROS}, MAIN),
        ({**BRANCH, "CI_COMMIT_TAG": "v1", "CI_COMMIT_BEFORE_SHA": ZEROS}, Whole("a tag has no state before")),
        ({**BRANCH, "CI_PIPELINE_SOURCE": "schedule"}, Whole("a scheduled run covers everything")),
        ({**BRANCH, "CI_PIPELINE_SOURCE": "web"}, Whole("a run that is started by hand covers everything")),
    ],
    ids=["merge-request", "merged-result", "old-gitlab", "push", "new-branch", "tag", "schedule", "by-hand"],
)  # fmt: skip
def test_gitlab(variables: dict[str, str], answer: Candidate | Whole) -> None:
    """Each kind of pipeline of GitLab; child pipelines have the variables of their parent's merge request."""
    assert candidate({"GITLAB_CI": "true", "CI": "true", **variables}, {}) == answer


@pytest.mark.parametrize(
    ("variables", "answer"),
    [
        ({"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST": "12", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"},
         Candidate(revision="origin/main", words="the base of pull request 12")),
        ({"BUILDKITE": "true", "BUILDKITE_BRANCH": "topic", "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main"}, MAIN),
        ({"BUILDKITE": "true", "BUILDKITE_BRANCH": "main", "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main"},
         Candidate(revision="", words="nothing says what `main` was before", default=True)),
        ({"BUILDKITE": "true", "BUILDKITE_SOURCE": "schedule"}, Whole("a scheduled run covers everything")),
        ({"BUILDKITE": "true", "BUILDKITE_TAG": "v1"}, Whole("a tag has no state before")),
        ({"CHANGE_TARGET": "main"}, Candidate(revision="origin/main", words="the target of this pull request")),
        ({"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"},
         Candidate(revision="origin/main", words="the target of this pull request")),
        ({}, None),
    ],
    ids=["buildkite-pull-request", "buildkite-branch", "buildkite-default", "buildkite-schedule", "buildkite-tag", "jenkins",
         "azure", "none"],
)  # fmt: skip
def test_others(variables: dict[str, str], answer: Candidate | Whole | None) -> None:
    """What other systems say."""
    assert candidate({"CI": "true", **variables}, {}) == answer


# --- with real repositories ---


class Repository:
    """A repository with a remote: ``main`` has two commits, and ``topic`` one on top of the first."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.remote = folder / "clone", folder / "remote"
        self.remote.mkdir()
        git(self.remote, "init", "-q", "-b", "main")
        self.start = self.commit("start")
        git(self.remote, "checkout", "-q", "-b", "topic")
        self.topic = self.commit("topic")
        git(self.remote, "checkout", "-q", "main")
        self.main = self.commit("main")

    def commit(self, name: str) -> str:
        """Return a new commit of the remote that adds the file *name*."""
        (self.remote / name).write_text(name, encoding="utf-8")
        git(self.remote, "add", ".")
        git(self.remote, "commit", "-q", "-m", name)
        return self.head()

    def merge(self) -> str:
        """Return the commit that merges ``topic`` into ``main``, as GitHub makes one of a pull request."""
        git(self.remote, "checkout", "-q", "--detach", "main")
        git(self.remote, "merge", "-q", "--no-ff", "-m", "merge", "topic")
        merge = self.head()
        git(self.remote, "update-ref", "refs/heads/pull/12/merge", merge)
        git(self.remote, "checkout", "-q", "main")
        return merge

    def head(self) -> str:
        """Return the commit that the remote has checked out."""
        return git(self.remote, "rev-parse", "HEAD").strip()

    def clone(self, branch: str, *options: str) -> None:
        """Clone the *branch*."""
        git(self.remote.parent, "clone", "-q", *options, "--branch", branch, self.remote.as_uri(), "clone")

    def github(self, name: str, event: dict[str, Any], ref: str = "refs/heads/main", **more: str) -> Base | Whole:
        """Return the base of a workflow that the *event* started."""
        path = self.remote.parent / "event.json"
        path.write_text(json.dumps(event), encoding="utf-8")
        environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF": ref,
        }
        return find_base(self.folder, {**environ, **more})

    def pull_request(self) -> dict[str, Any]:
        """Return the event of a pull request that was opened before ``main`` got its second commit."""
        return {
            "number": 12,
            "pull_request": {"base": {"sha": self.start, "ref": "main"}, "head": {"sha": self.topic}},
        }


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a repository with a remote."""
    return Repository(tmp_path)


@pytest.mark.parametrize("options", [(), ("--depth", "2")], ids=["whole", "depth-2"])
def test_a_merge_commit(repository: Repository, options: tuple[str, ...]) -> None:
    """The base is what the pull request was merged into, not what it started from; a clone of depth 2 knows it."""
    repository.merge()
    repository.clone("pull/12/merge", *options)
    base = repository.github("pull_request", repository.pull_request())
    assert base == Base(repository.main, PULL.words)
    assert str(base) == f"`{repository.main[:7]}` ({PULL.words})"


def test_a_merge_commit_alone(repository: Repository) -> None:
    """A clone of depth 1 does not know it, and the hint says which depth will do."""
    repository.merge()
    repository.clone("pull/12/merge", "--depth", "1")
    with pytest.raises(RequestError, match="is not in this shallow clone") as caught:
        repository.github("pull_request", repository.pull_request())
    assert "`fetch-depth: 2`" in caught.value.hint


def test_the_head_of_a_pull_request(repository: Repository) -> None:
    """Where a workflow checks out the branch itself, the base is the commit that GitHub names."""
    repository.clone("topic")
    assert repository.github("pull_request", repository.pull_request()) == Base(repository.start, PULL.words)


def test_a_checkout_of_something_else(repository: Repository) -> None:
    """``pull_request_target`` checks out the base: nothing of the pull request would be tested, which is no success."""
    repository.clone("main")
    base = repository.github("pull_request_target", repository.pull_request())
    assert base == Whole(f"`{repository.topic[:7]}` is not what is checked out")


def test_a_merged_result_of_gitlab(repository: Repository) -> None:
    """Its first parent is the base: in a merge train, that has the merge requests before it."""
    repository.merge()
    repository.clone("pull/12/merge")
    merged = {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": repository.topic}
    environ = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": repository.start, **merged}
    assert find_base(repository.folder, environ) == Base(repository.main, REQUEST)


def test_a_forced_push(repository: Repository) -> None:
    """What was pushed away is in no clone, so everything is affected; where it is there, it is compared with."""
    gone = repository.commit("gone")
    git(repository.remote, "reset", "-q", "--hard", repository.main)
    git(repository.remote, "reflog", "expire", "--expire=now", "--all")
    git(repository.remote, "gc", "-q", "--prune=now")
    repository.clone("main")
    words = f"`{gone[:7]}` ({NEXT.words}) was removed from the history by a forced push"
    assert repository.github("push", _push(gone, forced=True)) == Whole(words)
    assert repository.github("push", _push(repository.topic, forced=True)) == Base(repository.topic, NEXT.words)


def test_the_last_green_run(repository: Repository) -> None:
    """It is better than the commit before, whose run may have failed, if it is in the history of the branch."""
    green, before = repository.start, _push(repository.main)
    repository.commit("next")
    repository.clone("main")
    assert repository.github("push", before, WSNOX_LAST_GREEN=green) == Base(green, "the last green run")
    assert repository.github("push", _push(ZEROS), WSNOX_LAST_GREEN=green) == Base(green, "the last green run")
    for unrelated in (repository.topic, A, "--help"):
        words = f"the commit before this push; `{unrelated}`, the last green run, is not in its history"
        assert repository.github("push", before, WSNOX_LAST_GREEN=unrelated) == Base(repository.main, words)


def test_plain_git(repository: Repository) -> None:
    """The default branch of the remote; on itself, nothing says in CI what was before it."""
    repository.clone("topic")
    assert find_base(repository.folder, {}) == Base("origin/main", "the default branch")
    assert find_base(repository.folder, {"CI": "true"}) == Base("origin/main", "the default branch")
    git(repository.folder, "checkout", "-q", "main")
    assert find_base(repository.folder, {}) == Base("origin/main", "the default branch")
    assert find_base(repository.folder, {"CI": "true"}) == Whole("nothing says what `origin/main` was before")
    environ = {"CI": "true", "WSNOX_LAST_GREEN": repository.start}
    assert find_base(repository.folder, environ) == Base(repository.start, "the last green run")


def test_a_remote_whose_head_is_not_known(repository: Repository) -> None:
    """One of the usual names will do; two of them are a question that only the remote can answer."""
    repository.clone("topic")
    git(repository.folder, "remote", "set-head", "origin", "--delete")
    assert find_base(repository.folder, {}) == Base("origin/main", "the default branch")
    git(repository.folder, "update-ref", "refs/remotes/origin/master", "HEAD")
    with pytest.raises(RequestError, match="does not say which branch is the default") as caught:
        find_base(repository.folder, {})
    assert caught.value.hint == "`git remote set-head origin --auto` asks the remote"
    assert find_base(repository.remote, {}) == Base("main", "the default branch")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '"push"', "[" * 100_000], ids=["empty", "cut", "list", "text", "deep"]
)
def test_an_event_that_cannot_be_read(repository: Repository, content: str) -> None:
    """It is said; what is no event says nothing."""
    repository.clone("main")
    path = repository.remote.parent / "event.json"
    path.write_text(content, encoding="utf-8")
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(path)}
    if content in {"[]", '"push"'}:
        assert find_base(repository.folder, environ) == Whole("for the event `push`, nothing says what to compare with")
    else:
        with pytest.raises(RequestError, match="cannot be read"):
            find_base(repository.folder, environ)

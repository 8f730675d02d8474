"""What ``docs/ci.md`` shows is valid by the systems' schemas, and runs, from the plan to the times for the next one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.affected.runs import run
from tests.cli.conftest import git
from tests.documents.pages import blocks_of
from tests.sessions.measured import repack_coverage
from tests.sessions.running import write_noxfile
from tests.support.github import REPOSITORY, Runner
from tests.support.workflows import (
    check_schema,
    documents_of,
    interpolated,
    run_script,
    write_program,
    yaml_of,
)
from tests.support.workspaces import MemberSpec
from wsnox.affected.ci_formats import FORMATS
from wsnox.affected.shards import one_each
from wsnox.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="`bash` may be that of another system there"),
]

PAGE = (REPOSITORY / "docs/ci.md").read_text(encoding="utf-8")
BLOCKS = {block.label.replace("`", ""): block.text for block in blocks_of(PAGE) if block.label}
ACTION = (REPOSITORY / "action.yml").read_text(encoding="utf-8")
TEMPLATE = (REPOSITORY / "templates/sessions.yml").read_text(encoding="utf-8")
SCHEMAS = {
    ".github/": "github-workflows",
    ".gitlab": "gitlab-ci",
    ".buildkite/p": "buildkite",
}


def committed(root: Path) -> Path:
    """Return the workspace *root* with a noxfile, as a repository with one commit."""
    write_noxfile(root)
    (root / ".gitignore").write_text(".nox\n", encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    return root


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a committed workspace in which only one member fails."""
    fails = {"wsnox": {"commands": ["python -c 'raise SystemExit(3)'"]}}
    members = (MemberSpec("a"), MemberSpec("b"), MemberSpec("broken", tool=fails))
    together = {"workspace": {"default": True}}
    return committed(workspace(*members, wsnox={"commands": ["python -V"], "integration": together}))


def change(root: Path, *members: str) -> None:
    """Commit a change of a file of each of *members*."""
    for member in members:
        (root / f"packages/{member}/src/{member}.py").write_text("changed = True", encoding="utf-8")
    git(root, "commit", "-q", "-a", "-m", "change")


def pull_request(root: Path) -> dict[str, Any]:
    """Return what GitHub knows of a pull request with the last commit."""
    base, head = git(root, "rev-parse", "HEAD~1", "HEAD").split()
    event = {"number": 1, "pull_request": {"base": {"sha": base, "ref": "main"}, "head": {"sha": head}}}
    return {"event_name": "pull_request", "event": event, "ref_name": "1/merge", "sha": head}


def push(root: Path) -> dict[str, Any]:
    """Return what GitHub knows of a push of the last commit to the default branch."""
    before, head = git(root, "rev-parse", "HEAD~1", "HEAD").split()
    event = {"before": before, "repository": {"default_branch": "main"}}
    return {"event_name": "push", "event": event, "ref_name": "main", "sha": head}


@pytest.mark.parametrize("name", [name for name in BLOCKS if ".yml" in name])
def test_schemas(tmp_path: Path, name: str) -> None:
    """Each file is what its system takes."""
    schema = next(schema for start, schema in SCHEMAS.items() if name.startswith(start))
    check_schema(tmp_path, schema, yaml_of(BLOCKS[name]))


def _template(**inputs: Any) -> dict[str, Any]:
    """Return the jobs of the template with *inputs* over its defaults."""
    specification, jobs = documents_of(TEMPLATE)
    defaults = {name: value["default"] for name, value in specification["spec"]["inputs"].items()}
    assert inputs.keys() <= defaults.keys()
    return {name: yaml_of(interpolated(json.dumps(job), {**defaults, **inputs})) for name, job in jobs.items()}


def scripts() -> Iterator[tuple[str, str]]:
    """Yield each script that runs on other people's machines, with the shell that runs it."""
    yield from (("bash", step["run"]) for step in yaml_of(ACTION)["runs"]["steps"] if "run" in step)
    yield "bash", BLOCKS[".buildkite/plan.sh"]
    yield "sh", "\n".join(_template()["plan-sessions"]["script"])
    runs = one_each([run("a", python="3.12")], {})
    child = FORMATS["gitlab"].write(runs, "")
    for job in (child[".wsnox-default"], child["report"]):
        yield "sh", "\n".join([*job.get("before_script", ()), *job["script"], *job["after_script"]])
    group, report = FORMATS["buildkite"].write(runs, "")["steps"]
    yield from (("sh", "\n".join(step["commands"])) for step in (*group["steps"], report))


@pytest.mark.parametrize(
    ("shell", "script"), [pytest.param(*pair, id=f"{pair[0]}-{number}") for number, pair in enumerate(scripts())]
)
def test_shellcheck(shell: str, script: str) -> None:
    """All of them stop at the first failure; variables are set outside, and words of an option are split on purpose."""
    command = ["shellcheck", "--shell", shell, "--severity", "warning", "--exclude", "SC2154", "-"]
    done = subprocess.run(command, input=f"set -e\n{script}", check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout


def test_versions() -> None:
    """The pages and the template name this version."""
    named = re.findall(r"wsnox(?:/\S+)?(?:@v?|==)(\d\S*?)[`\s]", f"{PAGE}\n{TEMPLATE}\n")
    assert len(named) > 5
    assert set(named) == {__version__}


def test_the_table_of_inputs_is_that_of_the_workflow() -> None:
    """Each input of the workflow is documented with its default, and the action takes all of them but the runner."""
    workflow = yaml_of((REPOSITORY / ".github/workflows/sessions.yml").read_text(encoding="utf-8"))
    inputs = workflow["on"]["workflow_call"]["inputs"]
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) \|", PAGE, re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(inputs)
    for name, default in rows:
        assert default.strip("`") == str(inputs[name]["default"]).lower() or inputs[name]["default"] == ""
    assert inputs.keys() - yaml_of(ACTION)["inputs"].keys() == {"runs-on", "fail-fast", "timeout-minutes"}


@pytest.mark.parametrize("name", [".github/workflows/tests.yml", ".github/workflows/own.yml"])
def test_github(root: Path, name: str) -> None:
    """A pull request runs what it can affect, sums up, and passes where everything did."""
    change(root, "a")
    jobs = Runner(root).run(BLOCKS[name], **pull_request(root))
    said = "".join(job.said for job in jobs["sessions"])
    assert "Session a was successful" in said
    assert "Session workspace was successful" in said
    assert "Session b" not in said
    assert "2 sessions affected since" in jobs["plan"][0].said
    assert "`packages/a/src/a.py`" in jobs["plan"][0].summary
    assert jobs["plan"][0].outputs.get("sessions") in (None, '["a", "workspace"]')
    assert "2 sessions: 2 passed" in jobs["passed"][0].summary
    assert jobs["passed"][0].succeeded


def test_github_fails(root: Path) -> None:
    """One session that fails is found in the summary, and fails the required job; the other sessions run."""
    change(root, "a", "broken")
    jobs = Runner(root).run(BLOCKS[".github/workflows/tests.yml"], **pull_request(root))
    assert sorted(job.succeeded for job in jobs["sessions"]) == [False, True, True]
    assert "- **`broken`** failed\n  - command: `python -c 'raise SystemExit(3)'`\n" in jobs["passed"][0].summary
    assert "broken" in (jobs["passed"][0].temporary / "wsnox-report.html").read_text(encoding="utf-8")
    assert not jobs["passed"][0].succeeded
    assert "not every job succeeded: success failure" in jobs["passed"][0].said


def test_github_without_a_plan(root: Path) -> None:
    """A plan that fails leaves no sessions, and must not look like nothing to do."""
    (root / "uv.lock").unlink()
    (root / "pyproject.toml").write_text("[tool.uv.workspace]\nmembers = 1\n", encoding="utf-8")
    event = {"event_name": "workflow_dispatch", "ref_name": "main", "sha": ""}
    jobs = Runner(root).run(BLOCKS[".github/workflows/tests.yml"], **event)
    assert "sessions" not in jobs
    assert "error: " in jobs["plan"][0].said
    assert not jobs["passed"][0].succeeded


def test_github_nothing_affected(root: Path) -> None:
    """A change that affects nothing has a job that does nothing, and passes."""
    (root / "README.md").write_text("words", encoding="utf-8")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "words")
    jobs = Runner(root).run(BLOCKS[".github/workflows/tests.yml"], **pull_request(root))
    assert [job.said for job in jobs["sessions"]] == [""]
    assert jobs["passed"][0].succeeded


def test_github_remembers(root: Path) -> None:
    """The default branch keeps the times of sessions that did not run, and goes on from the last commit that passed."""
    workflow = f"{BLOCKS['.github/workflows/tests.yml']}    with:\n      shards: 1\n"
    runner = Runner(root)
    change(root, "a", "b")
    jobs = runner.run(workflow, **push(root))
    assert "3 sessions: 3 passed" in jobs["passed"][0].summary
    assert "there is no report" in jobs["plan"][0].said
    change(root, "broken")
    jobs = runner.run(workflow, **push(root))
    assert "there is no report" not in jobs["plan"][0].said
    assert not jobs["passed"][0].succeeded
    kept = json.loads((jobs["passed"][0].temporary / "wsnox/times.json").read_text(encoding="utf-8"))
    assert [*kept["times"]] == ["a", "b", "broken", "workspace"]
    (root / "packages/a/src/a.py").write_text("again", encoding="utf-8")
    git(root, "commit", "-q", "-a", "-m", "again")
    jobs = runner.run(workflow, **push(root))
    assert "the last green run" in jobs["plan"][0].said
    assert json.loads(jobs["plan"][0].outputs["sessions"]) == ["a", "broken", "workspace"]


def test_github_coverage(workspace: WorkspaceFactory, wheelhouse: Path, tmp_path: Path) -> None:
    """What sessions measured in several jobs is one report, on the page of the run and as a file."""
    index = Path(shutil.copytree(wheelhouse, tmp_path / "index"))
    repack_coverage(index)
    tests = {
        "test_it.py": "import unittest\n\n\nclass Its(unittest.TestCase):\n    def test(self):\n        import a\n"
    }
    wsnox = {
        "root-groups": ["test"],
        "commands": ["coverage run --source src -m unittest discover --start-directory tests"],
        "integration": {"workspace": {"default": False}},
    }
    groups = {"test": ["coverage"]}
    modules = {"a.py": "a = 1\n"}
    members = (MemberSpec("a", modules=modules, tests=tests), MemberSpec("b", dependencies=["a"], tests=tests))
    root = committed(workspace(*members, index=index, root_groups=groups, wsnox=wsnox))
    write_noxfile(root, "import wsnox\n\nwsnox.sessions()\nwsnox.coverage()\n")
    git(root, "commit", "-q", "-a", "-m", "coverage")
    workflow = f"{BLOCKS['.github/workflows/tests.yml']}    with:\n      coverage: xml\n"
    runner = Runner(root)
    jobs = runner.run(workflow, event_name="workflow_dispatch", ref_name="main", sha="")
    assert len(jobs["sessions"]) == 2
    assert jobs["passed"][0].succeeded, jobs["passed"][0].said
    assert "nox > a  100%" in jobs["passed"][0].summary
    assert "nox > b    0%" in jobs["passed"][0].summary
    (report,) = (path for name, path in runner.artifacts.items() if name.endswith("-measured"))
    assert "packages/a/src/a.py" in (report / "coverage.xml").read_text(encoding="utf-8")


# --- GitLab ---


def test_gitlab_template(tmp_path: Path) -> None:
    """With defaults, and with what the page sets, the template is valid, and both its jobs run at the same times."""
    (included,) = yaml_of(BLOCKS[".gitlab-ci.yml, with inputs"])["include"]
    given: dict[str, Any] = included["inputs"]
    for inputs in ({}, given):
        check_schema(tmp_path, "gitlab-ci", _template(**inputs))
    plan, sessions = _template().values()
    assert plan["rules"] == sessions["rules"]


def test_gitlab(root: Path) -> None:
    """A merge request plans a child pipeline whose jobs run; the default branch keeps their times."""
    change(root, "a")
    programs = root.parent / "bin"
    write_program(programs, "uvx")
    write_program(programs, "uv", "#!/bin/sh\n")
    plan, sessions = _template().values()
    base, head = git(root, "rev-parse", "HEAD~1", "HEAD").split()
    event = {
        "CI": "true",
        "CI_COMMIT_SHA": head,
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "CI_MERGE_REQUEST_IID": "1",
        "CI_PROJECT_DIR": str(root),
        "GITLAB_CI": "true",
    }
    done = run_script("\n".join(plan["script"]), root, programs, {**plan["variables"], **event})
    assert done.code == 0, done.said
    child = json.loads((root / ".wsnox/sessions.yml").read_text(encoding="utf-8"))
    check_schema(root.parent, "gitlab-ci", child)
    assert sessions["trigger"]["include"] == [{"artifact": ".wsnox/sessions.yml", "job": "plan-sessions"}]
    default = child[".wsnox-default"]
    said = ""
    for number, job in enumerate(job for name, job in child.items() if name.startswith("session")):
        script = "\n".join([*default["before_script"], *default["script"]])
        variables = {**child["variables"], **sessions["variables"], **job["variables"], "CI_JOB_ID": str(number)}
        done = run_script(script, root, programs, variables)
        assert done.code == 0, done.said
        said += done.said
        assert run_script("\n".join(default["after_script"]), root, programs, variables).code == 0
        junit = (root / default["artifacts"]["reports"]["junit"]).read_text(encoding="utf-8")
        assert '<testsuites name="wsnox" tests="1" failures="0"' in junit
    assert "Session a was successful" in said
    assert "Session workspace was successful" in said
    assert "Session b" not in said
    report = child["report"]
    done = run_script("\n".join([*default["before_script"], *report["script"]]), root, programs, child["variables"])
    assert "2 sessions: 2 passed" in done.said
    assert all((root / path).is_file() for path in report["artifacts"]["paths"])
    assert (root / ".wsnox/times.json").is_file()
    assert run_script("\n".join(child["green"]["script"]), root, programs, event).code == 0
    assert (root / ".wsnox/green").read_text(encoding="utf-8").strip() == head
    kept = [(job["cache"]["key"], job["cache"]["paths"]) for job in (report, child["green"])]
    assert [(cache["key"], cache["paths"]) for cache in plan["cache"]] == kept


# --- Buildkite ---

AGENT = """\
#!/bin/sh
# What is uploaded and annotated goes to files; artifacts are where they are.
case "$1" in
    pipeline) cat > ../uploaded.json ;;
    annotate) cat > ../annotation.md ;;
esac
"""


@pytest.mark.parametrize("number", ["7", "false"])
def test_buildkite(root: Path, number: str) -> None:
    """A build of a pull request uploads steps for what it affects, any other build all; they run, and sum up."""
    git(root, "branch", "base")
    git(root, "remote", "add", "origin", ".")
    change(root, "a")
    programs = root.parent / "bin"
    write_program(programs, "uvx")
    write_program(programs, "buildkite-agent", AGENT)
    event = {
        "BUILDKITE": "true",
        "BUILDKITE_BRANCH": "main",
        "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
        "BUILDKITE_PULL_REQUEST": number,
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "base" if number == "7" else "",
    }
    done = run_script(BLOCKS[".buildkite/plan.sh"], root, programs, event)
    assert done.code == 0, done.said
    pipeline = json.loads((root.parent / "uploaded.json").read_text(encoding="utf-8"))
    check_schema(root.parent, "buildkite", pipeline)
    group, report = pipeline["steps"]
    labels = [step["label"] for step in group["steps"]]
    assert labels == (["a", "workspace"] if number == "7" else ["a", "b", "broken", "workspace"])
    if number == "7":
        return
    codes = [run_script("\n".join(step["commands"]), root, programs, step["env"]).code for step in group["steps"][1:3]]
    assert codes == [0, 1]
    assert run_script("\n".join(report["commands"]), root, programs, {}).code == 0
    annotation = (root.parent / "annotation.md").read_text(encoding="utf-8")
    assert "2 sessions: 1 failed, 1 passed" in annotation
    assert "- **`broken`** failed\n  - command: " in annotation


def test_buildkite_keys_of_steps() -> None:
    """The file of the page is JSON, as `--include` takes it."""
    assert set(json.loads(BLOCKS[".buildkite/step.json"])) == {"agents", "plugins"}

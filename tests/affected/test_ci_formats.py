"""What each CI system takes, for no session, for one job a session and for shards."""

from __future__ import annotations

import json
import re

import pytest

from tests.affected.runs import run
from wsnox.affected.ci_formats import FORMATS
from wsnox.affected.shards import one_each, shards_of
from wsnox.errors import RequestError

RUNS = [run("default"), run("a(x)"), run("core", python="3.12"), run("svc", python="3.12")]


def test_nothing_is_a_job() -> None:
    """No system takes an empty list, and the one job must pass."""
    assert FORMATS["github"].write((), "") == {"include": [{"name": "nothing affected", "sessions": "", "pythons": ""}]}
    gitlab = FORMATS["gitlab"].write((), "")
    assert gitlab.pop("workflow") == {"rules": [{"when": "always"}]}
    assert gitlab == {"nothing affected": {"script": ["echo 'no session is affected'"]}}
    assert FORMATS["buildkite"].write((), "") == {
        "steps": [{"label": "nothing affected", "command": "echo 'no session is affected'"}]
    }


def test_github() -> None:
    """A job has its name, its sessions and its Pythons; one of many names the first of its sessions."""
    jobs = FORMATS["github"].write(one_each(RUNS[1:3], {}), "")["include"]
    assert jobs == [
        {"name": "a(x)", "sessions": "a(x)", "pythons": ""},
        {"name": "core-3.12", "sessions": "core-3.12", "pythons": "3.12"},
    ]
    names = [job["name"] for job in FORMATS["github"].write(shards_of(RUNS, 3, {}), "")["include"]]
    assert names == ["1/3: default", "2/3: a(x), core-3.12", "3/3: svc-3.12"]
    many = shards_of([run(f"a-long-name-{number:02}") for number in range(10)], 2, {"a-long-name-00": 1})
    assert FORMATS["github"].write(many, "")["include"][0]["name"] == (
        "1/2: a-long-name-00, a-long-name-02, a-long-name-04 and 2 more"
    )


def test_gitlab() -> None:
    """No job is called like a keyword, and a pipeline without an include is complete."""
    pipeline = FORMATS["gitlab"].write(one_each(RUNS[:2], {}), "")
    assert "include" not in pipeline
    assert pipeline[".wsnox"] == {"extends": ".wsnox-default"}
    assert pipeline["session a(x)"] == {
        "extends": ".wsnox",
        "variables": {"WSNOX_SESSIONS": "a(x)", "WSNOX_PYTHONS": ""},
    }
    assert "session default" in pipeline
    assert "sessions 1/2" in FORMATS["gitlab"].write(shards_of(RUNS, 2, {}), "")


def test_gitlab_includes_a_file() -> None:
    """The file defines the job that the others extend, and may extend the default."""
    pipeline = FORMATS["gitlab"].write(one_each(RUNS, {}), ".gitlab/wsnox.yml")
    assert pipeline["include"] == [{"local": "/.gitlab/wsnox.yml"}]
    assert ".wsnox" not in pipeline
    assert ".wsnox-default" in pipeline


def test_buildkite() -> None:
    """A step installs its Pythons and runs its sessions, whose names are words to the shell."""
    group, report = FORMATS["buildkite"].write(one_each(RUNS[1:3], {}), "")["steps"]
    one, other = group["steps"]
    assert one["label"] == "a(x)"
    assert len(one["commands"]) == 1
    assert " -s 'a(x)' || { " in one["commands"][0]
    assert other["commands"][0] == "uv python install 3.12"
    assert other["env"] == {"WSNOX_SESSIONS": "core-3.12", "WSNOX_PYTHONS": "3.12"}
    assert report["depends_on"] == group["key"]


def test_buildkite_includes_keys_of_every_step() -> None:
    """They win over wsnox's own, but for the variables that name the sessions; a command takes the place of the commands."""
    include = json.dumps({"agents": {"queue": "linux"}, "command": ".buildkite/sessions.sh", "env": {"A": "b"}})
    group, report = FORMATS["buildkite"].write(one_each(RUNS[:1], {}), include)["steps"]
    (step,) = group["steps"]
    assert step["agents"] == {"queue": "linux"}
    assert step["command"] == ".buildkite/sessions.sh"
    assert "commands" not in step
    assert step["env"] == {"A": "b", "WSNOX_SESSIONS": "default", "WSNOX_PYTHONS": ""}
    assert report["agents"] == {"queue": "linux"}
    assert "command" not in report
    (step,) = FORMATS["buildkite"].write((), include)["steps"]
    assert step["command"] == "echo 'no session is affected'"
    assert step["agents"] == {"queue": "linux"}


@pytest.mark.parametrize("text", ["agents: {}", "[]", '{"env": 1}'])
def test_buildkite_refuses_other_files(text: str) -> None:
    """YAML, for example, which other tools of Buildkite take."""
    with pytest.raises(RequestError, match="the file of `--include` is no JSON"):
        FORMATS["buildkite"].write((), text)


def test_uploads_to_buildkite_are_not_interpolated() -> None:
    """The upload takes each `$` for a variable of its own."""
    assert "$" not in json.dumps(FORMATS["buildkite"].write(shards_of(RUNS, 3, {}), ""))


@pytest.mark.parametrize("name", list(FORMATS))
def test_no_name_is_script(name: str) -> None:
    """Scripts read the names of sessions from variables, or have them quoted."""
    texts = re.findall(r'"([^"]*odd[^"]*)"', json.dumps(FORMATS[name].write(one_each([run("odd(;rm)")], {}), "")))
    assert texts
    assert all("'odd(;rm)'" in text for text in texts if "nox " in text)

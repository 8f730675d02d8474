"""A runner for workflows of GitHub Actions: expressions, conditions and scripts for real, other people's actions as fakes.

It knows what the workflows of this repository and of its documents use, and fails for anything else.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cli.conftest import git
from tests.support.workflows import run_script, write_program, yaml_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Job", "Runner"]

REPOSITORY = Path(__file__).parents[2]
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|&&|\|\||[!=]=|[!(),]|\.?(?:[\w-]+|\*)(?:\.(?:[\w-]+|\*))*)")


class _Expression:
    """An expression in the contexts of a job (GitHub docs, Evaluate expressions in workflows and actions)."""

    def __init__(self, text: str, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        self._tokens = [*_TOKEN.findall(text), ""]
        assert "".join(self._tokens) == re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", text), text
        self._contexts, self._functions = contexts, functions

    def value(self) -> Any:
        value = self._either()
        assert self._tokens == [""]
        return value

    def _take(self, *tokens: str) -> bool:
        return self._tokens[0] in tokens and bool(self._tokens.pop(0))

    def _either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._equal()
        while self._take("&&"):
            other = self._equal()
            value = value and other
        return value

    def _equal(self) -> Any:
        value = self._term()
        if self._take("=="):
            return _text(value) == _text(self._term())
        return _text(value) != _text(self._term()) if self._take("!=") else value

    def _term(self) -> Any:
        if self._take("!"):
            return not self._term()
        if self._take("("):
            value = self._either()
            assert self._take(")")
            return value
        token = self._tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._take("("):
            arguments = []
            while not self._take(")"):
                arguments.append(self._either())
                self._take(",")
            value = self._functions[token](*arguments)
            return _member(value, self._tokens.pop(0)[1:].split(".")) if self._tokens[0].startswith(".") else value
        return _member(self._contexts, token.split("."))


def _member(value: Any, names: list[str]) -> Any:
    if not names:
        return value
    if names[0] == "*":
        return [_member(each, names[1:]) for each in value.values()]
    if names[0] == "inputs" and len(names) > 1:
        assert names[1] in value["inputs"], f"there is no input {names[1]}"
    return _member(value.get(names[0]) if isinstance(value, dict) else None, names[1:])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


@dataclass
class Job:
    """A job: its *outputs*, whether all is well so far, what its scripts *said*, and its *summary* in Markdown."""

    temporary: Path
    outputs: dict[str, str] = field(default_factory=dict)
    steps: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    succeeded: bool = True
    said: str = ""
    summary: str = ""


class Runner:
    """Runs workflows in the work tree *root*; what it stores stays for the next run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.github: dict[str, Any] = {}
        self._folder = root.parent / "github"
        self._event = self._folder / "event.json"
        self._programs = self._folder / "bin"
        write_program(self._programs, "uvx")
        self._caches: list[tuple[str, Path]] = []
        self.artifacts: dict[str, Path] = {}
        self._run, self._jobs = 0, 0

    def run(self, text: str, **github: Any) -> dict[str, list[Job]]:
        """Run the workflow *text*, or what it calls, and return the jobs of each of its jobs, one for each of a matrix.

        *github* is the context of that name: ``event_name``, ``event``, ``ref_name`` and ``sha``.
        """
        self._run += 1
        self.artifacts.clear()
        self.github = {"event": {}, "run_id": self._run, "run_attempt": 1, **github}
        self._event.write_text(json.dumps(self.github["event"]), encoding="utf-8")
        return self._workflow(text, {})

    def _workflow(self, text: str, inputs: Mapping[str, Any]) -> dict[str, list[Job]]:
        needs: dict[str, Any] = {}
        jobs: dict[str, list[Job]] = {}
        for name, data in yaml_of(text)["jobs"].items():
            if "uses" in data:
                assert re.fullmatch(r"OWNER/wsnox/\.github/workflows/sessions\.yml@v[\d.]+", data["uses"])
                called = (REPOSITORY / ".github/workflows/sessions.yml").read_text(encoding="utf-8")
                defaults = {
                    key: value["default"] for key, value in yaml_of(called)["on"]["workflow_call"]["inputs"].items()
                }
                return self._workflow(called, {**defaults, **data.get("with", {})})
            contexts = {"needs": needs, "inputs": inputs, "matrix": None}
            before = [needs[other] for other in _list(data.get("needs"))]
            if data.get("if") != "always()" and any(other["result"] != "success" for other in before):
                needs[name] = {"result": "skipped", "outputs": {}}
                continue
            matrix = self._evaluated(data.get("strategy", {}).get("matrix", "${{ fromJSON('{}') }}"), contexts)
            jobs[name] = [
                self._job(data, {**contexts, "matrix": entry, "strategy": {"job-index": number}})
                for number, entry in enumerate(matrix.get("include", [None]))
            ]
            result = "success" if all(job.succeeded for job in jobs[name]) else "failure"
            needs[name] = {"result": result, "outputs": jobs[name][0].outputs}
        return jobs

    def _job(self, data: Mapping[str, Any], contexts: dict[str, Any]) -> Job:
        self._jobs += 1
        job = Job(self._folder / f"temporary-{self._jobs}")
        job.temporary.mkdir(parents=True)
        # Each job has a checkout of its own, at the same path.
        git(self.root, "clean", "-ffdxq")
        for step in data["steps"]:
            action = step.get("uses", "").partition("@")[0]
            if action in ("$/.", "OWNER/wsnox"):
                given = (
                    {key: _text(self._evaluated(value, contexts)) for key, value in step["with"].items()}
                    if "with" in step
                    else {}
                )
                job.steps[step.get("id", "")] = {"outputs": self._action(given, job, contexts)}
            else:
                # Steps of the user's own run elsewhere.
                assert action in ("", "actions/checkout"), step
        contexts = {**contexts, "steps": job.steps}
        job.outputs.update(
            {key: _text(self._evaluated(value, contexts)) for key, value in data.get("outputs", {}).items()}
        )
        return job

    def _action(self, given: Mapping[str, str], job: Job, outer: Mapping[str, Any]) -> dict[str, str]:
        """Run the action of this repository with the inputs *given*, and return its outputs."""
        action = yaml_of((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
        assert given.keys() <= action["inputs"].keys()
        contexts = {
            "github": self.github,
            "inputs": {**{key: value["default"] for key, value in action["inputs"].items()}, **given},
            "runner": {"os": "Linux", "arch": "X64", "temp": str(job.temporary)},
            "strategy": outer["strategy"],
            "steps": {},
        }
        for step in action["runs"]["steps"]:
            condition = str(step.get("if", "success()")).removeprefix("${{").removesuffix("}}")
            if not re.search(r"(success|failure|always|cancelled)\(\)", condition):
                condition = f"success() && ({condition})"
            if self._evaluated(f"${{{{ {condition} }}}}", contexts, job):
                outputs = self._script(step, contexts, job) if "run" in step else self._fake(step, contexts)
                contexts["steps"][step.get("id", "")] = {"outputs": outputs}
        return {key: _text(self._evaluated(value["value"], contexts)) for key, value in action["outputs"].items()}

    def _script(self, step: Mapping[str, Any], contexts: Mapping[str, Any], job: Job) -> dict[str, str]:
        files = {name: job.temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        directory = self.root / _text(self._evaluated(step.get("working-directory", "."), contexts))
        variables = {
            "RUNNER_TEMP": str(job.temporary),
            "GITHUB_ACTION_PATH": str(REPOSITORY),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": self.github["event_name"],
            "GITHUB_EVENT_PATH": str(self._event),
            "GITHUB_REF": f"refs/heads/{self.github['ref_name']}",
            "GITHUB_SHA": self.github["sha"],
            **{name: str(file) for name, file in files.items()},
            **{key: _text(self._evaluated(value, contexts)) for key, value in step.get("env", {}).items()},
        }
        done = run_script(step["run"], directory, self._programs, variables)
        job.said += done.said
        job.succeeded &= done.code == 0
        job.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        return dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines())

    def _fake(self, step: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, str]:
        """Do what another's action does, as far as files go."""
        given = {key: _text(self._evaluated(value, contexts)) for key, value in step["with"].items()}
        match step["uses"].partition("@")[0]:
            case "astral-sh/setup-uv":
                assert (self.root / given["working-directory"]).is_dir()
            case "actions/cache/restore":
                kept = [path for key, path in self._caches if key.startswith(given["restore-keys"])]
                if kept:
                    shutil.copytree(kept[-1], given["path"])
            case "actions/cache/save":
                stored = self._folder / f"cache-{len(self._caches)}"
                self._caches.append((given["key"], Path(shutil.copytree(given["path"], stored))))
            case "actions/upload-artifact":
                self._store(self.root / given["path"], given["name"])
            case "actions/download-artifact":
                for name, stored in self.artifacts.items():
                    if name.startswith(given["pattern"].removesuffix("*")):
                        shutil.copytree(stored, self.root / given["path"], dirs_exist_ok=True)
            case action:
                raise AssertionError(action)
        return {}

    def _store(self, path: Path, name: str) -> None:
        """Store what *path*, which may be a pattern or a folder, leads to as the artifact *name*."""
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        if path.is_dir():
            shutil.copytree(path, folder)
        for file in path.parent.glob(path.name):
            folder.mkdir(exist_ok=True)
            if file.is_file():
                shutil.copy(file, folder)
        if folder.exists():
            self.artifacts[name] = folder

    def _evaluated(self, value: Any, contexts: Mapping[str, Any], job: Job | None = None) -> Any:
        """Return *value* with its expressions evaluated: as text, unless it is one expression and nothing else."""
        functions: dict[str, Callable[..., Any]] = {
            "always": lambda: True,
            "cancelled": lambda: False,
            "success": lambda: job is None or job.succeeded,
            "fromJSON": json.loads,
            "toJSON": json.dumps,
            "join": lambda values, separator: separator.join(values),
        }
        if not isinstance(value, str):
            return value
        whole = re.fullmatch(r"\$\{\{((?:(?!\}\}).)*)\}\}", value)
        if whole:
            return _Expression(whole[1], contexts, functions).value()
        return re.sub(
            r"\$\{\{(.*?)\}\}", lambda match: _text(_Expression(match[1], contexts, functions).value()), value
        )


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())

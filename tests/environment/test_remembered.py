"""What an interpreter said is remembered; what has another shape is as good as nothing, and it is asked again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.jobs import real_job
from tests.support.workspaces import MemberSpec
from wsnox.environment import remembered
from wsnox.environment.probe import probe
from wsnox.environment.remembered import interpreter_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

SHAPES: dict[str, Any] = {
    "markers": [None, {}, [], "text", {"python_full_version": "3.12"}, "without-one", "with-one-more", "with-a-number"],
    "site": [None, "", [], [1], {}, ["/elsewhere"], ["."], [""], "lib", ["../other"], ["lib/../../other"]],
    "abi": [None, 1, [], {}],
    "glibc": [None, 2.36, {}],
    "macos": [None, 14],
}


def _changed(said: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    markers = dict(said["markers"])
    match value:
        case "without-one":
            del markers["os_name"]
        case "with-one-more":
            markers["extra"] = "x"
        case "with-a-number":
            markers["python_version"] = 3.12
        case _:
            return {**said, key: value}
    return {**said, key: markers}


def test_other_shapes(workspace: WorkspaceFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory that is valid JSON and says something else never reaches a session, nor does one that is no JSON."""
    job = real_job(workspace(MemberSpec("member")), "member")
    expected = interpreter_of(job)
    asked: list[Path] = []
    (memory,) = (job.shared / "interpreters").iterdir()
    said = json.loads(memory.read_text())

    def counted(executable: Path) -> Any:
        asked.append(executable)
        return probe(executable)

    monkeypatch.setattr(remembered, "probe", counted)
    assert (interpreter_of(job), asked) == (expected, [])
    texts = [json.dumps(_changed(said, key, value)) for key, values in SHAPES.items() for value in values]
    for count, text in enumerate([*texts, "[]", "null", '"text"', "{}", "[" * 100_000, ""], start=1):
        memory.write_text(text)
        assert (interpreter_of(job), len(asked)) == (expected, count), text

"""A run as Markdown."""

from __future__ import annotations

from dataclasses import replace

from tests.runs.made import finding, outcome, run_on
from wsnox.runs.markdown_summary import markdown

RUN = run_on(
    outcome("a", commands=61.4, preparation=2.0, size=4),
    outcome("b", "failed", commands=2, reason="Command pytest | tee failed", command="pytest -q", findings=(finding("b", "yaml"),)),
    outcome("c", "skipped", commands=0, reason="no tests\n\nhint: write some"),
    outcome("d", "failed", commands=0, reason="not run, for the same reason as `e`"),
    outcome("e", "failed", commands=0, reason="`uv.lock` does not match @everybody (a_b.py:1), f_(a):"),
)  # fmt: skip


def test_markdown() -> None:
    """What failed is in sight, all else behind a click; nothing of it is markup, and nobody is mentioned."""
    page = markdown(replace(RUN, not_run=2))
    assert page.startswith(
        "### 3 of 5 sessions failed\n\n5 sessions: 3 failed, 1 skipped, 1 passed, 2 not run in 9.0 s (environments 2.0 s; commands 1 min 3 s)\n"
    )
    assert "- **`b`** failed: Command pytest `|` tee failed\n  - command: `pytest -q`\n" in page
    assert "  - b imports `yaml` (a.py:1), which it does not declare: `uv add --package b yaml`\n" in page
    assert "- **`e`**, **`d`** failed: `uv.lock` does not match `@everybody` (`a_b.py:1`), `f_(a):`\n" in page
    assert "```console\nnox -s b d e\n```\n" in page
    assert "| `b` | failed |  | 2.0 s | Command pytest `\\|` tee failed |\n" in page
    assert page.endswith("\n</details>\n")


def test_the_grid_in_markdown() -> None:
    """It has the members of which a session failed, and says on which Python."""
    sessions = [
        outcome(f"{name}-{python}", "failed" if name + python == "b3.12" else "passed", name=name, python=python)
        for name in "abc"
        for python in ("3.11", "3.12")
    ]
    grid = "|  | 3.11 | 3.12 |\n| --- | --- | --- |\n| `b` | passed | **failed** |\n\nnothing failed in the other 2\n\n- **`b-3.12`**"
    assert grid in markdown(run_on(*sessions))
    assert "| --- | --- | --- |" not in markdown(run_on(*sessions[:3]))

"""One key of a TOML file set, and every other character left as it is."""

from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from wsnox.workspace.toml_edit import with_value

LINE = 'root-groups = ["dev"]'
TASKS = "[tool.wsnox.tasks.lint]\ncommands = []\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[tool.wsnox]\n{LINE}\n"),
        ('[project]\nname = "x"  # why\n', f'[project]\nname = "x"  # why\n\n[tool.wsnox]\n{LINE}\n'),
        ('[project]\nname = "x"', f'[project]\nname = "x"\n\n[tool.wsnox]\n{LINE}\n'),
        ('[project]\r\nname = "x"\r\n', f'[project]\r\nname = "x"\r\n\r\n[tool.wsnox]\r\n{LINE}\r\n'),
        (TASKS, f"{TASKS}\n[tool.wsnox]\n{LINE}\n"),
        ("[tool.wsnox]  # ours\nextras = []\n", f"[tool.wsnox]  # ours\n{LINE}\nextras = []\n"),
        ("[tool.wsnox]", f"[tool.wsnox]\n{LINE}\n"),
        ("[tool.wsnox]\r\n[x]\r\n", f"[tool.wsnox]\r\n{LINE}\r\n[x]\r\n"),
        (' [ tool . "wsnox" ]\nextras = []\n', f' [ tool . "wsnox" ]\n{LINE}\nextras = []\n'),
        (
            '[tool.wsnox]\n  root-groups=[ "a" ] # was\nextras = []\n[x]\nroot-groups = []\n',
            '[tool.wsnox]\n  root-groups=["dev"] # was\nextras = []\n[x]\nroot-groups = []\n',
        ),
        (
            '[tool.wsnox]\r\nroot-groups = [\r\n  "a",\r\n  "b"\r\n]\r\n',
            '[tool.wsnox]\r\nroot-groups = [\r\n  "dev",\r\n]\r\n',
        ),
        ("[tool.wsnox]\nroot-groups = [\n]\n", '[tool.wsnox]\nroot-groups = ["dev"]\n'),
    ],
    ids=[
        *("empty", "new-table", "no-end-of-line", "windows", "below-its-own", "new-key", "table-at-the-end"),
        *("windows-key", "spaced", "key-with-comment", "several-lines", "no-lines"),
    ],
)
def test_set(before: str, after: str) -> None:
    """Comments, order, spaces and the ends of lines stay."""
    assert with_value(before, "tool.wsnox", "root-groups", ["dev"]) == after


@pytest.mark.parametrize(
    "text",
    [
        "[tool]\nwsnox = { extras = [] }\n",
        "[tool]\nwsnox.extras = []\n",
        '[tool.wsnox]\nroot-groups = [\n  "a",  # why\n]\n',
        "[tool.wsnox]\n'root-groups' = []\n",
        'x = """\n[tool.wsnox]\n"""\n[tool.wsnox]\n',
    ],
    ids=["inline", "dotted", "commented", "quoted", "in-a-text"],
)
def test_what_cannot_be_set_is_refused(text: str) -> None:
    """Rather than written twice, or into what only looks like the table."""
    with pytest.raises(ValueError, match="cannot set `root-groups`"):
        with_value(text, "tool.wsnox", "root-groups", ["dev"])


_LINES = st.sampled_from([
    *("", "# [tool.wsnox]", "[tool.wsnox]", "[tool.uv]", "[[x]]", "[tool.wsnox.tasks.a]", "root-groups = ['a']"),
    *('extras = ["b"]', 'text = "[tool.wsnox]"', "'''", "root-groups = [", "]", "  root-groups = []", "wsnox.y = 1"),
])  # fmt: skip


@given(lines=st.lists(_LINES, max_size=6), newline=st.sampled_from(["\n", "\r\n"]))
def test_it_says_what_it_said_before_with_the_key_set(lines: list[str], newline: str) -> None:
    """Whatever the file: nothing else changes, and no line is lost but the one that had the key."""
    text = newline.join(lines)
    try:
        before = tomli.loads(text)
        after = with_value(text, "tool.wsnox", "root-groups", ["dev"])
    except (ValueError, TypeError, AttributeError):
        return
    before.setdefault("tool", {}).setdefault("wsnox", {})["root-groups"] = ["dev"]
    assert tomli.loads(after) == before
    left = iter(after.splitlines())
    assert [line for line in lines if line not in ("", "]") and "root-groups" not in line and line not in left] == []

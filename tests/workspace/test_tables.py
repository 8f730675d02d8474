"""The typed getters: what they return, and how they name what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.texts import text_of
from wsnox.errors import ManifestError
from wsnox.workspace.tables import Table, open_table

if TYPE_CHECKING:
    from pathlib import Path


def _table(tmp_path: Path, text: str) -> Table:
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    return open_table(tmp_path / "x.toml")


def _refusal(table: Table, root: Path) -> str:
    with pytest.raises(ManifestError) as caught:
        table.close()
    return text_of(caught.value, root)


def test_getters_return_what_stands_there(tmp_path: Path) -> None:
    """Each getter hands over its type, and nothing is noted."""
    table = _table(tmp_path, 's = "x"\nb = false\na = [1, "y"]\nn = ["A_b", "c"]\nw = "all"\n[t]\nk = "v"\n')
    assert (table.string("s"), table.boolean("b"), table.array("a")) == ("x", False, [1, "y"])
    assert (table.names("n"), table.names_or_all("n"), table.names_or_all("w")) == (("a-b", "c"), ("a-b", "c"), "all")
    assert (table.table("t").string("k"), table.table("t").where, table.peek("s")) == ("v", "t", "x")
    assert (list(table), "s" in table, "z" in table) == (["s", "b", "a", "n", "w", "t"], True, False)
    table.close()


def test_absent_keys_are_no_problem(tmp_path: Path) -> None:
    """An absent key gives `None`, or an empty table, and is not noted."""
    table = _table(tmp_path, "")
    assert [table.string("x"), table.boolean("x"), table.array("x"), table.strings("x"), table.names("x")] == [None] * 5
    assert (table.names_or_all("x"), table.peek("x"), list(table.table("x").table("y"))) == (None, None, [])
    table.close()


def test_all_problems_of_a_file_are_told_together(tmp_path: Path) -> None:
    """One run shows every mistake of a file, each with its dotted path and both types."""
    table = _table(
        tmp_path,
        's = 1\nb = 1\nd = 2020-01-01\n[t]\na = "x"\ni = [1, "ok", true]\nn = ["-", "x"]\nw = "al"\n[t.u]\nk = {}\n',
    )
    inner = table.table("t")
    assert (table.string("s"), table.boolean("b"), table.string("d"), inner.array("a")) == (None, None, None, None)
    assert (inner.strings("i"), inner.names("n"), inner.names_or_all("w")) == (("ok",), ("x",), None)
    assert inner.table("u").string("k") is None
    assert _refusal(table, tmp_path) == (
        "`[ROOT]/x.toml`: 9 problems:\n"
        "  - expected a string, got an integer in `s` (write it in quotes)\n"
        "  - expected a boolean, got an integer in `b`\n"
        "  - expected a string, got a date in `d`\n"
        '  - expected an array, got a string in `t.a` (write `["x"]`)\n'
        "  - expected a string, got an integer in `t.i[0]` (write it in quotes)\n"
        "  - expected a string, got a boolean in `t.i[2]` (write it in quotes)\n"
        "  - `-` is not a valid name in `t.n[0]`\n"
        '  - expected "all" or an array of strings, got "al" in `t.w` (write `["al"]`)\n'
        "  - expected a string, got a table in `t.u.k`"
    )


def test_a_boolean_is_no_integer(tmp_path: Path) -> None:
    """TOML's `true` is not the number one, though Python would take it for an int."""
    table = _table(tmp_path, "t = true")
    assert table.array("t") is None
    assert _refusal(table, tmp_path) == "`[ROOT]/x.toml`: expected an array, got a boolean in `t`"


def test_unknown_keys_get_a_guess(tmp_path: Path) -> None:
    """A misspelt key is named with the nearest known one, a word of another tool with its meaning, others without."""
    table = _table(tmp_path, "[t]\ncomands = 1\nzzz = 1\ncommands = 1\ndeps = 1\nenvlist = 1\npy_venv = 1\n").table("t")
    table.known_keys(("commands", "groups"), {"deps": "groups", "envlist": "pythons", "py-venv": "there is one always"})
    assert _refusal(table, tmp_path) == (
        "`[ROOT]/x.toml`: 5 problems:\n"
        "  - unknown key `t.comands` (did you mean `commands`?)\n"
        "  - unknown key `t.zzz`\n"
        "  - unknown key `t.deps` (did you mean `groups`?)\n"
        "  - unknown key `t.envlist`\n"
        "  - unknown key `t.py_venv` (there is one always)"
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('a = "dev"', 'write `["dev"]`'),
        ('a = "say \\"x\\""', 'write `["say \\"x\\""]`'),
        ('a = "all"', ""),
        ("s = 3.10", "write it in quotes"),
        ("s = true", "write it in quotes"),
        ('s = ["x"]', "write it without brackets"),
        ("s = []", ""),
        ('t = ["A=1"]', "write it as keys and values"),
        ("t = 1", ""),
        ('b = "False"', "write `false`, without quotes"),
        ('b = "no"', ""),
    ],
)
def test_what_is_plainly_meant(tmp_path: Path, text: str, hint: str) -> None:
    """A value of another type is refused with the way to write it, where there is one."""
    table = _table(tmp_path, text)
    (key,) = table
    getters = {"a": table.array, "b": table.boolean, "s": table.string, "t": table.table}
    assert not getters[key](key)
    assert _refusal(table, tmp_path).partition(" in ")[2] == f"`{key}`{f' ({hint})' if hint else ''}"


def test_keys_that_normalise_alike_stand_twice(tmp_path: Path) -> None:
    """Two spellings of one extra or group are refused, as uv refuses them."""
    table = _table(tmp_path, '[t]\nA_b = 1\n"a.B" = 1\n"é" = 1\nc = 1\n').table("t")
    assert list(table.normal_keys()) == [("A_b", "a-b"), ("c", "c")]
    assert _refusal(table, tmp_path) == (
        "`[ROOT]/x.toml`: 2 problems:\n"
        "  - `A_b` and `a.B` are one name after normalisation in `t`\n"
        "  - `é` is not a valid name in `t.é`"
    )


def test_close_adds_the_hint(tmp_path: Path) -> None:
    """A caller's hint follows the sentence after a blank line."""
    table = _table(tmp_path, "")
    table.problem("something is wrong")
    with pytest.raises(ManifestError) as caught:
        table.close(hint="repair it")
    assert text_of(caught.value, tmp_path) == "`[ROOT]/x.toml`: something is wrong\n\nhint: repair it"
    assert caught.value.problems == ("something is wrong",)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a = ", "not TOML: Invalid value (at end of document): `a =`"),
        (
            b"a = 1\na = 2\n",
            "not TOML: Cannot overwrite a value (at line 2, column 6): `a = 2`\n\nhint: a key may appear once in a table",
        ),
        (b"a = " + b"9" * 5000, "not TOML: an integer with too many digits"),
        (b"ab\xff", "not UTF-8 (byte 2)\n\nhint: save it as UTF-8"),
    ],
    ids=["syntax", "twice", "digits", "bytes"],
)
def test_files_that_do_not_parse(tmp_path: Path, content: bytes, problem: str) -> None:
    """A file that is no TOML is named with the place where it goes wrong."""
    (tmp_path / "x.toml").write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        open_table(tmp_path / "x.toml")
    assert text_of(caught.value, tmp_path) == f"`[ROOT]/x.toml`: {problem}"


def test_a_file_nested_without_end(tmp_path: Path) -> None:
    """A file that exhausts the parser's recursion is refused like any other that does not parse."""
    (tmp_path / "x.toml").write_text("a = " + "[" * 100_000, encoding="utf-8")
    with pytest.raises(ManifestError, match=r"x\.toml`: not TOML: "):
        open_table(tmp_path / "x.toml")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file is refused with the system's reason."""
    with pytest.raises(ManifestError) as caught:
        open_table(tmp_path / "x.toml")
    assert text_of(caught.value, tmp_path) == "`[ROOT]/x.toml`: cannot be read (No such file or directory)"

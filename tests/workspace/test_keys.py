"""The keys of ``[tool.wsnox]``, one by one: which values are read as what, and which are refused with which sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workspace.schemas import is_valid, read
from wsnox.workspace.session_keys import SETTINGS
from wsnox.workspace.settings import Background, Integration, MemberPattern, Ready, Task, Variant

SELECTING = {"members": ("tasks", Task), "exclude": ("tasks", Task), "packages": ("integration", Integration)}
"""The keys that select members, each with the table that it stands in."""


def _table(key: str, value: Any) -> dict[str, Any]:
    """Return a ``[tool.wsnox]`` in which *key* has *value* where it belongs."""
    return {SELECTING[key][0]: {"x": {key: value}}} if key in SELECTING else {key: value}


def _where(key: str) -> str:
    return f"t.{SELECTING[key][0]}.x.{key}" if key in SELECTING else f"t.{key}"


def _read(key: str, value: Any) -> tuple[Any, list[str]]:
    config, problems = read(_table(key, value))
    if key in SELECTING:
        return getattr(getattr(config, SELECTING[key][0])["x"], key), problems
    return getattr(config.settings, key.replace("-", "_")), problems


def _variants(extras: dict[str, Any]) -> tuple[Variant, ...]:
    return tuple(Variant(name, names) for name, names in extras.items())


def _package(pattern: str, *extras: Any) -> MemberPattern:
    return MemberPattern(pattern, extras)


def _service(**keys: Any) -> list[dict[str, Any]]:
    return [{"command": "db {port}"}, {"command": "x", **keys}]


ACCEPTED: dict[str, list[tuple[Any, Any]]] = {
    "before": [([], ()), (["a {root}", ["b"]], ("a {root}", ("b",)))],
    "after": [([], ()), (["a"], ("a",))],
    "background": [
        ([], ()),
        (
            [{"command": "./bin/my_db.sh -p {port}"}, {"command": ["x", "{port:a-b}"], "name": "y.z"}],
            (
                Background(name="my-db-sh", command="./bin/my_db.sh -p {port}"),
                Background(name="y.z", command=("x", "{port:a-b}")),
            ),
        ),
        *[
            ([{"command": "x", "ready": raw}], (Background(name="x", command="x", ready=ready),))
            for raw, ready in [
                ({"port": "{port}"}, Ready("port", "{port}")),
                ({"port": "{port:db}"}, Ready("port", "{port:db}")),
                ({"port": 65535}, Ready("port", "65535")),
                ({"output": "^ready$"}, Ready("output", "^ready$")),
                ({"command": "x 'a b'"}, Ready("command", "x 'a b'")),
                ({"command": ["x", "a b"]}, Ready("command", ("x", "a b"))),
            ]
        ],
        (
            [{"command": "x", "timeout": 1, "log": "{root}/x.log"}],
            (Background(name="x", command="x", timeout=1, log="{root}/x.log"),),
        ),
    ],
    "commands": [
        ([], ()),
        # A string stays one, to be split when its placeholders are known.
        (["pytest {posargs} -k 'a b'", ["mypy", ""], "#"], ("pytest {posargs} -k 'a b'", ("mypy", ""), "#")),
    ],
    "directory": [*((path, path) for path in (".", "docs/x", "{root}", "{root}/a b", "{directory}/x", "x/{name}"))],
    "groups": [([], ()), (["test", "Test_A"], ("test", "test-a"))],
    "root-groups": [([], ()), (["a.b"], ("a-b",))],
    "extras": [
        ("all", _variants({"": "all"})),
        ([], _variants({"": ()})),
        (["Fast_Path", "b"], _variants({"": ("fast-path", "b")})),
        # Variants without a name are called by their extras.
        ([["cpu"], ["a", "B_c"], []], _variants({"cpu": ("cpu",), "a+b-c": ("a", "b-c"), "none": ()})),
        ({}, ()),
        ({"a.b+c": ["x"], "d": "all", "e": []}, _variants({"a.b+c": ("x",), "d": "all", "e": ()})),
    ],
    "pythons": [
        ("classifiers", "classifiers"),
        ("requires-python", "requires-python"),
        ([], ()),
        (["3.12", "3.13t", "PyPy3.10", "cpython-3.11.4", "3"], ("3.12", "3.13t", "PyPy3.10", "cpython-3.11.4", "3")),
    ],
    "editable": [(True, True), (False, False)],
    "env": [({}, {}), ({"A": "", "b c": "$A"}, {"A": "", "b c": "$A"})],
    "external": [
        ([], ()),
        (["docker", "g++", "./x y", "C:\\P F\\x.exe", "/"], ("docker", "g++", "./x y", "C:\\P F\\x.exe", "/")),
    ],
    "tags": [([], ()), (["x y"], ("x y",))],
    "default": [(True, True), (False, False)],
    "requires": [([], ()), (["a-{python}", "b", "{py}", "{{x}}"], ("a-{python}", "b", "{py}", "{{x}}"))],
    "description": [("", ""), ("x", "x")],
    "skip": [("", ""), ("x", "x")],
    "members": [
        ([], ()),
        (["Lib_*", "A_b", "?"], ("lib-*", "a-b", "?")),
        # Paths are as they are on disk.
        (["Libs/*", "./x", "../y", "a/", ".", "a b/**"], ("Libs/*", "./x", "../y", "a/", ".", "a b/**")),
    ],
    "exclude": [([], ()), (["A_b", "examples/*"], ("a-b", "examples/*"))],
    "packages": [
        ("all", (_package("*"),)),
        ([], ()),
        (["Project.A_b", "*", "all[]"], (_package("project-a-b"), _package("*"), _package("all"))),
        (["b[CLI, web_x]", "a [cli,cli,]"], (_package("b", "cli", "web-x"), _package("a", "cli"))),
        (["Libs/*[cli]", "."], (_package("Libs/*", "cli"), _package("."))),
    ],
}

ARRAY, STRING, NAME = "expected an array, got a", "expected a string, got a", "is not a valid name"
NO_COMMAND = "empty command, or a quotation that does not end,"
FIRST_WORD = "expected an array of strings, the first of them not empty,"
NO_PYTHON = "is not a Python version such as `3.12`"
NO_PORT = "expected a TCP port: `{port}`, `{port:NAME}` or a number"
NO_SECONDS = "expected a number of seconds, 1 or more,"
NO_PROGRAM = "is not a program: its name alone, such as `docker`, or a path to it,"
NO_VARIABLE = "no environment variable can have this name or value"
NO_SESSION = "is not a session's name, in which `{python}` is the only placeholder,"
NO_VARIANT = "is not a name for a variant: letters, digits, `-`, `_`, `.` and `+` only,"
NO_MEMBER = "is not a member such as `name`, `lib-*` or `libs/*`"
NO_PACKAGE = "is not a member such as `name`, `name[extra]`, `lib-*` or `libs/*`"
NO_PATH = "is not a path below the member or, with `{root}` before it, the workspace root"

REFUSED: dict[str, list[tuple[Any, str, str]]] = {
    "before": [("a", "", f"{ARRAY} string"), ([""], "[0]", NO_COMMAND)],
    "after": [([3], "[0]", "expected a command: a string or an array of strings")],
    "background": [
        ({"command": "x"}, "", f"{ARRAY} table"),
        (["x"], "[0]", "expected a table, got a string"),
        ([{}], "[0].command", "expected a command"),
        (_service(command=""), "[1].command", NO_COMMAND),
        (_service(name="a b"), "[1].name", "`a b` is not a name: letters, digits, `-`, `_` and `.` only,"),
        (_service(name=1), "[1].name", f"{STRING}n integer"),
        (_service(ready="x"), "[1].ready", "expected a table, got a string"),
        (_service(ready={}), "[1].ready", "expected one of `port`, `output` and `command`"),
        (_service(ready={"port": 1, "output": "x"}), "[1].ready", "expected one of `port`, `output` and `command`"),
        *[
            (_service(ready={"port": port}), "[1].ready.port", NO_PORT)
            for port in (0, 65536, True, "http", "{posargs}")
        ],
        (_service(ready={"command": []}), "[1].ready.command", "expected a command: a string or an array of strings"),
        (_service(ready={"output": 1}), "[1].ready.output", f"{STRING}n integer"),
        *[(_service(timeout=value), "[1].timeout", NO_SECONDS) for value in (0, -1, "1", True, 0.5)],
        (_service(log="../x"), "[1].log", f"`../x` {NO_PATH}"),
    ],
    "commands": [
        ("pytest", "", f"{ARRAY} string"),
        ([" \t"], "[0]", NO_COMMAND),
        ([[]], "[0]", "expected a command: a string or an array of strings"),
        ([3], "[0]", "expected a command: a string or an array of strings"),
        ([[""]], "[0]", FIRST_WORD),
        ([["a", 1]], "[0]", FIRST_WORD),
        ([[1, "a"]], "[0]", FIRST_WORD),
    ],
    "directory": [
        (["a"], "", f"{STRING}n array"),
        *[
            (path, "", f"`{path}` {NO_PATH}")
            for path in ("", "/x", "../x", "{root}/../x", "x/..", "C:/x", "~", "~/x", "{root}x")
        ],
    ],
    "groups": [("test", "", f"{ARRAY} string"), (["a b"], "[0]", f"`a b` {NAME}"), ([1], "[0]", f"{STRING}n integer")],
    "root-groups": [("all", "", f"{ARRAY} string"), (["x", "a-"], "[1]", f"`a-` {NAME}")],
    "extras": [
        ("cpu", "", 'expected "all" or an array of strings, got "cpu"'),
        (1, "", f"{ARRAY}n integer"),
        (["a b"], "[0]", f"`a b` {NAME}"),
        (["a", ["b"]], "[1]", f"{STRING}n array"),
        ([["a"], "b"], "[1]", "expected an array of strings"),
        ([["a"], [1]], "[1]", "expected an array of strings"),
        ([["a b"]], "[0]", f"`a b` {NAME}"),
        ({"a b": []}, "", f"`a b` {NO_VARIANT}"),
        ({"": []}, "", f"`` {NO_VARIANT}"),
        ({"a": "x"}, ".a", 'expected "all" or an array of strings, got "x"'),
        ({"a": [["x"]]}, ".a[0]", f"{STRING}n array"),
    ],
    "pythons": [
        ("clasifiers", "", 'expected an array of versions, "classifiers" or "requires-python", got "clasifiers"'),
        (3, "", f"{ARRAY}n integer"),
        ([3.12], "[0]", f"{STRING} float"),
        *[([text], "[0]", f"`{text}` {NO_PYTHON}") for text in ("3.x", ">=3", "", "3.1.2.3", "jython3")],
    ],
    "editable": [(1, "", "expected a boolean, got an integer"), ([], "", "expected a boolean, got an array")],
    "env": [
        (["A=1"], "", "expected a table, got an array"),
        ({"A": 1}, ".A", f"{STRING}n integer"),
        ({"B=": "x"}, ".B=", NO_VARIABLE),
        ({"C": "\0"}, ".C", NO_VARIABLE),
        ({"": "x"}, "", NO_VARIABLE),
    ],
    "external": [
        ("docker", "", f"{ARRAY} string"),
        ({"a": "b"}, "", f"{ARRAY} table"),
        *[([text], "[0]", f"`{text}` {NO_PROGRAM}") for text in ("docker compose", "", "*", "/usr/*", "a\0")],
    ],
    "tags": [("x", "", f"{ARRAY} string"), ([1], "[0]", f"{STRING}n integer")],
    "default": [("no", "", "expected a boolean, got a string")],
    "requires": [
        ([1], "[0]", f"{STRING}n integer"),
        *[([text], "[0]", f"`{text}` {NO_SESSION}") for text in ("", "a-{pyhton}", "a{", "a}", "{python!r}", "{}")],
    ],
    "description": [([], "", f"{STRING}n array")],
    "skip": [(True, "", f"{STRING} boolean")],
    "members": [
        ("all", "", f"{ARRAY} string"),
        *[([text], "[0]", f"`{text}` {NO_MEMBER}") for text in ("b[x]", "[ab]", "")],
        (["/libs/*"], "[0]", f"`/libs/*` {NO_MEMBER}: write `libs/*`"),
        (["libs\\a"], "[0]", f"`libs\\a` {NO_MEMBER}: write `libs/a`"),
    ],
    "exclude": [("all", "", f"{ARRAY} string"), (["a[x]"], "[0]", f"`a[x]` {NO_MEMBER}")],
    "packages": [
        ("al", "", 'expected "all" or an array of members, got "al"'),
        (1, "", f"{ARRAY}n integer"),
        ([1], "[0]", f"{STRING}n integer"),
        *[([text], "[0]", f"`{text}` {NO_PACKAGE}") for text in ("-a", "a[", "a[b", "a b", "", "a[b c]", "a[[b]]")],
    ],
}


@pytest.mark.parametrize(("key", "value", "expected"), [(key, *row) for key, rows in ACCEPTED.items() for row in rows])
def test_what_is_read(key: str, value: Any, expected: Any) -> None:
    """Each way to write a key is good to reader and schema; names are normalised, and an empty value is not an absent one."""
    assert _read(key, value) == (expected, [])
    assert is_valid(_table(key, value))


@pytest.mark.parametrize(
    ("key", "value", "where", "problem"), [(key, *row) for key, rows in REFUSED.items() for row in rows]
)
def test_what_is_refused(key: str, value: Any, where: str, problem: str) -> None:
    """What wsnox would have to guess at is refused by both, with the dotted path; a hint may follow in parentheses."""
    (refusal,) = _read(key, value)[1]
    assert refusal.partition(" (write ")[0] == f"{problem} in `{_where(key)}{where}`"
    assert not is_valid(_table(key, value))


def test_every_key_is_tried() -> None:
    """A new key needs a row of each kind."""
    assert ACCEPTED.keys() == REFUSED.keys() == {*SETTINGS, *SELECTING}


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        # A schema cannot tell these.
        ("commands", ['x "y'], f"{NO_COMMAND} in `t.commands[0]`"),
        ("commands", ["'' x"], f"{NO_COMMAND} in `t.commands[0]`"),
        ("extras", [["a"], ["A"]], "the variant `a` is listed twice in `t.extras[1]`"),
        (
            "background",
            [{"command": "a"}, {"command": ["./a", "b"]}],
            "another entry is called `a` already: give each a `name` of its own, in `t.background[1]`",
        ),
        (
            "background",
            [{"command": "a", "ready": {"output": "("}}],
            "`(` is not a regular expression (missing ), unterminated subpattern at position 0) in `t.background[0].ready.output`",
        ),
        ("background", [{"command": "a", "ready": {"port": "99999"}}], f"{NO_PORT} in `t.background[0].ready.port`"),
        (
            "after",
            ["a {port:b c}"],
            "`{port:b c}` is not a port: its name has letters, digits, `-` and `_` only, in `t.after[0]`",
        ),
        (
            "background",
            [{"command": "a", "log": "{port}.log"}],
            "`{port}` has no value here, only `{root}`, `{directory}`, `{member}`, `{name}` have, in `t.background[0].log`",
        ),
        ("members", ["a**/b"], "`a**/b`: `**` must be a whole path component in `t.tasks.x.members[0]`"),
        (
            "commands",
            ["a {root}", ["b", "{posarg}"]],
            "unknown placeholder `{posarg}` (did you mean `{posargs}`?) in `t.commands[1]`",
        ),
        (
            "env",
            {"PATH": "/x:${PATH}"},
            "no shell fills in `$PATH` in `t.env.PATH` (set `PATH` where nox is started: the commands inherit it)",
        ),
        (
            "env",
            {"A": "{env:HOME:x}/y"},
            "`{env:HOME:x}` has no value: the commands inherit the variables of nox, and `env` sets others, in `t.env.A`",
        ),
        ("env", {"A": "{memebr}"}, "unknown placeholder `{memebr}` (did you mean `{member}`?) in `t.env.A`"),
        (
            "directory",
            "{python}",
            "`{python}` has no value here, only `{root}`, `{directory}`, `{member}`, `{name}` have, in `t.directory`",
        ),
    ],
)
def test_what_the_reader_alone_refuses(key: str, value: Any, problem: str) -> None:
    """The schema says what it can."""
    assert _read(key, value)[1] == [problem]
    assert is_valid(_table(key, value))


TEXTS = st.text(st.sampled_from("aZ9-_.+*?[],{} ='\"\n\t:py3"), max_size=8)


@pytest.mark.slow
@given(
    st.sampled_from(["groups", "pythons", "members", "packages", "requires"]), st.lists(TEXTS, min_size=1, max_size=2)
)
def test_schema_and_reader_agree_on_texts(key: str, texts: list[str]) -> None:
    """Law: the schema's patterns and the reader's rules are the same for whatever somebody types."""
    raw = _table(key, texts)
    assert is_valid(raw) == (not read(raw)[1])

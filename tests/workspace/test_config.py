"""``[tool.wsnox]``: what is read, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import pytest

from tests.support.texts import text_of
from wsnox.errors import ManifestError
from wsnox.imports.model import Kind
from wsnox.workspace.config import KINDS, read_config, read_integration, read_task
from wsnox.workspace.settings import Allowance, Config, Integration, MemberPattern, Settings, Task, Variant
from wsnox.workspace.tables import Table, open_table

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
NO_SESSION = "is no session's name, in which `{python}` is the only placeholder,"


def _read(read: Callable[[Table], T], **raw: Any) -> tuple[T, list[str]]:
    """Return what *read* makes of a table, and the problems with it."""
    problems: list[str] = []
    value = read(Table(raw, path=Path("p"), where="t", problems=problems))
    return value, problems


def _config(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "pyproject.toml"
    path.write_text(f"[tool.wsnox]\n{text}", encoding="utf-8")
    top = open_table(path)
    config = read_config(top.table("tool").table("wsnox"))
    top.close()
    return config


def _problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        _config(tmp_path, text)
    said = text_of(caught.value, tmp_path)
    problems = list(caught.value.problems)
    many = f"{len(problems)} problems:\n  - " if len(problems) > 1 else ""
    assert said == "`[ROOT]/pyproject.toml`: " + many + "\n  - ".join(problems)
    return problems


def test_every_key_is_optional(tmp_path: Path) -> None:
    """An absent key is told from an empty value, so that a member's own empty list can win."""
    assert _config(tmp_path, "") == Config()
    empty = (
        "commands = []\ngroups = []\nroot-groups = []\npythons = []\nextras = []\nenv = {}\ntags = []\nrequires = []\n"
    )
    assert _config(tmp_path, empty).settings == Settings(
        commands=(), groups=(), root_groups=(), pythons=(), extras=(Variant("", ()),), env={}, tags=(), requires=()
    )


EVERY = """
commands = ["pytest {posargs}", ["mypy", ""]]
groups = ["Test_A"]
root-groups = ["lint"]
extras = ["Fast_Path"]
pythons = ["3.12", "3.13t", "pypy3.10", "cpython-3.11.4"]
editable = false
env = { TZ = "UTC" }
tags = ["slow one"]
default = false
requires = ["a-{python}", "b({py})"]
description = "What it is."
skip = ""
"""
SETTINGS = Settings(
    commands=("pytest {posargs}", ("mypy", "")),
    groups=("test-a",),  # type: ignore[arg-type] # a normalised name is text to Python
    root_groups=("lint",),  # type: ignore[arg-type] # a normalised name is text to Python
    extras=(Variant("", ("fast-path",)),),  # type: ignore[arg-type] # a normalised name is text to Python
    pythons=("3.12", "3.13t", "pypy3.10", "cpython-3.11.4"),
    editable=False,
    env={"TZ": "UTC"},
    tags=("slow one",),
    default=False,
    requires=("a-{python}", "b({py})"),
    description="What it is.",
    skip="",
)


def test_every_key_is_read(tmp_path: Path) -> None:
    """Commands keep their two forms, names are normalised, versions stay as written; false is not unset."""
    assert _config(tmp_path, EVERY) == Config(settings=SETTINGS)


def test_tasks_and_integration(tmp_path: Path) -> None:
    """The tables below understand the same keys, and each kind one of its own."""
    text = f"""
    lock = "frozen"
    default-packages = "all"
    [tool.wsnox.tasks.types]
    members = ["Lib_*", "project-a"]
    {EVERY}
    [tool.wsnox.integration."a.b"]
    packages = ["A[x]"]
    {EVERY}
    """
    assert _config(tmp_path, text) == Config(
        lock="frozen",
        default_packages=(MemberPattern("*"),),
        tasks={"types": Task(settings=SETTINGS, members=("lib-*", "project-a"))},
        integration={"a.b": Integration(settings=SETTINGS, packages=(MemberPattern("a", ("x",)),))},  # type: ignore[arg-type] # a normalised name is text to Python
    )


@pytest.mark.parametrize("word", ["classifiers", "requires-python"])
def test_pythons_may_be_a_word(tmp_path: Path, word: str) -> None:
    """The two words that stand for a rule are kept as words."""
    assert _config(tmp_path, f'pythons = "{word}"').settings.pythons == word


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('pythons = "clasifiers"', [
            'expected an array of versions, "classifiers" or "requires-python", got "clasifiers" in `tool.wsnox.pythons`'
        ]),
        ('pythons = ["3.x", "3.12", ">=3.10"]', [
            "`3.x` is no Python version such as `3.12` in `tool.wsnox.pythons[0]`",
            "`>=3.10` is no Python version such as `3.12` in `tool.wsnox.pythons[2]`",
        ]),
        ("pythons = [3.12]", ["expected a string, got a float in `tool.wsnox.pythons[0]`"]),
        ("pythons = 3", ["expected an array, got an integer in `tool.wsnox.pythons`"]),
        ('groups = "test"', ["expected an array, got a string in `tool.wsnox.groups`"]),
        ('root-groups = ["a b"]', ["`a b` is not a valid name in `tool.wsnox.root-groups[0]`"]),
        ("editable = 1", ["expected a boolean, got an integer in `tool.wsnox.editable`"]),
        ("default = 'no'", ["expected a boolean, got a string in `tool.wsnox.default`"]),
        ("env = ['A=1']", ["expected a table, got an array in `tool.wsnox.env`"]),
        ("env = {A = 1, 'B=' = 'x', C = \"\\u0000\"}", [
            "expected a string, got an integer in `tool.wsnox.env.A`",
            "no environment variable can have this name or value in `tool.wsnox.env.B=`",
            "no environment variable can have this name or value in `tool.wsnox.env.C`",
        ]),
        ("tags = 'x'", ["expected an array, got a string in `tool.wsnox.tags`"]),
        ("requires = [1, '', 'a-{pyhton}', 'a{', '{python!r}', 'a-{python}']", [
            "expected a string, got an integer in `tool.wsnox.requires[0]`",
            f"`` {NO_SESSION} in `tool.wsnox.requires[1]`",
            f"`a-{{pyhton}}` {NO_SESSION} in `tool.wsnox.requires[2]`",
            f"`a{{` {NO_SESSION} in `tool.wsnox.requires[3]`",
            f"`{{python!r}}` {NO_SESSION} in `tool.wsnox.requires[4]`",
        ]),
        ("description = []", ["expected a string, got an array in `tool.wsnox.description`"]),
        ("skip = true", ["expected a string, got a boolean in `tool.wsnox.skip`"]),
        ("lock = 'forzen'", ['expected "check" or "frozen", got `forzen` in `tool.wsnox.lock`']),
        ("tasks = []", ["expected a table, got an array in `tool.wsnox.tasks`"]),
        ("tasks.types = 1", ["expected a table, got an integer in `tool.wsnox.tasks.types`"]),
        ("tasks.test = {}", [
            "the default task has no table of its own, its keys are those of `tool.wsnox`, in `tool.wsnox.tasks.test`"
        ]),
        ("tasks.'a b' = {}", [
            "`a b` is no name for a session: letters, digits, `-`, `_` and `.` only, in `tool.wsnox.tasks`"
        ]),
        ("integration.'x:y' = {}", [
            "`x:y` is no name for a session: letters, digits, `-`, `_` and `.` only, in `tool.wsnox.integration`"
        ]),
        ("tasks.t = {packages = [], tasks = {}}", [
            "unknown key `tool.wsnox.tasks.t.packages`",
            "unknown key `tool.wsnox.tasks.t.tasks` (did you mean `tags`?)",
        ]),
        ("integration.i = {members = []}", ["unknown key `tool.wsnox.integration.i.members`"]),
        ("root_groups = []\ncommand = []", [
            "unknown key `tool.wsnox.root_groups` (did you mean `root-groups`?)",
            "unknown key `tool.wsnox.command` (did you mean `commands`?)",
        ]),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, text: str, problems: list[str]) -> None:
    """Whatever wsnox would have to guess at is refused with its dotted path, all of a file at once."""
    assert _problems(tmp_path, text) == problems


def test_problems_of_all_tables_at_once(tmp_path: Path) -> None:
    """A mistake in one table does not hide those in another."""
    text = "lock = 1\n[tool.wsnox.tasks.t]\ngroup = []\n[tool.wsnox.integration.i]\npackages = 1\n"
    assert _problems(tmp_path, text) == [
        "unknown key `tool.wsnox.tasks.t.group` (did you mean `groups`?)",
        "expected an array, got an integer in `tool.wsnox.integration.i.packages`",
        'expected "check" or "frozen", got `1` in `tool.wsnox.lock`',
    ]


def _variants(*variants: tuple[str, Any]) -> tuple[Variant, ...]:
    return tuple(Variant(*variant) for variant in variants)


@pytest.mark.parametrize(
    ("value", "variants"),
    [
        ("all", _variants(("", "all"))),
        ([], _variants(("", ()))),
        (["Fast_Path", "b"], _variants(("", ("fast-path", "b")))),
        (
            [["cpu"], ["cuda", "Fast_Path"], []],
            _variants(("cpu", ("cpu",)), ("cuda+fast-path", ("cuda", "fast-path")), ("none", ())),
        ),
        ({"cpu": ["cpu"], "gpu.all": "all", "bare": []}, _variants(("cpu", ("cpu",)), ("gpu.all", "all"), ("bare", ()))),
        ({}, ()),
    ],
)  # fmt: skip
def test_extras(value: Any, variants: tuple[Variant, ...]) -> None:
    """All, some, or variants: unnamed ones are called by their extras."""
    task, problems = _read(read_task, extras=value)
    assert (task.settings.extras, problems) == (variants, [])


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ("cpu", ['expected "all" or an array of strings, got "cpu" in `t.extras`']),
        (1, ["expected an array, got an integer in `t.extras`"]),
        (["a b"], ["`a b` is not a valid name in `t.extras[0]`"]),
        (["a", ["b"]], ["expected a string, got an array in `t.extras[1]`"]),
        (
            [["a"], "b", [1]],
            ["expected an array of strings in `t.extras[1]`", "expected an array of strings in `t.extras[2]`"],
        ),
        ([["a"], ["A"]], ["the variant `a` is listed twice in `t.extras[1]`"]),
        ([["a b"]], ["`a b` is not a valid name in `t.extras[0]`"]),
        ({"a b": ["x"], "": []}, [
            "`a b` is no name for a variant: letters, digits, `-`, `_`, `.` and `+` only, in `t.extras`",
            "`` is no name for a variant: letters, digits, `-`, `_`, `.` and `+` only, in `t.extras`",
        ]),
        ({"a": "x"}, ['expected "all" or an array of strings, got "x" in `t.extras.a`']),
        ({"a": [["x"]]}, ["expected a string, got an array in `t.extras.a[0]`"]),
    ],
)  # fmt: skip
def test_extras_that_are_refused(value: Any, problems: list[str]) -> None:
    """A form that is none of the four is told where it goes wrong."""
    assert _read(read_task, extras=value)[1] == problems


PACKAGES = [
    ("project-a", MemberPattern("project-a")),
    ("Project.A_b", MemberPattern("project-a-b")),
    ("project-b[CLI, web_x]", MemberPattern("project-b", ("cli", "web-x"))),  # type: ignore[arg-type] # a normalised name is text to Python
    ("project-b [cli,cli]", MemberPattern("project-b", ("cli",))),  # type: ignore[arg-type] # a normalised name is text to Python
    ("lib-*[cli]", MemberPattern("lib-*", ("cli",))),  # type: ignore[arg-type] # a normalised name is text to Python
    ("*", MemberPattern("*")),
    ("?", MemberPattern("?")),
    ("all[]", MemberPattern("all")),
]


@pytest.mark.parametrize(("text", "pattern"), PACKAGES)
def test_packages(text: str, pattern: MemberPattern) -> None:
    """A name, a name with extras, or a pattern, normalised as names are."""
    integration, problems = _read(read_integration, packages=[text])
    assert (integration.packages, problems) == ((pattern,), [])


def test_all_packages() -> None:
    """The word for all is a pattern that every name matches."""
    assert _read(read_integration, packages="all")[0].packages == (MemberPattern("*"),)


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ("al", ['expected "all" or an array of members, got "al" in `t.packages`']),
        (1, ["expected an array, got an integer in `t.packages`"]),
        ([], ['expected one member at least, or "all", in `t.packages`']),
        (["a", "-a", "a[", "a[b", "a b", "", "a[b c]"], [
            f"`{text}` is no member such as `name`, `name[extra]` or `lib-*` in `t.packages[{index}]`"
            for index, text in ((1, "-a"), (2, "a["), (3, "a[b"), (4, "a b"), (5, ""), (6, "a[b c]"))
        ]),
        ([1], ["expected a string, got an integer in `t.packages[0]`"]),
    ],
)  # fmt: skip
def test_packages_that_are_refused(value: Any, problems: list[str]) -> None:
    """No packages at all is more likely a slip than a wish; what is malformed is named."""
    assert _read(read_integration, packages=value)[1] == problems


def test_members() -> None:
    """The members of a task are names and patterns, normalised, without extras."""
    assert _read(read_task, members=["Lib_*", "a"])[0].members == ("lib-*", "a")
    assert _read(read_task, members=["Lib_*", "a", "b[x]", "[ab]"])[1] == [
        "`b[x]` is no member such as `name` or `lib-*` in `t.members[2]`",
        "`[ab]` is no member such as `name` or `lib-*` in `t.members[3]`",
    ]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("pytest -k 'a b'", ""),
        ("#", ""),
        (["pytest", ""], ""),
        ('x "y', "empty command, or a quotation that does not end, in `t.commands[0]`"),
        ("  ", "empty command, or a quotation that does not end, in `t.commands[0]`"),
        ("'' x", "empty command, or a quotation that does not end, in `t.commands[0]`"),
        ([], "expected a command: a string or an array of strings in `t.commands[0]`"),
        (3, "expected a command: a string or an array of strings in `t.commands[0]`"),
        (["a", 1], "expected an array of strings, the first of them not empty, in `t.commands[0]`"),
        ([""], "expected an array of strings, the first of them not empty, in `t.commands[0]`"),
        ([1, "a"], "expected an array of strings, the first of them not empty, in `t.commands[0]`"),
    ],
)
def test_commands(command: Any, problem: str) -> None:
    """A command names a program, in a string that a shell could split or in an array."""
    task, problems = _read(read_task, commands=[command])
    assert problems == ([problem] if problem else [])
    assert task.settings.commands == (() if problem else (command if isinstance(command, str) else tuple(command),))


def test_no_array_of_commands() -> None:
    """One command is an array of one: a string could as well be a list of letters."""
    task, problems = _read(read_task, commands="pytest")
    assert (task.settings.commands, problems) == (None, ["expected an array, got a string in `t.commands`"])


def _allowed(entries: list[Any]) -> tuple[tuple[Allowance, ...], list[str]]:
    config, problems = _read(read_config, imports={"allow": entries})
    return config.imports, problems


def test_kinds_are_those_of_findings() -> None:
    """What can be allowed is what can be found, but for a broken wheel, which nothing excuses."""
    assert set(KINDS) == set(get_args(Kind)) - {"unshipped"}


def test_allowances_without_limits() -> None:
    """A reason is enough; an absent table allows nothing."""
    assert _allowed([{"reason": "legacy"}]) == ((Allowance(reason="legacy"),), [])
    assert _allowed([]) == ((), [])
    assert _read(read_config, imports={})[0].imports == ()


def test_every_key_of_an_allowance() -> None:
    """Members are normalised as names are; modules and files stay as they are written."""
    entry = {
        "modules": ["Foo_bar.*"],
        "kinds": ["missing", "group"],
        "members": ["Lib_*", "a.b"],
        "files": ["src/Foo_bar/*.py"],
        "reason": "the host has it",
    }
    assert _allowed([entry, {"reason": "r"}]) == (
        (
            Allowance(
                reason="the host has it",
                modules=("Foo_bar.*",),
                kinds=("missing", "group"),
                members=("lib-*", "a-b"),
                files=("src/Foo_bar/*.py",),
            ),
            Allowance(reason="r"),
        ),
        [],
    )


@pytest.mark.parametrize(
    ("entry", "problems"),
    [
        ({}, ["expected a reason in `t.imports.allow[1].reason`"]),
        ({"reason": "  "}, ["expected a reason in `t.imports.allow[1].reason`"]),
        ({"reason": 3}, ["expected a string, got an integer in `t.imports.allow[1].reason`"]),
        ({"reason": "r", "module": ["a"]}, ["unknown key `t.imports.allow[1].module` (did you mean `modules`?)"]),
        ({"reason": "r", "modules": "a"}, ["expected an array, got a string in `t.imports.allow[1].modules`"]),
        ({"reason": "r", "files": [1]}, ["expected a string, got an integer in `t.imports.allow[1].files[0]`"]),
        (
            {"reason": "r", "members": ["a b"]},
            ["`a b` is no member such as `name` or `lib-*` in `t.imports.allow[1].members[0]`"],
        ),
        (
            {"reason": "r", "kinds": ["missing", "transitiv"]},
            ["`transitiv` is no kind of finding: did you mean `transitive`? in `t.imports.allow[1].kinds[1]`"],
        ),
        (
            {"reason": "r", "kinds": ["zzz"]},
            [
                "`zzz` is no kind of finding: known: `missing`, `transitive`, `group`, `failing` in `t.imports.allow[1].kinds[0]`"
            ],
        ),
        ("leaf", ["expected a table, got a string in `t.imports.allow[1]`"]),
    ],
)
def test_allowances_that_are_refused(entry: Any, problems: list[str]) -> None:
    """Each mistake is told with the path that leads to it, and one entry does not hide another."""
    assert _allowed([{"reason": "fine"}, entry])[1] == problems


@pytest.mark.parametrize("value", [{"allow": {}}, {"allow": "all"}, {"alow": []}, {"allow": [], "deny": []}])
def test_imports_of_another_form(value: Any) -> None:
    """The table has one key, an array."""
    assert len(_read(read_config, imports=value)[1]) == 1

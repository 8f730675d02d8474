"""``[tool.wsnox]``: what is read, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.texts import text_of
from wsnox.errors import ManifestError
from wsnox.workspace.config import read_config
from wsnox.workspace.settings import Config, Integration, MemberPattern, Settings, Task, Variant
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from pathlib import Path


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
        ('pythons = "clasifiers"', ['expected an array of versions, "classifiers" or "requires-python", got "clasifiers" in `tool.wsnox.pythons`']),
        ('pythons = ["3.x", "3.12", ">=3.10"]', [
            "`3.x` is no Python version such as `3.12` in `tool.wsnox.pythons[0]`",
            "`>=3.10` is no Python version such as `3.12` in `tool.wsnox.pythons[2]`",
        ]),
        ("pythons = [3.12]", ["expected a string, got a float in `tool.wsnox.pythons[0]`"]),
        ("pythons = 3", ["expected an array, got an integer in `tool.wsnox.pythons`"]),
        ('groups = "test"', ["expected an array, got a string in `tool.wsnox.groups`"]),
        ('root-groups = ["a b"]', ["`a b` is not a valid name in `tool.wsnox.root-groups`"]),
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
            "`` is no session's name, with no placeholder but `{python}`, in `tool.wsnox.requires[1]`",
            "`a-{pyhton}` is no session's name, with no placeholder but `{python}`, in `tool.wsnox.requires[2]`",
            "`a{` is no session's name, with no placeholder but `{python}`, in `tool.wsnox.requires[3]`",
            "`{python!r}` is no session's name, with no placeholder but `{python}`, in `tool.wsnox.requires[4]`",
        ]),
        ("description = []", ["expected a string, got an array in `tool.wsnox.description`"]),
        ("skip = true", ["expected a string, got a boolean in `tool.wsnox.skip`"]),
        ("lock = 'forzen'", ['expected "check" or "frozen", got `forzen` in `tool.wsnox.lock`']),
        ("tasks = []", ["expected a table, got an array in `tool.wsnox.tasks`"]),
        ("tasks.types = 1", ["expected a table, got an integer in `tool.wsnox.tasks.types`"]),
        ("tasks.test = {}", ["the default task has no table, its keys stand in `tool.wsnox` itself, in `tool.wsnox.tasks.test`"]),
        ("tasks.'a b' = {}", ["`a b` is no name for a session: letters, digits, `-`, `_` and `.` only, in `tool.wsnox.tasks`"]),
        ("integration.'x:y' = {}", ["`x:y` is no name for a session: letters, digits, `-`, `_` and `.` only, in `tool.wsnox.integration`"]),
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

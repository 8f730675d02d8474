"""The tables of ``[tool.wsnox]``: which keys stand where, what is refused, and the JSON Schema of the whole."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, get_args

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from tests.workspace.schemas import is_valid, read
from tests.workspace.test_keys import ACCEPTED, REFUSED
from wsnox.imports.reporting import Kind
from wsnox.workspace.config import KINDS, tool_schema
from wsnox.workspace.session_keys import SETTINGS, WORDS
from wsnox.workspace.settings import (
    Allowance,
    Config,
    Integration,
    MemberConfig,
    PathRule,
    PathRules,
    Settings,
    Task,
    Variant,
)

REPOSITORY = Path(__file__).parents[2]
EVERY = {key: rows[-1] for key, rows in ACCEPTED.items()}
SETTING = {key: EVERY[key][0] for key in SETTINGS}
READ = Settings(**{key.replace("-", "_"): EVERY[key][1] for key in SETTINGS})


def test_every_key_is_optional() -> None:
    """An absent key is told from an empty value, so that a member's own empty list can win."""
    assert read({}) == (Config(), [])
    config, problems = read({"commands": [], "extras": [], "env": {}, "description": ""})
    assert (config, problems) == (
        Config(settings=Settings(commands=(), extras=(Variant("", ()),), env={}, description="")),
        [],
    )


def test_the_tables_below_have_the_same_keys() -> None:
    """A task and an integration session understand what the table above them does, and each one key of its own."""
    raw = {
        **SETTING,
        "tasks": {"types": {**SETTING, "members": ["Lib_*"]}},
        "integration": {"a.b": {**SETTING, "packages": "all"}, "test": {}},
        "project": {**SETTING, "tasks": {"docs": {"commands": ["x"]}}},
        "members": ["Lib_*"],
        "exclude": ["examples/*", "."],
        "lock": "frozen",
        "default-packages": "all",
    }
    packages = dict(ACCEPTED["packages"][:1])["all"]
    assert read(raw) == (
        Config(
            settings=READ,
            tasks={"types": Task(settings=READ, members=("lib-*",))},
            integration={"a.b": Integration(settings=READ, packages=packages), "test": Integration()},
            project=MemberConfig(settings=READ, tasks={"docs": Task(settings=Settings(commands=("x",)))}),
            members=("lib-*",),
            exclude=("examples/*", "."),
            lock="frozen",
            default_packages=packages,
        ),
        [],
    )
    assert is_valid(raw)


RULES = [
    {"paths": ["docs/**", "[ab].md"], "affects": "nothing"},
    {"paths": ["../x"], "members": ["A_*"], "sessions": ["b:c"]},
    {"paths": ["e2e/**"], "affects": "own"},
    {"tables": ["tool.uv.*"], "affects": "nothing"},
]
ENTRY = {"modules": ["Foo_bar.*"], "kinds": ["group"], "members": ["Lib_*"], "files": ["src/*.py"], "reason": "x"}


def test_affected_and_imports() -> None:
    """Paths, modules, files and sessions stay as written, members are normalised as names are."""
    raw = {
        "affected": {"default-rules": False, "platforms": ["linux", "windows-arm64"], "rules": RULES},
        "imports": {"allow": [ENTRY, {"reason": "r"}]},
    }
    assert read(raw) == (
        Config(
            affected=PathRules(
                rules=(
                    PathRule(paths=("docs/**", "[ab].md"), affects="nothing"),
                    PathRule(paths=("../x",), members=("a-*",), sessions=("b:c",)),
                    PathRule(paths=("e2e/**",), affects="own"),
                    PathRule(tables=("tool.uv.*",), affects="nothing"),
                ),
                default_rules=False,
                platforms=("linux", "windows-arm64"),
            ),
            imports=(
                Allowance(
                    reason="x", modules=("Foo_bar.*",), kinds=("group",), members=("lib-*",), files=("src/*.py",)
                ),
                Allowance(reason="r"),
            ),
        ),
        [],
    )
    assert is_valid(raw)
    assert read({"imports": {}, "affected": {}}) == (Config(), [])


NO_NAME = "is not a name for a session: letters, digits, `-`, `_` and `.` only,"


def _rule(**keys: Any) -> dict[str, Any]:
    return {"affected": {"rules": [{"paths": ["a"], "affects": "nothing"}, keys]}}


def _allowance(**keys: Any) -> dict[str, Any]:
    return {"imports": {"allow": [{"reason": "fine"}, keys]}}


@pytest.mark.parametrize(
    ("raw", "problems"),
    [
        ({"lock": "forzen"}, ['expected "check" or "frozen", got `forzen` in `t.lock`']),
        ({"types": {"commands": ["x"]}}, ["unknown key `t.types` (a task is `[t.tasks.types]`)"]),
        ({"task": {"types": {}}}, ["unknown key `t.task` (did you mean `tasks`?)"]),
        ({"test": {}}, ["unknown key `t.test` (the keys of the default task belong in `[tool.wsnox]` itself)"]),
        (
            {"integration": {"i": {"members": [], "deps": [], "set_env": 1}}},
            [
                "unknown key `t.integration.i.members` (did you mean `packages`?)",
                "unknown key `t.integration.i.deps` (did you mean `groups`?)",
                "unknown key `t.integration.i.set_env` (did you mean `env`?)",
            ],
        ),
        (
            {"default-packages": "al"},
            ['expected "all" or an array of members, got "al" in `t.default-packages` (write `["al"]`)'],
        ),
        ({"tasks": []}, ["expected a table, got an array in `t.tasks` (write it as keys and values)"]),
        ({"tasks": {"types": 1}}, ["expected a table, got an integer in `t.tasks.types`"]),
        (
            {"tasks": {"test": {}}},
            ["the default task has no table of its own in `t.tasks.test` (set its keys in `[t]`)"],
        ),
        ({"project": {"tasks": {"docs": {"members": []}}}}, ["unknown key `t.project.tasks.docs.members`"]),
        ({"project": {"lock": "check"}}, ["unknown key `t.project.lock`"]),
        ({"tasks": {"a b": {}}}, [f"`a b` {NO_NAME} in `t.tasks`"]),
        ({"integration": {"x:y": {}}}, [f"`x:y` {NO_NAME} in `t.integration`"]),
        (
            {"tasks": {"t": {"packages": [], "tasks": {}}}},
            [
                "unknown key `t.tasks.t.packages` (did you mean `members`?)",
                "unknown key `t.tasks.t.tasks` (did you mean `tags`?)",
            ],
        ),
        ({"integration": {"i": {"lock": "check"}}}, ["unknown key `t.integration.i.lock`"]),
        # What is wrong in one table does not hide what is wrong in another.
        (
            {"lock": 1, "root_groups": [], "tasks": {"t": {"group": []}}, "integration": {"i": {"packages": 1}}},
            [
                "unknown key `t.root_groups` (did you mean `root-groups`?)",
                "unknown key `t.tasks.t.group` (did you mean `groups`?)",
                "expected an array, got an integer in `t.integration.i.packages`",
                'expected "check" or "frozen", got `1` in `t.lock`',
            ],
        ),
        ({"affected": []}, ["expected a table, got an array in `t.affected` (write it as keys and values)"]),
        ({"affected": {"rule": []}}, ["unknown key `t.affected.rule` (did you mean `rules`?)"]),
        (
            {"affected": {"platforms": ["beos"]}},
            [
                "`beos` is not a platform such as `linux`, `macos`, `windows` or `linux-aarch64` in `t.affected.platforms[0]`"
            ],
        ),
        (
            {"affected": {"rules": ["a"]}},
            ["expected a table, got a string in `t.affected.rules[0]` (write it as keys and values)"],
        ),
        (
            _rule(paths=["a"]),
            ["expected either `affects` or some of `members` and `sessions` in `t.affected.rules[1]`"],
        ),
        (
            _rule(paths=["a"], affects="nothing", members=["a"]),
            ["expected either `affects` or some of `members` and `sessions` in `t.affected.rules[1]`"],
        ),
        (
            _rule(paths=["a"], affects="some"),
            ['expected "nothing" or "own" or "everything", got `some` in `t.affected.rules[1].affects`'],
        ),
        (_rule(paths=[], affects="nothing"), ["expected at least one pattern in `t.affected.rules[1].paths`"]),
        (_rule(affects="nothing"), ["expected at least one pattern in `t.affected.rules[1].paths`"]),
        (_rule(tables=[], affects="nothing"), ["expected at least one pattern in `t.affected.rules[1].paths`"]),
        (
            _rule(paths=["/a"], affects="nothing"),
            ["`/a`: it must be a path relative to the workspace root in `t.affected.rules[1].paths[0]`"],
        ),
        (
            _rule(paths=["a"], members=["[x]"]),
            ["`[x]` is not a member such as `name`, `lib-*` or `libs/*` in `t.affected.rules[1].members[0]`"],
        ),
        ({"imports": {"allow": "all"}}, ["expected an array, got a string in `t.imports.allow`"]),
        ({"imports": {"allow": [], "deny": []}}, ["unknown key `t.imports.deny`"]),
        (
            {"imports": {"allow": ["leaf"]}},
            ["expected a table, got a string in `t.imports.allow[0]` (write it as keys and values)"],
        ),
        (_allowance(), ["expected a reason in `t.imports.allow[1].reason`"]),
        (_allowance(reason="  "), ["expected a reason in `t.imports.allow[1].reason`"]),
        (
            _allowance(reason=3),
            ["expected a string, got an integer in `t.imports.allow[1].reason` (write it in quotes)"],
        ),
        (
            _allowance(reason="r", module=["a"]),
            ["unknown key `t.imports.allow[1].module` (did you mean `modules`?)"],
        ),
        (
            _allowance(reason="r", files=[1]),
            ["expected a string, got an integer in `t.imports.allow[1].files[0]` (write it in quotes)"],
        ),
        (
            _allowance(reason="r", kinds=["transitiv"]),
            ["`transitiv` is not a kind of finding: did you mean `transitive`? in `t.imports.allow[1].kinds[0]`"],
        ),
        (
            _allowance(reason="r", kinds=["zzz"]),
            [
                "`zzz` is not a kind of finding: known: `missing`, `transitive`, `group`, `failing` in `t.imports.allow[1].kinds[0]`"
            ],
        ),
    ],
)
def test_what_is_refused(raw: dict[str, Any], problems: list[str]) -> None:
    """Whatever wsnox would have to guess at is refused with its dotted path, all of a file at once, and by the schema."""
    assert read(raw)[1] == problems
    assert not is_valid(raw)


def test_what_the_reader_alone_refuses() -> None:
    """A schema does not know the dialect of patterns."""
    raw = _rule(paths=["a**"], affects="nothing")
    assert read(raw)[1] == ["`a**`: `**` must be a whole path component in `t.affected.rules[1].paths[0]`"]
    assert is_valid(raw)


def test_kinds_are_those_of_findings() -> None:
    """What can be allowed is what can be found, but for a broken wheel, which nothing excuses."""
    assert set(KINDS) == set(get_args(Kind)) - {"unshipped"}


def _some(*selecting: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of tables of settings whose values are mostly good, with a misspelt key now and then."""
    keys = (*SETTINGS, *selecting)
    good = {key: [value for value, _ in ACCEPTED[key]] for key in keys}
    bad = {key: [row[0] for row in REFUSED[key]] for key in keys}
    right = st.fixed_dictionaries({}, optional={key: st.sampled_from([*good[key] * 3, *bad[key]]) for key in keys})
    typos: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
        st.sampled_from(["comands", "root_groups", ""]), st.just([]), max_size=1
    )
    return st.one_of(right, right, right, st.builds(lambda table, typo: {**table, **typo}, right, typos))


NAMES = st.sampled_from(["types", "a.b", "A_c", "test", "a b", "-x"])
TABLES = st.builds(
    lambda top, tasks, integration: {**top, "tasks": tasks, "integration": integration},
    _some(),
    st.dictionaries(NAMES, _some("members"), max_size=2),
    st.dictionaries(NAMES, _some("packages"), max_size=2),
)


@pytest.mark.slow
@given(TABLES)
def test_schema_and_reader_agree(raw: dict[str, Any]) -> None:
    """Law: the schema accepts a table exactly where the reader has nothing to say against it."""
    assert is_valid(raw) == (not read(raw)[1])


def test_the_entry_point() -> None:
    """validate-pyproject finds the schema where pyproject.toml says, and it is for no other tool."""
    project = tomli.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (name, value), *others = project["entry-points"]["validate_pyproject.tool_schema"].items()
    module, _, function = value.partition(":")
    assert (name, getattr(importlib.import_module(module), function), others) == ("wsnox", tool_schema, [])
    with pytest.raises(ValueError, match="no schema for `other`"):
        tool_schema("other")


def test_the_real_validate_pyproject() -> None:
    """The schema works inside validate-pyproject, beside those of the standard tables."""
    api = pytest.importorskip("validate_pyproject.api")
    plugins = pytest.importorskip("validate_pyproject.plugins")
    validator = api.Validator(plugins=[plugins.PluginWrapper("wsnox", tool_schema)])
    manifest = {
        "project": {"name": "x", "version": "1"},
        "tool": {"wsnox": {"pythons": ["3.12"], "tasks": {"types": {}}}},
    }
    assert validator(manifest)
    with pytest.raises(Exception, match=r"tool\.wsnox"):
        validator({**manifest, "tool": {"wsnox": {"python": ["3.12"]}}})


def test_words_of_other_tools_lead_to_keys() -> None:
    """Law: whatever word is explained is no key itself where it is, and leads to a key or is a whole sentence."""
    tables = [SETTINGS.keys() | {"members"}, SETTINGS.keys() | {"packages"}, SETTINGS.keys() | {"tasks"}]
    for word, meaning in WORDS.items():
        assert " " in meaning or any(meaning in keys and word not in keys for keys in tables), word

"""The JSON Schema of ``[tool.wsnox]`` against the reader: neither accepts what the other refuses."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from wsnox.workspace.config import read_config, tool_schema
from wsnox.workspace.keys import SETTINGS
from wsnox.workspace.tables import Table

REPOSITORY = Path(__file__).parents[2]
TOP = (*SETTINGS, "tasks", "imports", "integration", "default-packages", "lock", "affected")
VALIDATE = fastjsonschema.compile(tool_schema())

GOOD: dict[str, list[Any]] = {
    "commands": [[], ["pytest {posargs}", ["mypy", ""]], ["#"]],
    "groups": [[], ["test", "Test_A"]],
    "root-groups": [[], ["a.b"]],
    "extras": ["all", [], ["a"], [["a"], []], {}, {"a.b+c": ["x"], "d": "all"}],
    "pythons": ["classifiers", "requires-python", [], ["3.12", "3.13t", "PyPy3.10", "cpython-3.11.4", "3"]],
    "editable": [True, False],
    "env": [{}, {"A": "", "b c": "1"}],
    "external": [[], ["docker", "g++", "./x y", "C:\\Program Files\\x.exe", "/"]],
    "tags": [[], ["x y"]],
    "default": [True, False],
    "requires": [[], ["a-{python}", "b", "{py}", "{{x}}"]],
    "description": ["", "x"],
    "skip": ["", "x"],
    "tasks": [{}, {"types": {}, "A.b_c-d": {}}],
    "integration": [{}, {"contracts": {}, "test": {}}],
    "default-packages": ["all", ["a[b, c]"], ["*", "lib-?", "a [x]", "a[]"]],
    "packages": ["all", ["a[b,]"]],
    "members": [[], ["lib-*", "A_b", "?"]],
    "lock": ["check", "frozen"],
    "imports": [
        {},
        {"allow": []},
        {"allow": [{"reason": "x"}]},
        {"allow": [{"modules": ["a.*"], "kinds": ["group"], "members": ["a-*"], "files": ["src/*"], "reason": "x"}]},
    ],
    "affected": [
        {},
        {"default-rules": False, "platforms": ["linux", "windows-arm64"], "rules": []},
        {
            "rules": [
                {"paths": ["docs/**"], "affects": "nothing"},
                {"paths": ["../x"], "members": ["a-*"], "sessions": ["b:c"]},
            ]
        },
    ],
}
BAD: dict[str, list[Any]] = {
    "commands": ["pytest", 1, [""], [" \t"], [[]], [[""]], [["a", 1]], [1], {}],
    "groups": ["test", ["a b"], [""], ["-a"], [1], {}, True],
    "root-groups": ["all", ["a-"], [[]]],
    "extras": ["cpu", 1, ["a b"], ["a", ["b"]], [["a"], "b"], [[1]], [["a b"]], {"a b": []}, {"": []}, {"a": "b"}, {"a": [["b"]]}],
    "pythons": ["3.12", 3, ["3.x"], [">=3"], [3.12], [""], ["3.1.2.3"], ["jython3"]],
    "editable": [1, "yes", []],
    "env": [{"A": 1}, {"": "x"}, {"A=B": "x"}, {"A": "\0"}, [], "A=1"],
    "external": ["docker", ["docker compose"], [""], ["*"], ["/usr/*"], ["a\0"], [1], {"a": "b"}],
    "tags": ["x", [1], {}],
    "default": [0, "no"],
    "requires": ["a", [1], [""], ["{x}"], ["a{"], ["a}"], ["{python!r}"], ["{}"]],
    "description": [1, []],
    "skip": [True, ["x"]],
    "tasks": [[], {"types": 1}, {"a b": {}}, {"test": {}}, {"-a": {}}, {"t": {"packages": ["a"]}}, {"t": {"tasks": {}}}],
    "integration": ["all", {"x": []}, {"x:y": {}}, {"x": {"members": ["a"]}}, {"x": {"lock": "check"}}],
    "default-packages": ["some", [], ["-a"], ["a["], ["a[b"], ["a[b c]"], ["a b"], [""], [1], {}, [["a"]]],
    "packages": [[], "a", ["a[[b]]"], 1],
    "members": ["a", "all", ["a[b]"], [""], [1], ["[ab]"]],
    "lock": ["forzen", True, "", []],
    "imports": [
        [],
        {"allowed": []},
        {"allow": ["a"]},
        {"allow": [{}]},
        {"allow": [{"reason": " "}]},
        {"allow": [{"reason": 1}]},
        {"allow": [{"reason": "x", "kinds": ["dev"]}]},
        {"allow": [{"reason": "x", "modules": "a"}]},
        {"allow": [{"reason": "x", "files": [1]}]},
        {"allow": [{"reason": "x", "members": ["[x]"]}]},
        {"allow": [{"reason": "x", "module": ["a"]}]},
    ],
    "affected": [
        [],
        {"rule": []},
        {"platforms": ["beos"]},
        {"rules": [{"paths": ["a"]}]},
        {"rules": [{"paths": ["a"], "affects": "some"}]},
        {"rules": [{"paths": ["a"], "affects": "nothing", "members": ["a"]}]},
        {"rules": [{"paths": [], "affects": "nothing"}]},
        {"rules": [{"paths": ["/a"], "affects": "nothing"}]},
        {"rules": [{"affects": "nothing"}]},
        {"rules": [{"paths": ["a"], "members": ["[x]"]}]},
        {"rules": ["a"]},
    ],
}  # fmt: skip
OF_TASKS = (*SETTINGS, "members")
OF_INTEGRATION = (*SETTINGS, "packages")


def _problems(raw: dict[str, Any]) -> list[str]:
    problems: list[str] = []
    read_config(Table(raw, path=Path("pyproject.toml"), where="tool.wsnox", problems=problems))
    return problems


def _valid(raw: dict[str, Any]) -> bool:
    try:
        VALIDATE(raw)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def _placed(key: str, value: Any) -> dict[str, Any]:
    """Return a ``[tool.wsnox]`` in which *key* has *value* where it belongs."""
    if key == "members":
        return {"tasks": {"t": {key: value}}}
    return {"integration": {"i": {key: value}}} if key == "packages" else {key: value}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in GOOD.items() for value in values])
def test_what_both_accept(key: str, value: Any) -> None:
    """Each way in which a key can be written is good to both."""
    raw = _placed(key, value)
    assert (_problems(raw), _valid(raw)) == ([], True)


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in BAD.items() for value in values])
def test_what_both_refuse(key: str, value: Any) -> None:
    """Each wrong type, and each value of the right type that means nothing, is refused by both."""
    raw = _placed(key, value)
    assert _problems(raw)
    assert not _valid(raw)


def test_the_same_keys() -> None:
    """A key that the reader learns is one that the schema knows, in every kind of table."""
    schema = tool_schema()
    tables = schema["properties"]
    assert set(tables) == set(TOP)
    assert set(tables["tasks"]["additionalProperties"]["properties"]) == set(OF_TASKS)
    assert set(tables["integration"]["additionalProperties"]["properties"]) == set(OF_INTEGRATION)
    assert GOOD.keys() == BAD.keys() == {*TOP, "members", "packages"}


def _some(keys: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of tables with *keys* whose values are mostly good, and a misspelt key now and then."""
    values = {key: st.sampled_from([*GOOD[key] * 3, *BAD[key]]) for key in keys if key not in ("tasks", "integration")}
    typos: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
        st.sampled_from(["comands", "group", "root_groups", ""]), st.just([]), max_size=1
    )
    right = st.fixed_dictionaries({}, optional=values)
    return st.one_of(right, right, right, st.tuples(right, typos).map(lambda both: {**both[0], **both[1]}))


NAMES = st.sampled_from(["types", "a.b", "A_c", "test", "a b", "-x"])
TABLES = st.tuples(
    _some(TOP),
    st.dictionaries(NAMES, _some(OF_TASKS), max_size=2),
    st.dictionaries(NAMES, _some(OF_INTEGRATION), max_size=2),
).map(lambda three: {**three[0], "tasks": three[1], "integration": three[2]})


@pytest.mark.slow
@given(TABLES)
def test_schema_and_reader_agree(raw: dict[str, Any]) -> None:
    """Law: the schema accepts a table exactly where the reader has nothing to say against it."""
    assert _valid(raw) == (not _problems(raw))


TEXTS = st.text(st.sampled_from("aZ9-_.+*?[],{} ='\"\n\t:py3"), max_size=8)


@pytest.mark.slow
@given(
    st.sampled_from(["groups", "pythons", "members", "packages", "default-packages", "requires"]),
    st.lists(TEXTS, min_size=1, max_size=2),
)
def test_schema_and_reader_agree_on_texts(key: str, texts: list[str]) -> None:
    """Law: the schema's patterns and the reader's rules are the same for whatever somebody types."""
    raw = _placed(key, texts)
    assert _valid(raw) == (not _problems(raw))


def test_the_entry_point() -> None:
    """validate-pyproject finds the schema where pyproject.toml says, and it is for no other tool."""
    project = tomli.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = project["entry-points"]["validate_pyproject.tool_schema"]
    assert list(named) == ["wsnox"]
    module, _, name = named["wsnox"].partition(":")
    assert getattr(importlib.import_module(module), name) is tool_schema
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

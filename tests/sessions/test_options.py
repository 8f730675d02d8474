"""Mistakes in the keyword arguments of `wsnox.member` and `wsnox.integration`."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import nox, write_noxfile
from tests.support.workspaces import MemberSpec
from wsnox.errors import ManifestError
from wsnox.noxfile.options import KEYS, Options, read_integration, read_task
from wsnox.workspace.settings import Integration, MemberPattern, Settings, Task, Variant

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory


def types(_session: object, _member: object) -> None:
    """Check types.

    All of them.
    """


def test_every_key_has_its_type() -> None:
    """The keys that a noxfile may set are those of a table but for ``commands``, and each is typed."""
    assert set(KEYS) == set(Options.__annotations__)


def test_what_is_read() -> None:
    """Tuples, sets and mappings do as well as lists and dicts; the docstring describes what has no description."""
    name, task = read_task(
        types,
        name="check.types",
        members=("Lib_*",),
        options={"groups": {"b", "a"}, "env": MappingProxyType({"A": "1"}), "extras": (("x",), ()), "default": False},  # type: ignore[typeddict-item] # any mapping and set will do
    )
    assert name == "check.types"
    variants = (Variant("x", ("x",)), Variant("none", ()))  # type: ignore[arg-type] # a normalised name is text to Python
    settings = Settings(
        groups=("a", "b"), env={"A": "1"}, extras=variants, default=False, description="Check types."  # type: ignore[arg-type] # a normalised name is text to Python
    )  # fmt: skip
    assert task == Task(settings=settings, members=("lib-*",))


def test_integration() -> None:
    """Without packages it is all of them; a description of its own wins over the docstring's."""
    name, integration = read_integration(types, name=None, packages=(), options={"description": "x"})
    assert (name, integration) == ("types", Integration(settings=Settings(description="x")))
    _, integration = read_integration(types, name=None, packages=("a", "b[c]"), options={})
    assert integration.packages == (MemberPattern("a"), MemberPattern("b", ("c",)))  # type: ignore[arg-type] # a normalised name is text to Python


@pytest.mark.parametrize(
    ("name", "members", "options", "problems"),
    [
        (None, "lib-*", {}, ["expected an array, got a string in `types.members`"]),
        (None, ["a["], {}, ["`a[` is no member such as `name` or `lib-*` in `types.members[0]`"]),
        (3, None, {}, ["expected a string, got an integer in `types.name`"]),
        ("a b", None, {}, ["`a b` is no name for a session: letters, digits, `-`, `_` and `.` only, in `types`"]),
        (None, None, {"root_groups": "lint"}, ["expected an array, got a string in `types.root_groups`"]),
        (None, None, {"root_group": ["lint"]}, ["unknown key `types.root_group` (did you mean `root_groups`?)"]),
        (None, None, {"commands": ["x"]}, ["unknown key `types.commands`"]),
        (None, None, {"extras": "al"}, ['expected "all" or an array of strings, got "al" in `types.extras`']),
        (
            None,
            None,
            {"group": [], "pythons": ["3.x"], "env": {"A": 1}},
            [
                "unknown key `types.group` (did you mean `groups`?)",
                "`3.x` is no Python version such as `3.12` in `types.pythons[0]`",
                "expected a string, got an integer in `types.env.A`",
            ],
        ),
    ],
)
def test_refusals(name: Any, members: Any, options: Any, problems: list[str]) -> None:
    """Every mistake of a call at once, with the noxfile and the path to it as Python writes it."""
    with pytest.raises(ManifestError) as caught:
        read_task(types, name=name, members=members, options=options)
    assert caught.value.problems == tuple(problems)
    assert caught.value.path == Path(__file__)


@pytest.mark.real
@pytest.mark.parametrize(
    ("decorator", "problems"),
    [
        ("member(groups=['tset'])", ["unknown dependency group `tset` in `f.groups` (did you mean `test`?)"]),
        ("member(members=['lib-b'], groups=['test'])", ["unknown dependency group `test` in `f.groups`"]),
        (
            "member(members=['x-*', 'lib'], root_groups=['tset'])",
            [
                "no member's name matches `x-*` in `f.members`",
                "unknown member `lib` in `f.members` (did you mean `lib-b`?)",
            ],
        ),
        ("integration('lib-b[cli]', 'no')", [
            "unknown extra of `lib-b` `cli` in `f.packages`",
            "unknown member `no` in `f.packages` (known: `lib-a`, `lib-b`)",
        ]),
        ("integration(['lib-b'])", ["expected a string, got an array in `f.packages[0]`"]),
        ("integration(groups=['x'], extras=[['y']])", [
            "unknown dependency group `x` in `f.groups` (known: `test`)",
            "unknown extra `y` in `f.extras`",
        ]),
    ],
)  # fmt: skip
def test_what_nobody_has(workspace: WorkspaceFactory, decorator: str, problems: list[str]) -> None:
    """A member, group or extra that a function names and nobody has ends nox with noxfile, function and near miss."""
    root = workspace(MemberSpec("lib-a", groups={"test": []}), MemberSpec("lib-b"), locked=False)
    write_noxfile(root, f"import wsnox\n\n\n@wsnox.{decorator}\ndef f(session, member):\n    pass\n")
    ran = nox(root, "-l")
    many = f"{len(problems)} problems:\n  - " if len(problems) > 1 else ""
    assert (ran.code, ran.said) == (3, "wsnox: `[ROOT]/noxfile.py`: " + many + "\n  - ".join(problems) + "\n")

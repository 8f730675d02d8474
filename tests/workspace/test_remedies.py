"""Hints name the table that wins for the session, and add to what it installs."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from wsnox.workspace.model import Manifest, Member, MemberSelection
from wsnox.workspace.remedies import Remedies
from wsnox.workspace.sessions import Session, SessionKind
from wsnox.workspace.settings import Config, Integration, Settings, Task

ROOT, OWN = "/w/pyproject.toml", "/w/a/pyproject.toml"


def _remedies(
    name: str = "a",
    *,
    root: Config | None = None,
    own: Config | None = None,
    groups: tuple[str, ...] | None = None,
    root_defaults: bool = False,
) -> Remedies:
    """Return the remedies for the session *name*: of the member `a`, or of several where it has another name."""
    a, integration = canonicalize_name("a"), name.partition(":")[0] != "a"
    member = Member(
        name=a,
        directory=Path("/w/a"),
        path="a",
        manifest=Manifest(path=Path(OWN), name=a, groups={}, config=own or Config()),
    )
    selected = None if groups is None else tuple(map(canonicalize_name, groups))
    kind: SessionKind = "workspace" if name.startswith("workspace") else "integration" if integration else "test"
    session = Session(
        kind=kind,
        name=name,
        description="",
        variants={"": (MemberSelection(member=member, groups=selected),)},
        directory=member.directory,
        tags=("integration" if integration else "member",),
        pythons=None,
        root_defaults=root_defaults,
    )
    return Remedies(session=session, root=Manifest(path=Path(ROOT), groups={}, config=root or Config()))


COMMANDS = Settings(commands=("x",))
TASKS = Config(tasks={"types": Task()})


@pytest.mark.parametrize(
    ("name", "root", "own", "key", "table", "manifest"),
    [
        ("a", Config(), Config(), "groups", "tool.wsnox", OWN),
        ("a:types", Config(), TASKS, "groups", "tool.wsnox.tasks.types", OWN),
        ("a:types", TASKS, Config(), "groups", "tool.wsnox.tasks.types", ROOT),
        ("a:types", TASKS, TASKS, "groups", "tool.wsnox.tasks.types", OWN),
        ("both", Config(), Config(), "groups", "tool.wsnox.integration.both", ROOT),
        ("to.gether", Config(), Config(), "groups", 'tool.wsnox.integration."to.gether"', ROOT),
        ("workspace:all", Config(), Config(), "groups", "tool.wsnox.integration.workspace", ROOT),
        # A group of the root serves everybody, but for who has a list or commands of their own.
        ("a", Config(), Config(), "root-groups", "tool.wsnox", ROOT),
        ("a", Config(), Config(settings=COMMANDS), "root-groups", "tool.wsnox", OWN),
        ("a", Config(), Config(settings=Settings(root_groups=())), "root-groups", "tool.wsnox", OWN),
        ("both", Config(), Config(), "root-groups", "tool.wsnox", ROOT),
        (
            "both",
            Config(integration={"both": Integration(settings=COMMANDS)}),
            Config(),
            "root-groups",
            "tool.wsnox.integration.both",
            ROOT,
        ),
    ],
)
def test_the_table_that_wins(*, name: str, root: Config, own: Config, key: str, table: str, manifest: str) -> None:
    """The nearest table that the session has or would have."""
    remedies = _remedies(name, root=root, own=own)
    assert remedies.set(key, ["x"]) == f'set `{key} = ["x"]` in `[{table}]` of `{manifest}`'


@pytest.mark.parametrize(
    ("remedies", "command"),
    [
        (_remedies(), "`uv add --package a --dev leaf`"),
        (_remedies(groups=("test", "dev")), "`uv add --package a --dev leaf`"),
        (_remedies(groups=("test",)), "`uv add --package a --group test leaf`"),
        (_remedies(groups=()), f'`uv add --package a --dev leaf`, and set `groups = ["dev"]` in `[tool.wsnox]` of `{OWN}`'),
        (_remedies("both", root_defaults=True), "`uv add --dev leaf`"),
        (_remedies("both"), "`uv add --package a --dev leaf`"),
    ],
)  # fmt: skip
def test_a_distribution_is_added_to_a_group_that_is_installed(remedies: Remedies, command: str) -> None:
    """Otherwise the command would not help."""
    assert remedies.add("leaf") == command


def test_a_function_of_the_noxfile_has_its_settings_in_its_decorator() -> None:
    """Its keys are written as Python does."""
    remedies = _remedies("a:t")
    decorated = Remedies(session=remedies.session, root=remedies.root, decorated=True)
    assert decorated.set("root-groups", ["x"]) == 'set `root_groups=["x"]` in the decorator of `a:t`'
    assert remedies.allow("docker").endswith(f"of `{OWN}` to allow it")

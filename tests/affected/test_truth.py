"""Affected against the truth: workspaces whose sessions read what is written down beside them, and one file that changes.

Who reads the file is computed by following real paths on the disk, with nothing of what is tested.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.workspaces import MemberSpec, lock, write_workspace
from wsnox.affected.since import Since
from wsnox.workspace import discover
from wsnox.workspace.suite import Suite, suite_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

MEMBERS = ("a", "b", "c")
NEEDS = {"a": {"a"}, "b": {"a", "b"}, "c": {"c"}}
"""What each member's session installs of the workspace: `b` depends on `a`."""

FILES = (
    "README.md",
    "docs/guide.md",
    "docs/deep/page.rst",
    "packages/a/data/x.json",
    "packages/b/data/x.json",
    "packages/c/data/x.json",
    "packages/c/notes.md",
)
FOLDERS = ("docs", "docs/deep", "packages/a/data", "packages/c/data", "packages/c")


@dataclass
class Drawn:
    """A workspace under way: where it is, its commands by member, and what each member's session, and each package, reads."""

    root: Path
    commands: dict[str, list[str]] = field(default_factory=lambda: {name: ["python -V"] for name in MEMBERS})
    by_session: dict[str, set[Path]] = field(default_factory=lambda: {name: set() for name in MEMBERS})
    by_package: dict[str, set[Path]] = field(default_factory=lambda: {name: set() for name in MEMBERS})

    def folder(self, member: str) -> Path:
        """Return the folder of *member*."""
        return self.root / "packages" / member

    def append(self, member: str, file: str, text: str) -> None:
        """Add *text* to the *file* of *member*."""
        path = self.folder(member) / file
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)


def _by_command(drawn: Drawn, member: str, target: str) -> None:
    drawn.commands[member].append(f"pytest {{root}}/{target}")
    drawn.by_session[member].add(drawn.root / target)


def _by_relative_command(drawn: Drawn, member: str, target: str) -> None:
    drawn.commands[member].append(f"tool --config=../../{target} -x")
    drawn.by_session[member].add(drawn.root / target)


def _by_shell(drawn: Drawn, member: str, target: str) -> None:
    drawn.commands[member].append(f"sh -c 'cd ../.. && cat {target}'")
    drawn.by_session[member].add(drawn.root / target)


def _by_link(drawn: Drawn, member: str, target: str) -> None:
    link = drawn.folder(member) / f"link{len(drawn.by_package[member])}"
    link.symlink_to(f"../../{target}")
    drawn.by_package[member].add(link)


def _by_chain(drawn: Drawn, member: str, target: str) -> None:
    number = len(list(drawn.root.glob("docs/middle*")))
    (drawn.root / f"docs/middle{number}").symlink_to(f"../{target}")
    (drawn.root / f"docs/outer{number}").symlink_to(f"middle{number}")
    _by_link(drawn, member, f"docs/outer{number}")


def _by_command_through_a_link(drawn: Drawn, member: str, target: str) -> None:
    number = len(list(drawn.root.glob("docs/door*")))
    (drawn.root / f"docs/door{number}").symlink_to(f"../{Path(target).parent}")
    _by_command(drawn, member, f"docs/door{number}/{Path(target).name}")


def _by_setting(drawn: Drawn, member: str, target: str) -> None:
    number = len(drawn.by_package[member])
    drawn.append(member, "pyproject.toml", f'\n[tool.of{number}.force-include]\n"../../{target}" = "inside"\n')
    drawn.by_package[member].add(drawn.root / target)


def _by_requirements(drawn: Drawn, member: str, target: str) -> None:
    drawn.append(member, "requirements.txt", f"-r ../../{target}\n")
    drawn.by_package[member].add(drawn.root / target)


def _by_test(drawn: Drawn, member: str, target: str) -> None:
    steps = '"..", "..", ' + ", ".join(f'"{part}"' for part in target.split("/"))
    drawn.append(member, "test_paths.py", f"PATH = os.path.join(HERE, {steps})\n")
    # Nobody who installs the member runs its tests.
    drawn.by_session[member].add(drawn.root / target)


WAYS: tuple[Any, ...] = (
    _by_command, _by_relative_command, _by_shell, _by_link, _by_chain, _by_command_through_a_link, _by_setting,
    _by_requirements, _by_test,
)  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return a locked workspace to copy."""
    root = tmp_path_factory.mktemp("truth") / "workspace"
    members = [MemberSpec("a"), MemberSpec("b", dependencies=["a"]), MemberSpec("c")]
    write_workspace(root, members, index=wheelhouse, wsnox={"commands": ["python -V"]})
    lock(root)
    for file in FILES:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text("before\n", encoding="utf-8")
    _git(root, "init", "-q", "-b", "main")
    return root


def _git(root: Path, *words: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


def _settle(drawn: Drawn) -> None:
    for member, commands in drawn.commands.items():
        texts = ", ".join(f'"{each}"' for each in commands)
        drawn.append(member, "pyproject.toml", f"\n[tool.wsnox]\ncommands = [{texts}]\n")
    _git(drawn.root, "add", ".")
    _git(drawn.root, "commit", "-q", "-m", "start")


def _truth(drawn: Drawn, changed: Path) -> set[str]:
    """Return the members whose sessions read the *changed* file: in the closure, or by what is written down."""
    real = os.path.realpath(changed)
    return {member for member in MEMBERS if any(_reads(path, real) for path in _all_of(drawn, member))}


def _all_of(drawn: Drawn, member: str) -> Iterator[Path]:
    yield from drawn.by_session[member]
    for package in NEEDS[member]:
        yield drawn.folder(package)
        yield from drawn.by_package[package]


def _reads(path: Path, real: str) -> bool:
    """Tell whether who reads *path*, and all that is in it, links too, reads the file *real*."""
    where = Path(os.path.realpath(path))
    if real == str(where) or real.startswith(f"{where}/"):
        return True
    inside = (each for each in where.rglob("*") if each.is_symlink()) if where.is_dir() else ()
    return any(_leads(each, real) for each in inside)


def _leads(link: Path, real: str) -> bool:
    where = os.path.realpath(link)
    return real == where or real.startswith(f"{where}/")


STEP = st.tuples(st.sampled_from(WAYS), st.sampled_from(MEMBERS), st.sampled_from((*FILES, *FOLDERS)))


@st.composite
def plans(draw: Any) -> tuple[list[tuple[Any, str, str]], str]:
    """Draw who reads what in which way, and the file that changes: mostly one that somebody reads."""
    plan = draw(st.lists(STEP, max_size=3))
    targets = [target for _, _, target in plan]
    read = [file for file in FILES if any(file == each or file.startswith(f"{each}/") for each in targets)]
    return plan, draw(st.sampled_from(read or FILES))


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(plans(), st.sampled_from(["write", "remove"]))
def test_whoever_reads_the_file_is_affected(
    template: Path, drawn_plan: tuple[list[tuple[Any, str, str]], str], how: str
) -> None:
    """All of them are; and where nothing but commands and files of other members name it, nobody else."""
    plan, changed = drawn_plan
    root = template.parent / "drawn"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root, symlinks=True)
    drawn = Drawn(root)
    for way, member, target in plan:
        way(drawn, member, target)
    _settle(drawn)
    truth = _truth(drawn, root / changed)
    if how == "write":
        (root / changed).write_text("after\n", encoding="utf-8")
    else:
        (root / changed).unlink()
    found = Since(suite_of(discover(root)), "HEAD").affected(Suite.configured)
    names = {each.run.title for each in found.runs} & set(MEMBERS)
    assert truth <= names, (truth - names, plan, changed)
    assert not found.everything
    if not plan:
        assert names == truth


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(MEMBERS), st.sampled_from(FILES), st.sampled_from((*FILES, *FOLDERS)))
def test_the_middle_of_a_chain(template: Path, member: str, before: str, after: str) -> None:
    """Where the link in the middle leads elsewhere, or nowhere any more, whoever has the first one is affected."""
    root = template.parent / "chain"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root, symlinks=True)
    drawn = Drawn(root)
    middle = root / "docs/middle.md"
    middle.symlink_to(f"../{before}")
    _by_link(drawn, member, "docs/middle.md")
    _settle(drawn)
    middle.unlink()
    if before != after:
        middle.symlink_to(f"../{after}")
    found = Since(suite_of(discover(root)), "HEAD").affected(Suite.configured)
    names = {each.run.title for each in found.runs} & set(MEMBERS)
    assert {name for name in MEMBERS if member in NEEDS[name]} <= names
    assert not found.everything


HATCH = """
[project]
name = "c"
version = "1.0"
requires-python = ">=3.10"
{project}
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
only-include = ["src/c.py"]
{wheel}
"""


@pytest.mark.parametrize(
    ("project", "wheel", "changed"),
    [
        (
            "",
            '[tool.hatch.build.targets.wheel.force-include]\n"../a/data/x.json" = "c/x.json"',
            "packages/a/data/x.json",
        ),
        ("", '[tool.hatch.build.targets.wheel.force-include]\n"../a/data" = "c/data"', "packages/a/data/x.json"),
        ('readme = "README.md"', "", "README.md"),
        ('license-files = ["LICENSE"]', "", "docs/guide.md"),
    ],
    ids=["file", "folder", "readme behind a link", "license behind a link"],
)
def test_what_a_wheel_is_built_from(template: Path, project: str, wheel: str, changed: str) -> None:
    """A wheel that hatchling builds otherwise, after one file changed, is one whose sessions are affected."""
    pytest.importorskip("hatchling")
    root = template.parent / "built"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root, symlinks=True)
    drawn, folder = Drawn(root), root / "packages/c"
    (folder / "LICENSE").symlink_to("../../docs/guide.md")
    (folder / "README.md").symlink_to("../../README.md")
    (folder / "pyproject.toml").write_text(HATCH.format(project=project, wheel=wheel), encoding="utf-8")
    _settle(drawn)
    before = _built(folder, root.parent / "one")
    (root / changed).write_text("after\n", encoding="utf-8")
    assert _built(folder, root.parent / "two") != before
    found = Since(suite_of(discover(root)), "HEAD").affected(Suite.configured)
    assert "c" in {each.run.title for each in found.runs}
    assert not found.everything


def _built(folder: Path, place: Path) -> dict[str, bytes]:
    """Return the files of the wheel that hatchling builds of *folder*."""
    shutil.rmtree(place, ignore_errors=True)
    words = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", os.fspath(place))
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    with zipfile.ZipFile(next(place.glob("*.whl"))) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}

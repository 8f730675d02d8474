"""Workspaces made by hypothesis, locked by the real uv: wsnox's closures against uv's own answers.

25 workspaces by default, always the same; ``WSNOX_DIFFERENTIAL_EXAMPLES=1000`` makes it a campaign over new ones.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from packaging.markers import default_environment
from packaging.utils import canonicalize_name

from tests.closure.differential import Locked, build_assets, differences, installs, lock_shape, write_shape
from tests.closure.strategies import Shape, selections, shapes
from tests.support.processes import uv
from wsnox.errors import AmbiguousClosureError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WANTED = os.environ.get("WSNOX_DIFFERENTIAL_EXAMPLES")
_EXAMPLES = int(_WANTED or 25)
_SETTINGS = settings(
    phases=(Phase.generate,) if not os.environ.get("WSNOX_DIFFERENTIAL_SHRINK") else tuple(Phase),
    derandomize=not _WANTED,
    database=None,
    print_blob=bool(_WANTED),
    suppress_health_check=list(HealthCheck),
)

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the archives, source trees and git repositories that the workspaces share."""
    return build_assets(tmp_path_factory.mktemp("assets"))


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Return the counts of what was tried; they are printed behind the last test."""
    counts: Counter[str] = Counter()
    yield counts
    assert counts["workspaces locked"] > counts["workspaces without a solution"], "the strategies ask for too much"
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        print("\n" + ", ".join(f"{count} {name}" for name, count in counts.items()))  # noqa: T201 - for who runs it


@st.composite
def _cases(draw: Any, *, buildable: bool, least: int, most: int) -> tuple[Shape, list[tuple[str, ...]]]:
    shape = draw(shapes(buildable=buildable))
    return shape, draw(st.lists(selections(shape), min_size=least, max_size=most, unique=True))


@settings(_SETTINGS, max_examples=_EXAMPLES)
@given(case=_cases(buildable=False, least=12, most=16))
def test_closures_are_those_of_uv_export(
    case: tuple[Shape, list[tuple[str, ...]]], assets: Path, tally: Counter[str]
) -> None:
    """Each selection has, on each platform and Python, the closure that ``uv export`` gives, or is refused as there."""
    shape, chosen = case
    with TemporaryDirectory() as folder:
        root = _locked(shape, Path(folder), assets, tally)
        if root is None:
            return
        comparison = differences(Locked.at(root), chosen)
        for name in ("selections", "answers", "refusals", "ambiguous", "overruled", "undecided"):
            tally[name] += getattr(comparison, name)
        assert not comparison.differing, "\n".join([*comparison.differing, _manifests(root)])


@settings(_SETTINGS, max_examples=max(8, _EXAMPLES // 4))
@given(case=_cases(buildable=True, least=3, most=4))
def test_closures_are_what_uv_sync_installs(
    case: tuple[Shape, list[tuple[str, ...]]], assets: Path, tally: Counter[str]
) -> None:
    """What ``uv sync`` leaves in a real environment is the closure, by name and version."""
    shape, chosen = case
    with TemporaryDirectory() as folder:
        root = _locked(shape, Path(folder), assets, tally)
        if root is not None:
            for flags in chosen:
                _compare_installed(root, flags, tally)


def _compare_installed(root: Path, flags: tuple[str, ...], tally: Counter[str]) -> None:
    environment = {name: str(value) for name, value in default_environment().items()}
    done = uv(root, "sync", "--frozen", *flags)
    answer = installs(root, flags, environment)
    note(f"{' '.join(flags)}: {done.stderr}")
    if done.returncode:
        tally["syncs refused"] += 1
        # The bounds of this interpreter are no part of a closure.
        assert not isinstance(answer, dict) or "interpreter" in done.stderr, _manifests(root)
        return
    if isinstance(answer, AmbiguousClosureError):
        tally["syncs of two packages of one name"] += 1
        installed = [line.split("==")[0] for line in done.stderr.splitlines() if line.startswith(" + ")]
        assert len(set(installed)) != len(installed), done.stderr
        return
    tally["syncs"] += 1
    listed = json.loads(uv(root, "pip", "list", "--format", "json", "--python", str(root / ".venv")).stdout)
    present = {canonicalize_name(row["name"]): row["version"] for row in listed}
    assert answer == present, _manifests(root)


def _locked(shape: Shape, folder: Path, assets: Path, tally: Counter[str]) -> Path | None:
    """Return the root of *shape*, written below *folder* and locked, `None` where uv finds no solution for it."""
    root = write_shape(shape, folder, assets)
    refused = lock_shape(shape, root, assets)
    tally["workspaces without a solution" if refused else "workspaces locked"] += 1
    return None if refused else root


def _manifests(root: Path) -> str:
    return "\n".join(
        f"# {path.relative_to(root)}\n{path.read_text()}"
        for path in sorted(root.rglob("pyproject.toml"))
        if "vendor" not in path.parts
    )

"""What a killed run leaves, made by hand: each kind of half is cleared away, named, and never passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.environment.jobs import prepare, real_job, site_of_job
from tests.environment.makers import plant
from tests.support.installed import broken_records
from tests.support.wheels import Wheel
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

SEED = Wheel("setuptools", "80.0", modules={f"setuptools/m{number}.py": "" for number in range(9)})


def _seed_with_half_a_record(site: Path) -> None:
    # `virtualenv` copies a seed file by file: its RECORD may be cut where the copy was.
    plant(site, SEED)
    record = site / "setuptools-80.0.dist-info" / "RECORD"
    lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
    record.write_text("".join(line for line in lines if "m8" not in line and "m7" not in line), encoding="utf-8")


def _seed_without_files(site: Path) -> None:
    plant(site, SEED)
    for number in range(5):
        (site / "setuptools" / f"m{number}.py").unlink()


def _lost(path: str) -> Callable[[Path], None]:
    return lambda site: (site / path).unlink()


HALVES: dict[str, tuple[Callable[[Path], object], str]] = {
    "half-a-record-of-a-seed": (_seed_with_half_a_record, "setuptools 80.0, m7.py, m8.py"),
    "half-of-a-seed": (_seed_without_files, "setuptools 80.0, setuptools"),
    "a-lost-module": (_lost("humps.py"), "pyhumps 3.8.0"),
    "a-lost-file-of-a-package": (_lost("leaf/py.typed"), "leaf 2.1, leaf"),
    "a-lost-path-file": (_lost("__editable__.member.pth"), "member 1.0"),
    "metadata-under-another-name": (
        lambda site: (site / "leaf-2.1.dist-info").rename(site / "stray-leaf-2.1.dist-info"),
        "leaf 2.1, leaf",
    ),
}


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_halves(workspace: WorkspaceFactory, installer: str) -> None:
    """Each half is mended by one preparation that names it."""
    root = workspace(MemberSpec("member", dependencies=["leaf", "pyhumps"]))
    job = real_job(root, "member", without_uv=installer == "pip")
    prepare(job)
    site = site_of_job(job)
    clean = sorted(path.name for path in site.iterdir())
    wrong = {}
    for name, (break_it, removed) in HALVES.items():
        break_it(site)
        found = ", ".join(prepare(job).removed)
        if found != removed or broken_records(site) or sorted(path.name for path in site.iterdir()) != clean:
            wrong[name] = (found, broken_records(site))
    assert wrong == {}

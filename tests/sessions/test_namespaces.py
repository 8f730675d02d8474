"""The seed scenario of astral-sh/uv#4555: a virtual workspace of namespace packages, tested alone and together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sessions.running import distributions, nox
from tests.support.projects import write_modules
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

TOGETHER = """\
import acme
from acme.core import core
from acme.io import io
from acme.report import report


def test_portions_of_one_namespace():
    assert len(list(acme.__path__)) == 3
    assert (core(), io(), report()) == ("core", "io on core", "report")
"""


def _member(part: str, body: str, dependencies: Sequence[str] = ()) -> MemberSpec:
    test = f"from acme.{part} import {part}\n\n\ndef test_{part}():\n    assert {part}().startswith({part!r})\n"
    return MemberSpec(
        f"acme.{part}",
        path=f"packages/{part}",
        dependencies=dependencies,
        modules={f"acme/{part}/__init__.py": body},
        tests={f"test_{part}.py": test},
        groups={"dev": ["pytest"]},
    )


@pytest.fixture
def root(workspace: WorkspaceFactory, wheelhouse_with_pytest: Path) -> Path:
    """Return a locked virtual workspace of three namespace packages, with a suite of its own at the root."""
    members = (
        _member("core", 'def core():\n    return "core"\n'),
        _member(
            "io",
            "from acme.core import core\n\n\ndef io():\n    return f'io on {core()}'\n",
            ["acme-core"],
        ),
        _member("report", 'def report():\n    return "report"\n'),
    )
    root = workspace(*members, index=wheelhouse_with_pytest, root_groups={"dev": ["pytest"]})
    write_modules(root / "tests", {"test_together.py": TOGETHER})
    return root


def test_alone_and_together(root: Path) -> None:
    """Each member passes with what it declares, and the suite across them passes where all are installed."""
    ran = nox(root)
    names = ["acme-core", "acme-io", "acme-report", "workspace"]
    assert (ran.code, ran.results) == (0, dict.fromkeys(names, "success")), ran.said
    members = {
        session: {name for name in distributions(root, session) if name.startswith("acme")} for session in ran.results
    }
    assert members == {
        "acme-core": {"acme_core-1.0"},
        "acme-io": {"acme_core-1.0", "acme_io-1.0"},
        "acme-report": {"acme_report-1.0"},
        "workspace": {"acme_core-1.0", "acme_io-1.0", "acme_report-1.0"},
    }


def test_the_suite_across_members_needs_them_all(root: Path) -> None:
    """In the environment of one member the suite across them cannot import the others, whatever ran before."""
    assert nox(root, "-s", "workspace").code == 0
    for session, missing in (("acme-core", "acme.io"), ("acme-io", "acme.report"), ("acme-report", "acme.core")):
        manifest = root / "packages" / session.removeprefix("acme-") / "pyproject.toml"
        command = '\n[tool.wsnox]\ncommands = ["pytest {root}/tests"]\n'
        manifest.write_text(manifest.read_text(encoding="utf-8") + command, encoding="utf-8")
        ran = nox(root, "-s", session)
        assert (ran.code, f"No module named '{missing}'" in ran.said) == (1, True), ran.said


def test_a_member_alone_does_not_see_its_siblings(root: Path) -> None:
    """A member that imports its sibling without declaring it fails alone, and passes in the session of all."""
    sly = "from acme.core import core\n\n\ndef report():\n    return 'report'\n"
    (root / "packages" / "report" / "src" / "acme" / "report" / "__init__.py").write_text(sly)
    ran = nox(root, "-s", "workspace", "acme-report")
    assert ran.results == {"workspace": "success", "acme-report": "failed"}, ran.said
    assert "No module named 'acme.core'" in ran.said

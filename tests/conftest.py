"""Fixtures that every floor's tests share: folders of wheels, a factory of locked workspaces, a clean environment."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import HealthCheck, settings

from tests.support.wheels import Wheel, build_sdist, build_wheel, repack_with_dependencies
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# How long an example takes says how busy the machine is, and no test is about that. A test that compares with a real
# tool sets `derandomize` on top: what it finds must not depend on the day.
settings.register_profile("wsnox", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wsnox")

# A shell that runs the tests in the background has them, and all that they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

HUMPS = """\
__version__ = "{version}"


def camelize(text):
    first, *rest = text.split("_")
    return first + "".join(word.title() for word in rest)
"""

STANDARD = (
    Wheel("pyhumps", "3.7.3", modules={"humps.py": HUMPS.format(version="3.7.3")}),
    Wheel("pyhumps", "3.8.0", modules={"humps.py": HUMPS.format(version="3.8.0")}),
    # A leaf with a package folder.
    Wheel("leaf", "2.1", modules={"leaf/__init__.py": '__version__ = "2.1"\n', "leaf/py.typed": ""}),
    Wheel("num", "1.0"),
    Wheel("num", "2.0"),
    Wheel("speedups", "1.0", requires=["num"]),
    Wheel(
        "flavoured", "1.0", requires=["leaf"], extras={"fast": ["speedups"], "loud": ["num>=2 ; sys_platform != 'x'"]}
    ),
    Wheel("marked", "1.0", requires=["winonly ; sys_platform == 'win32'", "backported ; python_full_version < '3.11'"]),
    Wheel("winonly", "1.0"),
    Wheel("backported", "1.0"),
    Wheel("Dotted.Name_Here", "1.0"),
    Wheel(
        "tool-with-script",
        "1.0",
        scripts={"tool-with-script": "tool_with_script:main"},
        modules={
            "tool_with_script.py": '__version__ = "1.0"\n\n\ndef main():\n    print("tool ran")\n',
        },
    ),
)
SOURCE_ONLY = (Wheel("sdist-only", "1.0", requires=["leaf"]),)

# What outside may have set and a test must not see.
FOREIGN = ("UV_", "PIP_", "NOX", "WSNOX_")
FOREIGN_NAMES = (
    # Each process that a test starts would compile all that it imports.
    "PYTHONDONTWRITEBYTECODE",
    *("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "GITHUB_ACTIONS", "GITLAB_CI"),
    *("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"),
)
KEPT = ("UV_CACHE_DIR", "WSNOX_CACHE_DIR")


class WorkspaceFactory(Protocol):
    """Write a workspace below the test's folder, lock it unless told otherwise, and return its root."""

    def __call__(
        self, *members: MemberSpec, name: str = ..., index: Path | None = ..., locked: bool = ..., **options: Any
    ) -> Path:
        """Take the *members*, the *name* of the root's folder, and the *options* of `write_workspace`."""


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the standard wheels and source distributions; treat it as read-only."""
    folder = tmp_path_factory.mktemp("wheelhouse")
    for wheel in STANDARD:
        build_wheel(folder, wheel)
    for wheel in SOURCE_ONLY:
        build_sdist(folder, wheel)
    return folder


@pytest.fixture(scope="session")
def wheelhouse_with_pytest(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the standard wheels and the pytest of this interpreter with all that it needs."""
    folder = tmp_path_factory.mktemp("wheelhouse-with-pytest")
    for file in wheelhouse.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    repack_with_dependencies("pytest", folder)
    return folder


@pytest.fixture
def workspace(tmp_path: Path, wheelhouse: Path) -> WorkspaceFactory:
    """Return a function that writes a workspace below *tmp_path* and locks it with the real uv."""

    def write(
        *members: MemberSpec, name: str = "workspace", index: Path | None = None, locked: bool = True, **options: Any
    ) -> Path:
        root = write_workspace(tmp_path / name, members, index=index or wheelhouse, **options)
        if locked:
            lock(root)
        return root

    return write


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the tests neither read nor write what wsnox keeps for the user who runs them."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("WSNOX_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _no_foreign_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what surrounds the test run out of the tests: uv's, pip's, nox's and CI's variables."""
    for variable in list(os.environ):
        if (variable.startswith(FOREIGN) or variable in FOREIGN_NAMES) and variable not in KEPT:
            monkeypatch.delenv(variable)
    # A test may write into what is installed: by a hard link it would write into uv's cache, and so into other tests.
    monkeypatch.setenv("UV_LINK_MODE", "copy")


@pytest.fixture(autouse=True)
def _no_leftover_sessions() -> Iterator[None]:
    """Leave nox's session registry empty behind each test; a test that never imports nox does not pay for it."""
    yield
    registry = sys.modules.get("nox.registry")
    if registry is not None:
        registry.reset()

"""What uv is told, and what is read of what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wsnox.compiling.uv_compile import _PASSED, _annotated
from wsnox.resolutions.rendering import Annotation

if TYPE_CHECKING:
    from pathlib import Path

SAID = """\
-e ./packages/app
    # via -r request.in
attrs==21.2.0
    # via
    #   -c constraints.txt
    #   app
    #   lib
    # from https://registry.example/simple
forked==1.0 ; python_full_version < '3.12'
    # via app
    # from https://registry.example/simple
forked==2.0 ; python_full_version >= '3.12'
    # via app
pytest==9.0
    # via
    #   app (packages/app/pyproject.toml:dev)
    #   script (packages/script/pyproject.toml)
    #   (pyproject.toml:test)
tool @ git+https://git.example/tool@abc
    # via app
https://files.example/archive-1.0.zip
    # via tool
"""


def test_what_brings_a_package(tmp_path: Path) -> None:
    """Members, groups of members and of the root, and packages are told apart; constraints bring nothing."""
    places = {str(tmp_path / "packages/app"): "app", "https://files.example/archive-1.0.zip": "archive"}
    registry = "https://registry.example/simple"
    assert dict(_annotated(SAID.splitlines(), places, tmp_path)) == {
        ("app", ""): Annotation(()),
        ("attrs", "21.2.0"): Annotation(("app", "lib"), registry),
        ("forked", "1.0"): Annotation(("app",), registry),
        ("forked", "2.0"): Annotation(("app",)),
        ("pytest", "9.0"): Annotation(("app:dev", "script:", ":test")),
        ("tool", ""): Annotation(("app",)),
        ("archive", ""): Annotation(("tool",)),
    }


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        *(
            (name, True)
            for name in ("INDEX", "DEFAULT_INDEX", "INDEX_PRIVATE_PASSWORD", "OFFLINE", "CACHE_DIR", "HTTP_TIMEOUT")
        ),
        *(
            (name, False)
            for name in ("RESOLUTION", "INDEX_STRATEGY", "CONSTRAINT", "NO_BUILD", "CONFIG_FILE", "PYTHON")
        ),
    ],
)
def test_variables(name: str, *, passed: bool) -> None:
    """Where distributions are and how to get them may be said by variables, and not which are taken."""
    assert (_PASSED.fullmatch(f"UV_{name}") is not None) == passed

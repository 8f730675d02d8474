"""The drawing in CONTRIBUTING of one run of a session: each room uses the rooms that are drawn below it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import wsnox

PACKAGE = Path(wsnox.__file__).parent
DRAWING = Path(__file__).parents[1] / "CONTRIBUTING.md"
_ROOM = re.compile(r"^(?P<indent> *)(?P<room>[a-z_]+/[a-z_]+\.py) ", re.MULTILINE)


def _drawn() -> list[tuple[str, str]]:
    """Return the rooms of the drawing, each with the one that it is indented below, empty for none."""
    above: list[tuple[int, str]] = []
    drawn = []
    for line in _ROOM.finditer(DRAWING.read_text(encoding="utf-8")):
        indent = len(line["indent"])
        while above and above[-1][0] >= indent:
            above.pop()
        drawn.append((line["room"], above[-1][1] if above else ""))
        above.append((indent, line["room"]))
    return drawn


def _imported(room: str) -> set[str]:
    """Return the rooms that *room* imports, at its top or inside a function."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse((PACKAGE / room).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("wsnox."):
            path = node.module.removeprefix("wsnox.").replace(".", "/")
            modules |= {f"{path}.py", *(f"{path}/{alias.name}.py" for alias in node.names)}
            if (PACKAGE / path / "__init__.py").exists():
                modules |= _imported(f"{path}/__init__.py")
    return modules


@pytest.mark.parametrize(("room", "above"), _drawn())
def test_a_room_is_used_by_the_one_above_it(room: str, above: str) -> None:
    """A drawing that the imports do not bear out would send a reader to the wrong place."""
    assert (PACKAGE / room).is_file()
    assert not above or room in _imported(above)


def _takes_job(room: Path) -> bool:
    """Return whether a function in *room* has a parameter that is a `Job`."""
    parameters = (node for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))) if isinstance(node, ast.arg))
    return any(node.annotation is not None and ast.unparse(node.annotation) == "Job" for node in parameters)


def test_the_drawing_is_of_few_rooms() -> None:
    """From the files that a user wrote to the commands, few rooms are entered, each once, and all that take a job are drawn."""
    rooms = [room for room, _ in _drawn()]
    taking = {f"environment/{file.name}" for file in (PACKAGE / "environment").glob("*.py") if _takes_job(file)}

    assert len(rooms) == len(set(rooms)) <= 12
    assert taking == {f"environment/{name}.py" for name in ("inputs", "lockfile", "prepare", "stamp")}
    assert taking <= set(rooms)

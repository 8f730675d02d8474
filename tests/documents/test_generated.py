"""What is generated agrees with what it is generated from; who changes the one is told how to write the other."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wsnox import errors
from wsnox.cli.command_line import COMMANDS
from wsnox.workspace.config import tool_schema

if TYPE_CHECKING:
    from types import ModuleType

DOCS = Path(__file__).parents[2] / "docs"


def _script(name: str) -> ModuleType:
    """Return the script of this name in the documents' folder."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generate, picture = _script("generate"), _script("picture")


def _text(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", generate.PAGES)
def test_reference_pages_agree(name: str) -> None:
    """A page of the reference is what the code says: `nox -s pages` writes it."""
    assert _text(name) == generate.page(name)


def test_every_key_is_documented() -> None:
    """Each key that the schema knows stands in a table of the page."""
    keys = set(re.findall(r'"([a-z-]+)": \{', json.dumps(_properties(tool_schema()))))
    text = _text("configuration.md")
    assert len(keys) > 20
    assert sorted(key for key in keys if f"`{key}`" not in text and f".{key}" not in text) == []


def _properties(schema: Any) -> dict[str, Any]:
    """Return the keys of all tables of a *schema*, with nothing of what is said of them."""
    found: dict[str, Any] = {}
    for name, value in schema.items() if isinstance(schema, dict) else ():
        if name == "properties":
            found |= {key: {} for key in value}
        found |= _properties(value)
    return found


def test_every_option_is_documented() -> None:
    """Each command and each of its options stands on the page; what every command takes stands at the top."""
    text = _text("commands.md")
    top = text.partition("\n## ")[0]
    for command in COMMANDS.values():
        section = top + text.partition(f"## wsnox {command.name}\n")[2].partition("\n## ")[0]
        options = {option for action in command.parser().arguments for option in action.option_strings} - {"-h"}
        assert [option for option in options if option not in section] == []


def test_every_error_is_documented() -> None:
    """Each kind of error stands under its exit code."""
    text = _text("exit-codes.md")
    for name in errors.__all__:
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, errors.WsnoxError) and not kind.__subclasses__():
            section = text.partition(f"## {kind.exit_code}: ")[2].partition("\n## ")[0]
            assert f"`{name}`" in section


@pytest.mark.real
def test_the_picture_is_of_a_real_run() -> None:
    """The picture in the README shows what the example does today: `nox -s pages` draws it again."""
    lines = picture.transcript()
    for theme in picture.THEMES:
        drawn = (picture.PICTURES / f"leak-{theme}.svg").read_text(encoding="utf-8")
        assert drawn == picture.picture(lines, theme)


def test_the_picture_says_what_it_must() -> None:
    """Light and dark pictures are well-formed, differ in colours alone, and tell the story."""
    trees = [ET.parse(picture.PICTURES / f"leak-{theme}.svg") for theme in picture.THEMES]
    light, dark = (
        ["".join(text.itertext()) for text in tree.iter("{http://www.w3.org/2000/svg}text")] for tree in trees
    )
    assert light == dark
    assert "nox > Session project-a was successful." in light
    assert "ModuleNotFoundError: No module named 'humps'" in light
    assert "nox > Session project-b failed." in light

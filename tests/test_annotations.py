"""Errors as annotations: what the runner of GitHub Actions reads, and when it is told."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wsnox.annotations import annotation, checkout_prefix, print_annotations

COMMAND = re.compile(r"::error (?P<properties>.*?)::(?P<text>.*)")


def _read(line: str) -> tuple[dict[str, str], str]:
    """Read *line* as the runner of GitHub Actions does (actions/runner, ``ActionCommand.TryParseV2``)."""
    command = COMMAND.fullmatch(line)
    assert command, line
    pairs = (pair.split("=", 1) for pair in command["properties"].split(","))
    return {key: _unescaped(value, ":,") for key, value in pairs}, _unescaped(command["text"])


def _unescaped(text: str, more: str = "") -> str:
    for character in f"\r\n{more}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


TEXTS = st.text(st.sampled_from("a:,%\r\n =025DAC3é\u2028\u0085\x0b"), max_size=12) | st.text(max_size=12)


@example("100%25", "%3A", "%0A,:", 1)
@given(TEXTS, TEXTS.filter(bool), TEXTS.filter(bool), st.integers(1, 99))
def test_annotations_come_back_as_they_were(text: str, title: str, file: str, line: int) -> None:
    """Whatever a path or an error has in it, the runner reads one command with the same values."""
    line_of_output = annotation(text, title=title, file=file, line=line)
    assert "\n" not in line_of_output
    assert "\r" not in line_of_output
    assert _read(line_of_output) == ({"file": file, "line": str(line), "title": title}, text)


def test_an_annotation_without_a_place() -> None:
    """What is not known is left out."""
    assert _read(annotation("t", title="x")) == ({"title": "x"}, "t")
    assert _read(annotation("t", title="x", file="f")) == ({"file": "f", "title": "x"}, "t")


@pytest.mark.parametrize(
    ("root", "environ", "prefix"),
    [
        ("/c/w", {"GITHUB_WORKSPACE": "/c/w"}, ""),
        ("/c/w/deep/er", {"GITHUB_WORKSPACE": "/c/w"}, "deep/er/"),
        ("/c/w/deep", {"GITHUB_WORKSPACE": "/c/w/"}, "deep/"),
        ("/c/wide", {"GITHUB_WORKSPACE": "/c/w"}, ""),
        ("/c/w", {}, ""),
        ("/c/w", {"GITHUB_WORKSPACE": ""}, ""),
    ],
)
def test_the_prefix_of_a_workspace_in_its_checkout(root: str, environ: dict[str, str], prefix: str) -> None:
    """Annotations are relative to the checkout, in which the workspace may lie deeper."""
    assert checkout_prefix(Path(root), environ) == prefix


@pytest.mark.parametrize(("variable", "printed"), [("true", "a\né\n"), ("false", ""), (None, "")])
def test_only_github_actions_is_told(variable: str | None, printed: str) -> None:
    """Elsewhere a workflow command would be noise; one that the stream cannot say does not hide the others."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1", newline="")
    print_annotations(["a", "\u4e2d", "é"], {"GITHUB_ACTIONS": variable} if variable else {}, stream)
    stream.seek(0)
    assert stream.read() == printed

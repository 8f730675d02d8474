"""Errors as annotations of GitHub Actions: workflow commands among the output, which its runner reads."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["annotation", "checkout_prefix", "print_annotations"]


def annotation(text: str, *, title: str, file: str = "", line: int = 0) -> str:
    """Return the command that makes GitHub Actions show *text* as an error, at *line* of *file* (relative to its root).

    The escapes are those of its toolkit: a workflow command ends with the line, a property at ``:`` and ``,``.
    """
    properties = {"file": file, "line": str(line) if line else "", "title": title}
    listed = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items() if value)
    return f"::error {listed}::{_escaped(text)}"


def _escaped(text: str, separators: str = "") -> str:
    # A file name may not be valid text, and could then not be printed.
    text = text.encode("utf-8", "backslashreplace").decode()
    for character in f"%\r\n{separators}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def checkout_prefix(root: Path, environ: Mapping[str, str]) -> str:
    """Return where *root* lies in the repository that GitHub Actions checked out, with a ``/`` at its end."""
    top = environ.get("GITHUB_WORKSPACE")
    if not top or not root.is_relative_to(top) or root == Path(top):
        return ""
    return f"{root.relative_to(top).as_posix()}/"


def print_annotations(annotations: Iterable[str], environ: Mapping[str, str], stream: IO[str] | None = None) -> None:
    """Print *annotations* to *stream*, by default stdout, if GitHub Actions reads it, as its variables in *environ* tell."""
    if environ.get("GITHUB_ACTIONS") == "true":
        for line in annotations:
            # A path may have characters that the encoding of the stream lacks; the error itself is shown anyway.
            with suppress(UnicodeEncodeError):
                print(line, file=stream, flush=True)

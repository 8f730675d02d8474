"""Read what a ``setup.py`` says literally; it is never run."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["read_script"]

_KEYS = ("packages", "py_modules", "package_dir", "ext_modules")
_SEARCHES = {"find_packages": False, "find_namespace_packages": True, "find": False}
_ARGUMENTS = ("where", "exclude", "include")


def read_script(path: Path) -> tuple[Mapping[str, Any], bool]:
    """Return the literal arguments of the one call of ``setup``, and whether they are all that it says of packages.

    ``packages`` is a list of names, or the arguments of a search; a script that is not there says nothing, for sure.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes())
    except FileNotFoundError:
        return {}, True
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}, False
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) == "setup"]
    if len(calls) != 1:
        return {}, False
    given = {keyword.arg: keyword.value for keyword in calls[0].keywords}
    said = {key: _said(key, given[key]) for key in _KEYS[:-1] if key in given}
    known = {key: value for key, value in said.items() if value is not None}
    return known, None not in given and len(known) == len(said)


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "id", "") or getattr(call.func, "attr", ""))


def _said(key: str, value: ast.expr) -> Any:
    """Return what *value* says of *key*, `None` where that takes running it, or is of no use."""
    if key == "packages" and isinstance(value, ast.Call):
        return _search(value)
    said = _literal(value)
    if key == "package_dir":
        return said if _are_texts(said, dict) and _are_texts(list(said.values()), list) else None
    return said if _are_texts(said, list | tuple) else None


def _literal(value: ast.expr) -> Any:
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def _are_texts(said: Any, kind: Any) -> bool:
    return isinstance(said, kind) and all(isinstance(item, str) for item in said)


def _search(call: ast.Call) -> Mapping[str, Any] | None:
    """Return the arguments of a `Find` for a *call* of one of the functions that search."""
    name = _called(call)
    if name not in _SEARCHES:
        return None
    given = (*zip(_ARGUMENTS, call.args, strict=False), *((str(each.arg), each.value) for each in call.keywords))
    said = {key: _strings(_literal(value)) for key, value in given}
    if not set(said) <= set(_ARGUMENTS) or None in said.values():
        return None
    return {**said, "namespaces": _SEARCHES[name] or "namespace" in ast.dump(call.func)}


def _strings(said: Any) -> Sequence[str] | None:
    if isinstance(said, str):
        return (said,)
    return tuple(said) if _are_texts(said, list | tuple) else None

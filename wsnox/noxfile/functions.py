"""The functions that a noxfile decorates: where they stand, what they are called, and whether nox could run them."""

from __future__ import annotations

import functools
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["noxfile_of", "refuse_result", "refuse_unfit", "title_of"]

_LAZY = (
    (inspect.iscoroutinefunction, "is `async`, and nox awaits nothing"),
    (inspect.isgeneratorfunction, "has a `yield`, so that nothing of it would run"),
    (inspect.isasyncgenfunction, "has a `yield`, so that nothing of it would run"),
)
"""What only makes a coroutine or a generator when it is called: the session would succeed without having run."""


def title_of(function: Callable[..., object]) -> str:
    """Return the name of *function* in its noxfile."""
    return str(getattr(function, "__name__", type(function).__name__))


def noxfile_of(function: object) -> Path:
    """Return the file that *function* stands in, or the noxfile that nox is loading."""
    while isinstance(function, functools.partial):
        function = function.func
    # A decorator may have wrapped it in a function of its own, which stands elsewhere.
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is not None:
        return Path(code.co_filename)
    return Path(getattr(sys.modules.get("user_nox_module"), "__file__", None) or "noxfile.py")


def refuse_unfit(function: Any, second: str) -> None:
    """Raise `ManifestError` where *function* cannot run as a session, which calls it with itself and a *second* argument.

    Else the mistake would be a traceback after everything is installed, or no mistake at all.
    """
    problem = _unfit(function, second)
    if problem:
        title = title_of(function) if inspect.isfunction(function) and title_of(function).isidentifier() else "types"
        raise ManifestError(
            noxfile_of(function), [problem], hint=f"decorate a function `def {title}(session, {second}):`"
        )


def _unfit(function: Any, second: str) -> str:
    if not callable(function):
        return f"`{function!r}` is no function, and cannot be a session"
    title = title_of(function)
    if inspect.isclass(function) or inspect.isbuiltin(function):
        return f"`{title}` is no function of a noxfile, and cannot be a session"
    # Of an object that is called like a function, the method says what it is.
    for each in (function, getattr(type(function), "__call__", None)):  # noqa: B004 - it is asked what it is
        for is_lazy, problem in _LAZY:
            if is_lazy(each):
                return f"`{title}` {problem}"
    try:
        signature = inspect.signature(function)
    except ValueError:
        return f"`{title}` does not say which arguments it takes"
    try:
        signature.bind(None, None)
    except TypeError:
        return f"`{title}{signature}` cannot be called with `(session, {second})`"
    return ""


def refuse_result(function: Callable[..., object], result: object) -> None:
    """Raise `ManifestError` where the *result* of *function* has still to run: a decorator may hide that it is lazy."""
    if inspect.isawaitable(result) or inspect.isgenerator(result) or inspect.isasyncgen(result):
        problem = f"`{title_of(function)}` returned a {type(result).__name__}, which has not run"
        raise ManifestError(noxfile_of(function), [problem])

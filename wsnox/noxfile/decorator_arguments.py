"""The functions that a noxfile decorates, and the keyword arguments of `wsnox.member` and `wsnox.integration`.

The arguments are the keys of a task's table, with underscores, and are read as the table is: a mistake in a noxfile and
one in a manifest get the same sentence. A function that nox could not run is refused before anything is installed.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

import nox

from wsnox._record import replace
from wsnox.errors import ManifestError
from wsnox.workspace import config
from wsnox.workspace.session_keys import SETTINGS, WORDS
from wsnox.workspace.settings import Settings
from wsnox.workspace.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wsnox.workspace.settings import Integration, Task

    Kind = TypeVar("Kind", Task, Integration)

__all__ = ["KEYS", "Options", "read_integration", "read_task", "refuse", "refuse_pending", "title_of"]

KEYS = {key.replace("-", "_"): key for key in SETTINGS if key != "commands"}
"""The keyword arguments, each with the key of ``[tool.wsnox]`` that it stands for."""


class Options(TypedDict, total=False):
    """What a session of the noxfile may set: each as in ``[tool.wsnox]``, which it overrides.

    - *before* and *after* are commands around the function, each a string or a sequence of words, and *background* are
      tables of commands beside it: ``[{"command": "server {port}", "ready": {"port": "{port}"}}]``.
    - *directory* is where the function runs: below the member, or below ``{root}``.
    - *groups* and *extras* are taken of each member that has them, *root_groups* of the workspace root.
    - *extras* may be variants: ``[["cpu"], ["cuda"]]``, or ``{"cpu": ["cpu"], "gpu": ["cuda"]}``.
    - *pythons* are versions, or the word for a rule; ``editable=False`` installs wheels of the members.
    - *external* are programs from outside of the environment that `nox.Session.run` may start.
    - *tags*, *default* and *requires* mean what they mean to `nox.session`.
    - *description* stands in ``nox -l`` in place of the docstring's first line; *skip* is a reason.
    """

    before: Sequence[str | Sequence[str]]
    after: Sequence[str | Sequence[str]]
    background: Sequence[Mapping[str, object]]
    directory: str
    groups: Sequence[str]
    root_groups: Sequence[str]
    extras: Literal["all"] | Sequence[str] | Sequence[Sequence[str]] | Mapping[str, Sequence[str]]
    pythons: Literal["classifiers", "requires-python"] | Sequence[str]
    editable: bool
    env: Mapping[str, str]
    external: Sequence[str]
    tags: Sequence[str]
    default: bool
    requires: Sequence[str]
    description: str
    skip: str


def read_task(
    function: Callable[..., object],
    *,
    name: str | None,
    members: Sequence[str] | None,
    exclude: Sequence[str] | None,
    options: Options,
) -> tuple[str, Task]:
    """Return the name and the task that *function* stands for."""
    arguments = {**options, "name": name}
    return _read(function, config.read_task, "member", arguments, members=members, exclude=exclude)


def read_integration(
    function: Callable[..., object], *, name: str | None, packages: Sequence[str] | None, options: Options
) -> tuple[str, Integration]:
    """Return the name and the integration session that *function* stands for, over all members if *packages* is `None`."""
    return _read(function, config.read_integration, "members", {**options, "name": name}, packages=packages)


def _read(
    function: Callable[..., object],
    read: Callable[[Table], Kind],
    second: str,
    arguments: Mapping[str, object],
    **selection: Sequence[str] | None,
) -> tuple[str, Kind]:
    """Return the name and what *read* makes of the *arguments* and the *selection* of members that decorate *function*.

    The first line of its docstring describes it unless they do. The session calls it with itself and the argument *second*.
    """
    _refuse_unfit(function, second)
    path, where, problems = _noxfile_of(function), title_of(function), list[str]()
    try:
        raw = {key: _as_toml(value) for key, value in {**arguments, **selection}.items() if value is not None}
    except RecursionError:
        raise ManifestError(path, [f"nested too deeply in `{where}`"]) from None
    Table(raw, path=path, where=where, problems=problems).known_keys((*KEYS, "name", *selection), WORDS)
    keys = {KEYS.get(key, key): value for key, value in raw.items()}
    table = _Keywords(keys, path=path, where=where, problems=problems)
    task, title = read(table), where if table.peek("name") is None else table.string("name")
    name = ("" if title is None else config.read_name(table, title)) or ""
    table.close()
    lines = (inspect.getdoc(function) or "").splitlines()
    settings = task.settings.over(Settings(description=lines[0] if lines else None))
    return name, replace(task, settings=settings)


class _Keywords(Table):
    """The keyword arguments of one call, spelled in errors as in Python."""

    __slots__ = ()

    def dotted(self, key: str) -> str:
        return super().dotted(key.replace("-", "_"))


def _as_toml(value: Any) -> Any:
    """Return *value* as TOML would hold it: keys are strings, and arrays have an order."""
    if isinstance(value, Mapping):
        return {str(key): _as_toml(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_toml(item) for item in value]
    return sorted(value, key=str) if isinstance(value, (set, frozenset)) else value


def refuse(function: object, problems: Iterable[str], *, hint: str = "") -> None:
    """Raise `ManifestError` if there are *problems*, about the noxfile in which *function* stands."""
    if sentences := tuple(problems):
        raise ManifestError(_noxfile_of(function), sentences, hint=hint)


_LAZY = (
    (inspect.iscoroutinefunction, "is `async`, and nox does not await it"),
    (inspect.isgeneratorfunction, "has a `yield`, so nothing in it would run"),
    (inspect.isasyncgenfunction, "has a `yield`, so nothing in it would run"),
)
"""Kinds of functions that only return a coroutine or generator: the session would succeed without having run."""


def _refuse_unfit(function: Any, second: str) -> None:
    """Refuse a *function* that cannot run as a session, which calls it with itself and the argument *second*.

    Otherwise the mistake would be a traceback after everything is installed, or no mistake at all.
    """
    title = title_of(function)
    # The `__call__` of a callable object may be lazy, too.
    candidates = (function, getattr(type(function), "__call__", None))  # noqa: B004 - it is not called
    lazy = next((problem for is_lazy, problem in _LAZY if any(map(is_lazy, candidates))), "")
    if any(function is registered for registered in nox.registry.get().values()):
        refuse(function, [f"`{title}` is a session of nox already"], hint="take `@nox.session` away")
    if not callable(function):
        problem = f"`{function!r}` is not a function, and cannot be a session"
    elif inspect.isclass(function) or inspect.isbuiltin(function):
        problem = f"`{title}` is not a function of a noxfile, and cannot be a session"
    elif lazy:
        problem = f"`{title}` {lazy}"
    else:
        problem = _refused_arguments(function, second)
    if problem:
        name = title if inspect.isfunction(function) and title.isidentifier() else "types"
        refuse(function, [problem], hint=f"decorate a function `def {name}(session, {second}):`")


def _refused_arguments(function: Callable[..., object], second: str) -> str:
    """Return the sentence about a *function* that does not take a session and the argument *second*, empty if it does."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return f"`{title_of(function)}` does not say which arguments it takes"
    try:
        signature.bind(None, None)
    except TypeError:
        return f"`{title_of(function)}{signature}` cannot be called with `(session, {second})`"
    return ""


def refuse_pending(function: Callable[..., object], result: object) -> None:
    """Refuse a *result* of *function* that has yet to run: a decorator may hide that the function is lazy."""
    if inspect.isawaitable(result) or inspect.isgenerator(result) or inspect.isasyncgen(result):
        refuse(function, [f"`{title_of(function)}` returned a {type(result).__name__}, which has not run"])


def title_of(function: Callable[..., object]) -> str:
    """Return the name of *function* in its noxfile."""
    return str(getattr(function, "__name__", type(function).__name__))


def _noxfile_of(function: object) -> Path:
    """Return the file in which *function* stands, or the noxfile that nox is loading."""
    while isinstance(function, functools.partial):
        function = function.func
    # A decorator may have wrapped it in a function of its own, which stands elsewhere.
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is not None:
        return Path(code.co_filename)
    return Path(getattr(sys.modules.get("user_nox_module"), "__file__", None) or "noxfile.py")

"""The keyword arguments of `wsnox.member` and `wsnox.integration`: the keys of a task's table, with underscores.

They are read as the table is, so that a mistake in a noxfile and one in a manifest get the same sentence.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from wsnox.errors import ManifestError
from wsnox.noxfile.functions import noxfile_of, refuse_unfit, title_of
from wsnox.workspace import config
from wsnox.workspace.settings import Settings
from wsnox.workspace.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wsnox.workspace.settings import Integration, Task

__all__ = ["Options", "read_integration", "read_task"]

KEYS = tuple(key.replace("-", "_") for key in config.SETTINGS if key != "commands")


class Options(TypedDict, total=False):
    """What a session of the noxfile may set: each as in ``[tool.wsnox]``, and over what stands there.

    - *groups* and *extras* are taken of each member that has them, *root_groups* of the workspace root.
    - *extras* may be variants: ``[["cpu"], ["cuda"]]``, or ``{"cpu": ["cpu"], "gpu": ["cuda"]}``.
    - *pythons* are versions, or the word for a rule; ``editable=False`` installs wheels of the members.
    - *external* are programs from outside of the environment that `nox.Session.run` may start.
    - *tags*, *default* and *requires* mean what they mean to `nox.session`.
    - *description* stands in ``nox -l`` in place of the docstring's first line; *skip* is a reason.
    """

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


class _Keywords(Table):
    """The keyword arguments of one call, which errors write as Python does."""

    __slots__ = ()

    def dotted(self, key: str) -> str:
        return super().dotted(key).replace("root-groups", "root_groups")


def read_task(
    function: Callable[..., object], *, name: str | None, members: Sequence[str] | None, options: Options
) -> tuple[str, Task]:
    """Return the name and the task that *function* stands for."""
    refuse_unfit(function, "member")
    table = _table(function, {**options, "name": name, "members": members}, ("name", "members"))
    task, found = config.read_task(table), _name(function, table)
    table.close()
    return found, replace(task, settings=_described(function, task.settings))


def read_integration(
    function: Callable[..., object], *, name: str | None, packages: Sequence[str], options: Options
) -> tuple[str, Integration]:
    """Return the name and the integration session that *function* stands for, over all members without *packages*."""
    refuse_unfit(function, "members")
    table = _table(function, {**options, "name": name, "packages": packages or None}, ("name", "packages"))
    integration, found = config.read_integration(table), _name(function, table)
    table.close()
    return found, replace(integration, settings=_described(function, integration.settings))


def _table(function: Callable[..., object], given: Mapping[str, object], more: tuple[str, ...]) -> Table:
    problems: list[str] = []
    path, where = noxfile_of(function), title_of(function)
    try:
        raw = {key: _plain(value) for key, value in given.items() if value is not None}
    except RecursionError:
        raise ManifestError(path, [f"nested too deeply in `{where}`"]) from None
    Table(raw, path=path, where=where, problems=problems).known_keys((*KEYS, *more))
    dashed = {"root-groups" if key == "root_groups" else key: value for key, value in raw.items()}
    return _Keywords(dashed, path=path, where=where, problems=problems)


def _name(function: Callable[..., object], table: Table) -> str:
    name = title_of(function) if table.peek("name") is None else table.string("name")
    return ("" if name is None else config.read_name(table, name)) or ""


def _described(function: Callable[..., object], settings: Settings) -> Settings:
    lines = (inspect.getdoc(function) or "").splitlines()
    return settings.over(Settings(description=lines[0] if lines else None))


def _plain(value: Any) -> Any:
    """Return *value* as TOML would hold it, whose keys are strings and whose arrays have an order."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return sorted(value, key=str) if isinstance(value, (set, frozenset)) else value

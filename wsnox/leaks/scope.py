"""What the names of one file stand for, and what a target says of them: all that a condition can be read with."""

from __future__ import annotations

import ast
from dataclasses import field
from typing import TYPE_CHECKING

from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.closure.target import Target

__all__ = ["UNKNOWN", "Scope", "literal", "read_scope", "spelled", "statements"]

UNKNOWN = object()
"""The value of what only running it would tell."""

_PARTS = ("body", "orelse", "handlers", "cases", "finalbody")


class Scope(Record, kw_only=True):
    """What one file says of its names, and what a target says of the world.

    *names* are the absolute names behind imported ones; *bound* the expressions behind names that are assigned once;
    *flags* the modules whose presence a name tells; *facts* the values of absolute names on the target.
    """

    names: Mapping[str, str]
    bound: Mapping[str, ast.expr]
    facts: Mapping[str, object]
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_scope(tree: ast.Module, target: Target) -> Scope:
    """Return the scope of *tree* on *target*, its flags yet to be found."""
    return Scope(names=dict(_imported(tree)), bound=_bound(tree), facts=_facts(target))


def statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the statements of *body* and all below them, with the handlers and cases that they stand in."""
    for statement in body:
        yield statement
        for part in _PARTS:
            below = getattr(statement, part, ())
            # The body of a lambda or a conditional expression would be no list, but those are no statements.
            yield from statements(below if isinstance(below, list) else ())


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for statement in statements(tree.body):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.asname or alias.name.split(".")[0], alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                # A relative module keeps its dots, so that it is never taken for one of the standard library.
                yield alias.asname or alias.name, f"{'.' * statement.level}{statement.module or ''}.{alias.name}"


def _bound(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the expressions behind the names that one assignment of the file binds, and at the top of the module."""
    counts: dict[str, int] = {}
    for statement in statements(tree.body):
        for name in _targets(statement):
            counts[name] = counts.get(name, 0) + 1
    found = {
        name: top.value for top in tree.body if isinstance(top, ast.Assign | ast.AnnAssign) for name in _targets(top)
    }
    return {name: value for name, value in found.items() if value is not None and counts[name] == 1}


def _targets(statement: ast.AST) -> Iterator[str]:
    match statement:
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
            yield name


def _facts(target: Target) -> dict[str, object]:
    """Return the values, by the absolute name that stands for them in source, that *target* determines."""
    values = dict(target.values)
    release = (*map(int, target.release.split(".")), 0, 0)[:3]
    return {
        "sys.version_info": (*release, "final", 0),
        "sys.hexversion": release[0] << 24 | release[1] << 16 | release[2] << 8 | 0xF0,
        "sys.platform": values.get("sys_platform", UNKNOWN),
        "os.name": values.get("os_name", UNKNOWN),
        "platform.system()": values.get("platform_system", UNKNOWN),
        "platform.machine()": values.get("platform_machine", UNKNOWN),
        "platform.python_implementation()": values.get("platform_python_implementation", UNKNOWN),
        "sys.implementation.name": values.get("implementation_name", UNKNOWN),
        "six.PY2": release[0] == 2,
        "six.PY3": release[0] == 3,
    }


def spelled(expression: ast.AST | None, scope: Scope) -> str:
    """Return the absolute dotted name that *expression* stands for, `()` behind a call, empty where it is none."""
    match expression:
        case ast.Name(id=name):
            return scope.names.get(name, name)
        case ast.Attribute(value=value, attr=attribute):
            owner = spelled(value, scope)
            return f"{owner}.{attribute}" if owner else ""
        case ast.Call(func=function, args=[], keywords=[]):
            called = spelled(function, scope)
            return f"{called}()" if called else ""
    return ""


def literal(call: ast.Call) -> str:
    """Return the absolute module that the first argument of *call* names literally, empty where it does not."""
    arguments = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in ("name", "modname"))]
    match arguments[:1]:
        case [ast.Constant(value=str(module))] if all(part.isidentifier() for part in module.split(".")):
            return module
    return ""

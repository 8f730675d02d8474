"""What the handlers of a file do about an absence: whether they catch it, and which names tell of it afterwards."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from wsnox.leaks.scope import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.leaks.scope import Scope

__all__ = ["catches", "left_constant", "shields"]

_CATCHING = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")
_SHIELDS = ("suppress", "raises", "assertRaises")


def catches(handler: ast.ExceptHandler) -> bool:
    """Tell whether *handler* does something about a module that is not there; to let it pass is nothing."""
    match handler.body:
        case [ast.Raise(exc=None)]:
            return False
    return handler.type is None or _is_import_error(handler.type)


def _is_import_error(expression: ast.expr) -> bool:
    if isinstance(expression, ast.Tuple):
        return any(map(_is_import_error, expression.elts))
    name = getattr(expression, "id", None) or getattr(expression, "attr", None)
    return name in _CATCHING


def shields(expression: ast.expr, scope: Scope) -> bool:
    """Tell whether a ``with`` on *expression* lets an absence pass."""
    if not isinstance(expression, ast.Call):
        return False
    name = spelled(expression.func, scope).rpartition(".")[2]
    return name in _SHIELDS and any(map(_is_import_error, expression.args))


def left_constant(statement: ast.Try) -> Iterator[str]:
    """Yield the names that are set to `True` where the body of *statement* succeeds, or to nothing where it does not."""
    succeeded = _constants([*statement.body, *statement.orelse])
    failed = _constants([handled for handler in statement.handlers if catches(handler) for handled in handler.body])
    yield from (name for name, value in succeeded if value is True)
    yield from (name for name, value in failed if value is None or value is False)


def _constants(body: Iterable[ast.stmt]) -> Iterator[tuple[str, object]]:
    for statement in body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            value = statement.value.value
            yield from ((target.id, value) for target in statement.targets if isinstance(target, ast.Name))

"""What a condition says before anything runs: whether its branch is dead on a target, and which modules are there.

What type checkers know to be constant is known here (typing docs, spec/directives: version and platform checks), with
the names that this file itself binds to such a test, once. Everything else is unknown, and both branches are live.
"""

from __future__ import annotations

import ast
import operator
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.leaks.scope import UNKNOWN, literal, spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wsnox.leaks.records import Guard
    from wsnox.leaks.scope import Scope

__all__ = ["dead", "false", "presence"]

_CHECKING = ("TYPE_CHECKING", "MYPY")
_FINDERS = ("find_spec", "find_loader")
_COMPARE: Mapping[type[ast.cmpop], Callable[..., object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_FIELDS = {"major": 0, "minor": 1, "micro": 2}
_METHODS = ("startswith", "endswith", "lower", "upper")


def dead(test: ast.expr, scope: Scope) -> tuple[Guard, Guard]:
    """Return what keeps the branch of *test*, and the other one, from running: ``typing``, ``never`` or nothing."""
    runs, checked = (_truth(test, scope, checking=checking) for checking in (False, True))
    if runs is None:
        return "", ""
    why: Guard = "never" if checked is runs else "typing"
    return ("", why) if runs else (why, "")


def false(test: ast.expr, scope: Scope) -> bool:
    """Tell whether *test* is known not to hold where it runs."""
    return _truth(test, scope, checking=False) is False


def _truth(test: ast.expr, scope: Scope, *, checking: bool) -> bool | None:
    """Return whether *test* holds, `None` where that is unknown; *checking* as a type checker sees it."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _truth(operand, scope, checking=checking)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=values):
            decisive = isinstance(op, ast.Or)
            parts = [_truth(value, scope, checking=checking) for value in values]
            return decisive if decisive in parts else None if None in parts else not decisive
        case ast.Constant(value=False | 0):
            # Spelled like that long before there was a constant for it.
            return None if checking else False
        case ast.Name() | ast.Attribute() if spelled(test, scope).rpartition(".")[2] in _CHECKING:
            return checking
        case ast.Name(id=name) if name in scope.bound:
            return _truth(scope.bound[name], _unbound(scope), checking=checking)
    value = _value(test, scope)
    return None if value is UNKNOWN else bool(value)


def _unbound(scope: Scope) -> Scope:
    """Return *scope* for what a name is bound to: a name in there is not followed again, or it might have no end."""
    return replace(scope, bound={})


def _value(expression: ast.expr | None, scope: Scope) -> object:
    """Return what *expression* is on the target, `UNKNOWN` where only running it would tell."""
    if (known := scope.facts.get(spelled(expression, scope), UNKNOWN)) is not UNKNOWN:
        return known
    match expression:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            values = tuple(_value(item, scope) for item in items)
            return UNKNOWN if UNKNOWN in values else values
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _compared([_value(each, scope) for each in (left, *comparators)], ops)
        case ast.Attribute(value=owner, attr=name) if name in _FIELDS:
            return _item(_value(owner, scope), _FIELDS[name])
        case ast.Subscript(value=owner, slice=key):
            return _item(_value(owner, scope), _key(key, scope))
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=arguments) if name in _METHODS:
            return _called(_value(owner, scope), name, [_value(argument, scope) for argument in arguments])
    return UNKNOWN


def _key(key: ast.expr, scope: Scope) -> object:
    if not isinstance(key, ast.Slice):
        return _value(key, scope)
    ends = [None if end is None else _value(end, scope) for end in (key.lower, key.upper, key.step)]
    return UNKNOWN if UNKNOWN in ends else slice(*ends)


def _item(owner: object, key: object) -> object:
    if not isinstance(owner, tuple) or not isinstance(key, int | slice):
        return UNKNOWN
    try:
        return owner[key]
    except (IndexError, TypeError, ValueError):
        return UNKNOWN


def _called(owner: object, method: str, arguments: list[object]) -> object:
    if not isinstance(owner, str) or UNKNOWN in arguments:
        return UNKNOWN
    try:
        return getattr(owner, method)(*arguments)
    except TypeError:
        return UNKNOWN


def _compared(values: list[object], ops: list[ast.cmpop]) -> object:
    if UNKNOWN in values or not all(type(op) in _COMPARE for op in ops):
        return UNKNOWN
    pairs = zip(values, values[1:], ops, strict=False)
    try:
        return all(_COMPARE[type(op)](left, right) for left, right, op in pairs)
    except TypeError:
        return UNKNOWN


def presence(test: ast.expr, scope: Scope, *, holds: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the modules that are there, and those that are missing, where *test* *holds*, or where it does not.

    Tests for presence are ``find_spec("x")``, ``"x" in sys.modules``, the scope's flags, and each of them compared with
    `None`. Where one of several is there, all of them are said to be: what stands below can do with the one it needs.
    """
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return presence(operand, scope, holds=not holds)
        case ast.NamedExpr(value=value):
            return presence(value, scope, holds=holds)
        case ast.BoolOp(op=op, values=values) if holds or isinstance(op, ast.Or):
            parts = [presence(value, scope, holds=holds) for value in values]
            return sum((there for there, _ in parts), ()), sum((missing for _, missing in parts), ())
        case ast.Compare(left=ast.Constant(value=str(module)), ops=[ast.In() | ast.NotIn() as op], comparators=[where]):
            found = module if spelled(where, scope) == "sys.modules" else ""
            return _told(found, there=isinstance(op, ast.In) is holds)
        case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=None)]):
            return presence(left, scope, holds=isinstance(op, ast.IsNot | ast.NotEq) is holds)
        case ast.Call(func=function) if spelled(function, scope).rpartition(".")[2] in _FINDERS:
            return _told(literal(test), there=holds)
        case ast.Call(func=ast.Name(id="bool"), args=[value]):
            return presence(value, scope, holds=holds)
        case ast.Name(id=name) if name in scope.flags:
            return (scope.flags[name], ()) if holds else ((), scope.flags[name])
        case ast.Name(id=name) if name in scope.bound:
            return presence(scope.bound[name], _unbound(scope), holds=holds)
    return (), ()


def _told(module: str, *, there: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = (module,) if module else ()
    return (found, ()) if there else ((), found)

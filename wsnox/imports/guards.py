"""What keeps an import from being needed: a branch that is dead on a target, a test for presence, a handled absence.

Conditions that type checkers treat as constant count as constant (typing docs, spec/directives: version and platform
checks), and so do names that the file binds to such a condition, once. Everything else is unknown, and both branches are live.
"""

from __future__ import annotations

import ast
import operator
from collections import Counter
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record, replace
from wsnox.imports.shipped import top_level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wsnox.markers.target import Target

__all__ = [
    "TRIES",
    "Guard",
    "Scope",
    "catches",
    "dead",
    "false",
    "literal",
    "presence",
    "read_scope",
    "shields",
    "spelled",
]

Guard = Literal["", "typing", "optional", "fallback", "never"]
"""What keeps an import from being needed: only type checkers see it; its absence is handled; it runs where others are
missing; its branch is dead on the target."""

TRIES: tuple[type[ast.Try], ...] = (ast.Try, getattr(ast, "TryStar", ast.Try))
"""``except*`` is a statement of its own since Python 3.11, with the same parts."""

Modules = tuple[str, ...]


class Scope(Record, kw_only=True):
    """The names of one file, and what they are on a target.

    *names* are the absolute names behind imported ones; *bound* the expressions behind names that are assigned once;
    *flags* the modules whose presence a name tells; *facts* the values of absolute names on the target.
    """

    names: Mapping[str, str]
    bound: Mapping[str, ast.expr]
    flags: Mapping[str, Modules]
    facts: Mapping[str, object]


def read_scope(tree: ast.Module, target: Target) -> Scope:
    """Return the scope of *tree* on *target*."""
    names: dict[str, str] = {}
    assignments = Counter[str]()
    flags: dict[str, Modules] = {}
    for statement in _statements(tree.body):
        assignments.update(_assigned(statement))
        match statement:
            case ast.Import(names=aliases):
                for alias in aliases:
                    top = top_level(alias.name)
                    names[alias.asname or top] = alias.name if alias.asname else top
            case ast.ImportFrom(module=module, names=aliases, level=level):
                # A relative module keeps its dots, so that it is never taken for one of the standard library.
                prefix = f"{'.' * level}{module or ''}"
                names.update((alias.asname or alias.name, f"{prefix}.{alias.name}") for alias in aliases)
            case _ if isinstance(statement, TRIES) and (modules := _imported(statement.body)):
                flags.update(dict.fromkeys(_flags(statement), modules))
    bound = {
        name: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
        for name in _assigned(statement)
        if assignments[name] == 1
    }
    return Scope(names=names, bound=bound, flags=flags, facts=_facts(target))


_PARTS = ("body", "orelse", "handlers", "cases", "finalbody")


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the statements of *body* and all below them, with the handlers and cases that they stand in."""
    for statement in body:
        yield statement
        for part in _PARTS:
            nested = getattr(statement, part, ())
            # The body of a lambda or a conditional expression is not a list, but those are not statements.
            yield from _statements(nested if isinstance(nested, list) else ())


def _assigned(statement: ast.AST) -> Iterator[str]:
    """Yield the names that *statement* assigns."""
    match statement:
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
            yield name


def _imported(body: Iterable[ast.stmt]) -> Modules:
    """Return the absolute modules that *body* imports."""
    modules: list[str] = []
    for statement in _statements(body):
        match statement:
            case ast.Import(names=aliases):
                modules += (alias.name for alias in aliases)
            case ast.ImportFrom(module=str(module), level=0):
                modules.append(module)
    return tuple(dict.fromkeys(modules))


def _flags(statement: ast.Try) -> Iterator[str]:
    """Yield the names that are `True` after *statement* where its imports succeed, or `None` or `False` where they fail."""
    handlers = [*filter(catches, statement.handlers)]
    failing = [nested for handler in handlers for nested in handler.body]
    succeeding = [*statement.body, *statement.orelse] if handlers else []
    for body, constants in ((succeeding, (True,)), (failing, (None, False))):
        for nested in body:
            match nested:
                case ast.Assign(value=ast.Constant(value=value)) if any(value is constant for constant in constants):
                    yield from _assigned(nested)


_MARKER_VARIABLES = {
    "sys.platform": "sys_platform",
    "os.name": "os_name",
    "platform.system()": "platform_system",
    "platform.machine()": "platform_machine",
    "platform.python_implementation()": "platform_python_implementation",
    "sys.implementation.name": "implementation_name",
}


def _facts(target: Target) -> dict[str, object]:
    """Return the values, by the absolute name that stands for them in source, that *target* determines."""
    release = (*map(int, target.release.split(".")), 0, 0)[:3]
    values = dict(target.values)
    return {
        "sys.version_info": (*release, "final", 0),
        "sys.hexversion": release[0] << 24 | release[1] << 16 | release[2] << 8 | 0xF0,
        "six.PY2": release[0] == 2,
        "six.PY3": release[0] == 3,
        **{name: values[variable] for name, variable in _MARKER_VARIABLES.items() if variable in values},
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


# Conditions: what they are on the target, and whose presence they test.

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
    guard: Guard = "never" if checked is runs else "typing"
    return ("", guard) if runs else (guard, "")


def false(test: ast.expr, scope: Scope) -> bool:
    """Return whether *test* is known not to hold where it runs."""
    return _truth(test, scope, checking=False) is False


def _bound(name: str, scope: Scope) -> tuple[ast.expr, Scope]:
    """Return the expression that *name* is bound to, with its scope: names in it are not followed, so that this ends."""
    return scope.bound[name], replace(scope, bound={})


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
            # How `TYPE_CHECKING` was spelled before it existed.
            return None if checking else False
        case ast.Name() | ast.Attribute() if spelled(test, scope).rpartition(".")[2] in _CHECKING:
            return checking
        case ast.Name(id=name) if name in scope.bound:
            return _truth(*_bound(name, scope), checking=checking)
    try:
        return bool(_value(test, scope))
    except (_UnknownError, IndexError, KeyError, TypeError, ValueError):
        # What would fail is as unknown as what only running it would tell.
        return None


class _UnknownError(Exception):
    """Only running an expression would tell its value."""


def _value(expression: ast.expr, scope: Scope) -> object:
    """Return what *expression* is on the target; raise `_UnknownError` where only running it would tell."""
    if (name := spelled(expression, scope)) in scope.facts:
        return scope.facts[name]
    match expression:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return tuple(_value(item, scope) for item in items)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            operators = [_COMPARE[type(op)] for op in ops]
            operands = [_value(operand, scope) for operand in (left, *comparators)]
            return all(compare(*pair) for compare, *pair in zip(operators, operands, operands[1:], strict=False))
        case ast.Attribute(value=owner, attr=name) if name in _FIELDS:
            return _item(_value(owner, scope), _FIELDS[name])
        case ast.Subscript(value=owner, slice=ast.Slice(lower=lower, upper=upper, step=step)):
            ends = (None if end is None else _value(end, scope) for end in (lower, upper, step))
            return _item(_value(owner, scope), slice(*ends))
        case ast.Subscript(value=owner, slice=index):
            return _item(_value(owner, scope), _value(index, scope))
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=arguments) if name in _METHODS:
            text = _value(owner, scope)
            if isinstance(text, str):
                return getattr(text, name)(*(_value(argument, scope) for argument in arguments))
    raise _UnknownError


def _item(owner: object, key: object) -> object:
    if isinstance(owner, tuple) and isinstance(key, int | slice):
        return owner[key]
    raise _UnknownError


def presence(test: ast.expr, scope: Scope, *, holds: bool) -> tuple[Modules, Modules]:
    """Return the modules that are present, and those that are missing, where *test* *holds*, or where it does not.

    Tests for presence are ``find_spec("x")``, ``"x" in sys.modules``, the scope's flags, and each of them compared with
    `None`. If one of several is present, all of them count as present: what stands below can do with the one it needs.
    """
    modules: Modules = ()
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return presence(operand, scope, holds=not holds)
        case ast.NamedExpr(value=value) | ast.Call(func=ast.Name(id="bool"), args=[value]):
            return presence(value, scope, holds=holds)
        case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=None)]):
            return presence(left, scope, holds=isinstance(op, ast.IsNot | ast.NotEq) is holds)
        case ast.BoolOp(op=op, values=values) if holds or isinstance(op, ast.Or):
            parts = [presence(value, scope, holds=holds) for value in values]
            return sum((present for present, _ in parts), ()), sum((missing for _, missing in parts), ())
        case ast.Name(id=name) if name in scope.flags:
            modules = scope.flags[name]
        case ast.Name(id=name) if name in scope.bound:
            return presence(*_bound(name, scope), holds=holds)
        case ast.Call(func=function) if spelled(function, scope).rpartition(".")[2] in _FINDERS:
            modules = tuple(filter(None, [literal(test)]))
        case ast.Compare(left=ast.Constant(value=str(module)), ops=[ast.In() | ast.NotIn() as op], comparators=[right]):
            modules = (module,) if module and spelled(right, scope) == "sys.modules" else ()
            holds = isinstance(op, ast.In) is holds
    return (modules, ()) if holds else ((), modules)


# How a file handles a missing module.

_CATCHING = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")
_SHIELDS = ("suppress", "raises", "assertRaises")


def catches(handler: ast.ExceptHandler) -> bool:
    """Return whether *handler* handles a missing module, rather than only raising the error again."""
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
    """Return whether a ``with`` on *expression* tolerates a missing module."""
    if not isinstance(expression, ast.Call):
        return False
    name = spelled(expression.func, scope).rpartition(".")[2]
    return name in _SHIELDS and any(map(_is_import_error, expression.args))

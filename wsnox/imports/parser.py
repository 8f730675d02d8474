"""Read the imports of one source file, each with what keeps it from being needed.

How guards nest: what is dead stays dead whatever stands inside; an import whose absence is handled anywhere around it
is optional, even where it is a fallback as well. A function runs later than the place that defines it: a ``try`` or a
``suppress`` around its definition does not guard its body, a condition or a handler that it is defined under does.

The ``else`` of a ``try`` whose body imports runs only where that import succeeded: its imports are optional, as they
are below ``if find_spec("x")``.
"""

from __future__ import annotations

import ast
import math
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.imports.guards import (
    catches,
    dead,
    false,
    left_constant,
    literal,
    presence,
    read_scope,
    shields,
    spelled,
    statements,
)
from wsnox.imports.model import Import

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wsnox.imports.guards import Scope
    from wsnox.imports.model import Guard
    from wsnox.markers.target import Target

__all__ = ["read_imports"]

_IMPORTERS = ("__import__", "builtins.__import__", "importlib.import_module", "importlib.__import__")
_SKIP = "importorskip"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)

# `except*` is a statement of its own since Python 3.11, with the same parts.
_TRIES: tuple[type[ast.Try], ...] = (ast.Try, getattr(ast, "TryStar", ast.Try))


class _Here(Record, kw_only=True):
    """What is known at a place: *handled* holds as long as it runs at once, everything else for functions as well."""

    file: str
    dynamic: bool = False
    lazy: bool = False
    dead: Guard = ""
    handled: bool = False
    there: bool = False
    instead: tuple[str, ...] = ()

    @property
    def guard(self) -> Guard:
        if self.dead:
            return self.dead
        if self.handled or self.there:
            return "optional"
        return "fallback" if self.instead else ""

    def found(self, module: str, line: int, names: tuple[str, ...] = ()) -> Import:
        """Return the import of *module* at *line* of this place."""
        guard = self.guard
        instead = self.instead if guard == "fallback" else ()
        return Import(
            module=module, names=names, file=self.file, line=line, lazy=self.lazy, guard=guard, instead=instead
        )


def read_imports(source: bytes, file: str, target: Target) -> tuple[Import, ...] | None:
    """Return the absolute imports of *source* by line, as *target* would run it; *file* is only written down.

    `None` is returned for what this Python cannot parse: Python 2, a newer syntax, null bytes, too deep a nesting.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        return _read(tree, source, file, target)
    except _UNREADABLE:
        return None


def _read(tree: ast.Module, source: bytes, file: str, target: Target) -> tuple[Import, ...]:
    # Only the few files that hold such a name are worth a walk through all their expressions.
    here = _Here(file=file, dynamic=any(word in source for word in (b"__import__", b"import_module", b"importorskip")))
    scope = read_scope(tree, target)
    scope = replace(scope, flags=dict(_flags(tree, here, scope)))
    found = sorted(_block(tree.body, here, scope), key=lambda each: each.line)
    skips = tuple(_skips(tree, math.inf, scope)) if b"importorskip" in source else ()
    return tuple(_seen_in_context(found, skips))


def _seen_in_context(found: Sequence[Import], skips: Sequence[tuple[str, int, float]]) -> Iterator[Import]:
    """Yield what was *found*, optional where the file said before that it can do without the same distribution.

    That is an import behind one of the *skips*, and a lazy one of what is optional when the module is imported.
    """
    spared = {_top(each.module) for each in found if each.guard == "optional" and not each.lazy}
    for each in found:
        top = _top(each.module)
        skipped = any(top == module and first <= each.line <= last for module, first, last in skips)
        if not each.guard and (skipped or (each.lazy and top in spared)):
            yield replace(each, guard="optional")
        else:
            yield each


def _top(module: str) -> str:
    return module.partition(".")[0]


def _skips(node: ast.AST, last: float, scope: Scope) -> Iterator[tuple[str, int, float]]:
    """Yield what ``pytest.importorskip`` names below *node*, with the lines from which and to which it is there."""
    for child in ast.iter_child_nodes(node):
        end = child.end_lineno or last if isinstance(child, _FUNCTIONS) else last
        if isinstance(child, ast.Call) and _is_skip(child, scope):
            yield _top(literal(child)), child.lineno, last
        yield from _skips(child, end, scope)


def _is_skip(call: ast.Call, scope: Scope) -> bool:
    return spelled(call.func, scope).rpartition(".")[2] == _SKIP


def _flags(tree: ast.Module, here: _Here, scope: Scope) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names that a ``try`` of *tree* leaves true or false, with the modules that its body imports."""
    for statement in statements(tree.body):
        if isinstance(statement, _TRIES) and any(map(catches, statement.handlers)):
            modules = _run(_block(statement.body, replace(here, handled=True), scope), lazy=False)
            for name in left_constant(statement) if modules else ():
                yield name, modules


def _block(body: Iterable[ast.stmt], here: _Here, scope: Scope) -> Iterator[Import]:
    for statement in body:
        yield from _statement(statement, here, scope)
        if here.dynamic:
            yield from _calls(statement, here, scope)
        if not here.dead and _is_the_end(statement, scope):
            here = replace(here, dead="never")


def _is_the_end(statement: ast.stmt, scope: Scope) -> bool:
    """Tell whether nothing behind *statement* runs on the target: a false assertion, a branch taken that leaves."""
    match statement:
        case ast.Assert(test=test):
            return false(test, scope)
        case ast.If(test=test, body=[*_, last]) if isinstance(last, _LEAVING):
            return dead(test, scope)[1] == "never"
    return False


def _statement(statement: ast.stmt, here: _Here, scope: Scope) -> Iterator[Import]:
    match statement:
        case ast.Import(names=names):
            yield from (here.found(alias.name, statement.lineno) for alias in names)
        case ast.ImportFrom(module=str(module), names=names, level=0) if module != "__future__":
            yield here.found(module, statement.lineno, tuple(alias.name for alias in names))
        case ast.If():
            yield from _if(statement, here, scope)
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            handled = here.handled or any(shields(item.context_expr, scope) for item in items)
            yield from _block(body, replace(here, handled=handled), scope)
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            yield from _block(body, replace(here, lazy=True, handled=False), scope)
        case ast.Match(cases=cases):
            for case in cases:
                yield from _block(case.body, here, scope)
        case _ if isinstance(statement, _TRIES):
            yield from _try(statement, here, scope)
        case _:
            for part in ("body", "orelse"):
                yield from _block(getattr(statement, part, ()), here, scope)


def _if(statement: ast.If, here: _Here, scope: Scope) -> Iterator[Import]:
    test, guards = statement.test, dead(statement.test, scope)
    for body, guard, holds in ((statement.body, guards[0], True), (statement.orelse, guards[1], False)):
        there, missing = presence(test, scope, holds=holds)
        inside = replace(
            here,
            lazy=here.lazy or (holds and _is_main(test)),
            dead=here.dead or guard,
            there=here.there or bool(there),
            instead=_joined(here.instead, missing),
        )
        yield from _block(body, inside, scope)


def _joined(outer: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*outer, *inner)))


def _is_main(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Compare(left=ast.Constant(value="__main__"), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]):
            return True
        case ast.BoolOp(op=ast.And(), values=values):
            return any(map(_is_main, values))
    return False


def _try(statement: ast.Try, here: _Here, scope: Scope) -> Iterator[Import]:
    catching = [handler for handler in statement.handlers if catches(handler)]
    found = tuple(_block(statement.body, replace(here, handled=here.handled or bool(catching)), scope))
    modules = _run(found, lazy=here.lazy) if catching else ()
    yield from found
    yield from _block(statement.orelse, replace(here, there=here.there or bool(modules)), scope)
    for handler in statement.handlers:
        missing = modules if handler in catching else ()
        yield from _block(handler.body, replace(here, instead=_joined(here.instead, missing)), scope)
    yield from _block(statement.finalbody, here, scope)


def _run(body: Iterable[Import], *, lazy: bool) -> tuple[str, ...]:
    """Return the modules that the guarded *body* of a ``try`` imports when it runs, itself at once or *lazy*."""
    return tuple(dict.fromkeys(each.module for each in body if each.guard == "optional" and each.lazy in (False, lazy)))


def _calls(node: ast.AST, here: _Here, scope: Scope) -> Iterator[Import]:
    """Yield what calls import in the expressions of *node* itself, not in the statements below it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        if isinstance(child, ast.Call):
            yield from _called(child, here, scope)
        inside = replace(here, lazy=True, handled=False) if isinstance(child, ast.Lambda) else here
        yield from _calls(child, inside, scope)


def _called(call: ast.Call, here: _Here, scope: Scope) -> Iterator[Import]:
    module = literal(call)
    if module and _is_skip(call, scope):
        yield replace(here, handled=True).found(module, call.lineno)
    elif module and spelled(call.func, scope) in _IMPORTERS:
        yield here.found(module, call.lineno)

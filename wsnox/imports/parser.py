"""Read the imports of source files, each with what keeps it from being needed.

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
from wsnox.files import read_regular
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
from wsnox.imports.shipped import top_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from wsnox.imports.guards import Guard, Scope
    from wsnox.markers.target import Target

__all__ = ["Import", "ParsedFiles", "parse_files", "read_imports"]

_IMPORTERS = ("__import__", "builtins.__import__", "importlib.import_module", "importlib.__import__")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)

# `except*` is a statement of its own since Python 3.11, with the same parts.
_TRIES: tuple[type[ast.Try], ...] = (ast.Try, getattr(ast, "TryStar", ast.Try))


class Import(Record, kw_only=True):
    """An absolute import at *line* of *file* (POSIX, relative to the tree that was read).

    ``import a.b`` is the module ``a.b``; ``from a.b import c, d`` is ``a.b`` with the *names* ``c`` and ``d``, each of
    which may be a module as well. *lazy* is an import that runs later than its module: in a function, or as a script.
    *guard* keeps it from being needed; a ``fallback`` runs where none of the modules *instead* is installed.
    """

    module: str
    names: tuple[str, ...] = ()
    file: str
    line: int
    lazy: bool = False
    guard: Guard = ""
    instead: tuple[str, ...] = ()


class _Context(Record, kw_only=True):
    """What is known of the imports at one point of *file*.

    They run *lazy*, later than the module; *dead* says why they never run. Their absence is *handled*, which ends where a
    function begins; a module is *present* without which they would not run, or the modules *instead* are not.
    *calls* says whether the file has calls that may import.
    """

    file: str
    calls: bool = False
    lazy: bool = False
    dead: Guard = ""
    handled: bool = False
    present: bool = False
    instead: tuple[str, ...] = ()

    def imported(self, module: str, line: int, names: tuple[str, ...] = ()) -> Import:
        """Return the import of *module* at *line*."""
        guard = self.dead or ("optional" if self.handled or self.present else "fallback" if self.instead else "")
        instead = self.instead if guard == "fallback" else ()
        return Import(
            module=module, names=names, file=self.file, line=line, lazy=self.lazy, guard=guard, instead=instead
        )

    def without(self, modules: Iterable[str]) -> _Context:
        """Return the context of what runs where one of *modules* is missing, too."""
        return replace(self, instead=tuple(dict.fromkeys((*self.instead, *modules))))


def read_imports(source: bytes, file: str, target: Target) -> tuple[Import, ...] | None:
    """Return the absolute imports of *source* by line, as *target* would run it; *file* is only recorded.

    `None` is returned for what this Python cannot parse: Python 2, a newer syntax, null bytes, too deep a nesting.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    # Only the few files that hold such a name are worth a walk through all their expressions.
    calls = any(name in source for name in (b"__import__", b"import_module", b"importorskip"))
    context = _Context(file=file, calls=calls)
    try:
        scope = read_scope(tree, target)
        scope = replace(scope, flags=dict(_flags(tree, context, scope)))
        imports = sorted(_block(tree.body, context, scope), key=lambda imported: imported.line)
        skips = tuple(_skips(tree, math.inf, scope)) if b"importorskip" in source else ()
    except RecursionError:
        return None
    return tuple(_seen_in_context(imports, skips))


def _seen_in_context(imports: Sequence[Import], skips: Sequence[tuple[str, int, float]]) -> Iterator[Import]:
    """Yield *imports*, optional where the file has shown that it can do without the same distribution.

    That is an import after one of the *skips*, and a lazy one of what is optional when the module is imported.
    """
    optional = {
        top_level(imported.module) for imported in imports if imported.guard == "optional" and not imported.lazy
    }
    for imported in imports:
        top = top_level(imported.module)
        is_skipped = any(top == module and first <= imported.line <= last for module, first, last in skips)
        if not imported.guard and (is_skipped or (imported.lazy and top in optional)):
            yield replace(imported, guard="optional")
        else:
            yield imported


def _skips(node: ast.AST, last: float, scope: Scope) -> Iterator[tuple[str, int, float]]:
    """Yield what ``pytest.importorskip`` names below *node*, with the first and the last line where it is present."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and _is_skip(child, scope):
            yield top_level(literal(child)), child.lineno, last
        yield from _skips(child, child.end_lineno or last if isinstance(child, _FUNCTIONS) else last, scope)


def _is_skip(call: ast.Call, scope: Scope) -> bool:
    return spelled(call.func, scope).rpartition(".")[2] == "importorskip"


def _flags(tree: ast.Module, context: _Context, scope: Scope) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names that a ``try`` of *tree* leaves true or false, with the modules that its body imports."""
    for statement in statements(tree.body):
        if isinstance(statement, _TRIES) and any(map(catches, statement.handlers)):
            modules = _optional_modules(_block(statement.body, replace(context, handled=True), scope), lazy=False)
            for name in left_constant(statement) if modules else ():
                yield name, modules


def _block(body: Iterable[ast.stmt], context: _Context, scope: Scope) -> Iterator[Import]:
    for statement in body:
        yield from _statement(statement, context, scope)
        if context.calls:
            yield from _calls(statement, context, scope)
        if not context.dead and _ends_block(statement, scope):
            context = replace(context, dead="never")


def _ends_block(statement: ast.stmt, scope: Scope) -> bool:
    """Return whether nothing after *statement* runs on the target: a false assertion, a branch that is taken and leaves."""
    match statement:
        case ast.Assert(test=test):
            return false(test, scope)
        case ast.If(test=test, body=[*_, last]) if isinstance(last, _LEAVING):
            return dead(test, scope)[1] == "never"
    return False


def _statement(statement: ast.stmt, context: _Context, scope: Scope) -> Iterator[Import]:
    match statement:
        case ast.Import(names=names):
            yield from (context.imported(alias.name, statement.lineno) for alias in names)
        case ast.ImportFrom(module=str(module), names=names, level=0) if module != "__future__":
            yield context.imported(module, statement.lineno, tuple(alias.name for alias in names))
        case ast.If():
            yield from _if(statement, context, scope)
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            handled = context.handled or any(shields(item.context_expr, scope) for item in items)
            yield from _block(body, replace(context, handled=handled), scope)
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            yield from _block(body, replace(context, lazy=True, handled=False), scope)
        case ast.Match(cases=cases):
            for case in cases:
                yield from _block(case.body, context, scope)
        case _ if isinstance(statement, _TRIES):
            yield from _try(statement, context, scope)
        case _:
            for part in ("body", "orelse"):
                yield from _block(getattr(statement, part, ()), context, scope)


def _if(statement: ast.If, context: _Context, scope: Scope) -> Iterator[Import]:
    test, guards = statement.test, dead(statement.test, scope)
    for body, guard, holds in ((statement.body, guards[0], True), (statement.orelse, guards[1], False)):
        present, missing = presence(test, scope, holds=holds)
        branch = replace(
            context,
            lazy=context.lazy or (holds and _is_main(test)),
            dead=context.dead or guard,
            present=context.present or bool(present),
        )
        yield from _block(body, branch.without(missing), scope)


def _is_main(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Compare(left=ast.Constant(value="__main__"), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]):
            return True
        case ast.BoolOp(op=ast.And(), values=values):
            return any(map(_is_main, values))
    return False


def _try(statement: ast.Try, context: _Context, scope: Scope) -> Iterator[Import]:
    catching = [handler for handler in statement.handlers if catches(handler)]
    body = replace(context, handled=context.handled or bool(catching))
    imports = tuple(_block(statement.body, body, scope))
    modules = _optional_modules(imports, lazy=context.lazy) if catching else ()
    yield from imports
    yield from _block(statement.orelse, replace(context, present=context.present or bool(modules)), scope)
    for handler in statement.handlers:
        yield from _block(handler.body, context.without(modules) if handler in catching else context, scope)
    yield from _block(statement.finalbody, context, scope)


def _optional_modules(imports: Iterable[Import], *, lazy: bool) -> tuple[str, ...]:
    """Return the modules of the *imports* in a guarded ``try`` that run when it does, itself at once or *lazy*."""
    modules = (
        imported.module for imported in imports if imported.guard == "optional" and imported.lazy in (False, lazy)
    )
    return tuple(dict.fromkeys(modules))


def _calls(node: ast.AST, context: _Context, scope: Scope) -> Iterator[Import]:
    """Yield what calls import in the expressions of *node* itself, not in the statements below it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        if isinstance(child, ast.Call):
            yield from _called(child, context, scope)
        inner = replace(context, lazy=True, handled=False) if isinstance(child, ast.Lambda) else context
        yield from _calls(child, inner, scope)


def _called(call: ast.Call, context: _Context, scope: Scope) -> Iterator[Import]:
    module = literal(call)
    if module and _is_skip(call, scope):
        yield replace(context, handled=True).imported(module, call.lineno)
    elif module and spelled(call.func, scope) in _IMPORTERS:
        yield context.imported(module, call.lineno)


class ParsedFiles(Record, kw_only=True):
    """The *imports* of some files, and the files *unparsed*: their syntax may be newer than this Python."""

    imports: tuple[Import, ...]
    unparsed: tuple[str, ...]


def parse_files(directory: Path, files: Iterable[str], target: Target) -> ParsedFiles:
    """Return the imports of *files* below *directory* on *target*; a file that cannot be read has none."""
    imports: list[Import] = []
    unparsed: list[str] = []
    for file in files:
        try:
            source = read_regular(directory / file)
        except OSError:
            continue
        parsed = read_imports(source, file, target)
        imports += parsed or ()
        if parsed is None:
            unparsed.append(file)
    return ParsedFiles(imports=tuple(imports), unparsed=tuple(unparsed))

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
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.files import read_regular
from wsnox.imports.guards import TRIES, catches, dead, false, literal, presence, read_scope, shields, spelled
from wsnox.imports.shipped import top_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from wsnox.imports.guards import Guard, Scope
    from wsnox.markers.target import Target

__all__ = ["Import", "ParsedFiles", "parse_files", "read_imports"]


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
    try:
        reader = _Reader(file, read_scope(tree, target), calls=calls)
        reader.read(tree.body, _Context())
    except RecursionError:
        return None
    return tuple(reader.seen_together())


_IMPORTERS = ("__import__", "builtins.__import__", "importlib.import_module", "importlib.__import__")
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class _Context(Record, kw_only=True):
    """What is known of the imports at one point of a file.

    They run *lazy*, later than the module, in a function that ends at the line *last*; *dead* says why they never run.
    Their absence is *handled*, which ends where a function begins; a module is *present* without which they would not
    run, or the modules *instead* are not.
    """

    lazy: bool = False
    last: float = math.inf
    dead: Guard = ""
    handled: bool = False
    present: bool = False
    instead: tuple[str, ...] = ()

    def in_function(self, function: ast.AST) -> _Context:
        """Return the context in the body of *function*."""
        return replace(self, lazy=True, handled=False, last=getattr(function, "end_lineno", None) or self.last)

    def without(self, modules: Iterable[str]) -> _Context:
        """Return the context of what runs where one of *modules* is missing, too."""
        return replace(self, instead=tuple(dict.fromkeys((*self.instead, *modules))))


class _Reader:
    """Collects the *imports* of *file*, whose names are those in *scope*; *calls* says whether it has calls that may import.

    *skips* are the top-level modules that ``pytest.importorskip`` names, with the first and the last line where they are
    present.
    """

    def __init__(self, file: str, scope: Scope, *, calls: bool) -> None:
        self.file, self.scope, self.calls = file, scope, calls
        self.imports: list[Import] = []
        self.skips: list[tuple[str, int, float]] = []

    def seen_together(self) -> Iterator[Import]:
        """Yield the imports by line, optional where the file has shown that it can do without the same distribution.

        That is an import after one of the skips, and a lazy one of what is optional when the module is imported.
        """
        optional = {top_level(read.module) for read in self.imports if read.guard == "optional" and not read.lazy}
        for imported in sorted(self.imports, key=lambda imported: imported.line):
            top = top_level(imported.module)
            is_skipped = any(top == module and first <= imported.line <= last for module, first, last in self.skips)
            if not imported.guard and (is_skipped or (imported.lazy and top in optional)):
                yield replace(imported, guard="optional")
            else:
                yield imported

    def _add(self, module: str, line: int, context: _Context, names: Iterable[ast.alias] = ()) -> None:
        guard = context.dead or ("fallback" if context.instead else "")
        if not context.dead and (context.handled or context.present):
            guard = "optional"
        imported = Import(
            module=module,
            names=tuple(alias.name for alias in names),
            file=self.file,
            line=line,
            lazy=context.lazy,
            guard=guard,
            instead=context.instead if guard == "fallback" else (),
        )
        self.imports.append(imported)

    def read(self, body: Iterable[ast.stmt | ast.match_case], context: _Context) -> None:
        """Collect the imports of the statements, or cases, in *body*."""
        for statement in body:
            self._read_statement(statement, context)
            if self.calls:
                self._read_calls(statement, context)
            if not context.dead and self._ends_block(statement):
                context = replace(context, dead="never")

    def _ends_block(self, statement: ast.AST) -> bool:
        """Return whether nothing after *statement* runs on the target: a false assertion, a branch that is taken and leaves."""
        match statement:
            case ast.Assert(test=test):
                return false(test, self.scope)
            case ast.If(test=test, body=[*_, last]) if isinstance(last, _LEAVING):
                return dead(test, self.scope)[1] == "never"
        return False

    def _read_statement(self, statement: ast.stmt | ast.match_case, context: _Context) -> None:
        match statement:
            case ast.Import(names=names):
                for alias in names:
                    self._add(alias.name, statement.lineno, context)
            case ast.ImportFrom(module=str(module), names=names, level=0) if module != "__future__":
                self._add(module, statement.lineno, context, names)
            case ast.If():
                self._read_if(statement, context)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                handled = context.handled or any(shields(item.context_expr, self.scope) for item in items)
                self.read(body, replace(context, handled=handled))
            case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
                self.read(body, context.in_function(statement))
            case _ if isinstance(statement, TRIES):
                self._read_try(statement, context)
            case _:
                for part in ("body", "orelse", "cases"):
                    self.read(getattr(statement, part, ()), context)

    def _read_if(self, statement: ast.If, context: _Context) -> None:
        test, guards = statement.test, dead(statement.test, self.scope)
        for body, guard, holds in ((statement.body, guards[0], True), (statement.orelse, guards[1], False)):
            present, missing = presence(test, self.scope, holds=holds)
            branch = replace(
                context,
                lazy=context.lazy or (holds and _is_main(test)),
                dead=context.dead or guard,
                present=context.present or bool(present),
            )
            self.read(body, branch.without(missing))

    def _read_try(self, statement: ast.Try, context: _Context) -> None:
        catching = [handler for handler in statement.handlers if catches(handler)]
        start = len(self.imports)
        self.read(statement.body, replace(context, handled=context.handled or bool(catching)))
        # Those that run when the `try` does, itself at once or later.
        modules = [
            imported.module
            for imported in self.imports[start:]
            if catching and imported.guard == "optional" and imported.lazy in (False, context.lazy)
        ]
        self.read(statement.orelse, replace(context, present=context.present or bool(modules)))
        for handler in statement.handlers:
            self.read(handler.body, context.without(modules) if handler in catching else context)
        self.read(statement.finalbody, context)

    def _read_calls(self, node: ast.AST, context: _Context) -> None:
        """Collect what calls import in the expressions of *node* itself, not in the statements below it."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                continue
            if isinstance(child, ast.Call) and (module := literal(child)):
                name = spelled(child.func, self.scope)
                if name.rpartition(".")[2] == "importorskip":
                    self._add(module, child.lineno, replace(context, handled=True))
                    self.skips.append((top_level(module), child.lineno, context.last))
                elif name in _IMPORTERS:
                    self._add(module, child.lineno, context)
            self._read_calls(child, context.in_function(child) if isinstance(child, ast.Lambda) else context)


def _is_main(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Compare(left=ast.Constant(value="__main__"), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]):
            return True
        case ast.BoolOp(op=ast.And(), values=values):
            return any(map(_is_main, values))
    return False

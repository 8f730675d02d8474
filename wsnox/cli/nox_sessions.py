"""What plain nox would run, which only nox knows where the noxfile defines or selects sessions itself."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.errors import RequestError
from wsnox.workspace.sessions import Session, SessionRun

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

__all__ = ["NoxSessions", "nox_sessions"]

_MODULES = frozenset({"__future__", "nox", "wsnox"}) | sys.stdlib_module_names
_SHELL_CHARACTERS = re.compile(r"[\s*?\[\]]")
"""Characters at which a shell splits names that it is given, or expands them."""


class NoxSessions(Record, kw_only=True):
    """What plain nox would run: the *functions* of the noxfile, in nox's order, and of all runs the *titles*.

    *titles* is `None` where nox need not be asked, as it runs what the manifests configure.
    """

    functions: tuple[SessionRun, ...] = ()
    titles: frozenset[str] | None = None

    def runs(self, run: SessionRun) -> bool:
        """Return whether plain nox would run the configured *run*, and not skip it."""
        if self.titles is None:
            return run.session.runs_by_default
        return run.title in self.titles and not run.session.skip


def nox_sessions(root: Path, configured: Collection[str], since: str | None = None) -> NoxSessions:
    """Return what plain nox would run in the workspace at *root*, whose sessions of the names *configured* are no functions.

    *since* leaves out functions of wsnox's that the change since this revision cannot affect. nox is asked only where the
    noxfile does more than call wsnox and set options that select nothing; raise `RequestError` where it does not answer.
    """
    noxfile = _noxfile(root)
    if noxfile is None or _only_calls_wsnox(noxfile):
        return NoxSessions()
    rows = list(_listed(noxfile, since))
    rows_by_title: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["name"] not in configured:
            rows_by_title.setdefault(_title(row), []).append(row)
    return NoxSessions(
        functions=tuple(_run(root, title, listed) for title, listed in rows_by_title.items()),
        titles=frozenset(str(row["session"]) for row in rows),
    )


def _noxfile(root: Path) -> Path | None:
    """Return the noxfile of the workspace at *root*: the one beside its manifest, or one above that is about wsnox."""
    beside = root / "noxfile.py"
    if beside.is_file():
        return beside
    above = next((folder / "noxfile.py" for folder in root.parents if (folder / "noxfile.py").is_file()), None)
    try:
        return above if above is not None and b"wsnox" in above.read_bytes() else None
    except OSError:
        return above


def _only_calls_wsnox(noxfile: Path) -> bool:
    """Return whether nothing in *noxfile* but `wsnox.sessions` can define a session that plain nox runs."""
    try:
        return all(map(_is_harmless, ast.parse(noxfile.read_bytes()).body))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_harmless(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import(names=names):
            return all(alias.name.split(".")[0] in _MODULES for alias in names)
        case ast.ImportFrom(module=str(module), level=0):
            return module.split(".")[0] in _MODULES
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="wsnox"), attr="sessions" | "coverage"))):
            return True
        case ast.Assign(value=value, targets=targets):
            return not any(map(_selects, targets)) and _is_constant(value)
        case ast.AnnAssign(value=ast.expr() as value):
            return _is_constant(value)
        case _:
            return False


_SELECTING = frozenset({"default", "keywords", "pythons", "sessions", "tags"})
"""The options of nox that select sessions (nox docs, "Modifying Nox's behavior in the Noxfile")."""


def _selects(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr in _SELECTING


def _is_constant(value: ast.expr) -> bool:
    return not any(isinstance(node, ast.Call | ast.Lambda) for node in ast.walk(value))


def _listed(noxfile: Path, since: str | None) -> Iterator[dict[str, Any]]:
    # Variables that select sessions are for the run itself.
    environ = {key: value for key, value in os.environ.items() if key not in ("NOXSESSION", "WSNOX_SINCE")}
    result = subprocess.run(  # noqa: S603 - words, and no shell
        [sys.executable, "-m", "nox", "-f", noxfile.name, "--json", "-l"],
        cwd=noxfile.parent,
        env={**environ, **({"WSNOX_SINCE": since} if since else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    try:
        # The noxfile's own output comes before the list.
        rows = json.loads(result.stdout.decode(errors="replace").strip().rpartition("\n")[2])
    except ValueError:
        rows = None
    if result.returncode or not isinstance(rows, list):
        messages = result.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {result.returncode}"]
        raise RequestError(
            f"nox cannot list the sessions of `{noxfile}`, of which it may define some itself: {messages[-1]}",
            hint=f"`nox -f {noxfile} -l` says more",
        )
    yield from rows


def _title(row: dict[str, Any]) -> str:
    """Return the name of a session as nox lists it, or that of its function where a shell would split the former."""
    name, title = str(row["name"]), str(row["session"])
    if _SHELL_CHARACTERS.search(name):
        raise RequestError(
            f"`{name}`, which the noxfile defines, is no name for a job", hint="give it one without spaces"
        )
    return name if _SHELL_CHARACTERS.search(title) else title


def _run(root: Path, title: str, rows: Sequence[dict[str, Any]]) -> SessionRun:
    """Return the run called *title*, which stands for all *rows*."""
    pythons = tuple(dict.fromkeys(row["python"] for row in rows if isinstance(row["python"], str)))
    session = Session(
        kind="task",
        name=str(rows[0]["name"]),
        description="",
        variants={"": ()},
        directory=root,
        tags=("noxfile",),
        pythons=pythons,
        commands=(),
    )
    return SessionRun(title=title, session=session, python=pythons[0] if len(pythons) == 1 else "", variant="")

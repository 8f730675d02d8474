"""What nox lists, which only nox knows where the noxfile defines or selects sessions itself.

What wsnox's functions in the noxfile install, it tells as it is loaded (`wsnox.workspace.session_data`).
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.cli.places import noxfile_of
from wsnox.cli.without_effect import never_called
from wsnox.errors import RequestError
from wsnox.workspace.session_data import session_from
from wsnox.workspace.sessions import SESSIONS_FILE, Session, SessionRun

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wsnox.workspace import Workspace

__all__ = ["FoundByNox", "NoxSessions", "OtherSession", "found_by_nox", "nox_sessions", "shell_word"]

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
    noxfile = noxfile_of(root)
    if noxfile is None:
        return NoxSessions()
    if _only_calls_wsnox(noxfile, "sessions", "coverage"):
        if never_called(noxfile.read_bytes()):
            raise RequestError(
                f"`{noxfile}` imports wsnox and never calls it, so nox has no session to run",
                hint="add `wsnox.sessions()` to it",
            )
        return NoxSessions()
    rows = _listed(noxfile, since)
    rows_by_title: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["name"] not in configured:
            rows_by_title.setdefault(shell_word(str(row["name"]), str(row["session"])), []).append(row)
    return NoxSessions(
        functions=tuple(_run(root, title, listed) for title, listed in rows_by_title.items()),
        titles=frozenset(str(row["session"]) for row in rows),
    )


class FoundByNox(Record, kw_only=True):
    """The *sessions* of wsnox's functions in the noxfile, its *other* sessions, and the *names* of all that nox lists."""

    sessions: tuple[Session, ...] = ()
    other: tuple[OtherSession, ...] = ()
    names: frozenset[str] | None = None


class OtherSession(Record, kw_only=True):
    """A session of nox's own in the noxfile: wsnox does not know what it installs."""

    name: str
    description: str
    pythons: tuple[str, ...]
    tags: tuple[str, ...]
    default: bool


def found_by_nox(workspace: Workspace, configured: Collection[str]) -> FoundByNox:
    """Return what nox lists beside the sessions that are *configured*, those included that plain nox does not run.

    nox is asked only where the noxfile does more than call `wsnox.sessions`: otherwise there is nothing else, and *names* is
    `None`, or empty where it does not even do that. Raise `RequestError` where it does not answer.
    """
    noxfile = noxfile_of(workspace.root)
    if noxfile is None:
        return FoundByNox()
    if _only_calls_wsnox(noxfile, "sessions"):
        return FoundByNox(names=frozenset() if never_called(noxfile.read_bytes()) else None)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - hardly any noxfile needs it
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - as above

    with TemporaryDirectory() as directory, ThreadPoolExecutor() as pool:
        listing = Path(directory, "sessions")
        # nox lists as JSON what it would run: by default, or, with a condition that all fulfil, of all.
        default = pool.submit(_listed, noxfile, None)
        rows = _listed(noxfile, None, "-k", "True", **{SESSIONS_FILE: os.fspath(listing)})
        lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
        run_by_default = {row["name"] for row in default.result()}
    sessions = {line["name"]: session_from(line, workspace) for line in map(json.loads, lines)}
    others: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["name"] not in configured and row["name"] not in sessions:
            others.setdefault(row["name"], []).append(row)
    return FoundByNox(
        sessions=tuple(sessions.values()),
        other=tuple(
            OtherSession(
                name=name,
                description=rows_of_name[0]["description"],
                pythons=_pythons(rows_of_name),
                tags=tuple(rows_of_name[0]["tags"]),
                default=name in run_by_default,
            )
            for name, rows_of_name in others.items()
        ),
        names=frozenset(row["name"] for row in rows),
    )


def _only_calls_wsnox(noxfile: Path, *functions: str) -> bool:
    """Return whether nothing in *noxfile* but these *functions* of wsnox can define a session."""
    try:
        return all(_is_harmless(statement, functions) for statement in ast.parse(noxfile.read_bytes()).body)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_harmless(statement: ast.stmt, functions: Collection[str]) -> bool:
    match statement:
        case ast.Import(names=names):
            return all(alias.name.split(".")[0] in _MODULES for alias in names)
        case ast.ImportFrom(module=str(module), level=0):
            return module.split(".")[0] in _MODULES
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="wsnox"), attr=function))):
            return function in functions
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


def _listed(noxfile: Path, since: str | None, *options: str, **variables: str) -> list[dict[str, Any]]:
    """Return what nox lists with these *options*, told this revision, and with more *variables* in its environment."""
    import subprocess  # noqa: PLC0415 - as above

    # Variables that select sessions are for the run itself.
    environ = {key: value for key, value in os.environ.items() if key not in ("NOXSESSION", "WSNOX_SINCE")}
    result = subprocess.run(  # noqa: S603 - words, and no shell
        [sys.executable, "-m", "nox", "-f", noxfile.name, "--json", "-l", *options],
        cwd=noxfile.parent,
        env={**environ, **({"WSNOX_SINCE": since} if since else {}), **variables},
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
    return rows


def shell_word(name: str, title: str) -> str:
    """Return the *title* of a session, or the *name* of its function where a shell would split the former."""
    if _SHELL_CHARACTERS.search(name):
        raise RequestError(
            f"`{name}`, which the noxfile defines, is not a name for a job", hint="give it one without spaces"
        )
    return name if _SHELL_CHARACTERS.search(title) else title


def _run(root: Path, title: str, rows: Sequence[dict[str, Any]]) -> SessionRun:
    """Return the run called *title*, which stands for all *rows*."""
    pythons = _pythons(rows)
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


def _pythons(rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["python"] for row in rows if isinstance(row["python"], str)))

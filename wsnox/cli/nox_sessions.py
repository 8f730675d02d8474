"""Sessions that the noxfile defines itself, which only nox can tell: what it lists and no manifest configures."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from wsnox.errors import RequestError
from wsnox.workspace.sessions import Session, SessionRun

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

__all__ = ["functions"]

_MODULES = frozenset({"__future__", "nox", "wsnox"}) | sys.stdlib_module_names
_APART = re.compile(r"[\s*?\[\]]")
"""What a shell would take apart, or expand, in the names that it is given."""


def functions(root: Path, configured: Collection[str], since: str | None = None) -> tuple[SessionRun, ...]:
    """Return the runs that plain nox would do of sessions that are not among those *configured*, in nox's order.

    *since* leaves out those of wsnox's functions that the change since this revision cannot affect. nox is asked only
    where the noxfile does more than call wsnox and set options; raise `RequestError` where it does not answer.
    """
    noxfile = _noxfile(root)
    if noxfile is None or _only_calls_wsnox(noxfile):
        return ()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _listed(noxfile, since):
        if row["name"] not in configured:
            found.setdefault(_title(row), []).append(row)
    return tuple(_run(root, title, rows) for title, rows in found.items())


def _noxfile(root: Path) -> Path | None:
    """Return the noxfile of the workspace at *root*: the one beside its manifest, or one above that is about wsnox."""
    here = root / "noxfile.py"
    if here.is_file():
        return here
    above = next((each / "noxfile.py" for each in root.parents if (each / "noxfile.py").is_file()), None)
    try:
        return above if above is not None and b"wsnox" in above.read_bytes() else None
    except OSError:
        return above


def _only_calls_wsnox(noxfile: Path) -> bool:
    """Tell whether nothing in *noxfile* can define a session that plain nox runs, but `wsnox.sessions`."""
    try:
        return all(map(_is_harmless, ast.parse(noxfile.read_bytes()).body))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_harmless(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import(names=names):
            return all(each.name.split(".")[0] in _MODULES for each in names)
        case ast.ImportFrom(module=str(module), level=0):
            return module.split(".")[0] in _MODULES
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="wsnox"), attr="sessions" | "coverage"))):
            return True
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return not any(isinstance(each, ast.Call | ast.Lambda) for each in ast.walk(value))
        case _:
            return False


def _listed(noxfile: Path, since: str | None) -> Iterator[dict[str, Any]]:
    # What a variable selects is for the run itself.
    outer = {key: value for key, value in os.environ.items() if key not in ("NOXSESSION", "WSNOX_SINCE")}
    done = subprocess.run(  # noqa: S603 - words, and no shell
        [sys.executable, "-m", "nox", "-f", noxfile.name, "--json", "-l"],
        cwd=noxfile.parent,
        env={**outer, **({"WSNOX_SINCE": since} if since else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    try:
        # What the noxfile prints itself stands before.
        rows = json.loads(done.stdout.decode(errors="replace").strip().rpartition("\n")[2])
    except ValueError:
        rows = None
    if done.returncode or not isinstance(rows, list):
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise RequestError(
            f"nox cannot list the sessions of `{noxfile}`, of which it may define some itself: {said[-1]}",
            hint=f"`nox -f {noxfile} -l` says more",
        )
    yield from rows


def _title(row: dict[str, Any]) -> str:
    """Return the name of a session as nox lists it, that of its function where a shell would take it apart."""
    name, title = str(row["name"]), str(row["session"])
    if _APART.search(name):
        raise RequestError(
            f"`{name}`, which the noxfile defines, is no name for a job", hint="give it one without spaces"
        )
    return name if _APART.search(title) else title


def _run(root: Path, title: str, rows: Sequence[dict[str, Any]]) -> SessionRun:
    """Return the run called *title*, which is of all *rows*."""
    pythons = tuple(dict.fromkeys(row["python"] for row in rows if isinstance(row["python"], str)))
    spec = Session(
        kind="task",
        name=str(rows[0]["name"]),
        description="",
        variants={"": ()},
        directory=root,
        tags=("noxfile",),
        pythons=pythons,
        commands=(),
    )
    return SessionRun(title=title, session=spec, python=pythons[0] if len(pythons) == 1 else "", variant="")

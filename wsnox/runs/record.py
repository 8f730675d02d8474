"""The record of one run of nox: how each session ended, how long it took, and what was found.

It is JSON, in wsnox's folder beside the environments (`last_run_file`), and has the fields of `Run`, with a ``version``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wsnox._record import Record, replace
from wsnox.errors import RequestError
from wsnox.files import atomic_write, read_regular
from wsnox.text import abbreviated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Literal, TypeVar

    Result = Literal["failed", "aborted", "skipped", "unaffected", "passed"]
    Read = TypeVar("Read", "Run", "Outcome")

__all__ = [
    "RESULTS",
    "SAME_REASON",
    "Outcome",
    "Run",
    "is_run_record",
    "json_of_run",
    "last_run_file",
    "outcome_of",
    "read_run",
    "run_of",
    "write_run",
]

VERSION = 1

SAME_REASON = "not run, for the same reason as `{}`"
"""The reason of a session that an error stopped which another session has told already."""

RESULTS: tuple[Result, ...] = ("failed", "aborted", "skipped", "unaffected", "passed")
"""How a session ended, what needs attention first: a command failed, or wsnox or nox refused to go on; ``unaffected`` ones
were left out of the run."""


class Outcome(Record, kw_only=True):
    """How one *session* of a run ended: ``nox -s`` takes that, and *name* is the same without Python and variant.

    *kind* is that of `wsnox.workspace.sessions.SessionKind`, or ``other`` for a session that is the noxfile's own. *task*
    is empty but for a further task of a member. *reason* says why it did not pass, *command* which command failed.
    *preparation* and *commands* are seconds; *unchanged* says that the environment was still as it was proven, with so
    many distributions (*size*). *findings* are those of `wsnox.imports.reporting.finding_data`.
    """

    session: str
    name: str
    result: Result
    kind: str = "other"
    members: tuple[str, ...] = ()
    task: str = ""
    python: str = ""
    variant: str = ""
    reason: str = ""
    preparation: float = 0.0
    commands: float = 0.0
    unchanged: bool = False
    size: int = 0
    command: str = ""
    findings: tuple[Mapping[str, Any], ...] = ()

    @property
    def seconds(self) -> float:
        """How long it took, from its start to its end."""
        return self.preparation + self.commands

    @property
    def needs_attention(self) -> bool:
        """Whether nox ends with an error because of it."""
        return self.result in ("failed", "aborted")


class Run(Record, kw_only=True):
    """One run of nox with this version of *wsnox*: when it *started* (ISO 8601, UTC), its *seconds*, its *sessions*.

    So many more are *not_run*, as nox ended before: it was interrupted, or was to stop at the first failure. *platform* is
    `sys.platform`.
    """

    wsnox: str
    started: str
    seconds: float
    sessions: tuple[Outcome, ...]
    not_run: int = 0
    platform: str = ""


def last_run_file(envdir: Path) -> Path:
    """Return the file with the record of the last run whose environments are in *envdir*."""
    return envdir / ".wsnox" / "run.json"


def write_run(path: Path, run: Run) -> None:
    """Write *run* to *path* completely or not at all."""
    # On one line, which takes a tenth of the time: `wsnox report --json` shows it to people.
    atomic_write(path, f"{json.dumps(_data_of_run(run))}\n".encode())


def json_of_run(run: Run) -> str:
    """Return the text of the record of *run*."""
    return json.dumps(_data_of_run(run), indent=1) + "\n"


def _data_of_run(run: Run) -> dict[str, object]:
    return {"version": VERSION, **vars(run), "sessions": [vars(session) for session in run.sessions]}


def read_run(path: Path) -> Run:
    """Return the run that is recorded at *path*; raise `RequestError` if it is no such record, `OSError` if unreadable."""
    try:
        return run_of(json.loads(read_regular(path)))
    except ValueError as error:
        raise RequestError(f"`{path}` is not a record of a run: {error}") from None


def is_run_record(data: Any) -> bool:
    """Return whether *data* is meant to be the record of a run, rather than a report of nox."""
    return isinstance(data, dict) and "wsnox" in data


def run_of(data: Any) -> Run:
    """Return the run that the JSON *data* describe; raise `ValueError` with what is wrong with them."""
    if isinstance(data, dict) and data.get("version") != VERSION:
        raise ValueError(f"its `version` is {data.get('version')!r}, and this wsnox reads {VERSION}")
    run = _read(Run, data)
    return replace(run, sessions=tuple(map(outcome_of, run.sessions)))


def outcome_of(data: Any) -> Outcome:
    """Return the outcome of a session that the JSON *data* describe; raise `ValueError` with what is wrong with them."""
    outcome = _read(Outcome, data)
    if outcome.result not in RESULTS:
        raise ValueError(f"`{outcome.result}` is not a result")
    if not all(isinstance(name, str) for name in outcome.members):
        raise ValueError("its `members` are not names")
    if not all(map(_is_finding, outcome.findings)):
        raise ValueError("its `findings` are not objects with a `sentence`")
    return outcome


def _is_finding(data: Any) -> bool:
    texts = [data.get("sentence"), data.get("fix") or ""] if isinstance(data, dict) else [None]
    return all(isinstance(text, str) for text in texts)


_ENDLESS = (float("inf"), float("-inf"))
_IN_JSON = {"int": (int,), "bool": (bool,), "float": (float, int), "str": (str,), "Result": (str,)}


def _read(record: type[Read], data: Any) -> Read:
    """Return the *record* with what *data* have of its fields, each of its type; a later wsnox may write more."""
    if not isinstance(data, dict):
        raise ValueError("it is not an object")  # noqa: TRY004 - data from a file, as all that follows
    values: dict[str, Any] = {}
    for name, kind in record.__annotations__.items():
        if name in data:
            value = data[name]
            if type(value) not in _IN_JSON.get(kind, (list,)) or value in _ENDLESS:
                raise ValueError(f"its `{name}` is {abbreviated(repr(value))}")
            values[name] = tuple(value) if isinstance(value, list) else value
        elif not hasattr(record, name):
            raise ValueError(f"it has no `{name}`")
    return record(**values)

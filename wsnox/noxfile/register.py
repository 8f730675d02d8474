"""What a noxfile calls: sessions for what the manifests configure, and for functions of the noxfile itself.

Manifests are read when the noxfile is loaded; everything else waits for a session to run, so that ``nox -l`` and each
child of ``nox -j`` stay quick. A workspace or configuration that cannot be used ends nox with one sentence.

``WSNOX_SINCE=REV nox`` leaves out the sessions that the change since a git revision, or since what ``auto`` stands for,
cannot affect: they are registered, but no longer run by default.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from contextlib import contextmanager
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

import nox

from wsnox._record import replace
from wsnox.errors import RequestError
from wsnox.noxfile.names import claim, exit_on_error, python_argument
from wsnox.noxfile.preparer import preparer
from wsnox.noxfile.recorder import recorder
from wsnox.noxfile.this_run import begin_run
from wsnox.noxfile.venvs import Mark, serialize_venv_creation
from wsnox.noxfile.worker import needed_sessions, title_of_worker
from wsnox.text import quoted
from wsnox.workspace import discover, find_root
from wsnox.workspace.pythons import pythons_of_nobody
from wsnox.workspace.sessions import SESSIONS_FILE
from wsnox.workspace.suite import Suite, suite_of
from wsnox.workspace.validation import unknown_to_integration, unknown_to_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from typing_extensions import Unpack

    from wsnox.affected.since import Since
    from wsnox.noxfile.decorator_arguments import Options
    from wsnox.noxfile.preparation import Run
    from wsnox.noxfile.run import Action
    from wsnox.workspace import Member, Workspace
    from wsnox.workspace.sessions import Session

    MemberFunction = TypeVar("MemberFunction", bound=Callable[[nox.Session, Member], object])
    MembersFunction = TypeVar("MembersFunction", bound=Callable[[nox.Session, tuple[Member, ...]], object])
    Function = TypeVar("Function", bound=Callable[..., object])
    SessionsOf = Callable[[Suite], Iterable[Session]]

__all__ = ["integration", "member", "sessions"]


def _with_root_alone(function: Function) -> Function:
    """Return *function*, which refuses all arguments but ``root`` in a sentence: what they would say, manifests configure."""

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> None:
        others = [*map(repr, arguments[0 if "root" in options else 1 :]), *(name for name in options if name != "root")]
        with exit_on_error():
            if others:
                sentence = f"`wsnox.{function.__name__}()` takes no `{others[0]}`, only `root`"
                raise RequestError(sentence, hint=_key_for(others[0]))
        function(*arguments, **options)

    return cast("Function", call)


def _key_for(argument: str) -> str:
    """Return the hint for an *argument* that does not exist: the key of ``[tool.wsnox]`` that is meant, if one can be told."""
    from wsnox.text import near_miss  # noqa: PLC0415 - only a mistake needs it
    from wsnox.workspace.config import tool_schema  # noqa: PLC0415 - as above
    from wsnox.workspace.session_keys import WORDS  # noqa: PLC0415 - as above

    keys, name = tool_schema()["properties"], argument.replace("_", "-")
    nearest = near_miss(name, keys).partition("`")[2].rpartition("`")[0]
    meant = name if name in keys else WORDS.get(name, nearest)
    if meant in keys:
        return f"set `{meant}` in `[tool.wsnox]`, in the `pyproject.toml` of the workspace root"
    return meant or "`[tool.wsnox]`, in the `pyproject.toml` of the workspace root, says what sessions install and run"


@_with_root_alone
def sessions(root: str | os.PathLike[str] | None = None) -> None:
    """Register the sessions that ``[tool.wsnox]`` configures; by default one for each member, and ``workspace``.

    *root* is a directory of the workspace, by default the noxfile's.
    """
    with exit_on_error(), _kept():
        suite = _suite(root)
        title = title_of_worker(sys.argv, os.environ)
        sessions_of = partial(needed_sessions, title=title) if title else Suite.configured
        if not _register_all(suite, sessions_of, None):
            for reason in _why_none(suite.workspace):
                print(f"wsnox: {reason}", file=sys.stderr)


@overload
def member(function: MemberFunction, /) -> MemberFunction: ...


@overload
def member(
    *patterns: str,
    name: str | None = None,
    members: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> Callable[[MemberFunction], MemberFunction]: ...


def member(
    *patterns: str | MemberFunction,
    name: str | None = None,
    members: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> MemberFunction | Callable[[MemberFunction], MemberFunction]:
    """Register the decorated function as ``MEMBER:NAME``, one session for each of *members*; the parentheses are optional.

    The function gets the session, already synced and proven and in the member's directory, and the `Member`. *patterns* are
    names or patterns of members, by default those of ``[tool.wsnox]``; they may also be given as *members*, less those to
    *exclude*. *name* is by default the function's; *root* is a directory of the workspace, by default the noxfile's. The
    other *options* are the keys of ``[tool.wsnox.tasks.NAME]``, with underscores.
    """
    functions, names = _functions_and_names(patterns)

    def register(function: MemberFunction) -> MemberFunction:
        with exit_on_error():
            from wsnox.noxfile.decorator_arguments import read_task, refuse, refuse_pending, title_of  # noqa: PLC0415 - only functions need it

            refuse(function, ["`wsnox.member` decorates one function"] if len(functions) > 1 else [])
            refuse(function, ["give names or `members`, not both"] if names and members is not None else [])
            suite = _suite(root)
            chosen = names or members
            title, task = read_task(function, name=name, members=chosen, exclude=exclude, options=options)
            refuse(function, unknown_to_task(suite.workspace, task, title_of(function)))
            _register_all(
                suite,
                lambda suite: suite.of_members(title, task),
                lambda session, members: refuse_pending(function, function(session, members[0])),
            )
        return function

    return register(functions[0]) if functions else register


@overload
def integration(function: MembersFunction, /) -> MembersFunction: ...


@overload
def integration(
    *patterns: str,
    packages: Sequence[str] | None = None,
    name: str | None = None,
    root: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> Callable[[MembersFunction], MembersFunction]: ...


def integration(
    *patterns: str | MembersFunction,
    packages: Sequence[str] | None = None,
    name: str | None = None,
    root: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> MembersFunction | Callable[[MembersFunction], MembersFunction]:
    """Register the decorated function as one session in which the members that *patterns* match are installed together.

    The function gets the session, already synced and proven and in the workspace root, and a tuple of the `Member` records.
    *patterns* are names, ``name[extra]`` or patterns; without arguments, or without parentheses, all members. They may also
    be given as *packages*: with ``packages=[]`` only groups of the root are installed, and no member. *name* is by default
    the function's; *root* and *options* are those of `member`.
    """
    functions, names = _functions_and_names(patterns)

    def register(function: MembersFunction) -> MembersFunction:
        with exit_on_error():
            from wsnox.noxfile.decorator_arguments import read_integration, refuse, refuse_pending, title_of  # noqa: PLC0415 - as above

            refuse(function, ["`wsnox.integration` decorates one function"] if len(functions) > 1 else [])
            refuse(function, ["give names or `packages`, not both"] if names and packages is not None else [])
            suite = _suite(root)
            chosen = names or packages
            title, definition = read_integration(function, name=name, packages=chosen, options=options)
            refuse(function, unknown_to_integration(suite.workspace, definition, title_of(function)))
            _register_all(
                suite,
                lambda suite: [suite.of_several(title, definition)],
                lambda session, members: refuse_pending(function, function(session, members)),
            )
        return function

    return register(functions[0]) if functions else register


def _functions_and_names(arguments: Iterable[str | Function]) -> tuple[list[Function], list[str]]:
    """Return the functions among the *arguments* of a decorator, and the rest."""
    functions, names = list[Any](), list[Any]()
    for argument in arguments:
        (functions if callable(argument) else names).append(argument)
    return functions, names


def _why_none(workspace: Workspace) -> list[str]:
    """Return why *workspace* has no session."""
    path, table = workspace.manifest.path, workspace.manifest.workspace
    if workspace.members:
        reasons = [f"`{manifest.path}`: {problem}" for manifest, problem in pythons_of_nobody(workspace)]
        return reasons or ["no member has a session on these Pythons; `wsnox list` says why"]
    if table is None:
        return [f"`{path}` has neither `[project]` nor `[tool.uv.workspace]`: there is no member"]
    return [
        f"`{path}`: no directory of a member matches `tool.uv.workspace.members`: {quoted(table.members) or 'it is empty'}"
    ]


@contextmanager
def _kept() -> Iterator[None]:
    """Look for no garbage among what is made: it stays until nox ends, which would look again for each thousand sessions."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def _suite(root: str | os.PathLike[str] | None) -> Suite:
    """Return the suite of the workspace to which the directory *root* belongs, by default the noxfile's."""
    try:
        start = Path(root or ".").absolute()
    except TypeError:
        hint = "leave it out: it is the noxfile's own by default, and `[tool.wsnox]` chooses members and Pythons"
        raise RequestError(f"`{root!r}` is not the path of a directory in `root`", hint=hint) from None
    if not os.path.isdir(start):  # noqa: PTH112 - it also answers for a name that no file can have
        sentence = f"`{start}` is not a directory, and `root` names one of the workspace"
        raise RequestError(sentence, hint="leave it out: it is the noxfile's own by default")
    return _suite_at(start)


@lru_cache(maxsize=8)
def _suite_at(start: Path) -> Suite:
    """Return the suite of the workspace to which *start* belongs: one reading for all decorators of a noxfile."""
    workspace = discover(find_root(start), os.environ)
    return suite_of(workspace)


def _register_all(suite: Suite, sessions_of: SessionsOf, action: Action | None) -> bool:
    """Register the sessions that *sessions_of* returns for *suite*, and return whether there are any."""
    serialize_venv_creation()
    _hint_at_errors()
    begin_run()
    recorder.watch()
    affected = _affected_names(suite, sessions_of, complete=action is None)
    all_sessions = tuple(session for session in sessions_of(suite) if session.pythons != ())
    claim(all_sessions, configured=action is None)
    for session in all_sessions:
        left_out = affected is not None and session.name not in affected
        if left_out and session.runs_by_default:
            recorder.leave_out(session)
        _register(replace(session, default=False) if left_out else session, suite.workspace, action)
    return bool(all_sessions)


def _hint_at_errors() -> None:
    """Have nox add hints to its errors about names, Pythons and tags."""
    logger = logging.getLogger("nox")
    if _with_hint not in logger.filters:
        logger.addFilter(_with_hint)


def _with_hint(record: logging.LogRecord) -> bool:
    """Let every *record* pass, an error with a hint."""
    if record.levelno == logging.ERROR:
        from wsnox.noxfile.selection_hints import add_hint  # noqa: PLC0415 - most runs have no error

        add_hint(record)
    return True


def _register(session: Session, workspace: Workspace, action: Action | None) -> None:
    """Hand *session* to nox, which makes one of it for each Python, and for each variant where there are several."""
    if action is not None and (listing := os.environ.get(SESSIONS_FILE)):
        _tell(session, listing)

    def run(nox_session: nox.Session, variant: str = "") -> None:
        from wsnox.noxfile.run import perform  # noqa: PLC0415 - listing sessions needs none of it

        perform(nox_session, workspace, session, variant, action)

    def refuse(location: Path) -> None:
        from wsnox.noxfile.preflight import refuse_unusable  # noqa: PLC0415 - as above

        refuse_unusable(workspace, session, location)

    def run_at(nox_session: nox.Session, location: Path) -> Run | None:
        from wsnox.noxfile.run import run_at  # noqa: PLC0415 - as above

        return run_at(nox_session, workspace, session, location, action)

    mark = Mark(refuse, run_at, session)
    preparer.offer(mark)
    run.__doc__ = session.description
    if session.variants.keys() != {""}:
        run = nox.parametrize("variant", [nox.param(name, id=name, tags=[name]) for name in session.variants])(run)
    nox.session(
        name=session.name,
        python=python_argument(session),
        reuse_venv=True,
        venv_backend="uv|virtualenv",
        venv_params=mark,
        tags=list(session.tags),
        default=session.default,
        # For the interpreter that runs nox, nox has no Python to fill in.
        requires=list(session.requires_on("") if session.pythons is None else session.requires),
        allow_parallel=True,
    )(run)


def _tell(session: Session, listing: str) -> None:
    """Append *session* to the file *listing*, for the ``wsnox`` command that had nox load this noxfile."""
    import json  # noqa: PLC0415 - only a command asks

    from wsnox.workspace.session_data import session_data  # noqa: PLC0415 - as above

    with Path(listing).open("a", encoding="utf-8") as file:
        file.write(json.dumps(session_data(session)) + "\n")


def _affected_names(suite: Suite, sessions_of: SessionsOf, *, complete: bool) -> frozenset[str] | None:
    """Return the names of the sessions that a change since ``WSNOX_SINCE`` can affect, `None` where that is not set.

    *complete* says that *sessions_of* makes all sessions of the workspace.
    """
    revision = _revision()
    if not revision:
        return None
    since = _since(suite, revision)
    affected = since.affected(sessions_of, complete=complete)
    if complete and affected.everything:
        print(f"wsnox: everything is affected{since.text}: {affected.everything[0].words}", file=sys.stderr)
    elif complete and since.base and since.base.words:
        print(f"wsnox: {len(affected.runs)} of {affected.total} sessions are affected{since.text}", file=sys.stderr)
    return frozenset(affected_run.run.session.name for affected_run in affected.runs)


@lru_cache(maxsize=1)
def _revision() -> str:
    """Take ``WSNOX_SINCE`` out of the environment: a child of ``nox -j`` is told its session, and must not look again."""
    return os.environ.pop("WSNOX_SINCE", "")


@lru_cache(maxsize=8)
def _since(suite: Suite, revision: str) -> Since:
    from wsnox.affected.since import Since  # noqa: PLC0415 - hardly any run of nox asks

    return Since(suite, revision)

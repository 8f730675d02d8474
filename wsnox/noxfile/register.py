"""What a noxfile calls: sessions for what the manifests configure, and for functions of the noxfile's own.

Manifests are read when the noxfile is loaded; everything else waits for a session to run, so that `nox -l` and each
child of `nox -j` stay quick. A workspace or configuration that cannot be used ends nox with one sentence.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, overload

import nox

from wsnox.errors import ManifestError, RequestError
from wsnox.noxfile.names import claim, exit_on_error
from wsnox.noxfile.venvs import MARK, serialize_venv_creation
from wsnox.workspace import discover, find_root
from wsnox.workspace.pythons import pin_of
from wsnox.workspace.sessions import Suite
from wsnox.workspace.validation import unknown_to_integration, unknown_to_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from typing_extensions import Unpack

    from wsnox.affected.since import Since
    from wsnox.noxfile.options import Options
    from wsnox.workspace import Member, Workspace
    from wsnox.workspace.sessions import Session

    Action = Callable[[nox.Session, tuple[Member, ...]], object]
    MemberFunction = TypeVar("MemberFunction", bound=Callable[[nox.Session, Member], object])
    MembersFunction = TypeVar("MembersFunction", bound=Callable[[nox.Session, tuple[Member, ...]], object])

__all__ = ["affected_names", "integration", "member", "sessions"]

# --- ``WSNOX_SINCE=REV nox``: sessions that the change since a git revision cannot affect are not run by  ---


def affected_names(
    suite: Suite, specs: Callable[[Suite], Iterable[Session]], *, complete: bool
) -> frozenset[str] | None:
    """Return the names of those sessions of *specs* that a change can affect, `None` where nobody asked.

    *complete* tells that there are no other sessions of wsnox.
    """
    revision = _revision()
    if not revision:
        return None
    found = _since(suite, revision).affected(specs, complete=complete)
    if complete:
        for reason in found.everything[:1]:
            print(f"wsnox: everything is affected since `{revision}`: {reason.words}", file=sys.stderr)
    return frozenset(each.run.spec.name for each in found.runs)


@lru_cache(maxsize=1)
def _revision() -> str:
    """Take ``WSNOX_SINCE`` out of the environment: a child of ``nox -j`` is told its session, and must not look again."""
    return os.environ.pop("WSNOX_SINCE", "")


@lru_cache(maxsize=8)
def _since(suite: Suite, revision: str) -> Since:
    from wsnox.affected.since import Since  # noqa: PLC0415 - hardly any run of nox asks

    return Since(suite, revision)


_OF_PYTHON = r"-?\{(python|py)\}"


def sessions(root: str | os.PathLike[str] | None = None) -> None:
    """Register every session that ``[tool.wsnox]`` configures; without any, one a member, and ``workspace``.

    *root* is a directory of the workspace, by default the noxfile's.
    """
    with exit_on_error():
        suite = _suite(root)
        if not _register_all(suite, Suite.configured, None) and suite.workspace.members:
            print("wsnox: no member has a session on these Pythons; `wsnox list` says why", file=sys.stderr)


@overload
def member(function: MemberFunction, /) -> MemberFunction: ...


@overload
def member(
    *,
    name: str | None = None,
    members: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> Callable[[MemberFunction], MemberFunction]: ...


def member(
    function: MemberFunction | None = None,
    /,
    *,
    name: str | None = None,
    members: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> MemberFunction | Callable[[MemberFunction], MemberFunction]:
    """Register the decorated function as ``MEMBER:NAME``, one session for each of *members*; also without parentheses.

    The function gets the session, synced and proven and in the member's directory, and the `Member`. *name* is by
    default the function's, *members* are names or patterns, by default all; *root* is a directory of the workspace, by
    default the noxfile's. The other *options* are the keys of ``[tool.wsnox.tasks.NAME]``, with underscores.
    """

    def register(function: MemberFunction) -> MemberFunction:
        with exit_on_error():
            from wsnox.noxfile.functions import refuse_result, title_of  # noqa: PLC0415 - only functions need it
            from wsnox.noxfile.options import read_task  # noqa: PLC0415 - only functions have any

            suite = _suite(root)
            title, task = read_task(function, name=name, members=members, options=options)
            _refuse(function, unknown_to_task(suite.workspace, task, title_of(function)))
            _register_all(
                suite,
                lambda each: each.of_members(title, task),
                lambda session, members: refuse_result(function, function(session, members[0])),
            )
        return function

    return register if function is None else register(function)


@overload
def integration(function: MembersFunction, /) -> MembersFunction: ...


@overload
def integration(
    *packages: str, name: str | None = None, root: str | os.PathLike[str] | None = None, **options: Unpack[Options]
) -> Callable[[MembersFunction], MembersFunction]: ...


def integration(
    *packages: str | MembersFunction,
    name: str | None = None,
    root: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> MembersFunction | Callable[[MembersFunction], MembersFunction]:
    """Register the decorated function as one session in which *packages* are installed together.

    The function gets the session, synced and proven and in the workspace root, and the `Member` records. *packages* are
    names, ``name[extra]`` or patterns; without any, and without parentheses, all members. *name* is by default the
    function's; *root* and *options* are those of `member`.
    """

    def register(function: MembersFunction) -> MembersFunction:
        with exit_on_error():
            from wsnox.noxfile.functions import refuse_result, title_of  # noqa: PLC0415 - only functions need it
            from wsnox.noxfile.options import read_integration  # noqa: PLC0415 - only functions have any

            suite = _suite(root)
            title, chosen = read_integration(function, name=name, packages=names, options=options)
            _refuse(function, unknown_to_integration(suite.workspace, chosen, title_of(function)))
            _register_all(
                suite,
                lambda each: [each.of_several(title, chosen)],
                lambda session, members: refuse_result(function, function(session, members)),
            )
        return function

    names = [each for each in packages if not callable(each)]
    functions = [each for each in packages if callable(each)]
    for each in functions[1:]:
        with exit_on_error():
            _refuse(each, ["`wsnox.integration` decorates one function"])
    return register(functions[0]) if functions else register


def _refuse(function: Callable[..., object], problems: Iterable[str]) -> None:
    from wsnox.noxfile.functions import noxfile_of  # noqa: PLC0415 - only functions need it

    told = tuple(problems)
    if told:
        raise ManifestError(noxfile_of(function), told)


def _suite(root: str | os.PathLike[str] | None) -> Suite:
    try:
        start = Path(root or ".").absolute()
    except TypeError:
        raise RequestError(f"`{root!r}` is no path of a directory in `root`") from None
    if not os.path.isdir(start):  # noqa: PTH112 - it has an answer for what no file can be called
        raise RequestError(f"`{start}` is no directory, and `root` names one of the workspace")
    return _suite_at(start)


@lru_cache(maxsize=8)
def _suite_at(start: Path) -> Suite:
    """Return the suite of the workspace that *start* belongs to: one reading for all decorators of a noxfile."""
    workspace = discover(find_root(start), os.environ)
    return Suite(workspace, pin=pin_of(workspace.root), running=platform.python_version())


def _register_all(suite: Suite, specs: Callable[[Suite], Iterable[Session]], action: Action | None) -> bool:
    """Register the sessions that *specs* makes of *suite*, by default only those that a change can affect, if asked.

    Return whether there was any.
    """
    serialize_venv_creation()
    affected = affected_names(suite, specs, complete=action is None)
    made = tuple(specs(suite))
    for spec in made:
        keep = affected is None or spec.name in affected
        _register(spec if keep else replace(spec, default=False), suite, action)
    return bool(made)


def _register(spec: Session, suite: Suite, action: Action | None) -> None:
    """Hand *spec* to nox: a session for each of its Pythons, and for each variant where there are several."""
    if spec.pythons == ():
        return
    claim(spec)
    function = _body(suite.workspace, spec, action)
    if spec.variants.keys() != {""}:
        parameters = [nox.param(name, id=name, tags=[name]) for name in spec.variants]
        function = nox.parametrize("variant", parameters)(function)
    register = nox.session(
        name=spec.name,
        python=spec.pythons[0] if spec.pythons is not None and len(spec.pythons) == 1 else spec.pythons,
        reuse_venv=True,
        venv_backend="uv|virtualenv",
        venv_params=MARK,
        tags=list(spec.tags),
        default=spec.default,
        requires=_required(spec),
        allow_parallel=True,
    )
    register(function)


def _body(workspace: Workspace, spec: Session, action: Action | None) -> Callable[..., None]:
    """Return the function that nox calls for *spec*."""

    def run(session: nox.Session, variant: str = "") -> None:
        from wsnox.noxfile.run import perform  # noqa: PLC0415 - listing sessions needs none of it

        perform(session, workspace, spec, variant, action)

    run.__doc__ = spec.description
    return run


def _required(spec: Session) -> list[str]:
    """Return the names of the sessions that *spec* requires: nox has no Python to fill in where it is nox's own."""
    return [re.sub(_OF_PYTHON, "", name) for name in spec.requires] if spec.pythons is None else list(spec.requires)

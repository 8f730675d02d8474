"""What the configured sessions install and run, and how large their closures are, without nox and without installing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.cli.target_options import compatibility_of, target_on
from wsnox.closure.request import session_closure
from wsnox.errors import CommandError, WsnoxError
from wsnox.workspace.commands import default_command
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.cli.context import LockedWorkspace
    from wsnox.closure import Closure, Resolver, Target
    from wsnox.closure.compatibility import Compatibility
    from wsnox.workspace.model import MemberSelection
    from wsnox.workspace.sessions import Session, SessionRun
    from wsnox.workspace.settings import Command
    from wsnox.workspace.suite import Suite

__all__ = ["ClosureSize", "SessionSummary", "suite_on", "summaries"]


class ClosureSize(Record, kw_only=True):
    """The *size* of a session's closure on one *python* (empty: nox's own), or the *reason* why it has none.

    *title* is what ``nox -s`` takes.
    """

    title: str
    python: str
    size: int | None
    reason: str


class SessionSummary(Record, kw_only=True):
    """One *variant* of a *session* with its closure *sizes* by Python, the *commands*, and the *problem* with them."""

    session: Session
    variant: str
    sizes: tuple[ClosureSize, ...]
    commands: tuple[Command, ...]
    problem: str

    @property
    def title(self) -> str:
        """The name of the session, and of its variant where it has several."""
        return f"{self.session.name}({self.variant})" if self.variant else self.session.name

    @property
    def checks_imports(self) -> bool:
        """Whether the imports of a member are checked: where the session is for that, and where the member has no tests."""
        idle = self.session.commands is None and not (self.commands or self.problem)
        return self.session.kind == "imports" or (idle and not self.session.integration)

    @property
    def selections(self) -> tuple[MemberSelection, ...]:
        """The members that are installed, with their extras and groups."""
        return self.session.variants[self.variant]


def suite_on(locked: LockedWorkspace, target: Target) -> Suite:
    """Return the suite as nox would make it, running on *target*."""
    return suite_of(locked.workspace, running=target.python)


def summaries(
    locked: LockedWorkspace,
    suite: Suite,
    running: Target,
    *,
    python_option: str | None = None,
    platform: str | None = None,
) -> Iterator[SessionSummary]:
    """Yield each variant of each session of *suite*.

    *running* is the interpreter that runs nox, or that ``--python`` gives (*python_option*); others are on *platform*.
    """
    closures = _Closures(locked, running, python_option, platform)
    variants: dict[tuple[str, str], list[SessionRun]] = {}
    for run in runs_of(suite.configured()):
        variants.setdefault((run.session.name, run.variant), []).append(run)
    for (_, variant), runs in variants.items():
        session, sizes, names = runs[0].session, [], None
        for run in runs:
            closure = closures.of(run)
            if isinstance(closure, WsnoxError):
                size, reason = None, closure.sentence
            else:
                names = names or [package.name for package in closure.packages]
                size, reason = len(closure.packages), ""
            sizes.append(ClosureSize(title=run.title, python=run.python, size=size, reason=reason))
        commands, problem = session.commands or (), ""
        if session.commands is None and session.kind != "imports":
            try:
                # Without a closure, it is unknown whether that lacks pytest.
                default = default_command(session, ["pytest"] if names is None else names, locked.workspace.manifest)
                commands = () if default is None else (default,)
            except CommandError as error:
                problem = f"{error.sentence}: {error.hint}"
        yield SessionSummary(session=session, variant=variant, sizes=tuple(sizes), commands=commands, problem=problem)


class _Closures:
    """The closures of session runs: one resolver for each Python."""

    def __init__(
        self, locked: LockedWorkspace, running: Target, python_option: str | None, platform: str | None
    ) -> None:
        self._locked, self._running, self._python_option, self._platform = locked, running, python_option, platform
        self._resolvers: dict[str, tuple[Resolver, Compatibility] | WsnoxError] = {}

    def of(self, run: SessionRun) -> Closure | WsnoxError:
        """Return the closure of *run*, or why it has none."""
        locked = self._locked
        try:
            if run.python not in self._resolvers:
                self._resolvers[run.python] = self._resolver(run.python)
            resolver = self._resolvers[run.python]
            if isinstance(resolver, WsnoxError):
                return resolver
            closure = session_closure(resolver[0], locked.workspace, run)
            locked.refuse_unavailable(closure, resolver[1])
        except WsnoxError as error:
            return error
        return closure

    def _resolver(self, python: str) -> tuple[Resolver, Compatibility] | WsnoxError:
        try:
            allowed = self._locked.lock.requires_python
            target = target_on(python, self._platform, running=self._running, allowed=allowed)
            return self._locked.resolver(target, python_option=python or self._python_option), compatibility_of(target)
        except WsnoxError as error:
            return error

"""What the configured sessions install and run, and how large their closures are, without nox and without installing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.cli.closures import Closures
from wsnox.cli.context import LockedWorkspace, attempt, target_of_options, target_on
from wsnox.closure.request import session_request
from wsnox.errors import CommandError, WsnoxError
from wsnox.workspace.commands import default_command, together
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Collection, Iterator, Sequence

    from wsnox.closure import Request, Target
    from wsnox.workspace.model import MemberSelection
    from wsnox.workspace.sessions import Session, SessionRun
    from wsnox.workspace.settings import Command

__all__ = ["ClosureSize", "SessionSummary", "summaries"]


class ClosureSize(Record, kw_only=True):
    """The *size* of the closure of *session*, in distributions, or the *reason* why it has no closure.

    *session* is what ``nox -s`` takes, *python* is `None` for the interpreter that runs nox.
    """

    session: str
    python: str | None
    size: int | None
    reason: str


class SessionSummary(Record, kw_only=True):
    """One *variant* of a *session* with its closure *sizes* by Python, the *commands*, and the *problem* with them.

    A session that is a *function* of the noxfile has no commands.
    """

    session: Session
    variant: str
    sizes: tuple[ClosureSize, ...]
    commands: tuple[Command, ...]
    problem: str = ""
    function: bool = False

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


def summaries(
    args: Namespace,
    locked: LockedWorkspace,
    *,
    wanted: Callable[[Session], bool] = lambda _: True,
    more: Sequence[Session] = (),
    closures: Closures | None = None,
) -> Iterator[SessionSummary]:
    """Yield each variant of each session, as nox would make them if it ran on the Python that *args* describe.

    Sessions on other Pythons are on the platform of *args*. Only those that are *wanted* are looked at; *more* are functions
    of the noxfile. *closures* are those that were worked out already. What is a problem of several sessions alike is told
    in the same words for all of them.
    """
    running = target_of_options(args)
    sizes_of_lockfile = _sizes(args, locked, running, closures or Closures(locked))

    def sizes_of(runs: Sequence[SessionRun]) -> tuple[tuple[ClosureSize, ...], bool]:
        if not runs[0].resolution_file:
            return sizes_of_lockfile(runs)
        own = attempt(lambda: locked.of(runs[0]))
        if isinstance(own, LockedWorkspace):
            return _sizes(args, own, running, Closures(own))(runs)
        return tuple(_size(run, reason=own.sentence) for run in runs), True

    sessions = (*suite_of(locked.workspace, running=running.python).configured(), *more)
    variants: dict[tuple[str, str], list[SessionRun]] = {}
    for run in runs_of(filter(wanted, sessions)):
        variants.setdefault((run.session.name, run.variant), []).append(run)
    functions = {session.name for session in more}
    found = [_summary(runs, *sizes_of(runs), functions, locked) for runs in variants.values()]
    problems = together(error for _, error in found if error is not None)
    for summary, error in found:
        problem = problems[error.hint] if error is not None else None
        yield replace(summary, problem=f"{problem.sentence}: {problem.hint}") if problem else summary


def _summary(
    runs: Sequence[SessionRun],
    sizes: tuple[ClosureSize, ...],
    has_pytest: bool,  # noqa: FBT001 - one of two results of `_sizes`
    functions: Collection[str],
    locked: LockedWorkspace,
) -> tuple[SessionSummary, CommandError | None]:
    """Return the variant of a session that has these *runs*, and what is wrong with its commands."""
    session = runs[0].session
    commands, problem = session.commands or (), None
    if session.commands is None and session.kind != "imports":
        try:
            default = default_command(session, ["pytest"] if has_pytest else [], locked.workspace.manifest)
            commands = () if default is None else (default,)
        except CommandError as error:
            problem = error
    summary = SessionSummary(
        session=session,
        variant=runs[0].variant,
        sizes=sizes,
        commands=commands,
        function=session.name in functions,
    )
    return summary, problem


def _size(run: SessionRun, size: int | None = None, *, reason: str = "") -> ClosureSize:
    return ClosureSize(session=run.title, python=run.python or None, size=size, reason=reason)


def _sizes(
    args: Namespace, locked: LockedWorkspace, running: Target, closures: Closures
) -> Callable[[Sequence[SessionRun]], tuple[tuple[ClosureSize, ...], bool]]:
    """Return the function from the runs of a variant to the sizes of their closures, and whether the first one has pytest.

    Without any closure, it is unknown whether that lacks pytest. Each Python is looked at once.
    """
    targets: dict[str, Target | WsnoxError] = {}

    def target_of(python: str) -> Target:
        target = target_on(python, args, running=running, allowed=locked.lock.requires_python)
        # It refuses a Python that the lockfile is not for.
        locked.resolver(target, python_option=python or args.python)
        return target

    def closure_of(request: Request | WsnoxError, python: str) -> int | WsnoxError:
        if python not in targets:
            targets[python] = attempt(lambda: target_of(python))
        target = targets[python]
        if isinstance(target, WsnoxError):
            return target
        return request if isinstance(request, WsnoxError) else attempt(lambda: closures.installable(request, target))

    def sizes_of(runs: Sequence[SessionRun]) -> tuple[tuple[ClosureSize, ...], bool]:
        request = attempt(lambda: session_request(locked.workspace, locked.lock, runs[0]))
        found = [(run, closure_of(request, run.python)) for run in runs]
        first = next((closure for _, closure in found if not isinstance(closure, WsnoxError)), None)
        sizes = tuple(
            _size(run, reason=closure.sentence) if isinstance(closure, WsnoxError) else _size(run, closure.bit_count())
            for run, closure in found
        )
        return sizes, first is None or closures.has(first, "pytest")

    return sizes_of

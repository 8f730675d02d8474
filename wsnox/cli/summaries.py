"""What the configured sessions install and run, and how large their closures are, without nox and without installing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.cli.context import attempt, target_of_options, target_on
from wsnox.closure.request import session_closure
from wsnox.errors import CommandError, WsnoxError
from wsnox.workspace.commands import default_command, together
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Sequence

    from wsnox.cli.context import LockedWorkspace
    from wsnox.closure import Closure, Resolver, Target
    from wsnox.closure.compatibility import Availability
    from wsnox.workspace.model import MemberSelection
    from wsnox.workspace.sessions import Session, SessionRun
    from wsnox.workspace.settings import Command

__all__ = ["ClosureSize", "SessionSummary", "summaries"]


class ClosureSize(Record, kw_only=True):
    """The number of *distributions* in the closure of *session*, or the *reason* why it has no closure.

    *session* is what ``nox -s`` takes, *python* is `None` for the interpreter that runs nox.
    """

    session: str
    python: str | None
    distributions: int | None
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
    args: Namespace, locked: LockedWorkspace, only: str | None = None, more: Sequence[Session] = ()
) -> Iterator[SessionSummary]:
    """Yield each variant of each session, as nox would make them if it ran on the Python that *args* describe.

    Sessions on other Pythons are on the platform of *args*. *only* is the name of the one session to look at; *more* are
    functions of the noxfile. What is a problem of several sessions alike is told in the same words for all of them.
    """
    summaries = [*_summaries(args, locked, only, more)]
    problems = together(error for _, error in summaries if error is not None)
    for summary, error in summaries:
        problem = problems[error.hint] if error is not None else None
        yield replace(summary, problem=f"{problem.sentence}: {problem.hint}") if problem else summary


def _summaries(
    args: Namespace, locked: LockedWorkspace, only: str | None, more: Sequence[Session]
) -> Iterator[tuple[SessionSummary, CommandError | None]]:
    running = target_of_options(args)
    closure_of = _closures(args, locked, running)
    suite = suite_of(locked.workspace, running=running.python)
    functions = {session.name for session in more}
    variants: dict[tuple[str, str], list[SessionRun]] = {}
    for run in runs_of((*suite.configured(), *more)):
        if only is None or run.session.name == only:
            variants.setdefault((run.session.name, run.variant), []).append(run)
    for (_, variant), runs in variants.items():
        session, sizes, names = runs[0].session, [], None
        for run in runs:
            closure, count, reason = closure_of(run), None, ""
            if isinstance(closure, WsnoxError):
                reason = closure.sentence
            else:
                names = names or [package.name for package in closure.packages]
                count = len(closure.packages)
            python = run.python or None
            sizes.append(ClosureSize(session=run.title, python=python, distributions=count, reason=reason))
        commands, problem = session.commands or (), None
        if session.commands is None and session.kind != "imports":
            try:
                # Without a closure, it is unknown whether that lacks pytest.
                default = default_command(session, ["pytest"] if names is None else names, locked.workspace.manifest)
                commands = () if default is None else (default,)
            except CommandError as error:
                problem = error
        summary = SessionSummary(
            session=session,
            variant=variant,
            sizes=tuple(sizes),
            commands=commands,
            function=session.name in functions,
        )
        yield summary, problem


def _closures(
    args: Namespace, locked: LockedWorkspace, running: Target
) -> Callable[[SessionRun], Closure | WsnoxError]:
    """Return the function from a run to its closure, or why it has none, which reads the lockfile once for each Python."""
    resolvers: dict[str, tuple[Resolver, Availability] | WsnoxError] = {}

    def resolver_on(python: str) -> tuple[Resolver, Availability]:
        target = target_on(python, args, running=running, allowed=locked.lock.requires_python)
        return locked.resolver(target, python_option=python or args.python), locked.availability(target)

    def closure_of(run: SessionRun) -> Closure | WsnoxError:
        try:
            if run.python not in resolvers:
                resolvers[run.python] = attempt(lambda: resolver_on(run.python))
            on_python = resolvers[run.python]
            if isinstance(on_python, WsnoxError):
                return on_python
            resolver, availability = on_python
            closure = session_closure(resolver, locked.workspace, run)
            availability.refuse_unavailable(closure)
        except WsnoxError as error:
            return error
        return closure

    return closure_of

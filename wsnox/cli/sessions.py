"""The sessions that the manifests configure: what each installs and runs, and how large its closures are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.cli.context import compatibility_of, target_on
from wsnox.closure.request import request_for
from wsnox.errors import CommandError, WsnoxError
from wsnox.workspace.commands import default_command
from wsnox.workspace.runs import runs_of
from wsnox.workspace.sessions import suite_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.cli.context import Opened
    from wsnox.closure import Closure, Resolver, Target
    from wsnox.closure.compatibility import Compatibility
    from wsnox.workspace.runs import SessionRun
    from wsnox.workspace.sessions import MemberSelection, Session, Suite
    from wsnox.workspace.settings import Command

__all__ = ["Answer", "Row", "rows_of", "suite_on"]


class Answer(Record, kw_only=True):
    """The *size* of a session's closure on one *python* (empty: nox's own), or the *reason* why there is none.

    *title* is what ``nox -s`` takes.
    """

    title: str
    python: str
    size: int | None
    reason: str


class Row(Record, kw_only=True):
    """One *variant* of a session, with its *answers* by Python, what it *runs*, and the *problem* where it cannot."""

    spec: Session
    variant: str
    answers: tuple[Answer, ...]
    runs: tuple[Command, ...]
    problem: str

    @property
    def title(self) -> str:
        """The name of the session, and of its variant where there are several."""
        return f"{self.spec.name}({self.variant})" if self.variant else self.spec.name

    @property
    def imports(self) -> bool:
        """Whether the imports of a member are checked: where that was asked, and where it has no tests."""
        return self.spec.imports or (
            self.spec.commands is None and not (self.runs or self.problem or self.spec.integration)
        )

    @property
    def parts(self) -> tuple[MemberSelection, ...]:
        """The members that are installed, with their extras and groups."""
        return self.spec.variants[self.variant]


def suite_on(opened: Opened, target: Target) -> Suite:
    """Return the suite as nox would make it, running on *target*."""
    return suite_of(opened.workspace, running=target.python)


def rows_of(
    opened: Opened, suite: Suite, target: Target, *, asked: str | None = None, platform: str | None = None
) -> Iterator[Row]:
    """Yield each variant of each session of *suite*.

    *target* is the interpreter that runs nox, of the Python *asked* for; the others are on *platform*, by default here.
    """
    closures = _Closures(opened, target, asked, platform)
    runs: dict[tuple[str, str], list[SessionRun]] = {}
    for run in runs_of(suite.configured()):
        runs.setdefault((run.spec.name, run.variant), []).append(run)
    for (_, variant), each in runs.items():
        found = [closures.of(run) for run in each]
        closure = next((one for one in found if not isinstance(one, WsnoxError)), None)
        commands, problem = _commands(opened, each[0].spec, closure)
        answers = tuple(_answer(run, one) for run, one in zip(each, found, strict=True))
        yield Row(spec=each[0].spec, variant=variant, answers=answers, runs=commands, problem=problem)


def _answer(run: SessionRun, found: Closure | WsnoxError) -> Answer:
    if isinstance(found, WsnoxError):
        return Answer(title=run.title, python=run.python, size=None, reason=found.sentence)
    return Answer(title=run.title, python=run.python, size=len(found.packages), reason="")


def _commands(opened: Opened, spec: Session, closure: Closure | None) -> tuple[tuple[Command, ...], str]:
    """Return what *spec* runs, and why it cannot; without a closure, it is not known what is missing in it."""
    if spec.commands is not None or spec.imports:
        return spec.commands or (), ""
    root = opened.workspace.manifest
    names = ["pytest"] if closure is None else [package.name for package in closure.packages]
    try:
        default = default_command(spec, names, root)
    except CommandError as error:
        return (), f"{error.sentence}: {error.hint}"
    return (() if default is None else (default,)), ""


class _Closures:
    """The closures of runs: one resolver for each Python."""

    def __init__(self, opened: Opened, target: Target, asked: str | None, platform: str | None) -> None:
        self._opened, self._target, self._asked, self._platform = opened, target, asked, platform
        self._resolvers: dict[str, Resolver | WsnoxError] = {}
        self._compatibility: dict[str, Compatibility] = {}

    def of(self, run: SessionRun) -> Closure | WsnoxError:
        """Return the closure of *run*, or why there is none."""
        resolver, spec = self._resolver(run.python), run.spec
        if isinstance(resolver, WsnoxError):
            return resolver
        workspace, lock = self._opened.workspace, self._opened.lock
        groups, defaults = spec.root_groups, spec.root_defaults
        try:
            request = request_for(workspace, lock, run.parts, root_groups=groups, root_defaults=defaults)
            closure = resolver.resolve(request)
            self._opened.refuse_unavailable(closure, self._compatibility[run.python])
        except WsnoxError as error:
            return error
        return closure

    def _resolver(self, python: str) -> Resolver | WsnoxError:
        if python not in self._resolvers:
            try:
                allowed = self._opened.lock.requires_python
                target = target_on(python, self._platform, here=self._target, allowed=allowed)
                self._resolvers[python] = self._opened.resolver(target, asked=python or self._asked)
                self._compatibility[python] = compatibility_of(target)
            except WsnoxError as error:
                self._resolvers[python] = error
        return self._resolvers[python]

"""Every way in which wsnox refuses: one class each, built from data, with its sentence, hint and exit code.

Each error is one sentence that names the file and dotted path, or the member, with values in backticks; if there is a
remedy, a blank line and ``hint: …`` follow. Base classes stand for floors of the house: `UsageError` for the command line,
`WorkspaceError` for what the user wrote, `LockError` for what uv wrote, `RequestError` for what is requested, `TargetError`
for where it should run, `EnvironmentFailure` for what is installed and run there. Exit codes are stable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from wsnox.text import all_known, first_of, listed, near_miss, printable, quoted
from wsnox.urls import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = [
    "RESTORE_LOCKFILE", "AfterError", "AmbiguousClosureError", "BackendError", "BackgroundError", "BrokenLinkError",
    "ChangedEnvironmentError", "CommandError", "ConflictError", "CoverageError", "DirectoryError", "Doubt",
    "DuplicateMemberError", "EnvironmentFailure", "ImportPackageError", "InstallError", "InterpreterError", "LockError",
    "LockFormatError", "LockMemberError", "LockMergeError", "LockNotFoundError", "LockVersionError", "ManifestError",
    "MissingManifestError", "NestedWorkspaceError", "NoArtifactError", "NoxfileExistsError", "ProgramError", "ProofError",
    "PythonRangeError", "RequestError", "SessionNameError", "StaleLockError", "TargetError", "UnknownNameError",
    "UnmanagedError", "UnsupportedTargetError", "UsageError", "UvVersionError", "WorkspaceError", "WorkspaceNotFoundError",
    "WsnoxError",
]  # fmt: skip


class WsnoxError(Exception):
    """A refusal, as a *sentence*, with a *hint* if there is a remedy; several sessions may have a *shared* one."""

    exit_code: ClassVar[int] = 1
    shared: ClassVar[bool] = True

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        self.sentence, self.hint = printable(sentence), printable(hint)
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return f"{self.sentence}\n\nhint: {self.hint}" if self.hint else self.sentence


class UsageError(WsnoxError):
    """The command line makes no sense."""

    exit_code = 2


class WorkspaceError(WsnoxError):
    """The pyproject files do not make a workspace."""

    exit_code = 3


class WorkspaceNotFoundError(WorkspaceError):
    """No ``pyproject.toml`` stands at or above *start*."""

    def __init__(self, start: Path) -> None:
        super().__init__(f"no `pyproject.toml` in or above `{start}`", hint="run wsnox inside a uv workspace")


class ManifestError(WorkspaceError):
    """The manifest at *path* has *problems*, all of them reported together."""

    def __init__(self, path: Path, problems: Sequence[str], *, hint: str = "") -> None:
        self.path, self.problems = path, tuple(map(masked, problems))
        several = f"{len(problems)} problems:{listed(problems, '- ')}"
        super().__init__(f"`{path}`: {problems[0] if len(problems) == 1 else several}", hint=hint)


class MissingManifestError(WorkspaceError):
    """A directory that a ``members`` *pattern* matches holds files but no manifest."""

    def __init__(self, directory: Path, pattern: str) -> None:
        super().__init__(
            f"workspace member `{directory}` is missing a `pyproject.toml` (it matches `{pattern}`)",
            hint="add one, delete the directory, or list it under `exclude` in `[tool.uv.workspace]`",
        )


class BrokenLinkError(WorkspaceError):
    """A link that a ``members`` *pattern* matches is broken, or circular."""

    def __init__(self, link: Path, pattern: str) -> None:
        sentence = f"the link `{link}` is broken (it matches `{pattern}`)"
        super().__init__(sentence, hint="repair or delete it, or list it under `exclude` in `[tool.uv.workspace]`")


class DuplicateMemberError(WorkspaceError):
    """Two members normalise to one *name*."""

    def __init__(self, name: str, first: Path, second: Path) -> None:
        sentence = f"two workspace members are both named `{name}`: `{first}` and `{second}`"
        super().__init__(sentence, hint="rename one, or exclude its directory")


class NestedWorkspaceError(WorkspaceError):
    """A member has a workspace table of its own."""

    def __init__(self, manifest: Path) -> None:
        sentence = f"`{manifest}` has `[tool.uv.workspace]`, but nested workspaces are not supported"
        super().__init__(sentence, hint="remove the table, or exclude the directory")


class UnmanagedError(WorkspaceError):
    """The nearest manifest opts out of uv."""

    def __init__(self, manifest: Path) -> None:
        super().__init__(f"`{manifest}` is marked as unmanaged (`tool.uv.managed = false`)")


class SessionNameError(WorkspaceError):
    """Two sessions would have one *name*, or share one environment, the *folder* that nox derives from both names."""

    def __init__(self, name: str, owner: str, other: str, *, folder: str = "", hint: str = "") -> None:
        shared = f": nox keeps both environments in `{folder}`" if folder else ""
        sentence = f"session `{name}` of {owner} collides with {other}{shared}"
        if other == f"the session `{name}` of {owner}":
            sentence = f"{owner} would have two sessions called `{name}`"
        super().__init__(sentence, hint=hint or "rename one of the two")


class DirectoryError(WorkspaceError):
    """The commands of a *session* cannot run in the *directory* that its settings name."""

    def __init__(self, session: str, directory: Path, problem: str, *, hint: str = "") -> None:
        hint = hint or "correct `directory`, or leave the member out of the task with `exclude`"
        super().__init__(f"`{directory}`, where `{session}` would run its commands, {problem}", hint=hint)


class ImportPackageError(WorkspaceError):
    """The placeholder ``{module}`` has no value for the *member*."""

    def __init__(self, member: str, problem: str) -> None:
        sentence = f"`{{module}}` has no value for `{member}`: {problem}"
        super().__init__(sentence, hint="write its name out, in a table of that member")


class NoxfileExistsError(WorkspaceError):
    """There is a noxfile at *path* already, and wsnox does not overwrite it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"`{path}` exists already", hint="call `wsnox.sessions()` in it")


RESTORE_LOCKFILE = "restore `uv.lock` as it was committed, or delete it, then run `uv lock`"
"""The hint for a broken lockfile: ``uv lock`` alone reads the old one first, and refuses it as well."""


class LockError(WsnoxError):
    """The lockfile cannot be used."""

    exit_code = 4


class LockNotFoundError(LockError):
    """There is no lockfile at *path*."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"`{path}` does not exist", hint="run `uv lock`")


class LockVersionError(LockError):
    """The lockfile at *path* is of a *version* that wsnox does not read."""

    def __init__(self, path: Path, version: object) -> None:
        # uv refuses a version that it does not know, too.
        hint = "upgrade wsnox, or delete `uv.lock` and run `uv lock` with a uv that writes version 1"
        super().__init__(f"`{path}` has lockfile version `{version}`, and this wsnox reads version `1`", hint=hint)


class LockFormatError(LockError):
    """The lockfile at *path* is broken at *where* (a dotted path, empty for the file as a whole)."""

    def __init__(self, path: Path, where: str, problem: str) -> None:
        at = f" in `{where}`" if where else ""
        super().__init__(f"`{path}`: {problem}{at}", hint=RESTORE_LOCKFILE)


class LockMergeError(LockError):
    """The lockfile at *path* has both sides of an unfinished merge."""

    def __init__(self, path: Path) -> None:
        sentence = f"`{path}` has the conflict markers of an unfinished merge"
        super().__init__(sentence, hint="take one side, as with `git checkout --ours uv.lock`, then run `uv lock`")


class LockMemberError(LockError):
    """The workspace has a member of this *name* on disk, but the lockfile has no single package for it."""

    def __init__(self, name: str, count: int) -> None:
        packages = "no package" if count == 0 else f"{count} packages"
        super().__init__(f"member `{name}` has {packages} in `uv.lock`", hint="run `uv lock`")


class Doubt(str):
    """A clause about something that cannot be compared with the lockfile, where ``uv lock`` may not help."""

    __slots__ = ()


class StaleLockError(LockError):
    """The lockfile belongs to another state of the workspace; each of *problems* is a clause that names a difference.

    A `Doubt` among them says why wsnox cannot tell whether there is a difference.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(map(masked, problems))
        doubts = [problem for problem in problems if isinstance(problem, Doubt)]
        clauses = f" {problems[0]}" if len(problems) == 1 else listed(problems, "- ")
        matches = "does not match" if len(doubts) < len(problems) else "cannot be compared with"
        correct = "correct that" if len(doubts) == len(problems) else "correct what cannot be read and run `uv lock`"
        frozen = 'set `lock = "frozen"` in `[tool.wsnox]` to use `uv.lock` unchecked'
        hint = f"{correct}, or {frozen}" if doubts else "run `uv lock`"
        super().__init__(f"`uv.lock` {matches} the workspace:{clauses}", hint=hint)


class RequestError(WsnoxError):
    """The request has no answer in this workspace."""

    exit_code = 5


class UnknownNameError(RequestError):
    """No *kind* (member, extra, dependency group, package) has this *name*."""

    def __init__(self, kind: str, name: str, candidates: Iterable[str], *, owner: str = "") -> None:
        names = sorted(candidates)
        of_owner = f" of `{owner}`" if owner else ""
        listed_elsewhere = kind in ("member", "session", "member or session") and names
        shown = all_known(names) or ("`wsnox list` shows them all" if listed_elsewhere else "")
        super().__init__(f"unknown {kind} `{name}`{of_owner}", hint=near_miss(name, names) or shown)


class ConflictError(RequestError):
    """*items* are requested together, but the workspace declares in *declared* that they conflict."""

    def __init__(self, items: Sequence[str], declared: Sequence[str]) -> None:
        names = " and ".join(f"`{item}`" for item in items)
        sentence = f"{names} are incompatible with the declared conflict {{{', '.join(declared)}}}"
        super().__init__(sentence, hint="request one of them at a time")


class AmbiguousClosureError(RequestError):
    """The closure would have two packages called *name*; *chains* say what requires each of them."""

    def __init__(self, name: str, chains: Sequence[str]) -> None:
        super().__init__(
            f"the lockfile gives `{name}` twice for this request:{listed(chains)}",
            hint="declare what excludes each other under `conflicts` in `[tool.uv]`, and do not request both",
        )


class TargetError(WsnoxError):
    """The request has no answer on this interpreter or platform."""

    exit_code = 6


class PythonRangeError(TargetError):
    """The interpreter's *version* lies outside the *requires* range of *owner*."""

    def __init__(self, version: str, requires: str, owner: str, *, raised_by: Sequence[str] = ()) -> None:
        sentence = f"Python `{version}` is outside `{requires}`, which {owner} requires"
        super().__init__(sentence, hint=f"the range is narrowed by {quoted(raised_by)}" if raised_by else "")


class UnsupportedTargetError(TargetError):
    """None of the lockfile's *supported* environments holds on the target."""

    def __init__(self, supported: Sequence[str]) -> None:
        sentence = f"this platform is not among the lockfile's supported environments: {quoted(supported)}"
        super().__init__(sentence, hint="extend `environments` in `[tool.uv]` and run `uv lock`")


class NoArtifactError(TargetError):
    """Nothing that the lockfile offers for *package* can be installed on the target: *has* is the verb phrase that says why.

    *chain* is what requires it, *offered* are its wheels; *others* cannot be installed either.
    """

    def __init__(
        self, package: str, has: str, chain: str, offered: Sequence[str], *, others: Sequence[str] = ()
    ) -> None:
        wheels = f"; wheels offered: {', '.join(first_of(offered, 4))}" if offered else ""
        sentence = f"`{package}` {has} (needed by {chain}){wheels}"
        super().__init__(sentence, hint=f"{quoted(others)} cannot be installed either" if others else "")


class EnvironmentFailure(WsnoxError):  # noqa: N818 - `EnvironmentError` is a builtin
    """The session's environment could not be prepared, or is not what it must be."""

    exit_code = 8
    shared = False


class BackendError(EnvironmentFailure):
    """The session has no virtual environment of its own that wsnox could sync to the closure."""

    def __init__(self, backend: str) -> None:
        super().__init__(
            f"wsnox needs a virtual environment of its own, and the backend is `{backend}`",
            hint="run nox without `--no-venv`, or with `--force-venv-backend` as `uv`, `virtualenv` or `venv`",
        )


class UvVersionError(EnvironmentFailure):
    """The program *uv* is of a *version* other than the one *required* by a setting that stands at *where*."""

    shared = True

    def __init__(self, uv: str, version: str, required: str, where: str) -> None:
        pin = required if required[:1] in "=~<>!" else f"=={required}"
        super().__init__(
            f"`{uv}` is uv `{version}`, and `required-version` in {where} is `{required}`",
            hint=f'install that uv, as with `python -m pip install "uv{pin}"`, or change `required-version`',
        )


class InterpreterError(EnvironmentFailure):
    """The environment's *interpreter* has a *problem*: it does not run or answer, or is not what the session needs."""

    def __init__(self, interpreter: str, problem: str, *, hint: str = "") -> None:
        super().__init__(f"the interpreter `{interpreter}` {problem}", hint=hint)


class InstallError(EnvironmentFailure):
    """The *installer* failed for *request*; its output was printed above."""

    def __init__(self, request: str, installer: str, *, hint: str = "") -> None:
        self.request = request
        super().__init__(f"{installer} could not install the locked closure of {request}", hint=hint)


class ProofError(EnvironmentFailure):
    """The environment differs from the closure of *request*; *difference* has a line for each distribution or file."""

    def __init__(self, request: str, difference: Sequence[str], *, hint: str = "") -> None:
        self.difference = tuple(map(masked, difference))
        sentence = f"the environment is not exactly the locked closure of {request}:{listed(difference)}"
        super().__init__(sentence, hint=hint)


class ChangedEnvironmentError(EnvironmentFailure):
    """The environment of *label* changed under its commands; *difference* has a line for each change.

    *by_another*: another run of nox changed it.
    """

    def __init__(self, label: str, difference: Sequence[str], *, by_another: bool) -> None:
        self.difference = tuple(difference)
        changes = f":{listed(first_of(difference, 8))}" if difference else ""
        again = "another run of nox prepared it meanwhile: run the session again"
        cause = "a command changed it, or something outside of nox; what a session needs belongs in a dependency group"
        sentence = (
            f"the environment of {label} changed while its commands ran, and is no longer the one that was verified"
        )
        super().__init__(f"{sentence}{changes}", hint=again if by_another else cause)


class ProgramError(EnvironmentFailure):
    """The program of a command belongs to neither environment nor workspace and is not allowed, or it does not start."""


class CoverageError(EnvironmentFailure):
    """Sessions left no coverage data, nothing at hand reads them, or a report is not one of coverage."""


class CommandError(EnvironmentFailure):
    """The *owners* have tests, a single one in *tests*, but nothing in their closures runs them; *hint* is for all of them."""

    shared = True

    def __init__(self, owners: Sequence[str], *, tests: str, hint: str) -> None:
        self.owners = tuple(owners)
        if len(owners) == 1:
            sentence = f"`{tests}` of {owners[0]} holds tests, but its closure has no pytest"
        else:
            sentence = f"{', '.join(first_of(owners, 8))} have tests, but their closures have no pytest"
        super().__init__(sentence, hint=hint)


class BackgroundError(EnvironmentFailure):
    """The command *name* in the background of a session has a *problem*; *lines* are the end of its output."""

    def __init__(self, name: str, problem: str, lines: Sequence[str], *, hint: str = "") -> None:
        output = f":{listed(lines)}" if lines else ""
        super().__init__(f"`{name}` in the background {problem}{output}", hint=hint)


class AfterError(EnvironmentFailure):
    """The commands of *session* succeeded, and then these *commands* of its ``after`` failed."""

    def __init__(self, session: str, commands: Sequence[str]) -> None:
        sentence = f"the commands of {session} succeeded, but {quoted(commands)} of its `after` failed"
        super().__init__(sentence, hint="see the output above")

"""One run of one session: the environment is prepared and proven, then the commands run.

A warm session imports nothing of what it does not need.
"""

from __future__ import annotations

import logging
import os
import platform
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import nox.command

from wsnox.environment.inputs import remembered_proof
from wsnox.environment.locations import python_name
from wsnox.environment.model import Job
from wsnox.environment.programs import Programs
from wsnox.environment.uv import find_uv
from wsnox.environment.variables import command_env, install_env
from wsnox.environment.watch import Watch
from wsnox.errors import BackendError, ChangedEnvironmentError, InstallError, WsnoxError
from wsnox.noxfile.coverage import data_file
from wsnox.noxfile.guarded_session import Guarded
from wsnox.noxfile.names import refuse_shared_folder
from wsnox.noxfile.output import tee_stdout
from wsnox.version import __version__
from wsnox.workspace.commands import default_command, expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wsnox.environment.model import Proof
    from wsnox.workspace import Member, Workspace
    from wsnox.workspace.model import MemberSelection
    from wsnox.workspace.sessions import Session
    from wsnox.workspace.settings import Command

    Action = Callable[[nox.Session, tuple[Member, ...]], object]

__all__ = ["perform"]


def perform(session: nox.Session, workspace: Workspace, spec: Session, variant: str, action: Action | None) -> None:
    """Run the *variant* of *spec*; *action* is what it does instead of its commands."""
    if spec.skip:
        session.skip(spec.skip)
    try:
        refuse_shared_folder(spec)
        _Run(session, workspace, spec, spec.variants[variant]).run(action)
    except WsnoxError as error:
        _annotate(session.name, error.sentence)
        session.error(str(error))


def _annotate(name: str, sentence: str) -> None:
    """Show *sentence* where GitHub Actions lists what went wrong."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from wsnox.imports.report import annotation  # noqa: PLC0415 - only a failing session needs it

        print(annotation(sentence, title=f"wsnox: {name}"), flush=True)


class _Run:
    """One run of one session."""

    def __init__(
        self, session: nox.Session, workspace: Workspace, spec: Session, parts: tuple[MemberSelection, ...]
    ) -> None:
        self.session, self.workspace, self.spec, self.parts = session, workspace, spec, parts

    def run(self, action: Action | None) -> None:
        """Prepare the environment, prove it, and run the commands, or the *action* in their place."""
        if self.session.venv_backend not in ("uv", "virtualenv", "venv"):
            raise BackendError(self.session.venv_backend)
        location = self.session.virtualenv.location
        # nox says so to uv for its uv backend alone; what is set outside must not reach a command in any.
        self.session.env.update(command_env(), UV_PROJECT_ENVIRONMENT=str(Path(location).absolute()))
        job = self._job(accept=self._commands if action is None and self.spec.kind != "imports" else len)
        proof = remembered_proof(job)
        if proof is None:
            from wsnox.environment.prepare import prepare  # noqa: PLC0415 - a warm session needs none of it

            proof = prepare(job)
        self.session.log(f"{self.session.name}: {proof}")
        self.session.env.update({**data_file(self.session), **self.spec.env})
        with self._watched(job, proof):
            if action is not None:
                with self.session.chdir(self.spec.directory), self._explaining(job, proof.names, ()):
                    action(self._guarded(job, proof.names, decorated=True), self.spec.members)
            elif self.spec.kind == "imports":
                self._check_imports(job)
            else:
                self._run_commands(self._commands(proof.names), job, proof.names)

    def _job(self, accept: Callable[[Sequence[str]], object]) -> Job:
        return Job(
            label=self.session.name,
            version=__version__,
            workspace=self.workspace,
            parts=self.parts,
            root_groups=self.spec.root_groups,
            root_defaults=self.spec.root_defaults,
            editable=self.spec.editable,
            check=(os.environ.get("WSNOX_LOCK") or self.workspace.manifest.config.lock) != "frozen",
            location=Path(self.session.virtualenv.location).absolute(),
            python=Path(self.session.bin).absolute() / python_name(os.name),
            wanted=self.session.python if isinstance(self.session.python, str) else platform.python_version(),
            uv=find_uv(),
            outer=os.environ,
            may_install=self._may_install,
            install=self._install,
            recreate=self._recreate,
            # A session that could run nothing is told so before anything is installed.
            accept=accept,
            log=self.session.log,
        )

    # --- what nox does for the preparation ---

    def _may_install(self) -> bool:
        """Ask nox whether it was started with ``-R``: it says nothing to an install then, and else asks for a command."""
        try:
            self.session.run_install()
        except ValueError:
            return True
        return False

    def _install(self, *command: str) -> None:
        """Run an install step in the workspace root, quiet unless somebody watches."""
        quiet = not sys.stderr.isatty() and logging.getLogger().getEffectiveLevel() >= logging.DEBUG
        try:
            with _inside(self.workspace.root):
                # `run_install` of an environment that nox reuses does nothing under `-R`; that was asked before.
                self.session.run_install(
                    *command, env=install_env(os.environ), external=True, silent=quiet, log=not quiet
                )
        except Exception as error:
            tool = "pip" if "pip" in command[:3] and command[0] != find_uv() else Path(command[0]).stem
            raise InstallError(self.session.name, tool, hint=f"what {tool} said stands above") from error

    def _recreate(self) -> None:
        """Make the environment anew; a name of its own first, as what is half deleted looks like what is half made."""
        location = Path(self.session.virtualenv.location).absolute()
        for left in location.parent.glob(f".{location.name}.*.old"):
            _remove_old(left)
        old = location.with_name(f".{location.name}.{os.getpid()}.old")
        if location.exists():
            location.rename(old)
        self.session.virtualenv.create()
        _remove_old(old)

    # --- the commands ---

    @property
    def _member_name(self) -> str:
        return self.spec.name if self.spec.integration else self.spec.members[0].name

    def _commands(self, distributions: Sequence[str]) -> tuple[Command, ...]:
        """Return the configured commands, or pytest where the session's directory has tests."""
        if self.spec.commands is not None:
            return self.spec.commands
        root, posargs = self.workspace.manifest, self.session.posargs
        default = default_command(self.spec, distributions, root, posargs=posargs)
        return () if default is None else (default,)

    def _run_commands(self, commands: Sequence[Command], job: Job, names: Sequence[str]) -> None:
        if not commands:
            self._nothing_to_run(job)
            return
        root = self.workspace.root.as_posix()
        session = self._guarded(job, names, decorated=False)
        with self.session.chdir(self.spec.directory):
            for command in commands:
                words = expand(command, posargs=self.session.posargs, member=self._member_name, root=root)
                # A command may be nothing but `{posargs}`.
                if words:
                    with self._explaining(job, names, words):
                        session.run(*words)

    def _guarded(self, job: Job, names: Sequence[str], *, decorated: bool) -> nox.Session:
        """Return the session for commands, which starts nothing from outside; a function of the noxfile is *decorated*."""
        programs = Programs(
            location=job.location, folder=job.python.parent, root=self.workspace.root, external=self.spec.external
        )

        def refuse(program: str) -> NoReturn:
            from wsnox.noxfile.program_hints import outside  # noqa: PLC0415 - most commands are the environment's

            raise outside(program, programs, job, self.spec, names=names, decorated=decorated)

        return Guarded(self.session, programs, refuse)

    @contextmanager
    def _watched(self, job: Job, proof: Proof) -> Iterator[None]:
        """Fail where the environment does not stay what *proof* says; where a command failed, say so at least."""
        watch = Watch(job, proof)
        try:
            yield
        except Exception:
            try:
                watch.end()
            except ChangedEnvironmentError as changed:
                self.session.warn(str(changed))
            raise
        watch.end()

    def _nothing_to_run(self, job: Job) -> None:
        if self.spec.commands is None and not self.spec.integration:
            self.session.log(f"{self.session.name}: no tests, so its imports are checked")
            self._check_imports(job)
        else:
            self.session.warn(f"{self.session.name}: no tests and no `commands`, so nothing ran in its environment")

    def _check_imports(self, job: Job) -> None:
        from wsnox.noxfile.import_check import check_imports  # noqa: PLC0415 - a warm session needs none of it

        with _inside(self.workspace.root):
            check_imports(self.session, job, self.spec.members[0])

    @contextmanager
    def _explaining(self, job: Job, names: Sequence[str], words: Sequence[str]) -> Iterator[None]:
        """Explain the failure of what runs meanwhile, the command *words* if it is known, where the closure *names* is why."""
        heard = None
        try:
            with tee_stdout() as heard:
                yield
        except nox.command.CommandFailed:
            from wsnox.noxfile.explain import explain_failure  # noqa: PLC0415 - most commands do not fail

            explain_failure(self.session, job, self.spec, names=names, words=words, heard=heard)
            raise


def _remove_old(place: Path) -> None:
    """Remove an environment that was replaced; what cannot be removed now is left for the next time."""
    from wsnox.environment.removal import remove  # noqa: PLC0415 - a warm session needs none of it

    with suppress(OSError):
        remove(place, home=place.parent)


@contextmanager
def _inside(directory: Path) -> Iterator[None]:
    """Change the working directory without the line that `nox.Session.chdir` logs for each change."""
    before = Path.cwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)

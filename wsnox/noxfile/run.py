"""One run of one session: the environment is prepared and proven, then the commands run.

A warm session imports nothing that it does not need.
"""

from __future__ import annotations

import logging
import os
import platform
import shlex
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import nox.command

from wsnox._record import replace
from wsnox.environment.isolation import Programs, command_env, find_uv, install_env
from wsnox.environment.model import Job, Venv
from wsnox.environment.other_runs import Watch
from wsnox.environment.stamp import remembered_proof
from wsnox.errors import (
    AfterError,
    BackendError,
    ChangedEnvironmentError,
    CommandError,
    InstallError,
    WsnoxError,
)
from wsnox.files import replaced
from wsnox.noxfile.ahead import ahead
from wsnox.noxfile.coverage import data_file_env
from wsnox.noxfile.guarded_session import GuardedSession, inside, refuse_directory
from wsnox.noxfile.names import refuse_shared_folder
from wsnox.noxfile.recorder import recorder
from wsnox.noxfile.shared_errors import abort
from wsnox.noxfile.tee import tee_stdout
from wsnox.noxfile.this_run import FOR_COMMANDS
from wsnox.noxfile.venvs import BACKENDS, mark_of, prepared_at
from wsnox.version import __version__
from wsnox.workspace.commands import default_command
from wsnox.workspace.placeholders import expand, fill
from wsnox.workspace.sessions import SessionRun, run_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wsnox.environment.model import Proof
    from wsnox.noxfile.background import Service
    from wsnox.workspace import Member, Workspace
    from wsnox.workspace.sessions import Session
    from wsnox.workspace.settings import Command

    Action = Callable[[nox.Session, tuple[Member, ...]], object]

__all__ = ["perform", "run_at"]


def perform(
    nox_session: nox.Session, workspace: Workspace, session: Session, variant: str, action: Action | None
) -> None:
    """Run the *variant* of *session* as the *nox_session*; an *action* runs in place of its commands."""
    if session.skip:
        nox_session.skip(session.skip)
    recorder.begin(nox_session)
    run = _Run(nox_session, workspace, session, variant, action)
    try:
        refuse_shared_folder(session)
        run.run()
    except WsnoxError as error:
        abort(nox_session.name, error, Path(nox_session.env_dir).absolute().parent / ".wsnox", run.for_all)


def run_at(
    nox_session: nox.Session, workspace: Workspace, session: Session, location: Path, action: Action | None
) -> _Run | None:
    """Return the run of *session* that has the environment at *location*, `None` if nothing is to be made there."""
    run = None if session.skip else run_in(session, location.name)
    if run is None:
        return None
    # A function of the noxfile may change variables for a while, which are not for the environments of others.
    workspace = replace(workspace, environ=dict(os.environ))
    return _Run(nox_session, workspace, session, run.variant, action)


class _Run:
    """One run of one session: the host of its preparation, and then its commands."""

    def __init__(
        self,
        nox_session: nox.Session,
        workspace: Workspace,
        session: Session,
        variant: str,
        action: Action | None,
    ) -> None:
        self.nox_session, self.workspace, self.session = nox_session, workspace, session
        self.variant, self.action = variant, action
        self._ports: dict[str, int] = {}

    def run(self) -> None:
        """Prepare the environment, prove it, and run the commands, or the action in their place."""
        nox_session, session = self.nox_session, self.session
        if nox_session.venv_backend not in BACKENDS:
            raise BackendError(nox_session.venv_backend)
        refuse_directory(self.session, self.workspace.root)
        # nox sets the variable for its uv backend alone; a value from outside must never reach a command.
        venv = self._venv
        nox_session.env.update({**command_env(), **FOR_COMMANDS}, UV_PROJECT_ENVIRONMENT=str(venv.location))
        start, job = time.perf_counter(), self.job(venv)
        proof, prepared = remembered_proof(job), prepared_at(nox_session, venv.location)
        if proof is None and prepared is None:
            prepared = prepared_at(nox_session, venv.location, ask=True)
            proof = None if prepared is None else remembered_proof(job)
        for line in () if prepared is None else prepared.lines:
            self.log(line)
        unchanged = proof is not None and prepared is None
        if proof is None:
            from wsnox.environment.prepare import prepare  # noqa: PLC0415 - a warm session needs none of it

            proof = prepare(job, self)
            self.log(str(proof))
        elif unchanged:
            self.log(f"{proof} (unchanged, {(time.perf_counter() - start) * 1000:.0f} ms)")
        recorder.prove(len(proof.names), unchanged=unchanged)
        env = {name: fill(value, self._value_of) for name, value in session.env.items()}
        nox_session.env.update({**data_file_env(nox_session), **env})
        with ahead.beside(nox_session, venv, mark_of), self._watched(job, proof):
            self._run_in(job, proof.names)

    def _run_in(self, job: Job, names: Sequence[str]) -> None:
        """Run what the session is for in the proven environment of *job*; another resolution is tried by imports first."""
        if job.run is None:
            self._run_commands(job, names)
            return
        from wsnox.noxfile.at_resolution import comparing_failure, import_members  # noqa: PLC0415 - few sessions have one

        with comparing_failure(self.nox_session, job):
            with inside(self.workspace.root):
                import_members(self.nox_session, job, self.session.members, names)
            self._run_commands(job, names)

    def _run_commands(self, job: Job, names: Sequence[str]) -> None:
        """Run the commands, or the check of imports, in the proven environment of *job*, which holds the distributions *names*."""
        session, is_fixed = self.session, self.action is not None or self.session.kind == "imports"
        commands = () if is_fixed else self._commands(names)
        if is_fixed or commands or (session.commands is not None and any(session.every_command)):
            guarded = self._guarded(job, names)
            self._tell_unused_arguments(commands)
            with self._surrounded(job, names, guarded) as check_background:
                if self.action is not None:
                    with self._explaining(job, names, ()):
                        self.action(guarded, session.members)
                elif is_fixed:
                    self._check_imports(job)
                for command in commands:
                    self._run_command(command, job, names, guarded)
                    check_background()
        elif session.resolution:
            self.log("no tests, so its imports are all that was tried")
        elif session.commands is None and not session.integration:
            self.log("no tests, so its imports are checked")
            self._check_imports(job)
        else:
            self.nox_session.warn(f"{job.label}: no tests and no `commands`, so nothing ran in its environment")

    def _tell_unused_arguments(self, commands: Sequence[Command]) -> None:
        """Say that no command takes what follows ``--``: nothing else would show that it was not heeded."""
        posargs, every_command = self.nox_session.posargs, (*self.session.every_command, *commands)
        if posargs and commands and not any("{posargs" in str(command) for command in every_command):
            self.log(f"no command takes `{shlex.join(posargs)}`, as none has `{{posargs}}`")

    @property
    def _venv(self) -> Venv:
        return Venv(Path(self.nox_session.virtualenv.location).absolute(), Path(self.nox_session.bin).absolute())

    def job(self, venv: Venv) -> Job:
        """Return the job of the environment *venv*."""
        python = self.nox_session.python
        return Job(
            label=self.nox_session.name,
            version=__version__,
            workspace=self.workspace,
            selections=self.session.variants[self.variant],
            root_groups=self.session.root_groups,
            root_defaults=self.session.root_defaults,
            editable=self.session.editable,
            require_fresh_lock=self.workspace.requires_fresh_lock,
            venv=venv,
            python_request=python if isinstance(python, str) else platform.python_version(),
            uv=find_uv(),
            environ=self.workspace.environ,
            run=self._run_at_resolution(),
        )

    def _run_at_resolution(self) -> SessionRun | None:
        """Return this run if its versions are those of another resolution than the lockfile's."""
        if self.session.resolution is None:
            return None
        python = self.nox_session.python
        named = python if isinstance(python, str) else ""
        return SessionRun(title=self.nox_session.name, session=self.session, python=named, variant=self.variant)

    def refuse(self, job: Job) -> None:
        """Raise a `WsnoxError` if the session may have no environment, or can have no closure."""
        from wsnox.noxfile.preflight import refuse_run  # noqa: PLC0415 - a warm session needs none of it

        refuse_shared_folder(self.session)
        refuse_directory(self.session, self.workspace.root)
        refuse_run(self.workspace, run_in(self.session, job.venv.location.name), job.venv.shared, job.uv)

    # --- the preparation's host (`wsnox.environment.prepare.Host`) ---

    def may_install(self) -> bool:
        """Return whether nox runs installs: with ``-R`` it ignores one, and otherwise it complains of the missing command."""
        try:
            self.nox_session.run_install()
        except ValueError:
            return True
        return False

    def install(self, *command: str) -> None:
        """Run an install step in the workspace root, quietly unless somebody watches."""
        quiet = not sys.stderr.isatty() and logging.getLogger().getEffectiveLevel() >= logging.DEBUG
        try:
            with inside(self.workspace.root):
                # `run_install` of an environment that nox reuses does nothing under `-R`; `may_install` has ruled that out.
                self.nox_session.run_install(
                    *command, env=install_env(os.environ), external=True, silent=quiet, log=not quiet
                )
        except Exception as error:
            tool = "pip" if "pip" in command[:3] and command[0] != find_uv() else Path(command[0]).stem
            raise InstallError(self.nox_session.name, tool, hint=f"see the output of {tool} above") from error

    def recreate(self) -> None:
        """Recreate the environment."""
        with replaced(Path(self.nox_session.virtualenv.location).absolute()):
            self.nox_session.virtualenv.create()

    def on_closure(self, names: Sequence[str]) -> None:
        """Raise, before anything is installed, if the session could run nothing with the distributions *names*."""
        # With another resolution, imports are tried first, whether or not anything runs the tests.
        is_fixed = self.action is not None or self.session.kind == "imports" or self.session.resolution is not None
        own = () if is_fixed else self._commands(names)
        for command in (*own, *self.session.every_command):
            expand(command, self._value_of, posargs=self.nox_session.posargs)

    def log(self, message: str) -> None:
        """Show *message* with the name of the session."""
        self.nox_session.log(f"{self.nox_session.name}: {message}")

    def for_all(self, error: WsnoxError) -> WsnoxError:
        """Return *error* as it is for all sessions that have it alike."""
        if not isinstance(error, CommandError):
            return error
        from wsnox.noxfile.program_hints import command_error_of_all  # noqa: PLC0415 - most sessions have commands

        return command_error_of_all(error, self.job(self._venv), self.session)

    # --- commands in the environment ---

    def _commands(self, distributions: Sequence[str]) -> tuple[Command, ...]:
        """Return the configured commands, or pytest where the session's directory has tests."""
        if self.session.commands is not None:
            return self.session.commands
        posargs = self.nox_session.posargs
        default = default_command(self.session, distributions, self.workspace.manifest, posargs=posargs)
        return () if default is None else (default,)

    def _run_command(self, command: Command, job: Job, names: Sequence[str], guarded: GuardedSession) -> None:
        words = expand(command, self._value_of, posargs=guarded.posargs)
        # A command may be nothing but `{posargs}`.
        if words:
            with self._explaining(job, names, words):
                guarded.run(*words)

    @contextmanager
    def _surrounded(self, job: Job, names: Sequence[str], guarded: GuardedSession) -> Iterator[Callable[[], None]]:
        """Run the body where the commands run, between those of ``before`` and ``after`` and with those in the background.

        Yield a function that raises `BackgroundError` if one in the background has ended. Commands of ``after`` run however
        the rest ended; if they fail, that fails the session unless something else does.
        """
        session = self.session
        with self.nox_session.chdir(session.directory):
            if not (session.before or session.background or session.after):
                yield lambda: None
                return
            from wsnox.noxfile.background import running  # noqa: PLC0415 - few sessions have any

            # What may not run is told before anything does that would have to be cleaned up.
            for command in session.every_command:
                guarded.refuse_outside(expand(command, self._value_of, posargs=guarded.posargs))
            try:
                for command in session.before:
                    self._run_command(command, job, names, guarded)
                with running(self._services(job, guarded), self.log, self.nox_session.warn) as check_background:
                    yield check_background
            except BaseException:
                self._run_after(job, names, guarded)
                raise
            if failed := self._run_after(job, names, guarded):
                raise AfterError(session.name, failed)

    def _services(self, job: Job, guarded: GuardedSession) -> list[Service]:
        from wsnox.noxfile.background import service_of  # noqa: PLC0415 - see above

        # nox starts no command either.
        configured = () if guarded.installs_only else self.session.background
        return [
            service_of(
                background,
                env=guarded.environ,
                directory=self.session.directory,
                logs=job.venv.folder / "background",
                fill=lambda text: fill(text, self._value_of),
                words=lambda command: guarded.resolved(expand(command, self._value_of, posargs=guarded.posargs)),
            )
            for background in configured
        ]

    def _run_after(self, job: Job, names: Sequence[str], guarded: GuardedSession) -> list[str]:
        """Run each command of ``after``, and return those that failed, which are told."""
        failed = []
        for command in self.session.after:
            try:
                self._run_command(command, job, names, guarded)
            except (nox.command.CommandFailed, WsnoxError) as error:
                failed.append(command if isinstance(command, str) else shlex.join(command))
                self.nox_session.warn(f"{self.nox_session.name}: `{failed[-1]}` of its `after` failed: {error}")
        return failed

    def _value_of(self, placeholder: str) -> str:
        """Return the value of a *placeholder* in this run."""
        if placeholder.partition(":")[0] == "port":
            from wsnox.noxfile.background import free_port  # noqa: PLC0415 - hardly any command needs it

            if placeholder not in self._ports:
                self._ports[placeholder] = free_port()
            return str(self._ports[placeholder])
        match placeholder:
            case "python":
                # As nox fills `{python}` in `requires`; the interpreter that runs nox has no name there.
                python = self.nox_session.python
                return python if isinstance(python, str) else platform.python_version().rpartition(".")[0]
            case "module":
                from wsnox.imports.shipped import import_package  # noqa: PLC0415 - hardly any command needs it

                return import_package(self.session.members[0])
            case _:
                return self.session.value_of(placeholder, self.workspace.root)

    def _guarded(self, job: Job, names: Sequence[str]) -> GuardedSession:
        """Return the session for commands, which starts no programs from outside."""
        programs = Programs(venv=job.venv, root=self.workspace.root, external=self.session.external)

        def refuse(words: Sequence[str]) -> NoReturn:
            from wsnox.noxfile.program_hints import program_error  # noqa: PLC0415 - most programs are the environment's

            decorated = self.action is not None
            raise program_error(words, programs, job, self.session, names=names, decorated=decorated)

        return GuardedSession(self.nox_session, programs, refuse)

    def _check_imports(self, job: Job) -> None:
        from wsnox.noxfile.import_findings import check_imports  # noqa: PLC0415 - a warm session needs none of it

        with inside(self.workspace.root):
            check_imports(self.nox_session, job, self.session.members[0])

    @contextmanager
    def _explaining(self, job: Job, names: Sequence[str], words: Sequence[str]) -> Iterator[None]:
        """Explain a failure in the body, of the command *words* or else of a function, by the *names* in the closure."""
        output = None
        try:
            with tee_stdout() as output:
                yield
        except nox.command.CommandFailed:
            from wsnox.noxfile.import_findings import explain_failure  # noqa: PLC0415 - most commands do not fail

            recorder.fail()
            explain_failure(self.nox_session, job, self.session, names=names, words=words, output=output)
            raise

    @contextmanager
    def _watched(self, job: Job, proof: Proof) -> Iterator[None]:
        """Fail if the environment does not stay as *proof* says; after a failed command, only warn of it."""
        watch = Watch(job.label, job.venv, proof, self.log)
        try:
            yield
        except Exception:
            try:
                watch.end()
            except ChangedEnvironmentError as changed:
                self.nox_session.warn(str(changed))
            raise
        watch.end()

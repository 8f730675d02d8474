"""Prepare the environment of one session run whose stamp does not hold any more.

1. Wait for the environment's lock. The run that had it may have done the work.
2. Find a usable interpreter in the environment, or let nox recreate it.
3. Read the inputs, a lockfile that matches the manifests, what is installed, and what the last stamp remembers of it.
4. Decide which closure it must hold, from which files, and whether that can be installed at all.
5. Where nothing may be installed (``nox -R``), verify that, and fail the session on any difference.
6. Otherwise take the stamp back, build the source trees that are not installed in place, sync, verify, and write a stamp.

If another run of nox recreated the environment meanwhile, begin again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wsnox.closure.compatibility import Availability, Compatibility, compatible_wheels
from wsnox.environment.inputs import environment_inputs, other_manifests, tree_digests
from wsnox.environment.installers import PipInstaller, UvInstaller
from wsnox.environment.interpreter import usable_interpreter, why_replaced
from wsnox.environment.lockfile import fresh_lock, job_closure, parsed_lock, resolution_lock
from wsnox.environment.model import Proof
from wsnox.environment.other_runs import environment_lock
from wsnox.environment.pylock import files_without_hash, local_digests
from wsnox.environment.site_packages import installed_in
from wsnox.environment.stamp import UNFINISHED, Stamp, read_stamp, remembered_proof, write_stamp
from wsnox.environment.sync import Environment, State, sync, verified
from wsnox.environment.verify import offered_files
from wsnox.environment.wheels import WheelStore, outdated, tree_names, without_trees
from wsnox.errors import EnvironmentFailure, InstallError, InterpreterError, ProofError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.environment.installers import Installer
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job
    from wsnox.lock import Lock

__all__ = ["Host", "prepare"]

WAITING = "waiting for another run that prepares this environment"

ATTEMPTS = 3
"""How often a preparation begins where other runs of nox recreate the environment under it."""


class Host(Protocol):
    """The session that the environment is for: nox acts for wsnox through it."""

    def may_install(self) -> bool:
        """Return whether nox allows installs."""

    def install(self, *command: str) -> None:
        """Run a command of the install step; raise `InstallError` if it fails."""

    def recreate(self) -> None:
        """Recreate the environment."""

    def on_closure(self, names: Sequence[str]) -> object:
        """Take the *names* of the distributions to come, or raise a `WsnoxError`."""

    def log(self, message: str) -> None:
        """Show *message* to the user."""


def prepare(job: Job, host: Host) -> Proof:
    """Return the proof that the environment of *job* holds exactly its closure; raise a `WsnoxError` if it cannot."""
    try:
        with environment_lock(job.venv.location, lambda: host.log(WAITING)):
            return remembered_proof(job) or _prepare(job, host)
    except OSError as error:
        path = f"`{error.filename}`: " if error.filename else ""
        raise InstallError(job.label, "wsnox", hint=f"{path}{error.strerror or error}") from error


def _prepare(job: Job, host: Host) -> Proof:
    may_install = host.may_install()
    for attempt in range(1, ATTEMPTS + 1):
        interpreter = _interpreter(job, host, may_install=may_install)
        identity = _identity(job)
        try:
            proof = _attempt(job, host, interpreter, may_install=may_install)
        except EnvironmentFailure:
            if _identity(job) == identity or attempt == ATTEMPTS:
                raise
        else:
            if _identity(job) == identity:
                return proof
    raise InstallError(job.label, "wsnox", hint="another run of nox keeps recreating this environment")


def _identity(job: Job) -> object:
    """Return an identity of the environment, another one whenever it is recreated."""
    try:
        status = job.venv.settings.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _interpreter(job: Job, host: Host, *, may_install: bool) -> Interpreter:
    """Return the interpreter of an environment that is the one of its stamp and usable, recreated if it was not.

    nox makes one that is absent before it calls the session; another host makes it now.
    """
    reason, pip = why_replaced(read_stamp(job.venv.stamp), job.venv), job.uv is None
    exists = job.venv.location.exists()
    if exists and not reason:
        try:
            return usable_interpreter(job.venv, job.python_request, pip=pip)
        except InterpreterError as error:
            reason = error.sentence
    if not may_install:
        raise ProofError(job.label, [f"! {reason}"], hint="run nox without `-R`, so that it can be recreated")
    if exists:
        host.log(f"recreating the environment: {reason}")
    host.recreate()
    return usable_interpreter(job.venv, job.python_request, pip=pip)


def _attempt(job: Job, host: Host, interpreter: Interpreter, *, may_install: bool) -> Proof:
    workspace, root = job.workspace, job.workspace.root.as_posix()
    # Digested first: a file that is written while it is read must look changed.
    inputs = environment_inputs(job)
    lock = _lock(job, inputs, remember=may_install)
    # Without a finished stamp, nothing says what an installed distribution is.
    stamp = read_stamp(job.venv.stamp) or UNFINISHED

    closure = job_closure(job, lock, interpreter.target)
    compatibility = Compatibility(interpreter.target, interpreter.platform)
    Availability(lock, compatibility, workspace.build_options).refuse_unavailable(closure)
    host.on_closure([package.name for package in closure.packages])
    closure = compatible_wheels(closure, compatibility)

    archives = (f"file {path}" for path in files_without_hash(closure, root))
    manifests = other_manifests(workspace, lock) if job.require_fresh_lock else ()
    trees = tree_digests(workspace, [*tree_names(closure), *archives, *manifests], job.environ)
    digests = local_digests(closure, root, needed=may_install)
    state = State(
        installed=installed_in(interpreter, stamp.fingerprint),
        contents=stamp.contents,
        fingerprint=stamp.fingerprint,
        outdated=outdated(closure, stamp.trees, trees),
    )

    environment = Environment(
        label=job.label,
        venv=job.venv,
        root=root,
        interpreter=interpreter,
        installer=_installer(job, host, lock, digests),
        offered=lambda closure: offered_files(closure, compatibility, digests, workspace),
    )
    wheels = WheelStore(environment, trees)
    closure = wheels.fill(closure, build=False)
    if may_install:
        write_stamp(job.venv.stamp, UNFINISHED)
        ready = without_trees(closure)
        if job.uv is not None and ready != closure:
            # A build that uv's settings do not isolate sees the environment: what it may need has to be there.
            state = sync(environment, ready, state)
        state = sync(environment, wheels.fill(closure), state)
    else:
        state = verified(environment, closure, state)

    proof = Proof(
        names=tuple(package.name for package in closure.packages),
        sites=state.installed.sites,
        settings=inputs["pyvenv.cfg"],
        contents=state.contents,
        removed=state.removed,
    )
    if may_install:
        stamp = Stamp(
            inputs=inputs,
            trees=trees,
            directories=tuple(site.directory for site in proof.sites),
            fingerprint=state.fingerprint,
            names=proof.names,
            contents=proof.contents,
        )
        write_stamp(job.venv.stamp, stamp)
    return proof


def _lock(job: Job, inputs: Mapping[str, str], *, remember: bool) -> Lock:
    if job.run is not None:
        return resolution_lock(job.workspace, job.run)
    if not job.require_fresh_lock:
        return parsed_lock(job.workspace.root)
    memo, manifests = job.venv.shared / "fresh", inputs["pyproject.toml"]
    return fresh_lock(job.workspace, memo, manifests=manifests, version=job.version, remember=remember)


def _installer(job: Job, host: Host, lock: Lock, digests: Mapping[str, str]) -> Installer:
    if job.uv is None:
        return PipInstaller(host.install, job.venv, job.workspace, digests)
    requires_python = lock.requires_python
    return UvInstaller(host.install, job.venv, job.workspace, digests, uv=job.uv, requires_python=requires_python)

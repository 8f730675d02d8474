"""Prepare the environment of one session run whose stamp does not hold any more.

1. Wait for the environment's lock. The run that had it may have done the work.
2. Find a usable interpreter in the environment, or let nox make it anew.
3. Compute the closure for that interpreter, from a lockfile that matches the manifests.
4. Read what is installed, and what the last stamp remembers of it.
5. Where nothing may be installed (``nox -R``), verify that, and fail the session on any difference.
6. Otherwise take the stamp back, build the source trees that are not installed in place, sync, verify, and write a stamp.

Where another run of nox made the environment anew meanwhile, begin again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from wsnox.closure.compatibility import Availability, Compatibility, compatible_wheels
from wsnox.closure.request import session_closure
from wsnox.closure.resolve import Resolver
from wsnox.environment.inputs import environment_inputs, other_manifests, settings_digest, tree_digests
from wsnox.environment.integrity import usable_interpreter, why_replaced
from wsnox.environment.lockfile import fresh_lock, parsed_lock
from wsnox.environment.other_runs import environment_lock
from wsnox.environment.pip import PipInstaller
from wsnox.environment.provenance import Provenance, offered_files
from wsnox.environment.pylock import files_without_hash, local_digests
from wsnox.environment.site_packages import installed_in
from wsnox.environment.snapshot import fingerprint
from wsnox.environment.stamp import UNFINISHED, Proof, Stamp, read_stamp, remembered_proof, write_stamp
from wsnox.environment.sync import Environment, sync, verify_only
from wsnox.environment.uv import UvInstaller
from wsnox.environment.wheels import WheelStore, as_wheels, outdated, tree_names, with_current_versions, without_trees
from wsnox.errors import EnvironmentFailure, InstallError, InterpreterError, ProofError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.closure import Closure
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job
    from wsnox.environment.site_packages import Installed
    from wsnox.environment.sync import Installer
    from wsnox.lock import Lock

__all__ = ["Host", "prepare"]

WAITING = "waiting for another run that prepares this environment"

ATTEMPTS = 3
"""How often a preparation begins where other runs of nox make the environment anew under it."""


class Host(Protocol):
    """The session that the environment is for: nox acts for wsnox through it."""

    def may_install(self) -> bool:
        """Return whether nox allows installs."""

    def install(self, *command: str) -> None:
        """Run a command of the install step; raise `InstallError` if it fails."""

    def recreate(self) -> None:
        """Make the environment anew."""

    def on_closure(self, names: Sequence[str]) -> object:
        """Take the *names* of the distributions to come, or raise a `WsnoxError`."""

    def log(self, message: str) -> None:
        """Show *message* to the user."""


def prepare(job: Job, host: Host) -> Proof:
    """Return the proof that the environment of *job* holds exactly its closure; raise a `WsnoxError` if it cannot."""
    try:
        with environment_lock(job.location, lambda: host.log(WAITING)):
            return remembered_proof(job) or _prepare(job, host)
    except OSError as error:
        path = f"`{error.filename}`: " if error.filename else ""
        raise InstallError(job.label, "wsnox", hint=f"{path}{error.strerror or error}") from error


def _prepare(job: Job, host: Host) -> Proof:
    may_install = host.may_install()
    for attempt in range(1, ATTEMPTS + 1):
        interpreter = _usable_interpreter(job, host, may_install=may_install)
        identity = _identity(job)
        try:
            proof = _attempt(job, host, interpreter, may_install=may_install)
        except EnvironmentFailure:
            if _identity(job) == identity or attempt == ATTEMPTS:
                raise
        else:
            if _identity(job) == identity:
                return proof
    raise InstallError(job.label, "wsnox", hint="another run of nox keeps making this environment anew")


def _identity(job: Job) -> object:
    """Return an identity of the environment, another one whenever it is made anew."""
    try:
        status = (job.location / "pyvenv.cfg").stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _usable_interpreter(job: Job, host: Host, *, may_install: bool) -> Interpreter:
    def usable() -> Interpreter:
        return usable_interpreter(
            job.python, job.location, job.python_request, cache=job.interpreters, pip=job.uv is None
        )

    reason = why_replaced(read_stamp(job.stamp), job.location, settings_digest(job.location))
    if not reason:
        try:
            return usable()
        except InterpreterError as error:
            reason = error.sentence
    if not may_install:
        raise ProofError(job.label, [f"! {reason}"], hint="run nox without `-R`, so that it may be made anew")
    host.log(f"making the environment anew, as {reason}")
    host.recreate()
    return usable()


def _attempt(job: Job, host: Host, interpreter: Interpreter, *, may_install: bool) -> Proof:
    # Digested first: a file that is written while it is read must look changed.
    inputs = environment_inputs(job)
    if job.require_fresh_lock:
        memo, digest = job.shared / "fresh", inputs["pyproject.toml"]
        lock = fresh_lock(job.workspace, memo, manifests=digest, version=job.version, remember=may_install)
    else:
        lock = parsed_lock(job.workspace.root)
    closure = _closure(job, lock, interpreter)
    compatibility = Compatibility(interpreter.target, interpreter.platform)
    Availability(lock, compatibility, job.workspace.build_options).refuse_unavailable(closure)
    host.on_closure([package.name for package in closure.packages])
    closure = compatible_wheels(closure, compatibility)

    archives = (f"file {path}" for path in files_without_hash(closure, job.root))
    manifests = other_manifests(job.workspace, lock) if job.require_fresh_lock else ()
    trees = tree_digests(job.workspace, [*tree_names(closure), *archives, *manifests], job.environ)
    digests = local_digests(closure, job.root, needed=may_install)

    # Without a finished stamp, nothing says what an installed distribution is.
    stamp = read_stamp(job.stamp) or UNFINISHED
    changed_trees = outdated(closure, stamp.trees, trees)
    store = WheelStore(job=job, run=host.install, abi=interpreter.platform.abi, trees=trees)
    closure = store.fill(closure, build=False)
    installed = installed_in(interpreter, stamp.fingerprint)
    provenance = Provenance(
        offered=offered_files(closure, compatibility, digests, job.workspace),
        contents=stamp.contents,
        fingerprint=stamp.fingerprint,
        outdated=changed_trees,
    )
    environment = Environment(
        label=job.label,
        location=job.location,
        root=job.root,
        interpreter=interpreter,
        installer=_installer(job, host, lock, digests),
    )
    if not may_install:
        verify_only(environment, closure, provenance, installed)
        return _proof(closure, provenance, installed, inputs)

    write_stamp(job.stamp, UNFINISHED)
    removed: tuple[str, ...] = ()
    ready = without_trees(closure)
    if job.uv is not None and ready != closure:
        # A build that uv's settings do not isolate sees the environment: what it may need has to be there.
        first = provenance.only(package.name for package in ready.packages)
        installed, removed = sync(environment, ready, first, installed)
        provenance = replace(
            provenance,
            contents=first.contents_of(installed),
            fingerprint=fingerprint(installed.sites),
            outdated=provenance.outdated - first.outdated,
        )
    closure = store.fill(closure)
    provenance = replace(provenance, offered=offered_files(closure, compatibility, digests, job.workspace))
    installed, more = sync(environment, closure, provenance, installed)
    proof = _proof(closure, provenance, installed, inputs, (*removed, *more))
    stamp = Stamp(
        inputs=inputs,
        trees=trees,
        directories=tuple(site.directory for site in proof.sites),
        fingerprint=fingerprint(proof.sites),
        names=proof.names,
        contents=proof.contents,
    )
    write_stamp(job.stamp, stamp)
    return proof


def _closure(job: Job, lock: Lock, interpreter: Interpreter) -> Closure:
    closure = session_closure(Resolver(lock, interpreter.target), job.workspace, job)
    if not job.require_fresh_lock:
        # Nobody compared the versions of source trees; uv installs them as they are, too.
        closure = with_current_versions(closure, job.workspace)
    return closure if job.editable else as_wheels(closure, [member.name for member in job.workspace.members])


def _installer(job: Job, host: Host, lock: Lock, digests: Mapping[str, str]) -> Installer:
    if job.uv is None:
        return PipInstaller(
            host.install,
            job.python,
            folder=job.folder,
            shared=job.shared,
            root=job.root,
            digests=digests,
            index_urls=job.workspace.manifest.declared.index_urls,
        )
    return UvInstaller(
        host.install,
        job.uv,
        job.python,
        label=job.label,
        folder=job.folder,
        workspace=job.workspace,
        requires_python=lock.requires_python,
        digests=digests,
    )


def _proof(
    closure: Closure,
    provenance: Provenance,
    installed: Installed,
    inputs: Mapping[str, str],
    removed: tuple[str, ...] = (),
) -> Proof:
    return Proof(
        names=tuple(package.name for package in closure.packages),
        sites=installed.sites,
        settings=inputs["pyvenv.cfg"],
        contents=provenance.contents_of(installed),
        removed=removed,
    )

"""Prepare the environment of one session run, where it is not still proven.

1. Under a lock that other runs of the same session wait for, look at the environment's health.
2. Compute the closure for the interpreter found there, from a lockfile that matches the manifests.
3. Where nothing may be installed (``nox -R``), compare, and fail the session on any difference. Otherwise take the
   stamp back, build what is not installed in place, install and prove, and write the stamp.
4. Where another run of nox made the environment anew meanwhile, begin again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.closure.compatibility import Compatibility, compatible_wheels, refuse_unavailable
from wsnox.closure.request import request_for
from wsnox.closure.resolve import resolve
from wsnox.environment.environment_lock import environment_lock
from wsnox.environment.inputs import environment_inputs, remembered_proof
from wsnox.environment.interpreter import usable_interpreter
from wsnox.environment.locked import checked_lock
from wsnox.environment.pip import PipInstaller
from wsnox.environment.provenance import Memory, offered_by
from wsnox.environment.pylock import local_digests
from wsnox.environment.stamp import UNFINISHED, Stamp, read_stamp, write_stamp
from wsnox.environment.sync import sync, verify_only
from wsnox.environment.uv import UvInstaller
from wsnox.environment.wheels import as_they_are, as_wheels, local_trees, outdated, with_wheels, without_trees
from wsnox.errors import EnvironmentFailure, InstallError

if TYPE_CHECKING:
    from wsnox.closure import Closure
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job, Proof
    from wsnox.lock import Lock

__all__ = ["prepare"]

WAITING = "waiting for another run that prepares this environment"

ATTEMPTS = 3
"""How often a preparation begins again where another run of nox made the environment anew under it."""


def prepare(job: Job) -> Proof:
    """Return the proof that the environment of *job* holds exactly its closure; raise a `WsnoxError` where it cannot."""
    try:
        with environment_lock(job.location, lambda: job.log(f"{job.label}: {WAITING}")):
            # The run that was waited for may have done it.
            return remembered_proof(job) or _prepared(job)
    except OSError as error:
        place = f"`{error.filename}`: " if error.filename else ""
        raise InstallError(job.label, "wsnox", hint=f"{place}{error.strerror or error}") from error


def _prepared(job: Job) -> Proof:
    permitted = job.may_install()
    for attempt in range(1, ATTEMPTS + 1):
        interpreter = usable_interpreter(job, permitted=permitted)
        identity = _identity(job)
        try:
            proof = _attempt(job, interpreter, permitted=permitted)
        except EnvironmentFailure:
            if _identity(job) == identity or attempt == ATTEMPTS:
                raise
        else:
            if _identity(job) == identity:
                return proof
    raise InstallError(job.label, "wsnox", hint="another run of nox keeps making this environment anew")


def _identity(job: Job) -> object:
    try:
        state = (job.location / "pyvenv.cfg").stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns


def _attempt(job: Job, interpreter: Interpreter, *, permitted: bool) -> Proof:
    # Digested first: what is written while it is read must look changed.
    inputs = environment_inputs(job)
    lock = checked_lock(job, inputs["pyproject.toml"], remember=permitted)
    compatibility = Compatibility(interpreter.target, interpreter.platform)
    closure = _closure(job, lock, interpreter)
    refuse_unavailable(lock, closure, compatibility, job.workspace.build_options)
    job.accept([package.name for package in closure.packages])
    fits = compatible_wheels(closure, compatibility)
    trees, digests = local_trees(fits, job), local_digests(fits, job.root, needed=permitted)
    before = read_stamp(job.stamp)
    changed = outdated(closure, {} if before is None else before.trees, trees)
    # Without a stamp, nothing says what an installed distribution is.
    last: Stamp | Proof = UNFINISHED if before is None else before

    def memory(of: Closure) -> Memory:
        offered = offered_by(of, compatibility, digests, job)
        return Memory(offered=offered, known=last.contents, listing=last.listing, outdated=changed)

    found = with_wheels(closure, trees, job, interpreter, build=False)
    if not permitted:
        return verify_only(found, interpreter, job, memory(found))
    installer = (
        PipInstaller(job, interpreter, digests)
        if job.uv is None
        else UvInstaller(job, interpreter, lock.requires_python, compatibility, digests)
    )
    write_stamp(job.stamp, UNFINISHED)
    removed: tuple[str, ...] = ()
    if job.uv is not None and (ready := without_trees(found)) != found:
        # A build that uv's settings do not isolate sees the environment: what it may need has to be there.
        last = sync(ready, interpreter, installer, job, memory(ready))
        removed = last.removed
    found = with_wheels(closure, trees, job, interpreter)
    proof = sync(found, interpreter, installer, job, memory(found))
    proof = replace(proof, removed=(*removed, *proof.removed))
    stamp = Stamp(
        inputs=inputs,
        trees=trees,
        places=tuple(site.directory for site in proof.sites),
        listing=proof.listing,
        names=proof.names,
        contents=proof.contents,
    )
    write_stamp(job.stamp, stamp)
    return proof


def _closure(job: Job, lock: Lock, interpreter: Interpreter) -> Closure:
    request = request_for(job.workspace, lock, job.parts, root_groups=job.root_groups, root_defaults=job.root_defaults)
    closure = resolve(lock, request, interpreter.target)
    if not job.check:
        # Nobody compared the versions of source trees; uv installs them as they are, too.
        closure = as_they_are(closure, job.workspace)
    return closure if job.editable else as_wheels(closure, [member.name for member in job.workspace.members])

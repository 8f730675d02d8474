"""The lockfile of a workspace, fresh for its manifests, and the closure of a job from it.

A run parses it once for all sessions. Checking it against the manifests may take as long as reading it. So one line beside
the environments remembers which lockfile was read as a whole, and for which manifests it was found fresh: digests alone,
nothing of what they say. Of a lockfile that was read before, a session leaves out what only that check reads, which is half
of what a lockfile says of a member.
"""

from __future__ import annotations

import hashlib
from _thread import allocate_lock
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import packaging

from wsnox._record import replace
from wsnox.closure.conflicts import involved, refuse_declared, switched_on
from wsnox.closure.request import extended_request, session_request
from wsnox.closure.resolve import Resolver
from wsnox.environment.inputs import manifests_digest, other_manifests, tree_digests
from wsnox.errors import StaleLockError
from wsnox.files import atomic_write, read_regular
from wsnox.lock import LOCKFILE, Directory, lock_content, parse_lock
from wsnox.resolution_errors import StaleResolutionError
from wsnox.version import __version__
from wsnox.workspace.discovery import MANIFEST
from wsnox.workspace.pyproject import read_manifest
from wsnox.workspace.sessions import title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wsnox.closure import Closure
    from wsnox.closure.model import Request
    from wsnox.closure.request import Selection, SessionContents
    from wsnox.environment.model import Job
    from wsnox.lock import Lock, Package
    from wsnox.markers.target import Target
    from wsnox.resolutions.resolution_file import ResolutionFile
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.sessions import SessionRun

__all__ = [
    "as_wheels",
    "fresh_lock",
    "job_closure",
    "job_lock",
    "parsed_lock",
    "refuse_contents",
    "resolution_lock",
    "usable_lock",
]


def parsed_lock(root: Path) -> Lock:
    """Return the lockfile of the workspace at *root*; raise a `LockError` if it is absent or broken."""
    path = root / LOCKFILE
    return _parsed(_content(path), path, declarations=True)


def usable_lock(workspace: Workspace, shared: Path, environ: Mapping[str, str], manifests: str = "") -> Lock:
    """Return the lockfile of *workspace*, which matches the manifests where it must; raise a `LockError` if it does not.

    *shared* is the folder of wsnox beside the environments, *environ* are the variables that uv would see. Who has the
    `manifests_digest` already gives it as *manifests*.
    """
    if not workspace.requires_fresh_lock:
        return parsed_lock(workspace.root)
    digest = manifests or manifests_digest(workspace, environ, compared=True)
    return fresh_lock(workspace, shared / "fresh", manifests=digest, version=__version__)


def refuse_contents(
    workspace: Workspace, lock: Lock, contents: SessionContents, options: Selection | None = None
) -> None:
    """Raise a `RequestError` if these *contents*, with uv's *options* on top, have no closure on any Python."""
    request = _request(workspace, lock, contents, options)
    if lock.conflicts:
        refuse_declared(lock, involved(lock, request), switched_on(request))


def _request(workspace: Workspace, lock: Lock, contents: SessionContents, options: Selection | None) -> Request:
    if options is None:
        return session_request(workspace, lock, contents)
    return extended_request(workspace, lock, contents, options)


def fresh_lock(workspace: Workspace, memo: Path, *, manifests: str, version: str, remember: bool = True) -> Lock:
    """Return the lockfile of *workspace*; raise a `LockError` if it is absent, broken or stale.

    *memo* is the file that remembers for which lockfile, *manifests* (a digest), those of projects beside the workspace,
    and *version* of wsnox it was fresh. It is not written unless *remember*.
    """
    path = workspace.root / LOCKFILE
    content = _content(path)
    by = f"{version} {packaging.__version__}"
    read = _digest(content, by)
    with _reading:
        remembered = _remembered(memo)
        lock = _parsed(content, path, declarations=not remembered.startswith(read))
        others = tree_digests(workspace, other_manifests(workspace, lock), {})
        checked = read + b" " + _digest(read, f"{manifests} {others}")
        if remembered == checked:
            return lock
        from wsnox.freshness import stale_clauses  # noqa: PLC0415 - hardly a session needs it

        lock = _parsed(content, path, declarations=True)
        if problems := stale_clauses(workspace, lock):
            raise StaleLockError(problems)
        if remember:
            # A disk without room for it costs the next run some time.
            with suppress(OSError):
                atomic_write(memo, checked)
        return lock


_reading = allocate_lock()
"""Held while the lockfile is read: threads that begin at once would each parse and check it, as none has done so yet."""


_contents: dict[Path, bytes] = {}


def _content(path: Path) -> bytes:
    """Return the content of the lockfile at *path*, as one object while it stays.

    It may have a megabyte, and every session looks at it twice: what is kept by it is found again without reading it through.
    """
    content, last = lock_content(path), _contents.get(path)
    if last == content:
        return last
    _contents[path] = content
    return content


@lru_cache(maxsize=4)
def _digest(content: bytes, text: str) -> bytes:
    digest = hashlib.sha256(content)
    digest.update(text.encode())
    return digest.hexdigest().encode()


def _remembered(memo: Path) -> bytes:
    try:
        return read_regular(memo)
    except OSError:
        return b""


_last: dict[tuple[bytes, Path], tuple[Lock, bool]] = {}


def _parsed(content: bytes, path: Path, *, declarations: bool) -> Lock:
    """Return the lock in *content* as it was parsed last, but with its *declarations* where they are asked for."""
    lock, has_declarations = _last.get((content, path), (None, False))
    if lock is None or (declarations and not has_declarations):
        lock = parse_lock(content, path, declarations=declarations)
        _last.clear()
        _last[content, path] = lock, declarations
    return lock


def job_lock(job: Job) -> Lock:
    """Return the lockfile that has the versions of *job*, unchecked; raise a `LockError` if it is absent or broken."""
    if job.run is None:
        return parsed_lock(job.workspace.root)
    return _resolution(job.workspace, job.run).lock


def resolution_lock(workspace: Workspace, run: SessionRun) -> Lock:
    """Return the versions of *run*, at another resolution; raise a `LockError` if its file is absent, broken or stale."""
    from wsnox.resolutions.requested import requested  # noqa: PLC0415 - few sessions have one
    from wsnox.resolutions.staleness import stale_differences  # noqa: PLC0415 - likewise

    file, resolution = _resolution(workspace, run), run.session.resolution
    if workspace.requires_fresh_lock and resolution is not None:
        request = requested(workspace, run, resolution, run.session.pythons)
        if differences := stale_differences(request, file):
            raise StaleResolutionError(run.resolution_file, _title(run), differences)
    return file.lock


def _resolution(workspace: Workspace, run: SessionRun) -> ResolutionFile:
    from wsnox.resolutions.resolution_file import read_resolution  # noqa: PLC0415 - few sessions have one

    return read_resolution(workspace, run.resolution_file, _title(run))


def _title(run: SessionRun) -> str:
    return title_of(run.session.name, variant=run.variant)


def job_closure(job: Job, lock: Lock, target: Target) -> Closure:
    """Return the closure that the environment of *job*, whose interpreter is *target*, must hold by *lock*."""
    closure = Resolver(lock, target).resolve(_request(job.workspace, lock, job, job.options))
    if not job.require_fresh_lock:
        # Nobody compared the versions of source trees; uv installs them as they are, too.
        closure = _with_current_versions(closure, job.workspace)
    return closure if job.editable else as_wheels(closure, [member.name for member in job.workspace.members])


def as_wheels(closure: Closure, members: Iterable[str]) -> Closure:
    """Return *closure* with every one of *members* to be installed as a wheel instead of in place."""
    names = frozenset(members)

    def not_in_place(package: Package) -> Package:
        match package.source:
            case Directory(path=path, editable=True) if package.name in names:
                return replace(package, source=Directory(path, editable=False))
            case _:
                return package

    return closure.mapped(not_in_place)


def _with_current_versions(closure: Closure, workspace: Workspace) -> Closure:
    """Return *closure* with each source tree in the version that it has now, whatever the lockfile says.

    Only a build tells the version where a tree does not say it itself: then it may be any, as where it is dynamic.
    """
    versions = {member.path: member.manifest.declared.version for member in workspace.members}

    def current(package: Package) -> Package:
        match package.source:
            case Directory(path=path):
                if path not in versions:
                    manifest = workspace.root / path / MANIFEST
                    versions[path] = read_manifest(manifest).declared.version if manifest.is_file() else None
                return replace(package, version=versions[path])
            case _:
                return package

    return closure.mapped(current)

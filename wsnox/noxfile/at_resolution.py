"""What a session does besides, if its versions are those of another resolution: imports first, and a comparison at the end.

Most lower bounds that are too low show when a module is imported, in seconds, whatever the tests then need.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from wsnox.closure import Resolver
from wsnox.closure.model import compare
from wsnox.closure.request import session_closure
from wsnox.environment.interpreter import cached_interpreter
from wsnox.environment.lockfile import job_lock, parsed_lock
from wsnox.errors import CommandError, ProgramError, WsnoxError
from wsnox.imports.findings import check_member
from wsnox.imports.importer import judge_failures
from wsnox.noxfile.import_findings import import_shipped, inventory_of, show_findings
from wsnox.text import first_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import nox

    from wsnox.environment.model import Job
    from wsnox.workspace import Member

__all__ = ["comparing_failure", "import_members"]

SHOWN = 12
"""How many differing distributions a failure names."""


def import_members(nox_session: nox.Session, job: Job, members: Iterable[Member], names: Sequence[str]) -> None:
    """Import what *members* ship in the environment of *job*, which holds the distributions *names*; fail if that fails."""
    inventory, installed = inventory_of(job, wheels=not job.editable), frozenset(names)
    for member in members:
        failures = import_shipped(nox_session, job, inventory, member)
        if failures:
            judged = judge_failures(inventory, member, failures, check_member(inventory, member), installed=installed)
            if judged.findings:
                # What helps there stands below: a bound.
                show_findings(nox_session, job, judged.findings, hints=False)
                nox_session.error(f"not every module of {member.name} can be imported with these versions")


_REMEDIES = {
    "lowest": "raise the lower bound that is too low",
    "latest": "exclude the release that breaks it",
    "below": "correct what fails on this Python, or raise `requires-python`",
    "published": "raise the bound on the member that is too low",
}


@contextmanager
def comparing_failure(nox_session: nox.Session, job: Job) -> Iterator[None]:
    """If the body fails, say in which versions the environment of *job* differs from what ``uv.lock`` has for it."""
    try:
        yield
    except (CommandError, ProgramError):
        # No version has to do with it.
        raise
    except Exception:
        resolution = job.run.session.resolution if job.run else None
        base = (resolution and resolution.base) or "lowest"
        remedy = _REMEDIES[base]
        if base == "below":
            # ``uv.lock`` has nothing for these Pythons to compare with.
            nox_session.warn(f"hint: {remedy}")
        elif differing := _differing(job):
            nox_session.warn(
                f"{job.label} has {', '.join(first_of(differing, SHOWN))}\n\n"
                f"hint: {remedy}, and run `wsnox lock`; with the versions of `uv.lock` the same is "
                f"`nox -s {job.label.partition(':')[0]}`"
            )
        raise


def _differing(job: Job) -> list[str]:
    """Return the distributions of *job* in other versions than ``uv.lock`` has for it, and these."""
    target = cached_interpreter(job.venv).target
    try:
        locks = (parsed_lock(job.workspace.root), job_lock(job))
        before, after = (session_closure(Resolver(lock, target), job.workspace, job) for lock in locks)
    except WsnoxError:
        # Without a lockfile that has an answer, there is nothing to compare with.
        return []
    # Of a member, or another tree on disk, a lockfile need not have a version.
    return [
        f"{change.name} {change.after.version} (locked: {change.before.version or 'as it is in the workspace'})"
        for change in compare(before, after)
        if change.before and change.after and change.after.version and change.before.version != change.after.version
    ]

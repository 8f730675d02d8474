"""The quick way: an environment whose stamp is finished and still true holds its closure.

Nothing here starts a process, parses the lockfile, or imports what does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.environment.glance import glance, listing
from wsnox.environment.inputs import environment_inputs, tree_digests
from wsnox.environment.records import Proof
from wsnox.environment.removal import is_inside
from wsnox.environment.stamp import read_stamp

if TYPE_CHECKING:
    from wsnox.environment.glance import Site
    from wsnox.environment.records import Job
    from wsnox.environment.stamp import Stamp

__all__ = ["still_proven", "why_untrue"]


def still_proven(job: Job) -> Proof | None:
    """Return the proof that the stamp of *job*'s environment still gives, `None` where it gives none."""
    stamp = read_stamp(job.stamp)
    if stamp is None or not stamp.finished or _changed_input(stamp, job):
        return None
    sites = _proven_sites(stamp, job)
    return None if sites is None else Proof(names=stamp.names, sites=sites, contents=stamp.contents)


def why_untrue(stamp: Stamp, job: Job) -> str:
    """Return the name of the first input that a finished *stamp* has otherwise than *job*, empty where all agree."""
    return _changed_input(stamp, job) or ("site-packages" if _proven_sites(stamp, job) is None else "")


def _changed_input(stamp: Stamp, job: Job) -> str:
    inputs = environment_inputs(job)
    trees = tree_digests(job.workspace, stamp.trees, job.outer)
    changed = [name for name in inputs if stamp.inputs.get(name) != inputs[name]]
    changed += [tree for tree in trees if stamp.trees[tree] != trees[tree]]
    return changed[0] if changed else ""


def _proven_sites(stamp: Stamp, job: Job) -> tuple[Site, ...] | None:
    """Return the directories of *stamp* as they look now, `None` where that is not what they looked like then."""
    # No directory may lead elsewhere.
    if not all(is_inside(place, job.location) for place in stamp.places):
        return None
    try:
        sites = tuple(map(glance, stamp.places))
    except (OSError, ValueError):
        # Nobody may look, or the stamp names no place at all.
        return None
    return sites if listing(sites) == stamp.listing else None

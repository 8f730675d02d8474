"""What the last proof leaves to the next: which files distributions were installed from, and what they looked like then.

An environment does not tell. A version may be locked with other files than before: a release that was built again,
another index, a local wheel that was replaced. Installers look at the version alone and keep what is there. So the stamp
remembers for each distribution

- what the lockfile offered the interpreter when it was installed, by hash: its wheels where one may fit and be taken,
  else its source distribution with the settings that decide how it is built, or the commit and folder of a repository;
- the digest of its RECORD, which names the hash of each of its files: who installs another by hand changes that;
- as part of the listing of all directories, the state of its metadata, its files at the top and its scripts (`glance`).

What is not remembered so is installed again. Whether a source tree changed its digest tells (`trees`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.environment.inputs import build_inputs
from wsnox.environment.locations import artifact_location
from wsnox.files import read_regular
from wsnox.lock.model import Directory, Git, Registry, Url
from wsnox.urls import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.closure import Closure
    from wsnox.closure.compatibility import Compatibility
    from wsnox.environment.model import Job
    from wsnox.environment.site_packages import Distribution, Installed
    from wsnox.lock import Artifact, Package

__all__ = ["Memory", "offered_by"]

UNKNOWN = "nothing is remembered of what it was installed from"
OTHER = "installed from other files than are locked"
CHANGED = "it changed since it was proven"


class Memory(Record, kw_only=True):
    """What the lockfile offers now (*offered*, a digest by name), and what is *known* of what was installed before.

    *listing* is what the directories looked like when that was proven, empty where nothing was. *outdated* names the
    distributions of source trees that changed since.
    """

    offered: Mapping[str, str]
    known: Mapping[str, str]
    listing: str = ""
    outdated: frozenset[str] = frozenset()

    def contents(self, installed: Installed) -> dict[str, str]:
        """Return what is to be remembered of the distributions *installed*, by name, as of what is offered now."""
        return {
            found.name: _digest(f"{self.offered[found.name]} {_record(found)}")
            for found in installed.distributions
            if found.name in self.offered
        }

    def otherwise(self, installed: Installed) -> dict[str, str]:
        """Return what is wrong with those *installed* that are not known to be from what is offered now, by name.

        *installed* was read with the *listing* at hand.
        """
        changed = {found.name for found in installed.distributions if found.changed}
        return {
            name: why
            for name, content in self.contents(installed).items()
            if (why := self._why(name, content, changed=name in changed))
        }

    def _why(self, name: str, content: str, *, changed: bool) -> str:
        if name not in self.known:
            return UNKNOWN
        if self.known[name] != content:
            return OTHER
        return CHANGED if changed else ""


def offered_by(closure: Closure, compatibility: Compatibility, digests: Mapping[str, str], job: Job) -> dict[str, str]:
    """Return, by the name of each package of *closure*, a digest of what the lockfile offers to install it from.

    *digests* are the hashes of local files that the lockfile has none for, by absolute path.
    """
    options, settings = job.workspace.build_options, [*build_inputs(job.workspace)]

    def facts(package: Package) -> Iterator[str]:
        if isinstance(package.source, Directory):
            return
        wheels = () if options.no_binary(package.name) else compatibility.wheels_of(package)
        for file in wheels or ([] if package.sdist is None else [package.sdist]):
            yield _identity(file, package, digests, job.root)
        match package.source:
            case Git(commit=commit, subdirectory=subdirectory, path=path, lfs=lfs):
                yield f"{commit} {subdirectory} {path} {lfs}"
            case Url(subdirectory=subdirectory):
                yield subdirectory
            case _:
                pass
        if not wheels:
            yield from settings

    return {package.name: _digest("\n".join(facts(package))) for package in closure.packages}


def _identity(file: Artifact, package: Package, digests: Mapping[str, str], root: str) -> str:
    """Return what tells *file* from others: its hash, and where nobody knows that, its place."""
    if file.hash or not isinstance(package.source, Registry):
        return file.hash
    place = artifact_location(file, package.source, root)
    return digests.get(place) or without_credentials(place)


def _record(found: Distribution) -> str:
    try:
        return hashlib.sha256(read_regular(found.place / "RECORD")).hexdigest()
    except OSError:
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()

"""From which files distributions were installed, and how they looked when that was proven.

An environment does not tell. A version may be locked with other files than before: a release that was built again,
another index, a local wheel that was replaced. Installers look at the version alone and keep what they find. So the stamp
remembers for each distribution

- the files that the lockfile offered the interpreter when it was installed, by hash: its wheels where one may fit and be
  taken, else its source distribution with the settings that decide how it is built, or the commit and folder of a
  repository;
- the digest of its RECORD, which names the hash of each of its files: who installs another by hand changes that;
- as part of the fingerprint of all directories, the state of its metadata, its files at the top and its scripts.

A distribution of which no such memory remains is installed again. Whether a source tree changed its digest tells.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.environment.inputs import build_inputs
from wsnox.environment.pylock import artifact_location
from wsnox.lock import Directory, Git, Registry, Url
from wsnox.urls import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.closure import Closure
    from wsnox.closure.compatibility import Compatibility
    from wsnox.environment.site_packages import Installed
    from wsnox.lock import Package
    from wsnox.workspace.model import Workspace

__all__ = ["Provenance", "offered_files"]


class Provenance(Record, kw_only=True):
    """The digests of the files *offered* now and of the *contents* installed before, by the names of distributions.

    *fingerprint* is that of the directories when these contents were proven, empty where nothing was. *outdated* names
    the distributions of source trees that changed since.
    """

    offered: Mapping[str, str]
    contents: Mapping[str, str]
    fingerprint: str = ""
    outdated: frozenset[str] = frozenset()

    def only(self, names: Iterable[str]) -> Provenance:
        """Return what concerns the distributions *names*."""
        offered = {name: self.offered[name] for name in names}
        return replace(self, offered=offered, outdated=self.outdated.intersection(offered))

    def contents_of(self, installed: Installed) -> dict[str, str]:
        """Return the contents of the distributions *installed* by name, as installed from the files offered now."""
        return {
            distribution.name: _digest(f"{self.offered[distribution.name]} {distribution.record}")
            for distribution in installed.distributions
            if distribution.name in self.offered
        }

    def doubts(self, installed: Installed) -> dict[str, str]:
        """Return, by name, why those *installed* may not be from the files offered now.

        *installed* was read with the *fingerprint* at hand.
        """
        changed = {distribution.name for distribution in installed.distributions if distribution.changed}
        doubts = {}
        for name, content in self.contents_of(installed).items():
            if name not in self.contents:
                doubts[name] = "nothing is remembered of what it was installed from"
            elif self.contents[name] != content:
                doubts[name] = "installed from other files than are locked"
            elif name in changed:
                doubts[name] = "it changed since it was proven"
        return doubts


def offered_files(
    closure: Closure, compatibility: Compatibility, digests: Mapping[str, str], workspace: Workspace
) -> dict[str, str]:
    """Return, by the name of each package of *closure*, a digest of the files that the lockfile of *workspace* offers.

    *digests* are the hashes of local files that the lockfile has none for, by absolute path.
    """
    options, settings, root = workspace.build_options, build_inputs(workspace), workspace.root.as_posix()

    def facts(package: Package) -> Iterator[str]:
        source = package.source
        if isinstance(source, Directory):
            return
        wheels = () if options.no_binary(package.name) else compatibility.wheels_of(package)
        for file in wheels or ([] if package.sdist is None else [package.sdist]):
            if file.hash or not isinstance(source, Registry):
                yield file.hash
            else:
                # Where nobody knows its hash, its location tells it from others.
                location = artifact_location(file, source, root)
                yield digests.get(location) or without_credentials(location)
        match source:
            case Git(commit=commit, subdirectory=subdirectory, path=path, lfs=lfs):
                yield f"{commit} {subdirectory} {path} {lfs}"
            case Url(subdirectory=subdirectory):
                yield subdirectory
            case _:
                pass
        if not wheels:
            yield from settings

    return {package.name: _digest("\n".join(facts(package))) for package in closure.packages}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()

"""What of a change concerns every run: paths that mean everything, the root's manifest, and a lockfile that is stale.

Unless the lockfile is taken as it is, a stale one stops every session. Where it is stale now, each of them fails, whatever
changed: to leave some out would be to pass what plain nox does not. Where it was before, none has run in that state.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsnox.change.manifest import PROJECT, differing
from wsnox.change.reading import names
from wsnox.change.records import Everything
from wsnox.change.rules import matching_names
from wsnox.errors import ManifestError
from wsnox.lock.freshness import stale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wsnox.change.reading import Reading
    from wsnox.change.records import Run, State
    from wsnox.change.rules import Meaning

__all__ = ["by_conftest", "by_manifest", "by_path", "by_rules", "declared_anew", "parts_of_project"]


def by_path(meanings: Mapping[str, Meaning]) -> Iterator[Everything]:
    """Yield the paths of which a rule, or no rule, says that they concern everything."""
    for path, meaning in meanings.items():
        if meaning.everything:
            yield Everything(f"`{path}` changed: {meaning.because}")


def by_conftest(meanings: Mapping[str, Meaning], reading: Reading) -> Iterator[Everything]:
    """Yield the documents, and files of the root's own project, that a ``conftest.py`` above the members names."""
    for path, meaning in meanings.items():
        words = re.escape(path.split("/", 1)[0]) if meaning.in_root and "/" in path else ""
        if (meaning.document and names(reading.conftest, path)) or (
            words and re.search(rf"\b{words}\b", reading.conftest)
        ):
            yield Everything(f"`{path}` changed: the `conftest.py` of everybody names it")


def by_rules(meanings: Mapping[str, Meaning], runs: Sequence[Run]) -> Iterator[Everything]:
    """Yield the paths whose rule names a session that none of *runs*, which are all there are, is of."""
    names = {name for run in runs for name in (run.spec.name, run.title)}
    for path, meaning in meanings.items():
        for pattern in meaning.sessions:
            if not any(matching_names(names, (pattern,))):
                yield Everything(f"`{path}` changed: {meaning.because}, whose `{pattern}` is no session")


def by_manifest(old: State, new: State) -> Iterator[Everything]:
    """Yield what concerns every run without being a file's: the root's manifest, and a lockfile that is stale."""
    of_project = PROJECT if new.workspace.project is not None else ()
    for part in _parts(old, new):
        if part not in of_project:
            yield Everything(f"`pyproject.toml` changed in `{part}`")
    yield from (Everything(f"`uv.lock` does not match the workspace: {problem}") for problem in _stops(new))
    if declared_anew(old, new):
        yield from (Everything(f"before, `uv.lock` did not match the workspace: {problem}") for problem in _stops(old))


def _stops(state: State) -> tuple[str, ...]:
    """Return the first thing for which the lockfile of *state* is stale, where that stops the sessions."""
    if state.workspace.manifest.config.lock == "frozen":
        return ()
    try:
        return stale(state.workspace, state.lock)[:1]
    except ManifestError as error:
        return (str(error).partition("\n")[0],)


def parts_of_project(old: State, new: State) -> list[str]:
    """Return the parts of the root's manifest that differ and are about its own project, a package like any other."""
    return [part for part in _parts(old, new) if part in PROJECT] if new.workspace.project is not None else []


def _parts(old: State, new: State) -> tuple[str, ...]:
    return differing(old.rest, new.rest, old.lock.by_name.keys() | new.lock.by_name.keys())


def declared_anew(old: State, new: State) -> bool:
    """Tell whether a lockfile or a manifest is another: without that, no closure is."""
    return old.lock is not new.lock or _digests(old) != _digests(new)


def _digests(state: State) -> list[str]:
    manifests = [state.workspace.manifest, *(member.manifest for member in state.workspace.members)]
    return [manifest.digest for manifest in manifests]

"""Which imports a member must not rely on.

For an import of code that is shipped, the first of these rules that applies:

1. It is guarded, so that its absence does no harm; of the standard library; or the member's own: it is fine.
2. The member declares a distribution that owns the module, in an extra at least, or one that the owner is a part of by
   its name, its dependency and its namespace: it is fine.
3. A guess by name, where the closure has a distribution of much the same name whose modules are not known
   (``fastmcp``, ``fastmcp-slim``): nobody can tell.
4. The member's closure without groups provides it: ``transitive``. One of its groups does: ``group``.
5. Another distribution of the lockfile, or another member, has it: ``missing``.
6. Nobody is known to have it, the modules of everything in the closure are known, and it is not in a namespace in which
   the member has a part, where a build may generate it: ``missing``.
7. Otherwise nobody can tell: the module is listed as unsure, and not reported.

For what ran in an environment, only its distributions are fine by rule 2, and rule 4 is left out.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox._record import Record
from wsnox.imports.owners import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from wsnox.imports.declared import Closures
    from wsnox.imports.model import Finding, Import, Kind, Owner
    from wsnox.imports.owners import Owners
    from wsnox.lock import Lock
    from wsnox.workspace import Workspace
    from wsnox.workspace.settings import Allowance

__all__ = ["Judged", "by_design", "is_named_for", "merged", "undeclared", "unprovided", "without_allowed"]


class Judged(Record, kw_only=True):
    """An *imported* module that is not fine, the *kind* of its finding, `None` where nobody can tell, and its *owners*.

    *module* is the shortest part of its name that has the same owners: where a fix starts.
    """

    imported: Import
    module: str
    kind: Kind | None
    owners: tuple[Owner, ...] = ()


def undeclared(imports: Iterable[Import], closures: Closures, owners: Owners) -> Iterator[Judged]:
    """Yield those *imports* of a member's code that are not fine."""
    installed, member = closures.installed, closures.member.name

    def is_fine(module: str, owner: Owner) -> bool:
        if owner.name == member or owner.name in closures.declared:
            return True
        umbrellas = closures.declared_umbrellas(owner.name) if owner.how != "sources" else ()
        return any(owners.has_part(module, umbrella) for umbrella in umbrellas)

    def kind(module: str, candidates: tuple[Owner, ...]) -> Kind | None:
        names = {owner.name for owner in candidates}
        if not _is_doubtful(module, candidates, installed, owners):
            if names & installed:
                return "transitive"
            if names & closures.groups.keys():
                return "group"
        return _missing(module, candidates, installed, owners, member)

    return _judged(imports, owners, is_fine, kind)


def unprovided(imports: Iterable[Import], provided: Collection[str], owners: Owners) -> Iterator[Judged]:
    """Yield those *imports* that are not fine where exactly the distributions *provided* are installed."""

    def is_fine(_: str, owner: Owner) -> bool:
        return owner.name in provided

    def kind(module: str, candidates: tuple[Owner, ...]) -> Kind | None:
        return _missing(module, candidates, provided, owners)

    return _judged(imports, owners, is_fine, kind)


def _judged(
    imports: Iterable[Import],
    owners: Owners,
    is_fine: Callable[[str, Owner], bool],
    kind: Callable[[str, tuple[Owner, ...]], Kind | None],
) -> Iterator[Judged]:
    def is_provided(module: str) -> bool:
        return module.partition(".")[0] in STANDARD or any(is_fine(module, owner) for owner in owners.of(module))

    for imported in imports:
        if imported.guard in ("typing", "optional", "never"):
            continue
        # A handler that imports something else where nothing was imported before it mends another failure.
        if imported.guard == "fallback" and (not imported.instead or any(map(is_provided, imported.instead))):
            continue
        for module in owners.modules(imported):
            if not is_provided(module):
                candidates = owners.of(module)
                heads = (module[: dot.start()] for dot in re.finditer(r"\.|$", module))
                shortest = next(head for head in heads if owners.of(head) == candidates)
                yield Judged(imported=imported, module=shortest, kind=kind(module, candidates), owners=candidates)


def _missing(
    module: str, candidates: Sequence[Owner], installed: Collection[str], owners: Owners, member: str = ""
) -> Kind | None:
    """Return ``missing`` if that is certain of *module*, which belongs to no *installed* distribution, else `None`."""
    if candidates:
        return None if _is_doubtful(module, candidates, installed, owners) else "missing"
    return "missing" if owners.known.issuperset(installed) and not owners.is_shared(module, member) else None


def _is_doubtful(module: str, candidates: Sequence[Owner], installed: Collection[str], owners: Owners) -> bool:
    """Return whether *candidates* are a guess, and something *installed* of much the same name may own *module*."""
    if not candidates or any(owner.how != "name" for owner in candidates):
        return False
    top, guessed = canonicalize_name(module.partition(".")[0]), {owner.name for owner in candidates}
    return any(top in name and name not in owners.known and name not in guessed for name in installed)


# Imports that are undeclared by design, as a careful reviewer would see them.

_TESTS = frozenset({"test", "testing", "tests"})
_SOURCE_FOLDERS = ("src", "lib", "python")


def by_design(judged: Iterable[Judged], member: str, lock: Lock) -> Iterator[Judged]:
    """Yield those of the *judged* imports of *member*'s files that are undeclared by design.

    1. A module that is named for what it imports is an integration, and so is what its file imports besides; a function
       anywhere may import what an integration is for.
    2. Code whose file or member speaks of tests is used by tests, which bring what it imports.
    3. A function may import a distribution that depends on the member, which is a plugin; in a member for tests, any.

    The first two excuse another member only if it speaks of tests, and its importer does, too.
    """
    candidates = [candidate for candidate in judged if candidate.kind in ("missing", "group")]
    integrations = {
        candidate.imported.file
        for candidate in candidates
        # Members are never integrations of each other: they are there to be declared.
        if not _is_member(candidate) and is_named_for(candidate.imported.file, candidate.module)
    }
    integrated = {_top(candidate) for candidate in candidates if candidate.imported.file in integrations}
    dependents = _dependents(lock, member) if any(candidate.imported.lazy for candidate in candidates) else frozenset()
    is_for_tests = _speaks_of_tests(member)
    for candidate in candidates:
        file, is_lazy = candidate.imported.file, candidate.imported.lazy
        in_tests = is_for_tests or any(map(_speaks_of_tests, file.removesuffix(".py").split("/")))
        is_excused = file in integrations or in_tests or (is_lazy and _top(candidate) in integrated)
        names = {owner.name for owner in candidate.owners}
        if (
            (is_excused and not _is_member(candidate))
            or (in_tests and any(map(_speaks_of_tests, names)))
            or (is_lazy and (is_for_tests or not names.isdisjoint(dependents)))
        ):
            yield candidate


def _is_member(judged: Judged) -> bool:
    return any(owner.how == "sources" for owner in judged.owners)


def _top(judged: Judged) -> str:
    return judged.module.partition(".")[0]


def is_named_for(file: str, module: str) -> bool:
    """Return whether the name of *file*, or of the folder that it is in, is that of the top-level *module*.

    A file may have more in its name: ``aiohttp_client.py``. The outermost package or module says nothing: it has the
    member's name, and members may be called alike.
    """
    parts = file.removesuffix(".py").removesuffix("/__init__").split("/")
    inner = parts[2:] if parts[0] in _SOURCE_FOLDERS else parts[1:]
    if not inner:
        return False
    *folders, name = inner
    names = (name, *folders[-1:], *name.split("_"))
    return _letters(module.partition(".")[0]) in map(_letters, names)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _speaks_of_tests(name: str) -> bool:
    return not _TESTS.isdisjoint(re.split("[-_]", name))


def _dependents(lock: Lock, member: str) -> frozenset[str]:
    """Return the names of the packages of *lock* from which an edge or several lead to *member*."""
    parents: dict[str, set[str]] = {}
    for package in lock.packages:
        for edges in (package.dependencies, *package.extras.values()):
            for edge in edges:
                parents.setdefault(lock.packages[edge.target].name, set()).add(package.name)
    queue, dependents = deque([member]), set[str]()
    while queue:
        new = parents.get(queue.popleft(), set()) - dependents
        dependents |= new
        queue.extend(new)
    return frozenset(dependents)


# Which findings are reported: each once, and none that the workspace allows.


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *findings* with one for each member, kind and module, all its places in it, sorted."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.member, finding.kind, finding.module), []).append(finding)
    return tuple(
        replace(group[0], places=tuple(sorted({place for finding in group for place in finding.places})))
        for _, group in sorted(groups.items())
    )


def without_allowed(findings: Iterable[Finding], workspace: Workspace) -> Iterator[Finding]:
    """Yield *findings* without the places that ``[tool.wsnox.imports]`` of the root or of the member allows."""
    for finding in findings:
        member = workspace.member(finding.member)
        inner = member if member is not None and member.path != "." else None
        prefix = f"{inner.path}/" if inner else ""
        entries = (*(inner.manifest.config.imports if inner else ()), *workspace.manifest.config.imports)
        allowances = [entry for entry in entries if _is_about(entry, finding)]
        places = tuple(
            (file, line)
            for file, line in finding.places
            if not any(_matches(file.removeprefix(prefix), allowance.files) for allowance in allowances)
        )
        if places:
            yield replace(finding, places=places)


def _is_about(allowance: Allowance, finding: Finding) -> bool:
    names = (finding.module[: dot.start()] for dot in re.finditer(r"\.|$", finding.module))
    return (
        any(_matches(name, allowance.modules) for name in names)
        and (allowance.kinds is None or finding.kind in allowance.kinds)
        and _matches(finding.member, allowance.members)
    )


def _matches(text: str, patterns: Collection[str] | None) -> bool:
    return patterns is None or any(fnmatchcase(text, pattern) for pattern in patterns)

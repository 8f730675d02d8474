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
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.imports.owners import STANDARD
from wsnox.imports.shipped import parents, top_level
from wsnox.package_names import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from wsnox.imports.inventory import MemberClosures
    from wsnox.imports.owners import Owner, Owners
    from wsnox.imports.parser import Import
    from wsnox.imports.reporting import Kind
    from wsnox.lock import Lock

__all__ = ["Judged", "by_design", "is_named_for", "undeclared", "unprovided"]


class Judged(Record, kw_only=True):
    """An *imported* module that is not fine, the *kind* of its finding, `None` where nobody can tell, and its *owners*.

    *module* is the shortest part of its name that has the same owners: where a fix starts.
    """

    imported: Import
    module: str
    kind: Kind | None
    owners: tuple[Owner, ...] = ()


def undeclared(imports: Iterable[Import], closures: MemberClosures, owners: Owners) -> Iterator[Judged]:
    """Yield those *imports* of a member's code that are not fine."""
    installed, member = closures.installed, closures.member.name

    def is_fine(module: str, owner: Owner) -> bool:
        if owner.name == member or owner.name in closures.declared:
            return True
        umbrellas = closures.declared_umbrellas(owner.name) if owner.how != "sources" else ()
        return any(owners.has_part(top_level(module), umbrella) for umbrella in umbrellas)

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
        return top_level(module) in STANDARD or any(is_fine(module, owner) for owner in owners.of(module))

    for imported in imports:
        if imported.guard in ("typing", "optional", "never"):
            continue
        # A handler that imports something else where nothing was imported before it handles another failure.
        if imported.guard == "fallback" and (not imported.instead or any(map(is_provided, imported.instead))):
            continue
        for module in owners.modules(imported):
            if not is_provided(module):
                candidates = owners.of(module)
                names = (*reversed([*parents(module)]), module)
                shortest = next(name for name in names if owners.of(name) == candidates)
                yield Judged(imported=imported, module=shortest, kind=kind(module, candidates), owners=candidates)


def _missing(
    module: str, candidates: Sequence[Owner], installed: Collection[str], owners: Owners, member: str = ""
) -> Kind | None:
    """Return ``missing`` if that is certain of *module*, which belongs to no *installed* distribution, else `None`."""
    if candidates:
        return None if _is_doubtful(module, candidates, installed, owners) else "missing"
    is_shared = any(owners.has_part(namespace, member) for namespace in parents(module))
    return "missing" if owners.known.issuperset(installed) and not is_shared else None


def _is_doubtful(module: str, candidates: Sequence[Owner], installed: Collection[str], owners: Owners) -> bool:
    """Return whether *candidates* are a guess, and something *installed* of much the same name may own *module*."""
    if not candidates or any(owner.how != "name" for owner in candidates):
        return False
    top, guessed = canonicalize_name(top_level(module)), {owner.name for owner in candidates}
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
    integrated = {top_level(candidate.module) for candidate in candidates if candidate.imported.file in integrations}
    dependents = _dependents(lock, member) if any(candidate.imported.lazy for candidate in candidates) else frozenset()
    is_for_tests = _speaks_of_tests(member)
    for candidate in candidates:
        file, is_lazy = candidate.imported.file, candidate.imported.lazy
        in_tests = is_for_tests or any(map(_speaks_of_tests, file.removesuffix(".py").split("/")))
        is_excused = file in integrations or in_tests or (is_lazy and top_level(candidate.module) in integrated)
        names = {owner.name for owner in candidate.owners}
        if (
            (is_excused and not _is_member(candidate))
            or (in_tests and any(map(_speaks_of_tests, names)))
            or (is_lazy and (is_for_tests or not names.isdisjoint(dependents)))
        ):
            yield candidate


def _is_member(judged: Judged) -> bool:
    return any(owner.how == "sources" for owner in judged.owners)


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
    return _letters(top_level(module)) in map(_letters, names)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _speaks_of_tests(name: str) -> bool:
    return not _TESTS.isdisjoint(re.split("[-_]", name))


def _dependents(lock: Lock, member: str) -> frozenset[str]:
    """Return the names of the packages of *lock* from which an edge or several lead to *member*."""
    parents_of: dict[str, set[str]] = {}
    for package in lock.packages:
        for edges in (package.dependencies, *package.extras.values()):
            for edge in edges:
                parents_of.setdefault(lock.packages[edge.target].name, set()).add(package.name)
    queue, dependents = [member], set[str]()
    while queue:
        new = parents_of.get(queue.pop(), set()) - dependents
        dependents |= new
        queue += new
    return frozenset(dependents)

"""Which imports a member must not count on.

For an import of what is shipped, the first of these that holds:

1. It is guarded, so that its absence does no harm; of the standard library; or the member's own: nothing is found.
2. The member declares a distribution that owns the module, in an extra at least, or one that the owner is a part of by
   its name, its dependency and its namespace: nothing is found.
3. The member's closure without groups provides it: ``transitive``. One of its groups does: ``group``.
4. Another distribution of the lockfile, or another member, has it; or everything that the closure provides is known,
   and this is not among it: ``missing``.
5. Otherwise nobody knows: it is counted as unsure, and not reported. So is a guess by name where the closure has a
   distribution of much the same name (``fastmcp``, ``fastmcp-slim``), and a module that nobody is known to have, in a
   namespace in which the member has a part: a build may generate it.

After a failed command, only what the session's closure does not provide at all is ``missing``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.leaks.standard import STANDARD
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from wsnox.leaks.closures import Closures
    from wsnox.leaks.owners import Owners
    from wsnox.leaks.records import Finding, Import, Kind, Owner

__all__ = ["Judged", "gathered", "undeclared", "unprovided"]

_HARMLESS = ("typing", "optional", "never")


class Judged(Record, kw_only=True):
    """An *imported* module, the *kind* of its finding, `None` where nobody knows, and who may own the *module*."""

    imported: Import
    module: str
    kind: Kind | None
    owners: tuple[Owner, ...] = ()


def undeclared(imports: Iterable[Import], closures: Closures, owners: Owners) -> Iterator[Judged]:
    """Yield what is found of the *imports* of a member's shipped files, see above."""
    installed = frozenset(package.name for closure in closures.runtime for package in closure.packages)
    declared = {closures.member.name, *closures.declared}

    def fine(module: str, owner: Owner) -> bool:
        parts = closures.wholes_of(owner.name) if owner.how != "sources" else ()
        return owner.name in declared or any(owners.has_part(module, whole) for whole in parts)

    def kind(module: str, found: tuple[Owner, ...]) -> Kind | None:
        names = {owner.name for owner in found}
        if _is_doubtful(module, found, installed, owners):
            return None
        if names & installed:
            return "transitive"
        if names & closures.groups.keys():
            return "group"
        return _missing(module, found, installed, owners, closures.member.name)

    yield from _judged(imports, owners, fine, kind)


def unprovided(imports: Iterable[Import], provided: Collection[str], owners: Owners) -> Iterator[Judged]:
    """Yield what is found of *imports* that run where exactly the distributions *provided* are installed."""

    def kind(module: str, found: tuple[Owner, ...]) -> Kind | None:
        return _missing(module, found, provided, owners)

    yield from _judged(imports, owners, lambda _, owner: owner.name in provided, kind)


def _missing(
    module: str, found: Sequence[Owner], installed: Collection[str], owners: Owners, member: str = ""
) -> Kind | None:
    """Tell whether *module*, which is not *found* among what is *installed*, is certain not to be there."""
    if not found:
        return "missing" if owners.known.issuperset(installed) and not owners.is_shared(module, member) else None
    return None if _is_doubtful(module, found, installed, owners) else "missing"


def _is_doubtful(module: str, found: Sequence[Owner], installed: Collection[str], owners: Owners) -> bool:
    """Tell whether *found* is a guess, and something *installed* whose modules are not known has much the same name."""
    if not found or any(owner.how != "name" for owner in found):
        return False
    top, guessed = canonicalize_name(module.partition(".")[0]), {owner.name for owner in found}
    return any(top in name and name not in owners.known for name in installed if name not in guessed)


def _judged(
    imports: Iterable[Import],
    owners: Owners,
    fine: Callable[[str, Owner], bool],
    kind: Callable[[str, tuple[Owner, ...]], Kind | None],
) -> Iterator[Judged]:
    def there(module: str) -> bool:
        return module.partition(".")[0] in STANDARD or any(fine(module, owner) for owner in owners.of(module))

    for each in imports:
        # A handler that imports something else where nothing was imported before it mends another failure.
        handled = each.guard == "fallback" and (not each.instead or any(map(there, each.instead)))
        for module in () if handled or each.guard in _HARMLESS else owners.modules(each):
            if not there(module):
                found = owners.of(module)
                known = kind(module, found)
                yield Judged(imported=each, module=_shown(module, found, owners), kind=known, owners=found)


def _shown(module: str, found: tuple[Owner, ...], owners: Owners) -> str:
    """Return the shortest part of the dotted *module* that has the same owners: where a fix starts."""
    parts = module.split(".")
    heads = (".".join(parts[: length + 1]) for length in range(len(parts)))
    return next((head for head in heads if owners.of(head) == found), module)


def gathered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *findings* with one for each member, kind and module, all its places in it, sorted."""
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for each in findings:
        found.setdefault((each.member, each.kind, each.module), []).append(each)
    return tuple(_with_all_places(found[key]) for key in sorted(found))


def _with_all_places(findings: Sequence[Finding]) -> Finding:
    """Return the first of *findings* with the places of all."""
    return replace(findings[0], places=tuple(sorted({place for each in findings for place in each.places})))

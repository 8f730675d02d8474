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

__all__ = ["Judged", "by_design", "gathered", "is_named_for", "undeclared", "unprovided", "without_allowed"]

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


# --- Which findings the workspace allows: ``[tool.wsnox.imports]`` of the member and of the root ---


def without_allowed(findings: Iterable[Finding], workspace: Workspace) -> tuple[Finding, ...]:
    """Return *findings* without the places that the tables of *workspace* allow."""
    return tuple(each for finding in findings for each in _rest(finding, workspace))


def _rest(finding: Finding, workspace: Workspace) -> Iterator[Finding]:
    member = workspace.member(finding.member)
    path = "" if member is None or member.path == "." else f"{member.path}/"
    own = () if member is None or member.path == "." else member.manifest.config.imports
    allowances = [each for each in (*own, *workspace.manifest.config.imports) if _is_about(each, finding)]
    places = [
        (file, line)
        for file, line in finding.places
        if not any(_matches(file.removeprefix(path), each.files) for each in allowances)
    ]
    if places:
        yield replace(finding, places=tuple(places))


def _is_about(allowance: Allowance, finding: Finding) -> bool:
    names = [finding.module]
    while "." in names[-1]:
        names.append(names[-1].rpartition(".")[0])
    return (
        any(_matches(name, allowance.modules) for name in names)
        and (allowance.kinds is None or finding.kind in allowance.kinds)
        and _matches(finding.member, allowance.members)
    )


def _matches(text: str, patterns: Collection[str] | None) -> bool:
    return patterns is None or any(fnmatchcase(text, pattern) for pattern in patterns)


# --- Imports that are undeclared by design, as a careful reviewer would see them ---


_TESTS = frozenset({"test", "testing", "tests"})
_SOURCE_FOLDERS = ("src", "lib", "python")


def by_design(judged: Iterable[Judged], member: str, lock: Lock) -> Iterator[Judged]:
    """Yield those of the *judged* imports of *member*'s files that are undeclared by design."""
    found = [each for each in judged if each.kind in ("missing", "group")]
    named = (each for each in found if is_named_for(each.imported.file, each.module))
    # Members are never each other's integrations: they are here to be declared.
    integrations = {each.imported.file for each in named if not _is_member(each)}
    integrated = {_top(each) for each in found if each.imported.file in integrations}
    plugins = _dependents(lock, member) if any(each.imported.lazy for each in found) else frozenset()
    support = _speaks_of_tests(member.replace("-", "_"))
    for each in found:
        file, later = each.imported.file, each.imported.lazy
        tests = support or any(map(_speaks_of_tests, file.removesuffix(".py").split("/")))
        tool = file in integrations or tests or (later and _top(each) in integrated)
        if (
            (tool and not _is_member(each))
            or (tests and _is_support(each))
            or (later and (support or _names(each) & plugins))
        ):
            yield each


def _is_member(judged: Judged) -> bool:
    return any(owner.how == "sources" for owner in judged.owners)


def _is_support(judged: Judged) -> bool:
    return any(_speaks_of_tests(name.replace("-", "_")) for name in _names(judged))


def _top(judged: Judged) -> str:
    return judged.module.partition(".")[0]


def _names(judged: Judged) -> set[str]:
    return {owner.name for owner in judged.owners}


def is_named_for(file: str, module: str) -> bool:
    """Tell whether the name of *file*, or of the folder that it is in, is that of the top-level *module*.

    A file may have more in its name: ``aiohttp_client.py``. The outermost package or module says nothing: it has the
    member's name, and members may be called alike.
    """
    top = _plain(module.partition(".")[0])
    parts = file.removesuffix(".py").removesuffix("/__init__").split("/")
    inner = parts[2:] if parts[0] in _SOURCE_FOLDERS else parts[1:]
    if not inner:
        return False
    *folders, name = inner
    return top in {_plain(name), *map(_plain, folders[-1:]), *map(_plain, name.split("_"))}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _speaks_of_tests(name: str) -> bool:
    return not _TESTS.isdisjoint(name.split("_"))


def _dependents(lock: Lock, member: str) -> frozenset[str]:
    """Return the names of the packages of *lock* from which an edge or several lead to *member*."""
    before: dict[str, set[str]] = {}
    for package in lock.packages:
        for edges in (package.dependencies, *package.extras.values()):
            for edge in edges:
                before.setdefault(lock.packages[edge.target].name, set()).add(package.name)
    waiting, found = deque([member]), set[str]()
    while waiting:
        new = before.get(waiting.popleft(), set()) - found
        found |= new
        waiting.extend(new)
    return frozenset(found)

"""Imports that are undeclared by design, as a careful reviewer would see them.

1. A module named for what it imports, ``integrations/django.py``, is there for who has it. So is what the same file
   imports besides, and what a function elsewhere in the member imports of it.
2. What stands in a package, module or member whose name speaks of tests is for the tests of others, which bring the tools.
3. A function that imports a distribution which itself depends on the member loads a plugin: declaring it would close a
   circle.

None of them excuses a dependency's dependency: the closure provides that, so it is used in earnest.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.leaks.findings import Judged
    from wsnox.lock import Lock

__all__ = ["by_design", "is_named_for"]

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

"""The records of this floor: a request, and the closure that answers it, with its reasons; what tells two closures apart.

Reasons and packages are tuples: every closure has many of them, and tuples are made three times as quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wsnox._record import Record, replace
from wsnox.lock import Git, Virtual

if TYPE_CHECKING:
    from collections.abc import Callable

    from wsnox.lock import Package, Source

__all__ = ["Change", "Closure", "ClosurePackage", "Reason", "Request", "Root", "compare", "distribution_of"]


class Root(Record, kw_only=True):
    """A package the request starts from: its production part where *production*, with *extras*, and its *groups*.

    The root project *lends* its groups to a member that is selected alone; it is not selected itself.
    """

    name: str
    production: bool = True
    extras: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    lends: bool = False


class Request(Record, kw_only=True):
    """The roots of a closure, with each group and extra at its owner; *root_groups* are those of a virtual root.

    With *involved_all* every locked member takes part in the check of declared conflicts, as in uv for a whole workspace;
    otherwise only the members that the roots reach do.
    """

    roots: tuple[Root, ...]
    root_groups: frozenset[str] = frozenset()
    involved_all: bool = False


class Reason(NamedTuple):
    """Why a package is in the closure: the edge from *parent* (index into `Lock.packages`; `None` for the virtual root).

    *part* is the extra (``[cli]``) or group (``:dev``) of the parent that the edge belongs to, empty for its
    production dependencies; *extras* are those of the package that the edge requests.
    """

    parent: int | None
    part: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""


class ClosurePackage(NamedTuple):
    """A package of the closure: its *position* in `Lock.packages`, its extras that are switched on, every live edge to it.

    A root is there because it is *requested*, and may have no other reason.
    """

    position: int
    package: Package
    extras: frozenset[str]
    requested: bool
    reasons: tuple[Reason, ...]

    @property
    def installed(self) -> bool:
        """Whether it is installed as a distribution: virtual packages only pass their dependencies on."""
        return not isinstance(self.package.source, Virtual)


class Closure(Record, kw_only=True):
    """The answer for *request*: entries by name, virtual ones included."""

    request: Request
    entries: tuple[ClosurePackage, ...]

    @property
    def packages(self) -> tuple[Package, ...]:
        """The packages that are to be installed."""
        return tuple(entry.package for entry in self.entries if entry.installed)

    def mapped(self, change: Callable[[Package], Package]) -> Closure:
        """Return the closure with every package replaced by what *change* makes of it."""
        entries = tuple(entry._replace(package=change(entry.package)) for entry in self.entries)
        return replace(self, entries=entries)

    def entry(self, name: str) -> ClosurePackage | None:
        """Return the entry of the package *name*, `None` where the closure has none."""
        return next((entry for entry in self.entries if entry.package.name == name), None)


class Change(Record, kw_only=True):
    """One distribution that differs between two closures; *before* or *after* is `None` if that closure lacks it."""

    name: str
    before: Package | None
    after: Package | None


def compare(before: Closure, after: Closure) -> tuple[Change, ...]:
    """Return each distribution that is in one closure alone, or in both with another version or source, by name."""
    old = {package.name: package for package in before.packages}
    new = {package.name: package for package in after.packages}
    return tuple(
        Change(name=name, before=old.get(name), after=new.get(name))
        for name in sorted(old.keys() | new.keys())
        if distribution_of(old.get(name)) != distribution_of(new.get(name))
    )


def distribution_of(package: Package | None) -> tuple[str | None, Source] | None:
    """Return what identifies the distribution of *package*; the branch or tag that led to a commit does not."""
    if package is None:
        return None
    source = package.source
    return package.version, replace(source, requested="") if isinstance(source, Git) else source

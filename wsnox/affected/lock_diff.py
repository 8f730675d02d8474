"""The closures in one lockfile, each worked out once.

1. Where it is known at the start which items of declared conflicts are active, they are sets of packages, made for all
   requests together; else, and wherever something is wrong, each is a walk.
2. All that a target decides is which markers hold: targets on which the same do have the same closures.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import chain, compress, count, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from wsnox.affected.model import NoClosure, PackagesChanged
from wsnox.closure.conflicts import refuse_active, refuse_declared, switched_on
from wsnox.closure.reachability import Reachability, edges_below
from wsnox.closure.request import request_for
from wsnox.closure.resolve import Resolver, Start, items_of
from wsnox.closure.why import Change, compare
from wsnox.errors import PythonRangeError, WsnoxError
from wsnox.lock.artifacts import may_suit_python
from wsnox.lock.model import Archive, Directory, Git, Virtual
from wsnox.markers.conditions import decide, support

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

    from wsnox.affected.model import Reason, State
    from wsnox.closure import Closure, ClosurePackage, Request, Target
    from wsnox.lock import Artifact, Dependency, Lock, Package
    from wsnox.workspace.sessions import SessionRun

__all__ = [
    "Closures",
    "Comparison",
    "Numbers",
    "Reach",
    "Side",
    "alike",
    "comparable",
    "differing_packages",
    "edges_of",
    "identity",
    "markers_of",
]

_MOST = 20_000
"""The most packages of which sets are made: they grow with the square of the number, to 50 MB here."""


class Closures:
    """Answers requests in *lock*; in a set, each package has its bit of *bits*."""

    def __init__(self, lock: Lock, bits: Sequence[int]) -> None:
        self.lock, self.bits = lock, bits
        self._resolvers: dict[Target, Resolver | WsnoxError] = {}
        self._ways: dict[object, int] = {}
        self._way_of: dict[Target, int] = {}
        self._walked: dict[tuple[Request, int], Closure | WsnoxError] = {}
        self._sets: dict[tuple[Request, int], int | None] = {}
        self._together: dict[tuple[int, frozenset[str]], Reachability] = {}
        self._items: dict[int, tuple[frozenset[str], int]] = {}

    def resolver(self, target: Target) -> Resolver | WsnoxError:
        """Return what resolves on *target*, or why nothing does."""
        if target not in self._resolvers:
            try:
                self._resolvers[target] = Resolver(self.lock, target)
            except WsnoxError as error:
                self._resolvers[target] = error
        return self._resolvers[target]

    def walked(self, request: Request, target: Target) -> Closure | WsnoxError:
        """Return the closure of *request* on *target*, or why there is none."""
        resolver = self.resolver(target)
        if isinstance(resolver, WsnoxError):
            return resolver
        key = request, self._way(target, resolver)
        if key not in self._walked:
            try:
                self._walked[key] = resolver.resolve(request)
            except WsnoxError as error:
                self._walked[key] = error
        return self._walked[key]

    def set_of(self, request: Request, target: Target) -> int | None:
        """Return the packages of the closure of *request* on *target*, `None` where only a walk can tell."""
        resolver = self.resolver(target)
        if isinstance(resolver, WsnoxError) or not self._fit_for_sets:
            return None
        key = request, self._way(target, resolver)
        if key not in self._sets:
            self._sets[key] = self._set(request, resolver, key[1])
        return self._sets[key]

    def _set(self, request: Request, resolver: Resolver, way: int) -> int | None:
        try:
            start = Start(resolver.edges, request)
            # Whose items count would take a walk: two that are on are left to it, whoever has them.
            refuse_declared(self.lock, self.lock.by_name, switched_on(request))
            refuse_active(self.lock, start.active)
            items, activating = self._items_of(way, resolver)
            together = self._together_with(items & start.active, resolver, way)
        except WsnoxError:
            return None
        found = together.from_roots(start.queue)
        # Of a name with forks one may be there: two are an error, which the walk explains.
        if found & activating or any((found & fork).bit_count() > 1 for fork in self._forks):
            return None
        return found

    def _together_with(self, active: frozenset[str], resolver: Resolver, way: int) -> Reachability:
        """Return what parts bring along where exactly the items in *active* are; raise where a marker is none."""
        key = way, active
        if key not in self._together:
            condition = resolver.edges.condition
            self._together[key] = Reachability(self.lock, lambda marker: decide(condition(marker), active), self.bits)
        return self._together[key]

    def _items_of(self, way: int, resolver: Resolver) -> tuple[frozenset[str], int]:
        """Return the items that some marker depends on, and the packages with an edge that makes an item active."""
        if way not in self._items:
            items = support(map(resolver.edges.markers.condition, self._markers))
            self._items[way] = items, self._activating(items | self._declared)
        return self._items[way]

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(item.encoded for items in self.lock.conflicts for item in items)

    def _activating(self, items: frozenset[str]) -> int:
        """Return the packages with an edge that makes one of *items* active."""
        found = (
            self.bits[node[0]]
            for node, edges in edges_below(self.lock)
            if any(not items.isdisjoint(items_of(self.lock, edge)) for edge in edges)
        )
        return sum({*found})

    @cached_property
    def _fit_for_sets(self) -> bool:
        """Whether packages have different bits, and are not too many."""
        packages = self.lock.packages
        return len(packages) <= _MOST and len({*self.bits}) == len(packages)

    @cached_property
    def _forks(self) -> tuple[int, ...]:
        """The bits of each name that several packages have."""
        return tuple(sum(self.bits[index] for index in found) for found in self.lock.by_name.values() if len(found) > 1)

    def _way(self, target: Target, resolver: Resolver) -> int:
        """Return a number for when each marker holds on *target*: targets of one number have the same closures."""
        if target not in self._way_of:
            self._way_of[target] = self._ways.setdefault(self._conditions(target, resolver), len(self._ways))
        return self._way_of[target]

    def _conditions(self, target: Target, resolver: Resolver) -> object:
        try:
            return resolver.edges.universe, tuple(map(resolver.edges.markers.condition, self._markers))
        except WsnoxError:
            return target

    @cached_property
    def _markers(self) -> tuple[str, ...]:
        return tuple(markers_of(self.lock))


def markers_of(lock: Lock) -> list[str]:
    """Return each marker of *lock* that a closure can depend on."""
    found = {edge.marker for package in lock.packages for edge in edges_of(package)}
    found.update(marker for package in lock.packages for marker in package.markers)
    found.update(need.marker for needs in (lock.requirements, *lock.root_groups.values()) for need in needs)
    return sorted(found)


def edges_of(package: Package) -> Iterator[Dependency]:
    """Yield every edge of *package*."""
    yield from package.dependencies
    for edges in (*package.extras.values(), *package.groups.values()):
        yield from edges


# --- When a package of one lockfile is that of another: the same distribution, and with the same files ---


def alike(old: Package, new: Package, minor: int) -> bool:
    """Tell whether a Python 3.*minor* gets the same of *old* as of *new*."""
    if identity(old) != identity(new):
        return False
    return (old.wheels, old.sdist) == (new.wheels, new.sdist) or _files(old, minor) == _files(new, minor)


def identity(package: Package) -> Hashable:
    """Return what tells a distribution from others of its name; the branch or tag that led to a commit does not."""
    source = package.source
    return package.version, replace(source, requested="") if isinstance(source, Git) else source


def _files(package: Package, minor: int) -> object:
    artifacts = (*package.wheels, *(() if package.sdist is None else (package.sdist,)))
    return frozenset(_content(each) for each in artifacts if may_suit_python(each.filename, minor))


def _content(artifact: Artifact) -> tuple[str, str]:
    return artifact.filename, artifact.hash or artifact.url or artifact.path


# --- The closures of a run before and after a change, compared target by target ---


_UNKNOWN = "an interpreter that wsnox cannot describe"


class Comparison:
    """Compares the closures of runs *before* and *after*, whose sets are of the same *numbers*."""

    def __init__(self, before: Side, after: Side, numbers: Numbers) -> None:
        self._before, self._after, self._numbers = before, after, numbers
        self._alike: dict[tuple[int, int, int], bool] = {}

    def differences(self, old: SessionRun, new: SessionRun, targets: tuple[Target, ...]) -> Iterator[Reason]:
        """Yield how the closure of *new* differs from that of *old*, but for a Python that neither lockfile is for."""
        fitting = [target for target in targets if not self._out_of_range(target)]
        if not fitting:
            yield NoClosure(new.python, self._why_none(targets))
        for target in fitting:
            if reason := self._difference(target, old, new):
                yield reason

    def _out_of_range(self, target: Target) -> bool:
        sides = self._before, self._after
        return all(isinstance(side.closures.resolver(target), PythonRangeError) for side in sides)

    def _why_none(self, targets: tuple[Target, ...]) -> str:
        refused = [self._after.closures.resolver(target) for target in targets[:1]]
        return next((each.sentence for each in refused if isinstance(each, WsnoxError)), _UNKNOWN)

    def _difference(self, target: Target, old: SessionRun, new: SessionRun) -> Reason | None:
        was, now = self._before.set_of(old, target), self._after.set_of(new, target)
        if was is None or now is None:
            return self._by_walk(target, self._before.walked(old, target), self._after.walked(new, target))
        changes = self._numbers.changes(was, now)
        files = self._numbers.other_files(was, now, _minor(target))
        return PackagesChanged(target.python, changes, files) if changes or files else None

    def _by_walk(self, target: Target, was: Closure | WsnoxError, now: Closure | WsnoxError) -> Reason | None:
        if isinstance(now, WsnoxError):
            return NoClosure(target.python, now.sentence)
        if isinstance(was, WsnoxError):
            return NoClosure(target.python, f"before, {was.sentence}")
        old = {entry.package.name: entry for entry in was.entries if entry.installed}
        new = {entry.package.name: entry for entry in now.entries if entry.installed}
        minor = _minor(target)
        if old.keys() == new.keys() and all(self._same(old[name], entry, minor) for name, entry in new.items()):
            return None
        changes = compare(was, now)
        kept = new.keys() - {change.name for change in changes}
        files = (name for name in sorted(kept) if not self._same(old[name], new[name], minor))
        return PackagesChanged(target.python, changes, tuple(files))

    def _same(self, old: ClosurePackage, new: ClosurePackage, minor: int) -> bool:
        key = old.index, new.index, minor
        if key not in self._alike:
            self._alike[key] = alike(old.package, new.package, minor)
        return self._alike[key]


def _minor(target: Target) -> int:
    return int(target.python.split(".")[1])


# --- One number for each distribution of two lockfiles, so that sets of them are integers with a bit for  ---


_TOGETHER = 32
"""How many names a part has: sets that differ elsewhere share what was found out about the part."""


class Numbers:
    """The bits of the packages of *old* and of *new*, by their indexes, and what tells sets of these bits apart."""

    def __init__(self, old: Lock, new: Lock) -> None:
        sides = [[(package.name, identity(package)) for package in lock.packages] for lock in (old, new)]
        # In the order of the names, so that what is found is in it, too.
        known = sorted(dict.fromkeys(chain(*sides)), key=itemgetter(0))
        numbers = {each: number for number, each in enumerate(known)}
        self.of_old, self.of_new = (tuple(1 << numbers[each] for each in side) for side in sides)
        self._old, self._new = (
            {numbers[each]: package for each, package in zip(side, lock.packages, strict=True)}
            for side, lock in zip(sides, (old, new), strict=True)
        )
        self._parts = tuple(_parts([name for name, _ in known]))
        self._changes: dict[tuple[int, int, int], tuple[Change, ...]] = {}
        self._other_files: dict[int, int] = {}

    def changes(self, before: int, after: int) -> tuple[Change, ...]:
        """Return each distribution to install that is in one of two sets alone, by name."""
        gone, come = before & ~after & self._installed, after & ~before & self._installed
        found: list[Change] = []
        for first, mask in self._parts if gone or come else ():
            key = first, gone >> first & mask, come >> first & mask
            if key not in self._changes:
                self._changes[key] = tuple(self._of_part(*key))
            found += self._changes[key]
        return tuple(found)

    def _of_part(self, first: int, gone: int, come: int) -> Iterator[Change]:
        was = {package.name: package for package in (self._old[first + number] for number in _numbers(gone))}
        now = {package.name: package for package in (self._new[first + number] for number in _numbers(come))}
        for name in sorted(was.keys() | now.keys()):
            yield Change(name=name, before=was.get(name), after=now.get(name))

    def other_files(self, before: int, after: int, minor: int) -> tuple[str, ...]:
        """Return the names of distributions to install that are in both sets, and give Python 3.*minor* other files."""
        if minor not in self._other_files:
            self._other_files[minor] = sum(1 << number for number in self._common() if not self._alike(number, minor))
        found = _numbers(before & after & self._installed & self._other_files[minor])
        return tuple(sorted(self._new[number].name for number in found))

    def _common(self) -> Iterator[int]:
        return (number for number in self._new if number in self._old)

    def _alike(self, number: int, minor: int) -> bool:
        return alike(self._old[number], self._new[number], minor)

    @cached_property
    def _installed(self) -> int:
        sides = {**self._old, **self._new}
        return sum(1 << number for number, package in sides.items() if not isinstance(package.source, Virtual))


def _parts(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first number and the mask of each part of *names*, which are in order: no name is in two parts."""
    starts = [number for number, name in enumerate(names) if not number or names[number - 1] != name][::_TOGETHER]
    for first, end in pairwise([*starts, len(names)]):
        yield first, (1 << end - first) - 1


def _numbers(bits: int) -> Iterator[int]:
    """Return the numbers whose bit is among *bits*."""
    return compress(count(), map("1".__eq__, bin(bits)[:1:-1]))


# --- What tells without any closure that most sessions cannot be concerned: which packages lead to one th ---


class Reach:
    """Knows which packages of *lock* lead to one of those at the indexes *goals*, along any edge."""

    def __init__(self, lock: Lock, goals: Iterable[int]) -> None:
        self._lock = lock
        self._found = set(goals)
        if self._found:
            self._spread(_reversed(lock))

    def _spread(self, parents: Mapping[int, list[int]]) -> None:
        waiting = list(self._found)
        while waiting:
            for parent in parents.get(waiting.pop(), ()):
                if parent not in self._found:
                    self._found.add(parent)
                    waiting.append(parent)

    def concerns(self, request: Request) -> bool:
        """Tell whether *request* starts at a package that leads to a goal, or at a name that could mean one."""
        needs = (self._lock.root_groups.get(group, ()) for group in request.root_groups)
        names = {need.name for some in (self._lock.requirements, *needs) for need in some}
        names.update(root.name for root in request.roots)
        return any(index in self._found for name in names for index in self._lock.by_name.get(name, ()))


def comparable(old: Lock, new: Lock) -> bool:
    """Tell whether all that two lockfiles say besides their packages is the same."""
    return all(getattr(old, name) == getattr(new, name) for name in _OF_ALL)


_OF_ALL = (
    "requires_python",
    "markers",
    "supported_markers",
    "required_markers",
    "conflicts",
    "members",
    "root_groups",
    "root_default_groups",
    "requirements",
)


def differing_packages(old: Lock, new: Lock) -> set[int]:
    """Return the indexes of packages of *new* that *old* does not have just so, or has more or fewer of by that name."""
    known = {(package.name, package.version, package.source): index for index, package in enumerate(old.packages)}
    same = {
        index: known[identity]
        for index, package in enumerate(new.packages)
        if (identity := (package.name, package.version, package.source)) in known
    }
    forked = {name for name, found in new.by_name.items() if len(found) != len(old.by_name.get(name, ()))}
    return {
        index
        for index, package in enumerate(new.packages)
        if index not in same or package.name in forked or not _alike(package, old.packages[same[index]], same)
    }


def _alike(package: Package, before: Package, same: Mapping[int, int]) -> bool:
    if package == before and all(same.get(edge.target) == edge.target for edge in edges_of(package)):
        return True
    return (
        (package.sdist, package.wheels, package.markers) == (before.sdist, before.wheels, before.markers)
        and _led(package.dependencies, same) == _led(before.dependencies, None)
        and _tables(package.extras, same) == _tables(before.extras, None)
        and _tables(package.groups, same) == _tables(before.groups, None)
        and package.provided_extras == before.provided_extras
    )


def _tables(edges: Mapping[str, Collection[Dependency]], same: Mapping[int, int] | None) -> dict[str, object]:
    return {name: _led(some, same) for name, some in edges.items()}


def _led(edges: Iterable[Dependency], same: Mapping[int, int] | None) -> list[object]:
    """Return *edges* with what they lead to as an index of the lockfile before."""
    return [(edge.target if same is None else same.get(edge.target), edge.extras, edge.marker) for edge in edges]


def _reversed(lock: Lock) -> dict[int, list[int]]:
    parents: dict[int, list[int]] = {}
    for index, package in enumerate(lock.packages):
        for edge in edges_of(package):
            parents.setdefault(edge.target, []).append(index)
    return parents


# --- One of the two states between which a change lies: what its runs ask for, and which local packages t ---


_LOCAL = Directory | Virtual | Archive


class Side:
    """The runs of *state*, with the *closures* in its lockfile."""

    def __init__(self, state: State, closures: Closures) -> None:
        self.state, self.closures = state, closures
        self._requests: dict[tuple[str, str, str], Request | WsnoxError] = {}

    def request(self, run: SessionRun) -> Request | WsnoxError:
        """Return what *run* asks for, or why it cannot."""
        state, spec = self.state, run.session
        if run.key not in self._requests:
            try:
                self._requests[run.key] = request_for(
                    state.workspace,
                    state.lock,
                    run.selections,
                    root_groups=spec.root_groups,
                    root_defaults=spec.root_defaults,
                )
            except WsnoxError as error:
                self._requests[run.key] = error
        return self._requests[run.key]

    def walked(self, run: SessionRun, target: Target) -> Closure | WsnoxError:
        """Return the closure of *run* on *target*, or why there is none."""
        resolver, request = self.closures.resolver(target), self.request(run)
        if isinstance(resolver, WsnoxError):
            return resolver
        return request if isinstance(request, WsnoxError) else self.closures.walked(request, target)

    def set_of(self, run: SessionRun, target: Target) -> int | None:
        """Return the closure of *run* on *target* as a set, `None` where only a walk can tell."""
        request = self.request(run)
        return None if isinstance(request, WsnoxError) else self.closures.set_of(request, target)

    def local(self, run: SessionRun, targets: tuple[Target, ...]) -> frozenset[str] | None:
        """Return the names of the local packages in the closures of *run*, `None` where there is no closure to tell."""
        found = [names for target in targets if (names := self._local(run, target)) is not None]
        return frozenset().union(*found) if found else None

    def _local(self, run: SessionRun, target: Target) -> frozenset[str] | None:
        together = self.set_of(run, target)
        if together is not None:
            return frozenset(name for name, bit in self._bits_of_local if together & bit)
        walked = self.walked(run, target)
        if isinstance(walked, WsnoxError):
            return None
        return frozenset(entry.package.name for entry in walked.entries if isinstance(entry.package.source, _LOCAL))

    @cached_property
    def _bits_of_local(self) -> tuple[tuple[str, int], ...]:
        packages = zip(self.closures.lock.packages, self.closures.bits, strict=True)
        return tuple((package.name, bit) for package, bit in packages if isinstance(package.source, _LOCAL))

"""The reasons for one run: its settings, the files of what is in its closure, and the closure itself."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from wsnox.change.closures import Closures
from wsnox.change.comparison import Comparison
from wsnox.change.everything import declared_anew
from wsnox.change.links import is_below
from wsnox.change.numbers import Numbers
from wsnox.change.reach import Reach, comparable, differing_packages
from wsnox.change.reading import NOTHING_READ, is_document, named_by, named_by_function, names, touched
from wsnox.change.records import Configured, FileChanged, MemberChanged, New
from wsnox.change.rules import matching_names
from wsnox.change.side import Side
from wsnox.errors import WsnoxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.change.reading import Reading
    from wsnox.change.records import Reason, Run, State
    from wsnox.change.rules import Meaning
    from wsnox.change.targets import Targets
    from wsnox.lock import Lock

__all__ = ["Causes"]


class Causes:
    """The reasons for each run of *new*, of which *before* are those of *old*; what all share is worked out once."""

    def __init__(
        self,
        old: State,
        new: State,
        before: Sequence[Run],
        meanings: Mapping[str, Meaning],
        targets: Targets,
        *,
        reading: Reading = NOTHING_READ,
        functions: bool = False,
    ) -> None:
        self._meanings, self._targets = meanings, targets
        self._reading, self._functions, self._root = reading, functions, new.workspace.root.as_posix()
        self._open = [
            (path, posixpath.normpath(posixpath.join(self._root, path)), meaning)
            for path, meaning in meanings.items()
            if not (meaning.final or meaning.everything)
        ]
        self._links = {posixpath.join(self._root, path): text for path, text in reading.links.items()}
        self._before = {run.key: run for run in before}
        self._was, self._now, self._comparison = _sides(old, new)
        self._changed: dict[str, list[str]] = {}
        for path, meaning in meanings.items():
            for name in meaning.packages:
                self._changed.setdefault(name, []).append(path)
        self._to_changed = [(side, _reach(side.state.lock, self._changed)) for side in (self._was, self._now)]
        one = old.lock is new.lock
        self._declared_anew = declared_anew(old, new)
        self._comparable = one or comparable(old.lock, new.lock)
        self._to_differing = Reach(new.lock, () if one else differing_packages(old.lock, new.lock))

    def of(self, run: Run) -> tuple[Reason, ...]:
        """Return every reason for which *run* is affected."""
        prior = self._before.get(run.key)
        return (
            *([New()] if prior is None else self._configured(prior, run)),
            *self._by_files(run, prior),
            *self._by_closure(run, prior),
        )

    def _configured(self, prior: Run, run: Run) -> list[Configured]:
        was, now = _settings(self._was.state, prior), _settings(self._now.state, run)
        keys = tuple(key for key in now if was[key] != now[key])
        return [Configured(keys)] if keys else []

    def _by_files(self, run: Run, prior: Run | None) -> Iterator[Reason]:
        own = {part.member.name for part in run.parts}
        names = own if not self._changed else own | self._local(run, prior)
        for name in sorted(names & self._changed.keys()):
            yield MemberChanged(name, tuple(self._changed[name]), own=name in own)
        in_root = run.spec.directory == self._now.state.workspace.root
        for path, meaning in self._meanings.items():
            named = any(matching_names((run.spec.name, run.title), meaning.sessions)) if meaning.sessions else False
            if named or (in_root and meaning.in_root):
                yield FileChanged(path)

        yield from self.by_reading(run)

    def by_reading(self, run: Run) -> Iterator[FileChanged]:
        """Yield what of the changed paths *run* reads where it stands, or outside, as far as that can be told."""
        if run.spec.imports:
            return
        directory = run.spec.directory.as_posix()
        named = named_by(run, self._root, self._links)
        if self._functions:
            named |= named_by_function(self._reading.noxfile, {directory, self._root})
        for path, whole, meaning in self._open:
            if (place := touched(whole, named)) is not None:
                yield FileChanged(path, f"which {named[place]} names")
            elif meaning.document and (why := self._why_document(run, path, outside=bool(named))):
                yield FileChanged(path, why)
            elif meaning.packages and _is_above(whole, directory, self._root) and not is_document(path):
                # Tools look for their settings, and pytest for `conftest.py`, in the folders above.
                yield FileChanged(path, "in a folder above it")

    def _why_document(self, run: Run, path: str, *, outside: bool) -> str:
        """Return why *run* may read the document at *path*, empty where nothing speaks for it."""
        if run.spec.directory.as_posix() == self._root:
            runs = run.spec.commands or (run.spec.commands is None and (self._functions or self._reading.root_tests))
            return "which what runs in the workspace root may read" if runs else ""
        if self._functions and names(self._reading.noxfile, path):
            return "which `noxfile.py` names"
        return "which what it names outside of its directory may read" if outside else ""

    def _local(self, run: Run, prior: Run | None) -> frozenset[str]:
        """Return the local packages in the closures of *run* before and now, of those that lead to a changed one."""
        found: frozenset[str] = frozenset()
        for (side, reach), each in zip(self._to_changed, (prior, run), strict=True):
            request = None if each is None else side.request(each)
            if each is not None and not isinstance(request, WsnoxError | None) and reach.concerns(request):
                local = side.local(each, self._targets.of(each.python))
                found |= self._changed.keys() if local is None else local
        return found

    def _by_closure(self, run: Run, prior: Run | None) -> Iterator[Reason]:
        if prior is not None and self._may_differ(prior, run):
            yield from self._comparison.differences(prior, run, self._targets.of(run.python))

    def _may_differ(self, prior: Run, run: Run) -> bool:
        """Tell whether the two closures have to be computed to know that they are equal."""
        if not self._declared_anew:
            return False
        was, now = self._was.request(prior), self._now.request(run)
        if isinstance(was, WsnoxError) or isinstance(now, WsnoxError):
            return True
        return was != now or not self._comparable or self._to_differing.concerns(now)


def _is_above(path: str, directory: str, root: str) -> bool:
    """Tell whether *path* lies in a folder above *directory* that is not the *root*."""
    folder = posixpath.dirname(path)
    return folder not in (directory, root) and is_below(directory, folder)


def _sides(old: State, new: State) -> tuple[Side, Side, Comparison]:
    """Return both sides and what compares them; of one lockfile each closure is worked out once for both."""
    numbers = Numbers(old.lock, new.lock)
    now = Closures(new.lock, numbers.of_new)
    was = now if old.lock is new.lock else Closures(old.lock, numbers.of_old)
    before, after = Side(old, was), Side(new, now)
    return before, after, Comparison(before, after, numbers)


def _reach(lock: Lock, names: Iterable[str]) -> Reach:
    return Reach(lock, (index for name in names for index in lock.by_name.get(name, ())))


def _settings(state: State, run: Run) -> dict[str, object]:
    """Return what is set for *run* and shows in no closure."""
    spec = run.spec
    return {
        "commands": spec.commands,
        "env": dict(spec.env),
        "editable": spec.editable,
        "requires": spec.requires,
        "default": spec.default,
        "skip": spec.skip,
        "imports": state.workspace.manifest.config.imports if spec.imports else (),
        "lock": state.workspace.manifest.config.lock,
        "directory": posixpath.relpath(spec.directory.as_posix(), state.workspace.root.as_posix()),
        "members": tuple(part.member.name for part in run.parts),
    }

"""Names that would collide: with a session of the noxfile, with each other, or in nox's environment directory.

nox keeps the environment of a session under its name in lower case, with everything but letters, digits, ``_`` and
``-`` made ``-``, so that ``a:types`` and ``a-types`` are one directory. It replaces a session whose name is registered
again; neither may happen to a session that is meant to be exact.
"""

from __future__ import annotations

import re
import sys
import unicodedata
import warnings
from contextlib import contextmanager
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TextIO

import nox

from wsnox._record import Record
from wsnox.errors import SessionNameError, WsnoxError, sentence_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.workspace.sessions import Session

__all__ = ["claim", "claim_name", "exit_on_error", "folder_of", "refuse_shared_folder"]

_AGAIN = r"The session '(.+)' has already been registered"
_OTHER = re.compile(r"[^\w\s-]")
_DASHES = re.compile(r"[-\s]+")


class _Claims(Record):
    """Which session has which names and folders, and whose those of wsnox are; the rest are the noxfile's own."""

    owners: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    folders: dict[str, tuple[str, str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def follow(self, registered: Mapping[str, Any]) -> None:
        """Take in what was *registered* since; forget a noxfile that was loaded before this one in the same process."""
        if not self.seen <= registered.keys():
            for each in (self.owners, self.names, self.folders, self.seen):
                each.clear()
        for name in registered.keys() - self.seen:
            self.add(name, *_shape(registered[name]))

    def add(self, name: str, pythons: Iterable[str] | str | None, ids: Iterable[str]) -> None:
        """Note the session *name* with its *pythons* and the *ids* of its parameters."""
        ids = tuple(ids)
        titles = {folder_of(each): each for each in _titles(name, pythons, ids)}
        self.take(name, _selectors(name, pythons, ids), titles)

    def take(self, name: str, selectors: Iterable[str], titles: Mapping[str, str]) -> None:
        """Note the session *name* with all by which nox finds it, and its *titles* by folder."""
        self.seen.add(name)
        self.names.update(dict.fromkeys(selectors, name))
        self.folders.update((folder, (name, title)) for folder, title in titles.items())

    def whose(self, name: str, title: str) -> str:
        """Return how an error speaks of the session *name*, which nox calls by this *title*."""
        owner = self.owners.get(name)
        return f"the session `{title}` of {owner}" if owner else f"the noxfile's own session `{title}`"


_claims = _Claims()


@lru_cache(maxsize=8192)
def folder_of(title: str) -> str:
    """Return the name of the directory in which nox keeps the environment of the session that it calls *title*."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    plain = _OTHER.sub("-", plain).strip().lower()
    return _DASHES.sub("-", plain).strip("-") or title


def claim(spec: Session) -> None:
    """Take the names of *spec*; raise `SessionNameError`, which names both, where one is taken."""
    _claims.follow(nox.registry.get())
    selectors = _selectors(spec.name, _pythons(spec), filter(None, spec.variants))
    for name in selectors:
        if name in _claims.names:
            taken = _claims.names[name]
            raise SessionNameError(name, _owner(spec), _claims.whose(taken, taken))
    own = _folders(spec)
    for folder in filter(_claims.folders.__contains__, own):
        raise SessionNameError(own[folder], _owner(spec), _claims.whose(*_claims.folders[folder]), folder=folder)
    _claims.take(spec.name, selectors, own)
    _claims.owners[spec.name] = _owner(spec)
    _watch()


def claim_name(name: str, owner: str) -> None:
    """Take the *name* of a session that has no environment, for its *owner*, where no session has it."""
    _claims.follow(nox.registry.get())
    if name in _claims.names:
        taken = _claims.names[name]
        raise SessionNameError(name, owner, _claims.whose(taken, taken))
    _claims.take(name, [name], {})
    _claims.owners[name] = owner
    _watch()


def refuse_shared_folder(spec: Session) -> None:
    """Raise `SessionNameError` where a session that the noxfile registered later has an environment of *spec*."""
    own = _folders(spec)
    for name, function in nox.registry.get().items():
        for title in _titles(name, *_shape(function)) if name != spec.name else ():
            folder = folder_of(title)
            if folder in own:
                raise SessionNameError(own[folder], _owner(spec), _claims.whose(name, title), folder=folder)


def _folders(spec: Session) -> dict[str, str]:
    """Return what nox calls each session of *spec* by its folder; two of them must not share one either."""
    found: dict[str, str] = {}
    for title in _titles(spec.name, _pythons(spec), filter(None, spec.variants)):
        other = found.setdefault(folder_of(title), title)
        if other != title:
            raise SessionNameError(title, _owner(spec), f"`{other}`, another variant", folder=folder_of(title))
    return found


def _owner(spec: Session) -> str:
    return "the workspace" if spec.integration else f"member `{spec.members[0].name}`"


# --- what nox calls a session ---


def _pythons(spec: Session) -> tuple[str, ...] | str | None:
    """Return the Pythons of *spec* as nox is given them: one alone is no part of the name."""
    return spec.pythons[0] if spec.pythons is not None and len(spec.pythons) == 1 else spec.pythons


def _shape(function: Any) -> tuple[Iterable[str] | str | None, list[str]]:
    """Return the Pythons and the parameters' ids of a registered *function*."""
    return function.python or None, [str(each) for each in getattr(function, "parametrize", ())]


def _titles(name: str, pythons: Iterable[str] | str | None, ids: Iterable[str]) -> Iterator[str]:
    """Yield what nox calls each session of *name*: its environment bears that name."""
    ids = tuple(ids)
    for python in ("",) if pythons is None or isinstance(pythons, str) else pythons:
        for each in ids or ("",):
            yield f"{name}{f'-{python}' if python else ''}{f'({each})' if each else ''}"


def _selectors(name: str, pythons: Iterable[str] | str | None, ids: Iterable[str]) -> list[str]:
    """Return everything by which ``nox -s`` finds a session of *name*."""
    ids = tuple(ids)
    each = (pythons,) if isinstance(pythons, str) else tuple(pythons or ())
    return [name, *_titles(name, pythons, ids), *_titles(name, each, ids), *_titles(name, each, ())]


# --- what comes later ---


def _watch() -> None:
    """See to it that a later session of the noxfile does not replace one of ours: nox only warns of that."""
    if getattr(warnings.showwarning, "__module__", "") == __name__:
        return
    shown = warnings.showwarning

    def showwarning(  # noqa: PLR0917 - the signature is Python's
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        found = re.match(_AGAIN, str(message))
        if found and found[1] in _claims.owners:
            error = SessionNameError(found[1], _claims.owners[found[1]], f"the noxfile's own session `{found[1]}`")
            print(f"wsnox: {error}", file=sys.stderr)
            raise SystemExit(error.exit_code)
        shown(message, category, filename, lineno, file, line)

    warnings.showwarning = showwarning
    # Whatever `-W` says: who silences warnings did not mean to lose a session.
    warnings.filterwarnings("always", message=_AGAIN, category=FutureWarning)


# --- How a noxfile that cannot be used ends nox ---


@contextmanager
def exit_on_error() -> Iterator[None]:
    """End nox with the sentence of a `WsnoxError`: it has no way of its own to refuse a noxfile without a traceback.

    So does what the system refuses, which nobody foresaw: a folder that is gone, a disk that does not answer.
    """
    try:
        yield
    except WsnoxError as error:
        print(f"wsnox: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except OSError as error:
        print(f"wsnox: {sentence_of(error)}", file=sys.stderr)
        raise SystemExit(1) from None

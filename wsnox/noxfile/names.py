"""Names that would collide: with a session of the noxfile, with each other, or in nox's environment directory.

nox keeps the environment of a session under its name in lower case, with everything but letters, digits, ``_`` and
``-`` made ``-``, so that ``a:types`` and ``a-types`` are one directory. It replaces a session whose name is registered
again; an exact session may suffer neither.
"""

from __future__ import annotations

import re
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import nox

from wsnox._record import Record, field
from wsnox.errors import RequestError, SessionNameError, WsnoxError
from wsnox.text import system_message
from wsnox.workspace.sessions import folder_of, title_of
from wsnox.workspace.suite import EVERYBODY, IMPORTS, TEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.workspace.sessions import Session

__all__ = [
    "claim",
    "claim_name",
    "exit_on_error",
    "names_in_nox",
    "python_argument",
    "refuse_shared_folder",
    "registered_names",
    "registered_titles",
]


def claim(sessions: Sequence[Session], *, configured: bool) -> None:
    """Take the names and environments of *sessions*; raise `SessionNameError`, which names both, where one is taken.

    They are all that the manifests have *configured*, or those of one function.
    """
    _claims.update(nox.registry.get())
    if configured and sessions and all(session.name in _claims.owners for session in sessions):
        raise RequestError("`wsnox.sessions()` is called a second time for this workspace", hint="call it once")
    for session in sessions:
        titles, selectors = names_in_nox(session)
        _claims.take(session.name, _owner(session), selectors, _folders(session, titles))
    _refuse_replacement()


def claim_name(name: str, owner: str) -> None:
    """Take the *name* of a session that has no environment, for its *owner*."""
    _claims.update(nox.registry.get())
    _claims.take(name, owner, [name], {})
    _refuse_replacement()


def refuse_shared_folder(session: Session) -> None:
    """Raise `SessionNameError` where a session that the noxfile registered later has an environment of *session*."""
    titles, _ = names_in_nox(session)
    folders, registered = _folders(session, titles), nox.registry.get()
    # Those before it were looked at when it took its names, and so were all of wsnox.
    for name in (name for name in registered if name not in _claims.names):
        titles, _ = _registered_names(name, registered[name])
        for title in titles:
            folder = folder_of(title)
            if folder in folders:
                raise SessionNameError(folders[folder], _owner(session), _claims.owner_of(name, title), folder=folder)


class _Claims(Record):
    """Which session has which names and environments, as far as nox has registered any.

    *owners* are those of wsnox's sessions; the rest are the noxfile's own.
    """

    owners: dict[str, str] = field(default_factory=dict)
    selectors: dict[str, str] = field(default_factory=dict)
    folders: dict[str, tuple[str, str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def update(self, registered: Mapping[str, Any]) -> None:
        """Add the sessions *registered* since; forget a noxfile that was loaded earlier in the same process."""
        if not self.names <= registered.keys():
            for claims in (self.owners, self.selectors, self.folders, self.names):
                claims.clear()
        for name in registered.keys() - self.names:
            titles, selectors = _registered_names(name, registered[name])
            self.add(name, selectors, {folder_of(title): title for title in titles})

    def add(self, name: str, selectors: Iterable[str], titles: Mapping[str, str]) -> None:
        """Add the session *name* with all *selectors* by which nox finds it, and its *titles* by folder."""
        self.names.add(name)
        self.selectors.update(dict.fromkeys(selectors, name))
        self.folders.update((folder, (name, title)) for folder, title in titles.items())

    def take(self, name: str, owner: str, selectors: Iterable[str], titles: Mapping[str, str]) -> None:
        """Add the session *name* of *owner*; raise `SessionNameError` where a selector or folder is another's."""
        for selector in selectors:
            if other := self.selectors.get(selector):
                twice = owner if self.owners.get(other) == owner else ""
                raise SessionNameError(selector, owner, self.owner_of(other, other), hint=_whose(other, twice))
        for folder, title in titles.items():
            if folder in self.folders:
                raise SessionNameError(title, owner, self.owner_of(*self.folders[folder]), folder=folder)
        self.add(name, selectors, titles)
        self.owners[name] = owner

    def owner_of(self, name: str, title: str) -> str:
        """Return what errors call the session *name*, which nox calls *title*."""
        owner = self.owners.get(name)
        return f"the session `{title}` of {owner}" if owner else f"the noxfile's own session `{title}`"


def _whose(name: str, twice: str = "") -> str:
    """Return the hint where the *name* is that of a session which each member or workspace has, else an empty string.

    *twice* is the owner who would have two of this name.
    """
    if name == EVERYBODY:
        return f"every workspace has the session `{name}`: choose another name for yours"
    if name.endswith(f":{IMPORTS}"):
        return f"every member has a task `{IMPORTS}`, which checks what it imports: choose another name for yours"
    if twice == f"member `{name}`":
        return f"`{TEST}` is what every member has already, and `commands` says what it runs: choose another name for yours"
    return ""


_claims = _Claims()


def _folders(session: Session, titles: Iterable[str]) -> dict[str, str]:
    """Return each of the *titles* of *session* by its folder; two of its runs must not share one either."""
    by_folder: dict[str, str] = {}
    for title in titles:
        other = by_folder.setdefault(folder_of(title), title)
        if other != title:
            raise SessionNameError(title, _owner(session), f"`{other}`, another variant", folder=folder_of(title))
    return by_folder


def _owner(session: Session) -> str:
    return "the workspace" if session.integration else f"member `{session.members[0].name}`"


def python_argument(session: Session) -> tuple[str, ...] | str | None:
    """Return the Pythons of *session* as nox takes them: a single one, as a string, does not become part of the name."""
    pythons = session.pythons
    return pythons[0] if pythons is not None and len(pythons) == 1 else pythons


def names_in_nox(session: Session) -> tuple[list[str], list[str]]:
    """Return nox's title of each run of *session*, and every name by which ``nox -s`` finds one."""
    return _names_in_nox(session.name, python_argument(session), session.variants)


def _names_in_nox(
    name: str, pythons: Iterable[str] | str | None, variants: Iterable[str]
) -> tuple[list[str], list[str]]:
    """Return nox's title of each run of the session *name*, and every name by which ``nox -s`` finds one."""
    all_pythons = (pythons,) if isinstance(pythons, str) else tuple(pythons or ())
    titled = ("",) if pythons is None or isinstance(pythons, str) else all_pythons
    ids = list(filter(None, variants)) or [""]
    titles = [title_of(name, python, variant) for python in titled for variant in ids]
    return titles, [
        name,
        *titles,
        *(title_of(name, python, variant) for python in all_pythons for variant in (*ids, "")),
    ]


def _registered_names(name: str, function: Any) -> tuple[list[str], list[str]]:
    """Return the titles and names, as `_names_in_nox` does, of the *function* that nox has registered as *name*."""
    return _names_in_nox(name, function.python or None, map(str, getattr(function, "parametrize", ())))


def registered_names() -> frozenset[str]:
    """Return every name by which ``nox -s`` finds one of the sessions that nox has registered."""
    return frozenset(
        title for name, function in nox.registry.get().items() for title in _registered_names(name, function)[1]
    )


def registered_titles() -> list[str]:
    """Return nox's title of each run of each session that it has registered."""
    return [title for name, function in nox.registry.get().items() for title in _registered_names(name, function)[0]]


_REPLACED = r"The session '(.+)' has already been registered"


def _refuse_replacement() -> None:
    """End nox where a later session of the noxfile replaces one of wsnox: nox itself only warns of that.

    For this, Python's `warnings.showwarning` is wrapped; it passes on every other warning (nox 2026.8 to 2026.10).
    """
    if getattr(warnings.showwarning, "__module__", "") == __name__:
        return
    show = warnings.showwarning

    def showwarning(  # noqa: PLR0917 - the signature is Python's
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        match = re.match(_REPLACED, str(message))
        if match and match[1] in _claims.owners:
            owner = _claims.owners[match[1]]
            with exit_on_error():
                own = f"the noxfile's own session `{match[1]}`"
                raise SessionNameError(match[1], owner, own, hint=_whose(match[1]))
        show(message, category, filename, lineno, file, line)

    warnings.showwarning = showwarning
    # Whatever `-W` says: to silence warnings is not to accept the loss of a session.
    warnings.filterwarnings("always", message=_REPLACED, category=FutureWarning)


@contextmanager
def exit_on_error() -> Iterator[None]:
    """End nox with the sentence of a `WsnoxError`: nox has no way of its own to refuse a noxfile without a traceback.

    An `OSError` that nobody foresaw ends it in the same way: a folder that is gone, a disk that does not answer.
    """
    try:
        yield
    except WsnoxError as error:
        print(f"wsnox: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except OSError as error:
        print(f"wsnox: {system_message(error)}", file=sys.stderr)
        raise SystemExit(1) from None

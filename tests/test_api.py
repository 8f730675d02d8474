"""What `import wsnox` promises: the names and their signatures, so that a change of either is seen."""

from __future__ import annotations

import inspect

import wsnox

SIGNATURES = {
    "coverage": "(root: 'str | os.PathLike[str] | None' = None, *, name: 'str' = 'coverage') -> 'None'",
    "integration": "(*patterns: 'str | MembersFunction', packages: 'Sequence[str] | None' = None, name: 'str | None' = None, "
    "root: 'str | os.PathLike[str] | None' = None, **options: 'Unpack[Options]') "
    "-> 'MembersFunction | Callable[[MembersFunction], MembersFunction]'",
    "member": "(*patterns: 'str | MemberFunction', name: 'str | None' = None, "
    "members: 'Sequence[str] | None' = None, exclude: 'Sequence[str] | None' = None, root: 'str | os.PathLike[str] | None' = None, "
    "**options: 'Unpack[Options]') -> 'MemberFunction | Callable[[MemberFunction], MemberFunction]'",
    "sessions": "(root: 'str | os.PathLike[str] | None' = None) -> 'None'",
}


def test_the_public_names() -> None:
    """A name that is added or lost is a change of the interface."""
    assert wsnox.__all__ == ["Member", "WsnoxError", "__version__", "coverage", "integration", "member", "sessions"]
    assert wsnox.__all__ == sorted(dir(wsnox))


def test_the_signatures() -> None:
    """A parameter that is added, lost or renamed is a change of the interface."""
    assert {name: str(inspect.signature(getattr(wsnox, name))) for name in SIGNATURES} == SIGNATURES


def test_names_stay_what_they_are() -> None:
    """Importing nox's edge must not bind a module where a function was."""
    assert callable(wsnox.member)
    assert callable(wsnox.sessions)
    assert callable(wsnox.integration)

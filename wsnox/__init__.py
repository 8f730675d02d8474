"""One nox session per uv workspace member, each in exactly its locked closure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.errors import WsnoxError
from wsnox.version import __version__
from wsnox.workspace.model import Member

if TYPE_CHECKING:
    from wsnox.noxfile import coverage, integration, member, sessions

__all__ = ["Member", "WsnoxError", "__version__", "coverage", "integration", "member", "sessions"]


def __getattr__(name: str) -> object:
    """Import what needs nox on first access only: the command does without nox, and would wait for it."""
    if name not in ("coverage", "integration", "member", "sessions"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wsnox import noxfile  # noqa: PLC0415 - see above

    return getattr(noxfile, name)


def __dir__() -> list[str]:
    return __all__

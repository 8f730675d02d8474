"""One nox session per uv workspace member, each in exactly its locked closure."""

from __future__ import annotations

from wsnox.version import __version__

# The command loads this module before all others, and `typing` takes a fifth as long as Python itself.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from wsnox.errors import WsnoxError
    from wsnox.noxfile import coverage, integration, member, sessions
    from wsnox.workspace.model import Member

__all__ = ["Member", "WsnoxError", "__version__", "coverage", "integration", "member", "sessions"]


def __getattr__(name: str) -> object:
    """Import each name on first access only: the command does without nox, and without most else, and would wait for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - see above

    homes = {"Member": "wsnox.workspace.model", "WsnoxError": "wsnox.errors"}
    if name in homes:
        return getattr(import_module(homes[name]), name)
    import gc  # noqa: PLC0415 - see above

    # What a noxfile needs stays until nox ends: to look for garbage among it takes as long as to load a third of it.
    enabled = gc.isenabled()
    gc.disable()
    try:
        return getattr(import_module("wsnox.noxfile"), name)
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def __dir__() -> list[str]:
    return __all__

"""nox makes an environment before it calls the session; of two runs of nox at once, here the second waits for the first.

Without that, both would make it in one place, and one might go on to work in what the other has made only in part. So
what nox makes environments with, by the name of a backend, is wrapped; that concerns only sessions that bear the mark.

A warm session takes no lock: nox will only look at an environment that is proven and that it has no reason to replace.
Where another run replaces it in just that moment, the preparation, which has the lock, finds what is not whole.
"""

from __future__ import annotations

import logging
import os
import re
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nox.virtualenv

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MARK", "serialize_venv_creation"]

BACKENDS = ("uv", "virtualenv", "venv")


class _Mark(tuple[str, ...]):
    """No parameters for the tool that makes an environment, and the sign that the environment is one of wsnox."""

    __slots__ = ()


MARK = _Mark()
"""The ``venv_params`` of a session: nox hands them on to what makes its environment."""


class _Maker:
    """What nox calls for a new environment object: as *make*, but one with the mark is created alone."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        environment = self._make(*arguments, **options)
        if isinstance(options.get("venv_params"), _Mark):
            environment.create = _alone(environment, environment.create)
        return environment


def serialize_venv_creation() -> None:
    """See to it that environments of sessions with the mark are created alone, where this nox lets itself be told so."""
    makers = getattr(nox.virtualenv, "ALL_VENVS", {})
    for backend in BACKENDS:
        if backend in makers and not isinstance(makers[backend], _Maker):
            makers[backend] = _Maker(makers[backend])


def _alone(environment: Any, create: Callable[[], bool]) -> Callable[[], bool]:
    def created() -> bool:
        if _stays(environment):
            return create()
        from wsnox.environment.environment_lock import environment_lock  # noqa: PLC0415 - a warm session needs none of it

        location = Path(environment.location)
        with ExitStack() as lock:
            # A directory that nobody can write into keeps no lock, and nox has its own words for it.
            with suppress(OSError):
                lock.enter_context(environment_lock(location, lambda: _tell(location.name)))
            return create()

    return created


def _tell(name: str) -> None:
    logging.getLogger("nox").info("%s: waiting for another run that makes this environment", name)


def _stays(environment: Any) -> bool:
    """Tell whether *environment* is proven, and nox has no reason to make it anew (`nox.virtualenv.VirtualEnv`)."""
    if not environment.reuse_existing or os.environ.get("NOX_ENABLE_STALENESS_CHECK"):
        return False
    # Listing sessions needs none of it.
    from wsnox.environment.locations import python_name  # noqa: PLC0415 - see above
    from wsnox.environment.stamp import read_stamp  # noqa: PLC0415 - see above

    location = Path(environment.location)
    stamp = read_stamp(location / "wsnox" / "stamp.json")
    if stamp is None or not stamp.finished or not Path(environment.bin, python_name(os.name)).exists():
        return False
    return environment.venv_backend == "uv" or not _is_by_uv(location)


def _is_by_uv(location: Path) -> bool:
    """Tell whether uv made the environment at *location*: without it, there may be no pip to go on with."""
    try:
        settings = (location / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return True
    return re.search(r"^uv\s*=", settings, re.MULTILINE) is not None

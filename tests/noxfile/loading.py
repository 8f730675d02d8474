"""Load a noxfile and list its sessions, with the real nox in this very process: a hundred times as quick as to start it."""

from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import nox.__main__
import nox.registry
import pytest

from tests.sessions.running import Ran, write_noxfile
from wsnox.noxfile import coverage, names, register

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["forget_noxfile", "list_as_json", "list_sessions", "selected"]


def forget_noxfile() -> None:
    """Forget what an earlier noxfile in this process has left behind."""
    nox.registry.reset()
    names._claims.update({})
    sys.modules.pop("user_nox_module", None)
    for cached in (register._suite_at, register._revision, register._since):
        cached.cache_clear()
    sys.modules[coverage.__module__]._session_names.clear()


def list_sessions(root: Path, *arguments: str) -> Ran:
    """Return what ``nox -l`` with these *arguments* prints in *root*."""
    if not (root / "noxfile.py").exists():
        write_noxfile(root)
    forget_noxfile()
    level, output, code = logging.getLogger().level, io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(output),
        redirect_stderr(output),
        warnings.catch_warnings(),
    ):
        patch.chdir(root)
        patch.setattr(sys, "argv", ["nox", "-l", *arguments])
        patch.setenv("NO_COLOR", "1")
        try:
            nox.__main__.main()
        except SystemExit as end:
            code = int(end.code or 0)
    log = logging.getLogger()
    log.setLevel(level)
    for handler in [handler for handler in log.handlers if handler.get_name() == "nox-stream-handler"]:
        log.removeHandler(handler)
    return Ran(code, output.getvalue().replace(str(root), "[ROOT]"))


def selected(root: Path, *arguments: str) -> list[str]:
    """Return the sessions that nox would run."""
    ran = list_sessions(root, *arguments)
    assert ran.code == 0, ran.said
    return [line.split()[1] for line in ran.lines if line.startswith("* ")]


def list_as_json(root: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return what ``nox --json -l`` tells of each session."""
    ran = list_sessions(root, "--json", *arguments)
    assert ran.code == 0, ran.said
    return {session["session"]: session for session in json.loads(ran.said)}

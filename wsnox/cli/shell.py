"""``wsnox shell``: the user's shell in the exact environment of a session, of a member, or of several.

What a shell reads as it starts may put other programs first on ``PATH``, as version managers do, and set variables that no
command of a session sees. So the environment's own script for this shell is read after that, and takes them away again.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.cli.proven_venv import proven_venv
from wsnox.cli.run_command import replace_process
from wsnox.environment.isolation import command_env
from wsnox.errors import RequestError
from wsnox.files import atomic_write

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.environment.model import Venv

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Open a shell in the environment that *args* ask for, and return its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise RequestError("a shell needs a terminal", hint="`wsnox run MEMBER -- COMMAND` needs none")
    venv = proven_venv(args)
    words, variables = _shell(venv.job.venv)
    print(f"{venv.job.label}: `exit` leaves this shell", file=sys.stderr, flush=True)
    return replace_process(words[0], words, {**venv.variables, **variables})


def _shell(venv: Venv) -> tuple[list[str], dict[str, str]]:
    """Return the words that start the user's shell in *venv*, and the variables that it needs for that."""
    if os.name == "nt":
        return _shell_of_windows(venv), {}
    shell = os.environ.get("SHELL") or "/bin/sh"
    activate = shlex.quote(str(venv.bin / "activate"))
    unset = " ".join(name for name, value in command_env().items() if value is None)
    match Path(shell).name:
        case "bash":
            file = venv.folder / "bashrc"
            # It stands in place of both.
            own = "".join(f"[ ! -f {rc} ] || . {rc}\n" for rc in ("/etc/bash.bashrc", "~/.bashrc"))
            atomic_write(file, f"{own}unset {unset}\n. {activate}\n".encode())
            return [shell, "--rcfile", str(file), "-i"], {}
        case "zsh":
            return [shell, "-i"], _zsh(venv.folder / "zsh", f"unset {unset}\n. {activate}\n")
        case "fish":
            return [shell, "--init-command", f"set -e {unset}; source {activate}.fish"], {}
        case _:
            return [shell, "-i"], {}


def _zsh(folder: Path, last: str) -> dict[str, str]:
    """Let zsh read its files from *folder*, each of which reads the user's own, and *last* what it is to do in the end."""
    home = shlex.quote(os.environ.get("ZDOTDIR") or str(Path.home()))
    for name in (".zshenv", ".zshrc"):
        own = f"ZDOTDIR={home}\n[ ! -f {home}/{name} ] || . {home}/{name}\n"
        after = last if name == ".zshrc" else f"ZDOTDIR={shlex.quote(str(folder))}\n"
        atomic_write(folder / name, f"{own}{after}".encode())
    return {"ZDOTDIR": str(folder)}


def _shell_of_windows(venv: Venv) -> list[str]:
    """Return the words that start PowerShell where this was started from one, and the command prompt otherwise."""
    # PowerShell puts the user's own folder of modules before those of the system.
    if len(os.environ.get("PSMODULEPATH", "").split(os.pathsep)) > 2:
        shell = shutil.which("pwsh") or "powershell.exe"
        return [shell, "-NoExit", "-Command", f". '{venv.bin / 'activate.ps1'}'"]
    return [os.environ.get("COMSPEC", "cmd.exe"), "/K", str(venv.bin / "activate.bat")]

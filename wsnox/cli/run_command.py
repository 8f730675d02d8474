"""``wsnox run``: any command in the exact environment of a session, of a member, or of several."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox.cli.proven_venv import proven_venv
from wsnox.environment.isolation import Programs
from wsnox.errors import ProgramError, RequestError
from wsnox.text import near_miss

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from wsnox.cli.proven_venv import ProvenVenv

__all__ = ["code_of_child", "replace_process", "run"]


def run(args: Namespace) -> int:
    """Run the words behind ``--`` in the environment that *args* ask for, and return their exit code."""
    if not args.words:
        # Without `--`, its words are taken for members.
        member, *words = [*map(str, args.members)] or ["MEMBER"]
        command = " ".join(words) or "pytest"
        hint = f"write it behind `--`, as in `wsnox run {member} -- {command}`; `wsnox shell {member}` opens a shell"
        raise RequestError("there is no command to run", hint=hint)
    venv = proven_venv(args)
    program = _program(args.words[0], venv)
    return replace_process(program, args.words, venv.variables)


def _program(name: str, venv: ProvenVenv) -> str:
    """Return the path of the program called *name*, and say so where it is not of the environment *venv*."""
    job = venv.job
    path = shutil.which(name, path=venv.variables["PATH"])
    if path is None:
        guess = near_miss(name, [path.name for path in job.venv.bin.iterdir()])
        if name.endswith(".py"):
            guess = f"`python {name}` runs a file"
        hint = guess or "`--group` and `--extra` install more than the session of a member does"
        raise ProgramError(f"`{name}` is neither in the environment of {job.label} nor on `PATH`", hint=hint)
    if Programs(venv=job.venv, root=job.workspace.root, external=venv.external).kind(name) == "outside":
        text = f"wsnox: `{name}` is not in the environment of {job.label}: this is `{path}`"
        print(text, file=sys.stderr, flush=True)
    return path


def replace_process(program: str, words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Let the *program* with its *words* take the place of this process; on Windows, return its exit code when it ends."""
    try:
        if os.name == "nt":
            return code_of_child(program, words, variables)
        os.execve(program, [*words], {**variables})  # noqa: S606 - words, and no shell
    except OSError as error:
        raise ProgramError(
            f"`{words[0]}` does not start: {error.strerror or error}",
            hint="the first line of a script names the program that runs it, which must be there",
        ) from error


def code_of_child(program: str, words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run the *program* with its *words*, and return its exit code; Ctrl-C is for the program, which may go on."""
    import subprocess  # noqa: PLC0415 - a warm start does without

    with subprocess.Popen([program, *words[1:]], env={**variables}) as process:  # noqa: S603 - words, and no shell
        while True:
            with suppress(KeyboardInterrupt):
                return process.wait()

"""nox for the tests, forked for each run from one process that has imported it: to import it is most of a short run.

What Python reads only when it starts is the same in all of these processes; a run that asks for something else is a process
from the start, as are all where there is no fork.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["run_nox"]

_AT_START = ("PYTHON", "LANG", "LC_", "COVERAGE")
"""Beginnings of the names of variables that are read while Python starts."""


def run_nox(root: Path, arguments: Sequence[str], env: Mapping[str, str]) -> tuple[int, bytes]:
    """Run nox in *root* with exactly the variables *env*, and return its exit code and what it wrote."""
    if not hasattr(os, "fork") or _read_at_start(env) != _read_at_start(os.environ):
        done = subprocess.run(
            [sys.executable, "-m", "nox", *arguments],
            cwd=root,
            env=env,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode, done.stdout
    server = _server()
    reading, writing = os.pipe()
    socket.send_fds(server, [b"\n"], [writing])
    os.close(writing)
    request = {"root": os.fspath(root), "arguments": [*arguments], "env": dict(env)}
    server.sendall(json.dumps(request).encode() + b"\n")
    # Not before all processes that it has left behind are gone, too.
    with os.fdopen(reading, "rb") as stream:
        written = stream.read()
    (code,) = server.recv(1)
    return code, written


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_AT_START)}


@cache
def _server() -> socket.socket:
    """Return the connection to the process that forks, which ends with this one."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen([sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()])
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _next_request(connection: socket.socket) -> None:
    """Return in a process for each request, which is set up as it asks; here its exit code is told when it has ended."""
    reader = connection.makefile("rb")
    while True:
        _, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
        if not descriptors:
            sys.exit()
        (output,) = descriptors
        request = json.loads(reader.readline())
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            for descriptor in (output, connection.fileno()):
                os.close(descriptor)
            os.environ.clear()
            os.environ.update(request["env"])
            os.chdir(request["root"])
            sys.path[0] = request["root"]
            sys.argv[1:] = request["arguments"]
            return
        os.close(output)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        connection.sendall(bytes([code if code >= 0 else 128 - code]))


if __name__ == "__main__":
    import runpy
    from importlib import import_module

    for module in ("nox.__main__", "wsnox.noxfile", "wsnox.noxfile.run"):
        import_module(module)
    _next_request(socket.socket(fileno=int(sys.argv[1])))
    # It is run anew, as by `python -m nox`.
    sys.argv[0] = str(sys.modules.pop("nox.__main__").__file__)
    runpy.run_module("nox", run_name="__main__", alter_sys=True)

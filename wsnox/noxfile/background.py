"""Commands in the background of a session: started, waited for until they are ready, watched, and ended.

Each runs under a `supervisor`, which ends it with all that it started when this process lets go of a pipe, or is gone.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.errors import BackgroundError
from wsnox.noxfile import supervisor
from wsnox.text import counted, printable_line
from wsnox.workspace.settings import Ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wsnox.workspace.settings import Background, Command

__all__ = ["Service", "free_port", "running", "service_of"]

GRACE = 10
"""How many seconds a command in the background has to end once it is asked to."""

_INTERVAL = 0.05
_SHOWN = 12
"""How many lines of its output an error shows."""


class Service(Record, kw_only=True):
    """A command in the background, called *name*: its *words*, with variables *env*, in *directory*; its output goes to *log*.

    It is ready when *port* answers, its output matches *pattern*, or the words *probe* are a command that succeeds; at
    once where nothing of these is set. That may take *timeout* seconds.
    """

    name: str
    words: tuple[str, ...]
    env: Mapping[str, str]
    directory: Path
    log: Path
    timeout: int
    port: int | None = None
    pattern: str | None = None
    probe: tuple[str, ...] | None = None


def service_of(
    background: Background,
    *,
    env: Mapping[str, str],
    directory: Path,
    logs: Path,
    fill: Callable[[str], str],
    words: Callable[[Command], tuple[str, ...]],
) -> Service:
    """Return the service that is configured as *background*, whose log is in the folder *logs* unless it says otherwise.

    *fill* replaces placeholders in a text, and *words* returns what a command starts.
    """
    service = Service(
        name=background.name,
        words=words(background.command),
        env=env,
        directory=directory,
        log=directory / fill(background.log) if background.log else logs / f"{background.name}.log",
        timeout=background.timeout,
    )
    match background.ready:
        case Ready(kind="port", value=str(port)):
            return replace(service, port=int(fill(port)))
        case Ready(kind="output", value=str(pattern)):
            return replace(service, pattern=pattern)
        case Ready(kind="command", value=command):
            return replace(service, probe=words(command))
        case _:
            return service


def free_port() -> int:
    """Return a TCP port that nobody uses now: the system gives each that asks another one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(
    services: Sequence[Service], log: Callable[[str], object], warn: Callable[[str], object]
) -> Iterator[Callable[[], None]]:
    """Run *services* beside the body, each started when the one before it is ready; *log* tells of that.

    Yield a function that raises `BackgroundError` if one of them has ended by itself. Raise the same if one does not
    start, ends before it is ready, or is not ready in time, and after the body; if that failed, *warn* of it instead.
    """
    processes = list[_Process]()
    try:
        for service in services:
            process = _Process(service)
            processes.append(process)
            log(f"`{service.name}` runs in the background; its output is in {service.log}")
            if seconds := process.wait_until_ready():
                log(f"`{service.name}` is ready after {seconds:.1f} s")

        def check() -> None:
            for process in processes:
                process.refuse_ended("ended while the session ran")

        try:
            yield check
        except BackgroundError:
            raise
        except Exception:
            # It may be why.
            try:
                check()
            except BackgroundError as error:
                warn(str(error))
            raise
        check()
    finally:
        # The last first: it may need the others.
        for process in reversed(processes):
            process.end()


class _Process:
    """A *service* that was started."""

    def __init__(self, service: Service) -> None:
        self._service = service
        if service.port is not None and _answers(service.port):
            hint = "`{port}` is a port that is free in each run"
            raise self._error(f"would use the port {service.port}, which something else uses", shown=False, hint=hint)
        try:
            service.log.parent.mkdir(parents=True, exist_ok=True)
            with service.log.open("wb") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", supervisor.__file__, str(GRACE), *service.words],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=service.directory,
                    env=service.env,
                    start_new_session=True,
                    # As a session of its own is on POSIX: no interrupt at the terminal reaches it.
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                )
        except OSError as error:
            raise self._error(f"does not start: {error.strerror or error}", shown=False) from error

    def wait_until_ready(self) -> float:
        """Wait until the service is ready, and return how many seconds that took, 0 if there is nothing to wait for."""
        service, start = self._service, time.monotonic()
        if (service.port, service.pattern, service.probe) == (None, None, None):
            return 0
        while not self._is_ready(start + service.timeout - time.monotonic()):
            self.refuse_ended("ended before it was ready")
            if time.monotonic() - start > service.timeout:
                raise self._error(f"was not ready after {counted(service.timeout, 'second')}")
            time.sleep(_INTERVAL)
        return time.monotonic() - start

    def _is_ready(self, seconds: float) -> bool:
        """Return whether the service is ready; a command that tells may take so many *seconds*."""
        service = self._service
        if service.port is not None:
            return _answers(service.port)
        if service.pattern is not None:
            return re.search(service.pattern, self._output(), re.MULTILINE) is not None
        with suppress(OSError, subprocess.TimeoutExpired):
            # What it writes is of no interest until it succeeds.
            probe = subprocess.run(
                service.probe or (),
                cwd=service.directory,
                env=service.env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=max(seconds, _INTERVAL),
            )
            return probe.returncode == 0
        return False

    def refuse_ended(self, problem: str) -> None:
        """Raise `BackgroundError` with this *problem* if the service has ended."""
        code = self._process.poll()
        if code is not None:
            hint = "; a command that starts something and ends belongs in `before`" if code == 0 else ""
            raise self._error(f"{problem}, with exit code {code}", hint=hint)

    def end(self) -> None:
        """End the service and all that it started."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE + supervisor.KILL_WAIT + 1)

    def _output(self) -> str:
        with suppress(OSError):
            return self._service.log.read_bytes().decode(errors="replace")
        return ""

    def _error(self, problem: str, *, shown: bool = True, hint: str = "") -> BackgroundError:
        lines = self._output().rstrip().splitlines()[-_SHOWN:] if shown else []
        hint = f"its output is in `{self._service.log}`{hint}" if shown else hint
        return BackgroundError(self._service.name, problem, [*map(printable_line, lines)], hint=hint)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("localhost", port), timeout=1):
            return True
    except OSError:
        return False

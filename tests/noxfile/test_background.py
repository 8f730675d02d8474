"""Commands in the background: waited for, told about when they end, and ended with all that they started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wsnox.errors import BackgroundError
from wsnox.noxfile import background
from wsnox.noxfile.background import Service, free_port, running, service_of
from wsnox.workspace.settings import Background, Ready

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")

SLEEP = "import time; time.sleep(60)"
SERVE = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"


@pytest.fixture
def service(tmp_path: Path) -> Callable[..., Service]:
    """Return a function from a program in Python to a service that runs it."""

    def make(code: str, *arguments: object, **options: Any) -> Service:
        words = (sys.executable, "-u", "-c", code, *map(str, arguments))
        options = {"timeout": 30, "name": "it", **options}
        return Service(words=words, env={**os.environ}, directory=tmp_path, log=tmp_path / "logs" / "it.log", **options)

    return make


def _run(*services: Service) -> list[str]:
    """Run *services* beside nothing, and return what was told."""
    told = list[str]()
    with running(services, told.append, told.append):
        pass
    return told


def is_gone(pid: int) -> bool:
    """Return whether the process ends within a while; nobody may have taken notice of that yet."""
    for _ in range(500):
        with suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_when_it_is_ready(service: Callable[..., Service], tmp_path: Path) -> None:
    """A port answers, the output has a line, a command succeeds, or nobody asked; the next one starts after that."""
    port, mark = free_port(), tmp_path / "mark"
    marking = f"import pathlib, time; time.sleep(.2); pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    probe = (sys.executable, "-c", f"import pathlib, sys; sys.exit(not pathlib.Path({str(mark)!r}).exists())")
    told = _run(
        service(SERVE, port, port=port, name="port"),
        service("import time; print('almost\\nready now'); time.sleep(60)", pattern=r"^ready \w+$", name="output"),
        service(marking, probe=probe, name="probe"),
        service(f"assert {str(mark)!r}; {SLEEP}", name="plain"),
    )
    names = [(line.split("`")[1], "is ready after" in line) for line in told]
    assert names == [
        *(("port", False), ("port", True), ("output", False), ("output", True)),
        *(("probe", False), ("probe", True), ("plain", False)),
    ]
    assert not background._answers(port)


@pytest.mark.parametrize(
    ("code", "options", "sentence"),
    [
        (
            "print('a\\n\\x1b[1mb'); raise SystemExit(3)",
            {},
            "ended before it was ready, with exit code 3:\n  a\n  \\x1b[1mb",
        ),
        ("pass", {}, "ended before it was ready, with exit code 0"),
        ("import os; os.kill(os.getpid(), 9)", {}, "ended before it was ready, with exit code 137"),
        (f"print('x'); {SLEEP}", {"timeout": 1}, "was not ready after 1 second:\n  x"),
    ],
)
def test_what_is_never_ready(
    service: Callable[..., Service], code: str, options: dict[str, Any], sentence: str
) -> None:
    """The error has the end of its output, and says where the rest is; an end without a fault is told where it belongs."""
    with pytest.raises(BackgroundError) as caught:
        _run(service(code, pattern="never", **options))
    assert caught.value.sentence == f"`it` in the background {sentence}"
    assert caught.value.hint.startswith("its output is in `")
    assert ("belongs in `before`" in caught.value.hint) is (code == "pass")


def test_what_does_not_start(service: Callable[..., Service], tmp_path: Path) -> None:
    """A file that is not a program ends at once, and a log that cannot be written is told."""
    no_program = tmp_path / "no-program"
    no_program.write_text("x")
    no_program.chmod(0o755)
    started = service("", pattern="ready")
    with pytest.raises(BackgroundError, match=r"exit code 127:\n  .*no-program does not start: Exec format error"):
        _run(Service(**{**vars(started), "words": (str(no_program),)}))
    (tmp_path / "file").touch()
    with pytest.raises(BackgroundError, match="does not start: "):
        _run(Service(**{**vars(started), "log": tmp_path / "file" / "x.log"}))


def test_a_port_that_is_taken(service: Callable[..., Service]) -> None:
    """What answers there already would be taken for the service."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BackgroundError) as caught:
            _run(service(SLEEP, port=port))
    assert caught.value.sentence == f"`it` in the background would use the port {port}, which something else uses"
    assert caught.value.hint == "`{port}` is a port that is free in each run"


def test_what_ends_beside_the_commands(service: Callable[..., Service]) -> None:
    """It is an error when somebody looks, and at the end; after another error it is only told, as it may be the cause."""
    dying = service("print('ready'); raise SystemExit(4)", pattern="ready")
    sentence = "`it` in the background ended while the session ran, with exit code 4:\n  ready"
    told = list[str]()

    def wait_for_it(check: Callable[[], None]) -> None:
        while True:
            check()
            time.sleep(0.01)

    with pytest.raises(BackgroundError) as caught, running([dying], told.append, told.append) as check:
        wait_for_it(check)
    assert caught.value.sentence == sentence

    def fail_for_another_reason(check: Callable[[], None]) -> None:
        with suppress(BackgroundError):
            wait_for_it(check)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), running([dying], told.append, told.append) as check:
        fail_for_another_reason(check)
    assert told[-1].startswith(sentence)


FAMILY = """
import pathlib, signal, subprocess, sys, time
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = "import signal, time; signal.signal(15, signal.SIG_IGN) if {} else None; print('on', flush=True); time.sleep(60)"
process = subprocess.Popen([sys.executable, "-c", child.format("stubborn" in sys.argv)])
print("pid", process.pid, flush=True)
time.sleep(60 if "leaves" not in sys.argv else 0)
"""


@pytest.mark.parametrize("kind", ["obeys", "stubborn", "leaves"])
def test_all_that_it_started_is_ended(
    service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Its children are ended with it, also where neither heeds the request, and where it ended before they did."""
    monkeypatch.setattr(background, "GRACE", 0.3 if kind == "stubborn" else 10)
    family = service(FAMILY, kind, pattern=r"pid \d+\n(?:.*\n)*?on|on\n(?:.*\n)*?pid \d+")
    with suppress(BackgroundError):
        _run(family)
    pid = int(family.log.read_text().partition("pid ")[2].split()[0])
    assert is_gone(pid)


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_whoever_started_it_is_killed(tmp_path: Path, number: str) -> None:
    """The system closes the pipe of a process that is killed, and what that ran in the background is ended."""
    code = f"""
import os, sys, time
from pathlib import Path
from wsnox.noxfile.background import Service, running
words = (sys.executable, "-u", "-c", "import os, time; print('pid', os.getpid()); time.sleep(60)")
log = Path({str(tmp_path)!r}) / "log"
service = Service(name="it", words=words, env={{**os.environ}}, directory=Path(), log=log, timeout=30, pattern="pid")
with running([service], print, print):
    print("runs", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "runs\n" in iter(process.stdout.readline, "")
        process.send_signal(getattr(signal, number))
    assert is_gone(int((tmp_path / "log").read_text().split()[1]))


@pytest.mark.parametrize(
    ("ready", "expected"),
    [
        (None, (None, None, None)),
        (Ready("port", "{port}"), (7, None, None)),
        (Ready("output", "{port}"), (None, "{port}", None)),
        (Ready("command", "x {port}"), (None, None, ("/bin/x", "7"))),
    ],
)
def test_what_is_configured(tmp_path: Path, ready: Ready | None, expected: tuple[Any, ...]) -> None:
    """Placeholders are filled in commands, ports and paths; a regular expression has braces of its own."""

    def fill(text: str) -> str:
        return text.replace("{port}", "7")

    def words(command: Any) -> tuple[str, ...]:
        program, *rest = fill(command).split()
        return (f"/bin/{program}", *rest)

    for log, path in ((None, tmp_path / "logs" / "db.log"), ("a/{port}", tmp_path / "a" / "7")):
        configured = Background(name="db", command="serve {port}", ready=ready, timeout=5, log=log)
        service = service_of(configured, env={}, directory=tmp_path, logs=tmp_path / "logs", fill=fill, words=words)
        assert (service.port, service.pattern, service.probe) == expected
        assert (service.name, service.words, service.timeout, service.log) == ("db", ("/bin/serve", "7"), 5, path)

"""A headless Chromium, driven by its own protocol through pipes: no driver and no library is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Browser", "browser", "needs_browser"]

_PROGRAM = next(filter(None, map(shutil.which, ("google-chrome", "chromium", "chromium-browser"))), None)

needs_browser = pytest.mark.skipif(
    _PROGRAM is None or sys.platform == "win32", reason="there is no Chromium that takes pipes"
)


# The protocol's descriptors are 3 and 4.
_START = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)


class Browser:
    """A browser with one page, which requests are sent to *send* and answered from *receive* (Chrome DevTools Protocol)."""

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = os.fdopen(send, "wb"), os.fdopen(receive, "rb")
        self._count, self._page = 0, ""
        self.events: list[dict[str, Any]] = []

    def begin(self) -> None:
        """Take a page."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._page = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to *method*; what happens meanwhile is noted in `events`."""
        self._count += 1
        page = {"sessionId": self._page} if self._page else {}
        request = {"id": self._count, "method": method, "params": parameters, **page}
        self._send.write(json.dumps(request).encode() + b"\0")
        self._send.flush()
        while (message := self._message()).get("id") != self._count:
            self.events.append(message)
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    def open(self, page: Path, *, width: int, scheme: str) -> None:
        """Show *page* in a window of this *width*, to somebody who likes it ``light`` or ``dark``."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        while "Page.loadEventFired" not in {event.get("method") for event in self.events}:
            self.events.append(self._message())

    def value(self, expression: str) -> Any:
        """Return the value of a JavaScript *expression* on the page, as a person's click would evaluate it."""
        options = {"returnByValue": True, "awaitPromise": True, "userGesture": True}
        answer = self.call("Runtime.evaluate", expression=expression, **options)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    @property
    def requested(self) -> list[str]:
        """The addresses that the page had the browser fetch, its own first."""
        sent = [event for event in self.events if event.get("method") == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def _message(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self._receive.read(1)) != b"\0":
            assert byte, "the browser ended"
            data += byte
        message: dict[str, Any] = json.loads(data)
        return message

    def close(self) -> None:
        """Let go of it."""
        self._send.close()
        self._receive.close()


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Run a browser with a *profile* of its own."""
    assert _PROGRAM
    (its_input, send), (receive, its_output) = os.pipe(), os.pipe()
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={profile}")
    process = subprocess.Popen(
        [sys.executable, "-c", _START, str(its_input), str(its_output), _PROGRAM, *options],
        pass_fds=(its_input, its_output),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(its_input)
    os.close(its_output)
    chromium = Browser(send, receive)
    try:
        chromium.begin()
        yield chromium
    finally:
        chromium.close()
        process.terminate()
        process.wait()

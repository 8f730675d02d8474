"""What ends a run of nox from outside: both signals interrupt it, as far as nobody else takes them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from wsnox.noxfile.interrupts import _Interrupts

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

BOTH = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Start from what Python itself has for both signals, and leave them as they were."""
    before = [signal.signal(signal.SIGINT, signal.default_int_handler), signal.signal(signal.SIGTERM, signal.SIG_DFL)]
    yield
    for number, handler in zip(BOTH, before, strict=True):
        signal.signal(number, handler)


def _watched() -> _Interrupts:
    interrupts = _Interrupts()
    interrupts.watch()
    return interrupts


def _send(number: int) -> None:
    os.kill(os.getpid(), number)


def test_sigterm_counts_once() -> None:
    """A second one must not interrupt what ends the command."""
    interrupts = _watched()
    with pytest.raises(KeyboardInterrupt):
        _send(signal.SIGTERM)
    _send(signal.SIGTERM)
    assert interrupts.came


def test_who_goes_on_all_the_same() -> None:
    """A command may end with 0 at Ctrl-C, and nox goes on; not at SIGTERM, but what cleans up after that is let run."""
    interrupts = _watched()
    with interrupts.heeded(), pytest.raises(KeyboardInterrupt):
        _send(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), interrupts.heeded(), pytest.raises(KeyboardInterrupt):
        _send(signal.SIGTERM)
    with interrupts.heeded():
        pass
    with pytest.raises(KeyboardInterrupt):
        interrupts.refuse_to_go_on()

    def take_the_result_of_a_child() -> None:
        interrupts.refuse_to_go_on()
        taken.append(True)

    taken = list[bool]()
    thread = threading.Thread(target=take_the_result_of_a_child)
    thread.start()
    thread.join()
    assert taken


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None], ids=["ignored", "handled"])
def test_others_who_take_the_signals(handler: Any) -> None:
    """What ignores or handles them, ignores or handles them still."""
    for number in BOTH:
        signal.signal(number, handler)
    _watched()
    assert [signal.getsignal(number) for number in BOTH] == [handler] * 2


def test_outside_of_the_main_thread() -> None:
    """Python lets no other thread handle signals: a nox that runs there does without."""
    thread = threading.Thread(target=_watched)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

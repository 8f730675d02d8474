"""Listening to commands: what happens to standard output, and to what was left behind."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os
import sys
import time
from wsnox.noxfile.tee import tee_stdout

def descriptors():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0

before = descriptors()
{body}
print("as before", file=sys.stderr)
assert descriptors() == before
"""


def _run(body: str, stdout: int) -> str:
    """Run *body* with standard output on the descriptor *stdout*, and return what was said on standard error."""
    program = PROGRAM.replace("{body}", body)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=False, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60)
    return done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="what is left behind differs")
def test_nobody_reads_any_more() -> None:
    """Where standard output was closed from the other side, as by ``head``, the failure of a command still counts."""
    body = """
try:
    with tee_stdout():
        os.write(1, b"x")
        time.sleep(0.5)
        raise LookupError
except LookupError:
    pass
"""
    source, into = os.pipe()
    os.close(source)
    try:
        assert _run(body, into) == "as before\n"
    finally:
        os.close(into)


def test_one_in_another() -> None:
    """Both hear it, it is passed on once, and no descriptor is left open."""
    body = """
with tee_stdout() as outer:
    with tee_stdout() as inner:
        os.write(1, b"No module named 'humps'")
    assert inner.text == "No module named 'humps'"
assert outer.text == inner.text
"""
    assert _run(body, subprocess.DEVNULL) == "as before\n"

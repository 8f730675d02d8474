"""Reading lockfiles and computing closures, as ratios against tomli and against `uv export`, in one run.

    python benchmarks/closures.py [WORKSPACE]

WORKSPACE is a directory with a lockfile; without it, one of 80 members is made. uv must be at hand for the last part.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tomli
from made import lockfile, seconds, workspace

from wsnox.closure import Request, Resolver, Root, Selection, lower
from wsnox.environment.isolation import find_uv
from wsnox.errors import TargetError
from wsnox.lock import parse_lock, read_lock
from wsnox.markers.target import describe
from wsnox.workspace import discover

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


def reading() -> None:
    """Compare reading a lockfile of 4 MB with what tomli alone takes for it."""
    text = lockfile(1800)
    ours = seconds(lambda: parse_lock(text.encode(), Path("uv.lock")))
    theirs = seconds(lambda: tomli.loads(text))
    print(f"reading {len(text) / 1e6:.1f} MB: {ours:.3f} s, tomli alone {theirs:.3f} s, ratio {ours / theirs:.2f}")


def growth() -> None:
    """Show what a package costs, from 100 to 100,000 of them."""
    target = describe("3.12", "linux")
    for count in (100, 1_000, 10_000, 100_000):
        content = lockfile(count).encode()
        runs = 3 if count <= 10_000 else 1
        read = seconds(lambda: parse_lock(content, Path("uv.lock")), runs)  # noqa: B023 - called at once
        lock = parse_lock(content, Path("uv.lock"))
        request = _request_for_all(lock.packages[0].name)
        walk = seconds(lambda: Resolver(lock, target).resolve(request), runs)  # noqa: B023 - called at once
        print(f"{count:>7} packages: read {read / count * 1e6:5.1f} us each, closure {walk / count * 1e6:5.2f} us each")


def _request_for_all(name: str) -> Request:
    return Request(roots=(Root(name=name),))


def against_uv(folder: Path) -> None:
    """Compare every member's closure on five Pythons with `uv export --frozen --package` for each member."""
    uv = find_uv()
    if uv is None:
        print("no uv at hand: nothing to compare closures with")
        return
    members = [member.name for member in discover(folder).members]
    start = time.perf_counter()
    count = _all_closures(folder, members)
    ours = (time.perf_counter() - start) / count
    sample = members[:: max(1, len(members) // 10)]
    command = [uv, "export", "--quiet", "--frozen", "--offline", "--no-hashes", "--package"]
    theirs = statistics.median(seconds(lambda: _run([*command, name], folder), 1) for name in sample)  # noqa: B023 - called at once
    print(
        f"{count} closures of {len(members)} members: {ours * 1e3:.2f} ms each, reading included; "
        f"uv export {theirs * 1e3:.1f} ms each, {theirs / ours:.0f} times as long"
    )


def _all_closures(folder: Path, members: list[str]) -> int:
    found, lock, count = discover(folder), read_lock(folder), 0
    for python in PYTHONS:
        try:
            resolver = Resolver(lock, describe(python, "linux"))
        except TargetError:
            continue
        for name in members:
            resolver.resolve(lower(found, lock, Selection(packages=(name,))))
            count += 1
    return count


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "UV_OFFLINE": "1"})


if __name__ == "__main__":
    reading()
    growth()
    with tempfile.TemporaryDirectory() as scratch:
        against_uv(Path(sys.argv[1]) if len(sys.argv) > 1 else workspace(Path(scratch), 80, 400))

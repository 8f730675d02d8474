"""What each command costs from ten members to a thousand, on four Pythons, beside hand-written sessions and uv's own.

    python benchmarks/scale.py [--members 10 100 300 1000] [--runs 5]

Nothing is installed but one member's environment, which has that member alone. Figures are medians of CPU time of whole
processes; the exponent is that of time over members, from the second size to the last, less what the smallest size
takes: 1 is linear. The last column is the most memory that the largest size took.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from made import workspace

from wsnox.environment.isolation import find_uv

if TYPE_CHECKING:
    from collections.abc import Sequence

UV = find_uv() or sys.exit("these benchmarks need uv")
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
BY_WSNOX = "import wsnox\n\nwsnox.sessions()\n"
BY_HAND = """
import nox

for name in {names}:
    @nox.session(name=name, python={pythons}, tags=["member"], reuse_venv=True)
    def tests(session):
        session.run("python", "-c", "pass")
"""


def made(folder: Path, members: int) -> Path:
    """Write a workspace of *members* with a lockfile, both noxfiles and one commit, and return it."""
    pythons = ", ".join(f'"{python}"' for python in PYTHONS)
    wsnox = f'pythons = [{pythons}]\ncommands = ["python -c pass"]'
    root = workspace(folder, members, max(400, members), wsnox=wsnox, block=20)
    (root / "noxfile.py").write_text(BY_WSNOX, encoding="utf-8")
    # A person writes one session a member; `:imports` is wsnox's own.
    names = [f"member-{number}" for number in range(members)]
    (root / "hand.py").write_text(BY_HAND.format(names=names, pythons=PYTHONS), encoding="utf-8")
    (root / ".gitignore").write_text(".nox/\n", encoding="utf-8")
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "all"]):
        identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost"]
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)
    return root


def commands() -> dict[str, list[str]]:
    """Return what is measured: a title, and the command."""
    python = [sys.executable, "-m"]
    return {
        "nox --version": [*python, "nox", "--version"],
        "nox -l": [*python, "nox", "-l"],
        "nox -l, by hand": [*python, "nox", "-f", "hand.py", "-l"],
        "nox -s one -l, by hand": [*python, "nox", "-f", "hand.py", "-s", "member-5-3.11", "-l"],
        "nox -s one -l": [*python, "nox", "-s", "member-5-3.11", "-l"],
        "wsnox --version": [*python, "wsnox", "--version"],
        "wsnox list": [*python, "wsnox", "list"],
        "wsnox check": [*python, "wsnox", "check"],
        "wsnox affected": [*python, "wsnox", "affected", "--since", "HEAD"],
        "wsnox matrix": [*python, "wsnox", "matrix", "--format", "github"],
        "wsnox closure": [*python, "wsnox", "closure", "member-5"],
        "wsnox closure --all-packages": [*python, "wsnox", "closure", "--all-packages"],
        "wsnox why": [*python, "wsnox", "why", "member-5", "package-10"],
        "uv workspace metadata": [UV, "workspace", "metadata", "--frozen", "--offline"],
        "uv export": [UV, "export", "--frozen", "--offline", "--package", "member-5"],
        "uv export --all-packages": [UV, "export", "--frozen", "--offline", "--all-packages"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }


def cost(command: Sequence[str], root: Path) -> tuple[float, int] | None:
    """Run *command* in *root*; return its CPU time in seconds and its memory in MiB, or nothing where it fails."""
    with subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        return None
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float | None:
    """Return the exponent of growth from the second of *sizes* to the last, or nothing where nothing grows."""
    if len(sizes) < 3 or costs[1] - costs[0] < 0.005 or costs[-1] <= costs[1]:
        return None
    grown = (costs[-1] - costs[0]) / (costs[1] - costs[0])
    return math.log(grown) / math.log((sizes[-1] - sizes[0]) / (sizes[1] - sizes[0]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="what each command costs as a workspace grows")
    parser.add_argument("--members", type=int, nargs="+", default=[10, 100, 300, 1000])
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    taken: dict[str, list[tuple[float, int] | None]] = {title: [] for title in commands()}
    with tempfile.TemporaryDirectory() as scratch:
        for members in given.members:
            root = made(Path(scratch) / str(members), members)
            for title, command in commands().items():
                runs = [cost(command, root) for _ in range(given.runs)]
                good = [run for run in runs if run is not None]
                failed = len(good) < len(runs)
                median = None if failed else (statistics.median(run[0] for run in good), max(run[1] for run in good))
                taken[title].append(median)
            shutil.rmtree(root)
    print(f"| CPU seconds | {' | '.join(map(str, given.members))} | exponent | MiB |")
    print(f"| --- | {'--- | ' * len(given.members)}--- | --- |")
    for title, measured in taken.items():
        shown = ["failed" if run is None else f"{run[0]:.3f}" for run in measured]
        whole = [run for run in measured if run is not None]
        growth = exponent(given.members, [run[0] for run in whole]) if len(whole) == len(measured) else None
        last = f"{whole[-1][1]}" if whole else ""
        print(f"| {title} | {' | '.join(shown)} | {'' if growth is None else f'{growth:.2f}'} | {last} |")


if __name__ == "__main__":
    main()

"""Whole runs of nox, from the start of the process to its end, against a fair hand-written noxfile, in one table.

    python benchmarks/whole.py [--members 10 30 100] [--commands pass sleep-0.3 …] [--runs 7]

Each member has 21 distributions of a pool of 60, from wheels that this builds itself. A row is alternated: one run of
wsnox, one by the recipe, *runs* times; what stands there are medians of wall time, and of the CPU time of the process
and all that it started. *Cold* has no environments, and uv's cache is filled; *warm* runs what the last run left.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import made  # noqa: F401 - lets every process keep what it compiles

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec, lock, write_workspace

BY_WSNOX = "import wsnox\n\nwsnox.sessions()\n"
# What a careful person writes: one session a member, `uv sync` of that member alone, nothing resolved, in parallel.
RECIPE = """
import nox

nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
for name in {names}:
    @nox.session(name=name, allow_parallel=True)
    def tests(session, name=name):
        env = {{"UV_PROJECT_ENVIRONMENT": session.virtualenv.location, "UV_PYTHON": session.virtualenv.location}}
        session.run_install("uv", "sync", "--frozen", "--exact", "--package", name, env=env, silent=True)
        session.run({command})
"""
COMPUTE = "import time; end = time.process_time() + {seconds}\nwhile time.process_time() < end: pass"
COMMANDS = {
    "pass": "pass",
    "sleep-0.3": "import time; time.sleep(0.3)",
    "compute-0.3": COMPUTE.format(seconds=0.3),
    "sleep-2": "import time; time.sleep(2)",
    "compute-2": COMPUTE.format(seconds=2),
}
POOL, EACH = 60, 20


@dataclass(frozen=True)
class Cost:
    """What one run took, in seconds: of the clock, and of processors."""

    wall: float
    cpu: float


def written(folder: Path, members: int, command: str) -> list[str]:
    """Write and lock a workspace of *members* in *folder*, with both noxfiles; return the members' names."""
    index = folder.parent / "index"
    if not index.exists():
        index.mkdir(parents=True)
        for number in range(POOL):
            files = ["__init__", *(f"part{part}" for part in range(19))]
            modules = {f"lib{number}/{file}.py": "x = 1\n" for file in files}
            build_wheel(index, Wheel(f"lib{number}", "1.0", modules=modules))
    names = [f"member-{number}" for number in range(members)]
    specs = [
        MemberSpec(name, dependencies=[f"lib{(number + step) % POOL}" for step in range(EACH)])
        for number, name in enumerate(names)
    ]
    argv = ["python", "-c", COMMANDS[command]]
    write_workspace(folder, specs, index=index, wsnox={"commands": [argv]})
    lock(folder)
    arguments = ", ".join(map(repr, argv))
    (folder / "noxfile.py").write_text(BY_WSNOX, encoding="utf-8")
    (folder / "recipe.py").write_text(RECIPE.format(names=names, command=arguments), encoding="utf-8")
    return names


def run(root: Path, noxfile: str, names: list[str], jobs: int, *, cold: bool) -> Cost:
    """Run the sessions of *names* by *noxfile* and return the cost."""
    envdir = root / f".nox-{noxfile}"
    if cold and envdir.exists():
        # Not removed: for a minute, ext4 looks past each directory that was removed whenever it makes one.
        envdir.rename(Path(tempfile.mkdtemp(dir=root.parent)) / envdir.name)
    parallel = ["-j", str(jobs)] if jobs > 1 else []
    command = [sys.executable, "-m", "nox", "-f", noxfile, "--envdir", str(envdir), *parallel, "-s", *names]
    # What was written before must not be in the way.
    os.sync()
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def row(root: Path, names: list[str], jobs: int, runs: int, *, cold: bool) -> tuple[Cost, Cost]:
    """Return the medians of *runs* alternated runs: by wsnox, and by the recipe."""
    ours, theirs = [], []
    for turn in range(runs + 1):
        pair = {}
        for noxfile in ("noxfile.py", "recipe.py") if turn % 2 else ("recipe.py", "noxfile.py"):
            pair[noxfile] = run(root, noxfile, names, jobs, cold=cold)
        if turn:  # the first fills the caches, or makes the environments
            ours.append(pair["noxfile.py"])
            theirs.append(pair["recipe.py"])
    return _median(ours), _median(theirs)


def _median(costs: list[Cost]) -> Cost:
    return Cost(statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs))


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    parser = argparse.ArgumentParser(description="whole runs of nox, against a hand-written noxfile")
    parser.add_argument("--members", type=int, nargs="+", default=[10, 30, 100])
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=["pass", "sleep-0.3", "compute-0.3"])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--states", nargs="+", choices=["cold", "warm"], default=["cold", "warm"])
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    print("| members | command | jobs | | wsnox | recipe | time | CPU |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        for members in given.members:
            for command in given.commands:
                root = Path(scratch) / f"{members}-{command}"
                names = written(root, members, command)
                for jobs in given.jobs:
                    for state in given.states:
                        ours, theirs = row(root, names, jobs, given.runs, cold=state == "cold")
                        print(
                            f"| {members} | {command} | {jobs} | {state} | {ours.wall:.2f} s | {theirs.wall:.2f} s"
                            f" | {ours.wall / theirs.wall:.2f} | {ours.cpu / theirs.cpu:.2f} |",
                            flush=True,
                        )


if __name__ == "__main__":
    main()

"""Sessions, warm and cold, and the loading of a noxfile, as ratios against uv and hand-written noxfiles, in one run.

    python benchmarks/sessions.py

Needs uv, and installs only tiny wheels that it builds itself.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from made import lockfile, seconds, workspace
from whole import BY_WSNOX, RECIPE

from wsnox.environment.isolation import find_uv
from wsnox.environment.lockfile import _last
from wsnox.environment.model import Job, Venv
from wsnox.environment.prepare import prepare
from wsnox.environment.stamp import remembered_proof
from wsnox.version import __version__
from wsnox.workspace import discover
from wsnox.workspace.model import MemberSelection
from wsnox.workspace.suite import Suite

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PASS = "'python', '-c', 'pass'"
UV = find_uv() or sys.exit("these benchmarks need uv")
LISTED = """
import nox

for name in {names}:
    @nox.session(name=name, python={pythons}, tags=["member"], reuse_venv=True)
    def tests(session):
        session.run("pytest")
"""


# Five real environments of 25 to 254 distributions have 23 to 26 files in the middle one, and 29 to 180 on average.
# Every tenth here is a large one.
_FILES, _FOLDERS = 20, 30

# Lockfiles of real workspaces with members of 50 to 72 distributions: the smallest, and the one in the middle of 190.
_LOCKFILES = (0.15, 0.5, 0.95)


def made(folder: Path, wheels: int, members: int = 1) -> Path:
    """Make and lock a workspace of *members*, each of which needs all of *wheels*; its wheels stand beside it."""
    index = folder / "index"
    index.mkdir(parents=True)
    for number in range(wheels):
        folders = [f"lib{number}", *(f"lib{number}/part{part}" for part in range(_FOLDERS if number % 10 == 9 else 0))]
        files = ["__init__", *(f"part{part}" for part in range(_FILES - 1))]
        modules = {f"{folder}/{file}.py": "x = 1\n" for folder in folders for file in files}
        build_wheel(index, Wheel(f"lib{number}", "1.0", modules=modules))
    needs = [f"lib{number}" for number in range(wheels)]
    specs = [MemberSpec(f"member-{number}", dependencies=needs) for number in range(members)]
    root = write_workspace(folder / "workspace", specs, index=index, wsnox={"commands": [["python", "-c", "pass"]]})
    lock(root)
    return root


def padded(root: Path, megabytes: float) -> None:
    """Let the lockfile in *root* grow to *megabytes* with packages that nothing needs."""
    text = (root / "uv.lock").read_text(encoding="utf-8").partition("# padding")[0]
    filler = lockfile(int(megabytes * 310)) if megabytes > 0.05 else ""
    start = filler.find('\n[[package]]\nname = "package-0"')
    (root / "uv.lock").write_text(f"{text}# padding\n{filler[start:] if filler else ''}", encoding="utf-8")


def job_at(root: Path, location: Path) -> Job:
    """Return the job of the first member's session, with the environment at *location*."""
    workspace = discover(root)
    return Job(
        label="benchmark",
        version=__version__,
        workspace=workspace,
        selections=(MemberSelection(member=workspace.members[0]),),
        root_groups=(),
        root_defaults=False,
        editable=True,
        require_fresh_lock=True,
        venv=Venv(location, location / "bin"),
        python_request=platform.python_version(),
        uv=UV,
        environ={},
    )


class Host:
    """The host of a preparation of *job*, without nox."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def may_install(self) -> bool:
        """Allow installs."""
        return True

    def install(self, *command: str) -> None:
        """Run *command* in the workspace root."""
        subprocess.run(command, cwd=self._job.workspace.root, check=True, capture_output=True)

    def recreate(self) -> None:
        """Recreate the environment."""
        self.install(UV, "venv", "--quiet", "--clear", "--python", sys.executable, str(self._job.venv.location))

    def on_closure(self, names: Sequence[str]) -> None:
        """Take every closure."""

    def log(self, message: str) -> None:
        """Show nothing."""


def synced(root: Path, location: Path) -> None:
    """Bring *location* to the first member's closure with uv alone."""
    command = [UV, "sync", "--quiet", "--frozen", "--exact", "--offline", "--package", "member-0"]
    outer = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(location), "UV_PYTHON": sys.executable}
    subprocess.run(command, cwd=root, check=True, env=outer, capture_output=True)


def cold(scratch: Path) -> None:
    """Compare preparing a session that has no environment with `uv sync`, uv's cache filled, over lockfiles of two sizes.

    At first no session of the checkout has run; then it is remembered that its lockfile is fresh. Each is a run of its own.
    """
    root = made(scratch / "one", 60)
    ours, theirs = scratch / "ours", scratch / "theirs"
    job = job_at(root, ours)

    def timed(location: Path, fill: Callable[[], object]) -> float:
        shutil.rmtree(location, ignore_errors=True)
        # What was written before must not be in the way.
        os.sync()
        return seconds(lambda: (created(location), fill()), 1)

    def created(location: Path) -> None:
        # nox makes the environment before either of the two begins.
        subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, str(location)], check=True)

    def first() -> float:
        (job.venv.shared / "fresh").unlink(missing_ok=True)
        return again()

    def again() -> float:
        _last.clear()
        return timed(ours, lambda: prepare(job, Host(job)))

    def uv() -> float:
        return timed(theirs, lambda: synced(root, theirs))

    for size in _LOCKFILES:
        padded(root, size)
        first(), uv()
        a, b, c = (
            statistics.median(side)
            for side in zip(*(rotated(turn, first, again, uv) for turn in range(12)), strict=True)
        )
        real = (root / "uv.lock").stat().st_size / 1e6
        print(
            f"cold, 61 distributions, lockfile of {real:.2f} MB: uv sync {c * 1e3:.0f} ms, the first session"
            f" {a * 1e3:.0f} ms, ratio {a / c:.2f}, another {b * 1e3:.0f} ms, ratio {b / c:.2f}"
        )


def whole(scratch: Path) -> None:
    """Compare a cold session under nox with the usual recipe, from the start of the process to its end."""
    root = made(scratch / "whole", 60)
    padded(root, _LOCKFILES[1])
    (root / "noxfile.py").write_text(BY_WSNOX, encoding="utf-8")
    (root / "recipe.py").write_text(RECIPE.format(names=["member-0"], command=PASS), encoding="utf-8")

    def run(noxfile: str) -> float:
        command = [sys.executable, "-m", "nox", "-f", noxfile, "--envdir", f".nox-{noxfile}", "-s", "member-0"]
        os.sync()
        return seconds(lambda: subprocess.run(command, cwd=root, check=True, capture_output=True), 1)

    def first() -> float:
        shutil.rmtree(root / ".nox-noxfile.py", ignore_errors=True)
        return run("noxfile.py")

    def again() -> float:
        shutil.rmtree(root / ".nox-noxfile.py" / "member-0")
        return run("noxfile.py")

    def recipe() -> float:
        shutil.rmtree(root / ".nox-recipe.py", ignore_errors=True)
        return run("recipe.py")

    first(), recipe()
    a, b, c = (
        statistics.median(side)
        for side in zip(*(rotated(turn, first, again, recipe) for turn in range(9)), strict=True)
    )
    print(
        f"nox -s, cold, 61 distributions, lockfile of {_LOCKFILES[1]} MB: by the recipe {c * 1e3:.0f} ms, the first"
        f" session {a * 1e3:.0f} ms, ratio {a / c:.2f}, another {b * 1e3:.0f} ms, ratio {b / c:.2f}"
    )


def rotated(turn: int, *measures: Callable[[], float]) -> list[float]:
    """Return what each of *measures* gives, begun with another one each *turn*: a disk has to recover from the last."""
    order = [(turn + number) % len(measures) for number in range(len(measures))]
    found = {number: measures[number]() for number in order}
    return [found[number] for number in range(len(measures))]


def warm(scratch: Path) -> None:
    """Compare preparing a session whose environment is proven with a `uv sync` that finds nothing to do."""
    root = made(scratch / "warm", 60)
    ours, theirs = scratch / "ours", scratch / "theirs"
    job = job_at(root, ours)
    Host(job).recreate(), synced(root, theirs)
    for size in (0.02, 0.5, 1, 4):
        padded(root, size)
        prepare(job, Host(job))
        if remembered_proof(job) is None:
            sys.exit("the environment is not warm")
        pairs = [(seconds(lambda: remembered_proof(job)), seconds(lambda: synced(root, theirs), 1)) for _ in range(9)]
        mine, noop = (statistics.median(side) for side in zip(*pairs, strict=True))
        real = (root / "uv.lock").stat().st_size / 1e6
        print(
            f"warm, lockfile of {real:.2f} MB: {mine * 1e3:.1f} ms, uv sync {noop * 1e3:.1f} ms, ratio {mine / noop:.3f}"
        )


def twenty(scratch: Path) -> None:
    """Compare twenty warm sessions under nox with the usual recipe."""
    root = made(scratch / "twenty", 5, members=20)
    names = [f"member-{number}" for number in range(20)]
    (root / "noxfile.py").write_text(BY_WSNOX, encoding="utf-8")
    (root / "recipe.py").write_text(RECIPE.format(names=names, command=PASS), encoding="utf-8")

    def run(noxfile: str) -> None:
        command = [sys.executable, "-m", "nox", "-f", noxfile, "--envdir", f".nox-{noxfile}", "-s", *names]
        subprocess.run(command, cwd=root, check=True, capture_output=True)

    run("noxfile.py"), run("recipe.py")
    ours, theirs = seconds(lambda: run("noxfile.py"), 5), seconds(lambda: run("recipe.py"), 5)
    print(f"twenty warm sessions: {ours:.2f} s, by the recipe {theirs:.2f} s, ratio {ours / theirs:.2f}")


def listing(scratch: Path) -> None:
    """Compare `nox -l` for 100 members on four Pythons with as many hand-written sessions of the same names."""
    pythons = ["3.10", "3.11", "3.12", "3.13"]
    root = workspace(scratch / "hundred", 100, 400, wsnox=f"pythons = {pythons}".replace("'", '"'))
    (root / "noxfile.py").write_text(BY_WSNOX, encoding="utf-8")
    names = [spec.name for spec in Suite(discover(root)).configured()]
    (root / "listed.py").write_text(LISTED.format(names=names, pythons=pythons), encoding="utf-8")

    def run(noxfile: str, *options: str) -> None:
        command = [sys.executable, "-m", "nox", "-f", noxfile, *options]
        subprocess.run(command, cwd=root, check=True, capture_output=True)

    pairs = [
        (seconds(lambda: run("noxfile.py", "-l"), 1), seconds(lambda: run("listed.py", "-l"), 1)) for _ in range(9)
    ]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(
        f"nox -l, 100 members on 4 Pythons, {len(names)} sessions on each: {ours:.3f} s, hand-written {theirs:.3f} s, ratio {ours / theirs:.2f}"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        listing(Path(folder))
        cold(Path(folder))
        whole(Path(folder))
        warm(Path(folder))
        twenty(Path(folder))

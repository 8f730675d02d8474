"""What must run again, as ratios in one run: the answer against tomli alone, and whole runs against running everything.

    python benchmarks/affected.py [MEMBERS]

Needs git and uv, and installs only tiny wheels that it builds itself. MEMBERS (100) is the size of the whole runs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import tomli
from made import lockfile, seconds, workspace

from wsnox.affected.since import Since
from wsnox.workspace import discover
from wsnox.workspace.suite import Suite, suite_of

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES = 1600


def git(root: Path, *words: str) -> None:
    """Run git in *root* as somebody."""
    identity = ("-c", "user.name=made", "-c", "user.email=made@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


def answer(root: Path) -> list[str]:
    """Return which sessions of the workspace at *root* the work tree affects."""
    found = Since(suite_of(discover(root)), "HEAD").affected(Suite.configured)
    return [each.run.title for each in found.runs]


def answering(scratch: Path) -> None:
    """Compare the answer for 100 members and a lockfile of 4 MB on both sides with reading both with tomli."""
    made = lockfile(PACKAGES, 100)
    # Closures of the size that real workspaces have; and the worst, where most hold most of 1,600 packages.
    shapes = (
        ("small closures", _parted(made)),
        ("large closures", made),
        ("large closures and a conflict", _conflicting(made)),
    )
    for shape, text in shapes:
        root = workspace(scratch / shape, 100, PACKAGES, wsnox='lock = "frozen"')
        (root / "uv.lock").write_text(text, encoding="utf-8")
        git(root, "init", "-q"), git(root, "add", "."), git(root, "commit", "-q", "-m", "made")
        for change, now in _changes(text):
            (root / "uv.lock").write_text(now, encoding="utf-8")
            print(f"{shape}, {change}: {_answered(root, text, now)}")


def _changes(text: str) -> tuple[tuple[str, str], ...]:
    return (
        ("no change", text),
        ("a package of some", _bumped(text, PACKAGES * 3 // 4)),
        ("a package of everybody", _bumped(text, 15)),
        ("all packages", text.replace("-1.0", "-1.1").replace('"1.0"', '"1.1"')),
    )


def _answered(root: Path, before: str, now: str) -> str:
    ours, theirs = _pairs(lambda: answer(root), lambda: (tomli.loads(before), tomli.loads(now)))
    found = Since(suite_of(discover(root)), "HEAD").affected(Suite.configured)
    return (
        f"{len(before) / 1e6:.1f} MB on both sides, {len(found.runs)} of {found.total} sessions: "
        f"{ours:.2f} s, tomli for both {theirs:.2f} s, ratio {ours / theirs:.2f}"
    )


def _parted(text: str) -> str:
    """Return the lockfile *text* with closures of the size that real workspaces have: edges stay among 64 neighbours.

    All members share the first neighbours, by their dev group.
    """
    parts = re.split(r"(?=\n\[\[package\]\]\n)", text)
    return "".join(_near(part) for part in parts)


def _conflicting(text: str) -> str:
    """Return the lockfile *text* with two extras that exclude each other, one of which every hundredth edge is for."""
    items = "".join(f'    {{ package = "member-0", extra = "{extra}" }},\n' for extra in ("cpu", "gpu"))
    conflicts = f"conflicts = [[\n{items}]]\n\n[manifest]"
    edges = iter(range(len(text)))
    marked = """, marker = "extra == 'extra-8-member-0-cpu'" },"""
    return re.sub(
        r'(?<=^    \{ name = )("package-\d+") \},$',
        lambda found: f"{found[1]}{marked}" if next(edges) % 100 == 99 else found[0],
        text.replace("[manifest]", conflicts, 1),
        flags=re.MULTILINE,
    )


def _near(part: str) -> str:
    own = re.match(r'\n\[\[package\]\]\nname = "package-(\d+)"', part)
    if own is None:
        return part
    block = int(own[1]) // 64
    edge = re.compile(r'    \{ name = "package-(\d+)"[^\n]*\n')
    return edge.sub(lambda found: found[0] if int(found[1]) // 64 == block else "", part)


def _pairs(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Return the least times of both, measured in turns: a busy machine is busy for both, and only ever adds."""
    pairs = [(seconds(one, 1), seconds(other, 1)) for _ in range(7)]
    first, second = (min(side) for side in zip(*pairs, strict=True))
    return first, second


def _bumped(text: str, number: int) -> str:
    start = text.index(f'\n[[package]]\nname = "package-{number}"\n')
    end = text.find("\n[[package]]", start + 1)
    return text[:start] + text[start:end].replace("1.0", "1.1") + text[end if end > 0 else len(text) :]


def running(scratch: Path, members: int) -> None:
    """Compare whole warm runs after a change of one file, and of one package, with running everything."""
    index = scratch / "index"
    index.mkdir()
    for number in range(10):
        for version in ("1.0", "2.0"):
            build_wheel(index, Wheel(f"lib{number}", version, modules={f"lib{number}.py": f"v = {version!r}\n"}))
    root = write_workspace(scratch / "runs", _specs(members, "1.0"), index=index, wsnox=_WSNOX)
    (root / "noxfile.py").write_text("import wsnox\n\nwsnox.sessions()\n", encoding="utf-8")
    (root / ".gitignore").write_text(".nox/\n__pycache__/\n*.egg-info/\n", encoding="utf-8")
    lock(root)
    git(root, "init", "-q"), git(root, "add", "."), git(root, "commit", "-q", "-m", "made")
    everything = cold(root, nox), seconds(lambda: nox(root), 3)
    print(f"{members} members, everything: cold {everything[0]:.1f} s, warm {everything[1]:.1f} s")
    middle = members // 2
    (root / f"packages/member-{middle}/src/member_{middle}.py").write_text("x = 2\n", encoding="utf-8")
    warm = seconds(lambda: affected(root), 3)
    print(_compared("one file", answer(root), everything, (cold(root, affected), warm)))
    git(root, "checkout", "-q", ".")
    nox(root)
    write_workspace(root, _specs(members, "2.0"), index=index, wsnox=_WSNOX)
    lock(root)
    warm, names = seconds(lambda: affected(root), 1), answer(root)
    git(root, "stash", "-q"), nox(root), git(root, "stash", "pop", "-q")
    # With another lockfile, every environment is proven again.
    everything = everything[0], seconds(lambda: nox(root), 1)
    print(_compared("one package", names, everything, (cold(root, affected), warm)))


def cold(root: Path, step: Callable[[Path], object]) -> float:
    """Return the time that *step* takes in *root* without any environment, in seconds."""
    shutil.rmtree(root / ".nox", ignore_errors=True)
    return seconds(lambda: step(root), 1)


_WSNOX = {"commands": [["python", "-c", "pass"]], "default-packages": ["member-0"]}


def _specs(members: int, version: str) -> list[MemberSpec]:
    """Return members of which each tenth needs the same package; the last of ten packages is the one that is bumped."""
    versions = dict.fromkeys(range(9), "1.0") | {9: version}
    return [
        MemberSpec(f"member-{number}", dependencies=[f"lib{number % 10}=={versions[number % 10]}", *_sibling(number)])
        for number in range(members)
    ]


def _sibling(number: int) -> list[str]:
    """Return the member that every tenth and its two followers need."""
    return [f"member-{number - 1}"] if number % 10 in {1, 2} else []


def nox(root: Path, *options: str) -> None:
    """Run nox in *root*."""
    subprocess.run([sys.executable, "-m", "nox", *options], cwd=root, check=True, capture_output=True)


def affected(root: Path) -> None:
    """Run what is affected, as the documentation has it."""
    command = [sys.executable, "-m", "wsnox", "affected", "--since", "HEAD"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, encoding="utf-8").stdout
    nox(root, "-s", *re.split(r"\s+", names.strip()))


def _compared(what: str, names: list[str], everything: tuple[float, float], told: tuple[float, float]) -> str:
    both = (
        f"{word} {ours:.1f} s against {theirs:.1f} s, ratio {ours / theirs:.2f}"
        for word, ours, theirs in zip(("cold", "warm"), told, everything, strict=True)
    )
    return f"after a change of {what}, {len(names)} sessions, the answer included: {'; '.join(both)}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        answering(Path(folder))
        running(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 100)

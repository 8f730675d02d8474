"""What uv and pip are started with: one command a sync, and lines that install one distribution each, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.makers import COMMIT, closure_of, installed_of, job_of, package, wheel_of
from wsnox.environment import installers
from wsnox.environment.installers import PipInstaller, UvInstaller, requirement
from wsnox.environment.pylock import pylock
from wsnox.environment.site_packages import Distribution, Installed
from wsnox.environment.verify import Difference, Mismatch, compare
from wsnox.lock import Archive, Artifact, Directory, Git, Registry, Url

if TYPE_CHECKING:
    from wsnox.environment.model import Job
    from wsnox.lock import Package

LOCAL = Registry("../wheels")
SDIST = Artifact("a-1.0.tar.gz", url="https://files/a.tar.gz", hash="sha256:bb")
WHEEL = wheel_of("a", url="https://files/a.whl")


@pytest.mark.parametrize(
    ("locked", "root", "line"),
    [
        (package("a", wheels=[WHEEL]), "/w", "a==1.0 --hash=sha256:aa"),
        (package("a", wheels=[WHEEL], sdist=SDIST), "/w", "a==1.0 --hash=sha256:aa --hash=sha256:bb"),
        (package("a", sdist=SDIST), "/w", "a==1.0 --hash=sha256:bb"),
        (package("a", "1.0", LOCAL, wheels=[wheel_of("a", path="a.whl", digest="")]), "/w", "a==1.0 --hash=sha256:ee"),
        (package("a", "1.0", LOCAL, wheels=[wheel_of("a", path="other.whl", digest="")]), "/w", "a==1.0"),
        (package("a", "1.0", Directory("packages/a", editable=True)), "/w", "-e /w/packages/a"),
        (package("a", "1.0", Directory("packages/a b", editable=True)), "/w", "-e /w/packages/a\\ b"),
        (package("a", None, Directory("../a", editable=False)), "/w", "a @ file:///a"),
        (package("a", None, Directory("a b#c", editable=False)), "/w", "a @ file:///w/a%20b%23c"),
        # A drive letter in a URL has three slashes before it.
        (package("a", "1.0", Directory("a", editable=False)), "C:/w", "a @ file:///C:/w/a"),
        (package("a", "1.0", Archive("dist/a.whl"), wheels=[WHEEL]), "/w", "a @ file:///w/dist/a.whl --hash=sha256:aa"),
        (package("a", "1.0", Url("https://h/a.zip", "sub"), sdist=SDIST), "/w", "a @ https://h/a.zip#subdirectory=sub --hash=sha256:bb"),
        (package("a", "1.0", Git("https://h/a", COMMIT, "sub", requested="main")), "/w", f"a @ git+https://h/a@{COMMIT}#subdirectory=sub"),
        (package("a", "1.0", Git("ssh://git@h/a", COMMIT)), "/w", f"a @ git+ssh://git@h/a@{COMMIT}"),
    ],
)  # fmt: skip
def test_requirement(locked: Package, root: str, line: str) -> None:
    """Each kind of source has a line that names one file or tree, with the hashes that the lockfile gives."""
    assert requirement(locked, root, {"/wheels/a.whl": "sha256:ee"}) == line


class _Recorded:
    """An install that starts nothing, and remembers what would have been started, with the lines of its requirements."""

    def __init__(self, job: Job) -> None:
        self.commands, self._python = list[str](), str(job.venv.python)

    def __call__(self, *command: str) -> None:
        always = ("--disable-pip-version-check", "--no-input", "--force-reinstall")
        words = " ".join("python" if word == self._python else word for word in command if word not in always)
        head, has_file, file = words.partition(" -r ")
        lines = Path(file).read_text(encoding="utf-8").splitlines() if has_file else []
        self.commands.append(" | ".join([head.removeprefix("python -m pip "), *lines]))


def _by_pip(tmp_path: Path, installed: Installed, *locked: Package, outdated: tuple[str, ...] = ()) -> list[str]:
    """Return what pip is started with where *installed* is to become *locked*."""
    job = job_of(tmp_path)
    run = _Recorded(job)
    installer = PipInstaller(run, job.venv, job.workspace, {})
    closure = closure_of(*locked)
    difference = compare(closure, installed, root="/w", keep=installer.keep, doubts={})
    installer.sync(closure, difference, frozenset(outdated))
    return run.commands


def test_only_the_difference_is_touched(tmp_path: Path) -> None:
    """What is extraneous or wrong goes first, what is missing or wrong comes after; each index in a call of its own."""
    kept = package("there", wheels=[wheel_of("there", url="https://files/t.whl")])
    wrong = package("wrong", "2.0", wheels=[wheel_of("wrong", url="https://files/w.whl")])
    other_index = Registry("https://other/simple")
    other = package("other", "1.0", other_index, wheels=[wheel_of("other", url="https://files/o.whl")])
    flat = package("flat", "1.0", LOCAL, sdist=SDIST)
    member = package("member", "1.0", Directory("m", editable=True))
    archive = package("archive", "1.0", Url("https://h/a.whl"), wheels=[wheel_of("archive", digest="sha256:cc")])
    unhashed = package("unhashed", "1.0", Git("https://h/g", COMMIT))
    extraneous = (Distribution("wrong", "1.0", str(tmp_path), {}), Distribution("wheel", "0.4", str(tmp_path), {}))
    installed = Installed((*installed_of(closure_of(kept), tmp_path, "/w").distributions, *extraneous), ())
    assert _by_pip(tmp_path, installed, kept, wrong, other, flat, member, archive, unhashed) == [
        "uninstall --yes wheel wrong",
        "install --no-deps --no-index --find-links /wheels --require-hashes | flat==1.0 --hash=sha256:bb",
        "install --no-deps --index-url https://other/simple --require-hashes | other==1.0 --hash=sha256:aa",
        "install --no-deps --index-url https://registry.example/simple --require-hashes | wrong==2.0 --hash=sha256:aa",
        "install --no-deps --require-hashes | archive @ https://h/a.whl --hash=sha256:cc",
        "install --no-deps | -e /w/m",
        f"install --no-deps | unhashed @ git+https://h/g@{COMMIT}",
    ]


def test_pip_and_what_has_the_right_version(tmp_path: Path) -> None:
    """Pip stays, and is replaced without being removed first; what is outdated is installed again, and nothing else."""
    pip = Installed((Distribution("pip", "23.0", str(tmp_path), {}),), ())
    assert _by_pip(tmp_path, pip) == []
    locked = package("pip", "24.0", wheels=[wheel_of("pip", "24.0", url="https://files/pip.whl")])
    index = "--index-url https://registry.example/simple --require-hashes"
    assert _by_pip(tmp_path, pip, locked) == [f"install --no-deps {index} | pip==24.0 --hash=sha256:aa"]
    member = package("member", "1.0", Directory("m", editable=True))
    other = package("other", "1.0", Directory("o", editable=True))
    indexed = package("indexed", wheels=[wheel_of("indexed", url="https://files/i.whl")])
    installed = installed_of(closure_of(member, other, indexed), tmp_path, "/w")
    assert _by_pip(tmp_path, installed, member, other, indexed, outdated=("member", "indexed")) == [
        # pip installs a tree again by itself.
        "uninstall --yes indexed",
        f"install --no-deps {index} | indexed==1.0 --hash=sha256:aa",
        "install --no-deps | -e /w/m",
    ]


def test_uv(tmp_path: Path) -> None:
    """A sync is one ``uv pip sync`` of the plan, which stays for a person to read; repairing names what differs, once each."""
    job = job_of(tmp_path, uv="uv")
    run = _Recorded(job)
    installer = UvInstaller(run, job.venv, job.workspace, {}, uv="uv", requires_python=">=3.10")
    plan, sync = job.venv.folder / "pylock.toml", "uv pip sync --python python --allow-empty-requirements"
    closure = closure_of(package("a", wheels=[wheel_of("a", url="https://files/a.whl")]))
    installer.sync(closure, Difference(), frozenset())
    assert 'name = "a"' in plan.read_text(encoding="utf-8")
    installer.sync(closure, Difference(), frozenset({"a"}))
    wheel = Distribution("wheel", "1", str(tmp_path), {})
    wrong = Mismatch(package("c"), (wheel,), "installed as 1")
    difference = Difference(extraneous=(wheel, wheel), wrong=(wrong,), missing=(package("b"),))
    installer.repair(closure_of(package("b"), package("c")), difference)
    installer.repair(closure_of(), Difference(strays=(tmp_path,)))
    assert run.commands == [
        f"{sync} {plan}",
        f"{sync} --reinstall-package a {plan}",
        "uv pip uninstall --python python wheel",
        f"{sync} --reinstall-package b --reinstall-package c {plan}",
    ]


@pytest.mark.parametrize(("user", "written"), [("", 1), ("user:secret@", 2), ("token@", 2)])
def test_the_plan_of_uv_is_made_again_only_for_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, written: int
) -> None:
    """It names thousands of files; what stays of it has no credentials, which uv has seen."""
    made, seen = list[bytes](), list[str]()

    def counted(*arguments: Any, **options: Any) -> bytes:
        made.append(pylock(*arguments, **options))
        return made[-1]

    def run(*command: str) -> None:
        seen.append(Path(command[-1]).read_text(encoding="utf-8"))

    monkeypatch.setattr(installers, "pylock", counted)
    job = job_of(tmp_path, uv="uv")
    url = f"https://{user}files/a.whl"
    installer = UvInstaller(run, job.venv, job.workspace, {}, uv="uv", requires_python="")
    installer.sync(closure_of(package("a", wheels=[wheel_of("a", url=url)])), Difference(), frozenset())
    left = (job.venv.folder / "pylock.toml").read_text(encoding="utf-8")
    assert (len(made), url in seen[0], "https://files/a.whl" in left) == (written, True, True)

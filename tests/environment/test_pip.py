"""pip's requirement lines: each installs one distribution, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.environment.makers import COMMIT, closure_of, installed_of, package, wheel_of
from wsnox.environment.pip import PipInstaller, requirement
from wsnox.environment.site_packages import Distribution, Installed
from wsnox.environment.verify import compare
from wsnox.lock import Archive, Artifact, Directory, Git, Registry, Url

if TYPE_CHECKING:
    from wsnox.lock import Package

LOCAL = Registry("../wheels")
SDIST = Artifact("a-1.0.tar.gz", url="https://files/a.tar.gz", hash="sha256:bb")


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (package("a", wheels=[wheel_of("a", url="https://files/a.whl")]), "a==1.0 --hash=sha256:aa"),
        (
            package("a", wheels=[wheel_of("a", url="https://files/a.whl")], sdist=SDIST),
            "a==1.0 --hash=sha256:aa --hash=sha256:bb",
        ),
        (package("a", sdist=SDIST), "a==1.0 --hash=sha256:bb"),
        (package("a", "1.0", LOCAL, wheels=[wheel_of("a", path="a.whl", digest="")]), "a==1.0 --hash=sha256:ee"),
        (package("a", "1.0", LOCAL, wheels=[wheel_of("a", path="other.whl", digest="")]), "a==1.0"),
        (package("a", "1.0", Directory("packages/a", editable=True)), "-e /w/packages/a"),
        (package("a", "1.0", Directory("packages/a b", editable=True)), "-e /w/packages/a\\ b"),
        (package("a", None, Directory("../a", editable=False)), "a @ file:///a"),
        (package("a", None, Directory("a b#c", editable=False)), "a @ file:///w/a%20b%23c"),
        (package("a", "1.0", Archive("dist/a.whl"), wheels=[wheel_of("a")]), "a @ file:///w/dist/a.whl --hash=sha256:aa"),
        (package("a", "1.0", Url("https://h/a.zip", "sub"), sdist=SDIST), "a @ https://h/a.zip#subdirectory=sub --hash=sha256:bb"),
        (package("a", "1.0", Git("https://h/a", COMMIT, "sub", requested="main")), f"a @ git+https://h/a@{COMMIT}#subdirectory=sub"),
        (package("a", "1.0", Git("ssh://git@h/a", COMMIT)), f"a @ git+ssh://git@h/a@{COMMIT}"),
    ],
)  # fmt: skip
def test_requirement(wanted: Package, line: str) -> None:
    """Each kind of source has a line that names one file or tree, with the hashes that the lockfile gives."""
    assert requirement(wanted, "/w", {"/wheels/a.whl": "sha256:ee"}) == line


def test_requirement_on_windows() -> None:
    """A drive letter in a URL has three slashes before it."""
    assert requirement(package("a", "1.0", Directory("a", editable=False)), "C:/w", {}) == "a @ file:///C:/w/a"


class _Recorded:
    """An install that starts nothing, and remembers what would have been started, with the lines of its requirements."""

    def __init__(self) -> None:
        self.commands = list[str]()

    def __call__(self, *command: str) -> None:
        always = ("--disable-pip-version-check", "--no-input", "--force-reinstall")
        words = " ".join(word for word in command if word not in always)
        head, found, file = words.partition(" -r ")
        lines = Path(file).read_text(encoding="utf-8").splitlines() if found else []
        self.commands.append(" | ".join([head.removeprefix("python -m pip "), *lines]))


def _synced(tmp_path: Path, installed: Installed, *wanted: Package, outdated: tuple[str, ...] = ()) -> list[str]:
    """Return what pip is started with where *installed* is to become *wanted*."""
    install = _Recorded()
    installer = PipInstaller(
        install, Path("python"), folder=tmp_path / "environment", shared=tmp_path / "shared", root="/w", digests={}
    )
    closure = closure_of(*wanted)
    difference = compare(closure, installed, root="/w", keep=installer.keep)
    installer.sync(closure, difference, frozenset(outdated))
    return install.commands


def test_only_the_difference_is_touched(tmp_path: Path) -> None:
    """What is extraneous or wrong goes first, what is missing or wrong comes after; each index in a call of its own."""
    there = package("there", wheels=[wheel_of("there", url="https://files/t.whl")])
    wrong = package("wrong", "2.0", wheels=[wheel_of("wrong", url="https://files/w.whl")])
    other = package(
        "other", "1.0", Registry("https://other/simple"), wheels=[wheel_of("other", url="https://files/o.whl")]
    )
    flat = package("flat", "1.0", LOCAL, sdist=SDIST)
    member = package("member", "1.0", Directory("m", editable=True))
    archive = package("archive", "1.0", Url("https://h/a.whl"), wheels=[wheel_of("archive", digest="sha256:cc")])
    unhashed = package("unhashed", "1.0", Git("https://h/g", COMMIT))
    (kept,) = installed_of(closure_of(there), tmp_path, "/w").distributions
    installed = Installed(
        (kept, Distribution("wrong", "1.0", tmp_path, {}), Distribution("wheel", "0.4", tmp_path, {})), ()
    )
    assert _synced(tmp_path, installed, there, wrong, other, flat, member, archive, unhashed) == [
        "uninstall --yes wheel wrong",
        "install --no-deps --no-index --find-links /wheels --require-hashes | flat==1.0 --hash=sha256:bb",
        "install --no-deps --index-url https://other/simple --require-hashes | other==1.0 --hash=sha256:aa",
        "install --no-deps --index-url https://registry.example/simple --require-hashes | wrong==2.0 --hash=sha256:aa",
        "install --no-deps --require-hashes | archive @ https://h/a.whl --hash=sha256:cc",
        "install --no-deps | -e /w/m",
        f"install --no-deps | unhashed @ git+https://h/g@{COMMIT}",
    ]


def test_nothing_to_do_starts_nothing(tmp_path: Path) -> None:
    """An environment that is as locked costs no process, and pip's own distribution is no difference."""
    assert _synced(tmp_path, Installed((Distribution("pip", "23.0", tmp_path, {}),), ())) == []


def test_what_is_outdated_is_installed_again(tmp_path: Path) -> None:
    """What is outdated is installed again although it does not differ, and nothing else; pip does so for trees alone."""
    member = package("member", "1.0", Directory("m", editable=True))
    other = package("other", "1.0", Directory("o", editable=True))
    indexed = package("indexed", wheels=[wheel_of("indexed", url="https://files/i.whl")])
    installed = installed_of(closure_of(member, other, indexed), tmp_path, "/w")
    assert _synced(tmp_path, installed, member, other, indexed, outdated=("member", "indexed")) == [
        "uninstall --yes indexed",
        "install --no-deps --index-url https://registry.example/simple --require-hashes | indexed==1.0 --hash=sha256:aa",
        "install --no-deps | -e /w/m",
    ]


def test_pip_is_replaced_and_never_removed(tmp_path: Path) -> None:
    """A locked pip of another version is installed over the one that runs, which could not remove itself and go on."""
    pip = package("pip", "24.0", wheels=[wheel_of("pip", "24.0", url="https://files/pip.whl")])
    commands = _synced(tmp_path, Installed((Distribution("pip", "23.0", tmp_path, {}),), ()), pip)
    assert commands == [
        "install --no-deps --index-url https://registry.example/simple --require-hashes | pip==24.0 --hash=sha256:aa"
    ]

"""Whatever was planted into a proven environment, or left by a killed run, is noticed, named and repaired.

Real environments by uv, `virtualenv` and `venv`, and what Python itself says of them afterwards.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.environment.jobs import prepare, real_job, site_of_job
from tests.environment.makers import dist_info, plant
from tests.support.installed import broken_records
from tests.support.projects import write_modules
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec
from wsnox.environment.model import Venv
from wsnox.environment.stamp import remembered_proof
from wsnox.errors import ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.model import Job


pytestmark = pytest.mark.real

TOOL = Wheel("tool", "1.0", scripts={"tool": "tool:main"}, modules={"tool.py": "def main():\n    print('tool runs')\n"})
SPACE = Wheel(
    "space-a",
    "1.0",
    modules={
        "space/a/__init__.py": "",
        "space/inner/b/__init__.py": "",
        "space_top.py": "1\n",
        "stubbed/__init__.pyi": "",
        "stubbed/a/__init__.py": "",
    },
)
MEMBER = MemberSpec("member", dependencies=["leaf", "pyhumps", "tool", "space-a"], scripts={"own": "member:main"})


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return a folder of wheels with a tool and a namespace in it."""
    if sys.platform == "win32":
        pytest.skip("the layout and the links of POSIX")
    folder = tmp_path_factory.mktemp("planted")
    for wheel in wheelhouse.glob("*.whl"):
        shutil.copy(wheel, folder)
    build_wheel(folder, TOOL)
    build_wheel(folder, SPACE)
    return folder


@pytest.fixture(params=["uv", "pip"])
def job(workspace: WorkspaceFactory, index: Path, request: pytest.FixtureRequest) -> Job:
    """Return the job of a member whose environment is proven, by either installer."""
    job = real_job(workspace(MEMBER, index=index), "member", without_uv=request.param == "pip")
    prepare(job)
    return job


def _record(site: Path, stem: str, change: Callable[[str], str]) -> None:
    place = site / f"{stem}.dist-info" / "RECORD"
    # uv may share the file with its cache.
    text = change(place.read_text(encoding="utf-8"))
    place.unlink()
    place.write_text(text, encoding="utf-8")


def _rewritten(path: Path, text: str = "") -> None:
    path.unlink()
    path.write_text(text, encoding="utf-8")


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _added(site: Path) -> None:
    _record(site, "leaf-2.1", lambda text: f"{text}evil.py,,\n")
    (site / "evil.py").touch()


def _linked(site: Path) -> None:
    outside = site.parents[4] / "outside"
    shutil.rmtree(outside, ignore_errors=True)
    shutil.copytree(site / "leaf", outside)
    shutil.rmtree(site / "leaf")
    (site / "leaf").symlink_to(outside)


def _rows_of_another(site: Path) -> None:
    dist_info(site, "leaf", "9.9", record=["humps.py,,"])


def _shared(site: Path) -> None:
    plant(site, Wheel("thing", "1.0"))
    _record(site, "thing-1.0", lambda text: f"{text}leaf/__init__.py,,\nhumps.py,,\n")


def _origin(site: Path, text: str) -> None:
    (site / "pyhumps-3.8.0.dist-info" / "direct_url.json").write_text(text, encoding="utf-8")


def _without(line: str) -> Callable[[str], str]:
    return lambda text: "".join(each for each in text.splitlines(keepends=True) if line not in each)


def _script(place: Path, text: str = "#!/bin/sh\necho stray\n") -> None:
    place.write_text(text)
    place.chmod(0o755)


def _folder_of_links(place: Path) -> None:
    place.mkdir()
    (place / "inner").symlink_to(place.parents[1])


def _wrapped(python: Path) -> None:
    """Put a script in the place of *python* that starts its program with more on the path."""
    program = python.resolve()
    python.unlink()
    _script(
        python,
        f"#!{program}\nimport os, sys\n"
        f"os.execve({str(program)!r}, [{str(python)!r}, *sys.argv[1:]], {{**os.environ, 'PYTHONPATH': '/elsewhere'}})\n",
    )


# Each takes the site directory and the directory of scripts.
PLANTS: dict[str, Callable[[Path, Path], object]] = {
    # RECORD
    "an-empty-record": lambda site, _: _record(site, "pyhumps-3.8.0", lambda _: ""),
    "a-record-cut-in-a-row": lambda site, _: _record(site, "leaf-2.1", lambda text: text[:-20]),
    "a-record-cut-after-a-row": lambda site, _: _record(site, "leaf-2.1", _without("leaf/py.typed")),
    "a-record-without-its-module": lambda site, _: _record(site, "pyhumps-3.8.0", _without("humps.py")),
    "a-record-without-itself": lambda site, _: _record(site, "pyhumps-3.8.0", _without("/RECORD")),
    "a-record-without-metadata": lambda site, _: _record(site, "pyhumps-3.8.0", _without("/METADATA")),
    "a-record-that-leads-outside": lambda site, _: _record(site, "leaf-2.1", lambda text: f"{text}/etc/hosts,,\n"),
    "a-second-distribution": lambda site, _: _rows_of_another(site),
    "a-thing-that-owns-the-files-of-others": lambda site, _: _shared(site),
    "a-module-added-to-a-record": lambda site, _: _added(site),
    "an-emptied-module": lambda site, _: _rewritten(site / "humps.py"),
    "a-changed-module": lambda site, _: _rewritten(site / "humps.py", "evil = 1\n"),
    # Where it is from
    "an-origin-that-is-no-text": lambda site, _: (site / "pyhumps-3.8.0.dist-info" / "direct_url.json").write_bytes(
        b"\xff"
    ),
    "an-origin-of-numbers": lambda site, _: _origin(site, '{"url": 5, "archive_info": {"hash": 7}}'),
    "half-a-character-in-an-origin": lambda site, _: _origin(site, '{"url": "\\ud800", "archive_info": {}}'),
    "an-origin-said-twice": lambda site, _: _origin(site, '{"url": "u", "dir_info": {}, "dir_info": {}}'),
    "an-infinite-origin": lambda site, _: _origin(site, '{"url": "u", "dir_info": {}, "x": 1e999}'),
    "an-origin-of-nothing": lambda site, _: _origin(site, '{"url": "https://registry.example/x"}'),
    "an-origin-of-another-vcs": lambda site, _: _origin(site, '{"url": "u", "vcs_info": {"vcs": "cvs"}}'),
    # What Python reads in a site directory
    "sitecustomize": lambda site, _: (site / "sitecustomize.py").touch(),
    "usercustomize": lambda site, _: (site / "usercustomize").mkdir(),
    "a-path-file": lambda site, _: (site / "x.pth").write_text("import os\n"),
    "a-hidden-path-file": lambda site, _: (site / ".x.pth").write_text("import os\n"),
    "a-start-file": lambda site, _: (site / "x.start").write_text("os:getcwd\n"),
    "virtualenvs-path-file": lambda site, _: (site / "_virtualenv.pth").write_text("import os\n"),
    "virtualenvs-module": lambda site, _: (site / "_virtualenv.py").write_text("import os\n"),
    "another-path-in-a-path-file": lambda site, _: (site / "__editable__.member.pth").write_text("/nowhere\n"),
    "an-editable-finder": lambda site, _: (site / "__editable___evil_finder.py").touch(),
    "an-egg-link": lambda site, _: (site / "evil.egg-link").write_text("/src\n."),
    "an-egg": lambda site, _: (site / "evil.egg").mkdir(),
    "capital-metadata": lambda site, _: write_modules(
        site, {"evil-1.0.DIST-INFO/METADATA": "Name: evil\nVersion: 1\n"}
    ),
    "entry-points": lambda site, _: (site / "leaf-2.1.dist-info" / "entry_points.txt").write_text("[x]\na = os\n"),
    "a-namespace": lambda site, _: write_modules(site, {"evil/deep/x.py": ""}),
    "in-a-namespace": lambda site, _: write_modules(site, {"space/evil/__init__.py": ""}),
    "deep-in-a-namespace": lambda site, _: write_modules(site, {"space/inner/evil/x.py": ""}),
    "a-module-in-a-namespace": lambda site, _: (site / "space" / "inner" / "evil.py").touch(),
    "a-folder-of-links-in-a-namespace": lambda site, _: _folder_of_links(site / "space" / "links"),
    "a-folder-of-links-in-a-package": lambda site, _: _folder_of_links(site / "leaf" / "links"),
    "beside-a-stub-of-a-namespace": lambda site, _: (site / "stubbed" / "a" / "evil.py").touch(),
    "in-a-package": lambda site, _: (site / "leaf" / "evil.py").touch(),
    "byte-code-in-a-package": lambda site, _: (site / "leaf" / "evil.pyc").touch(),
    "a-library-in-a-package": lambda site, _: (site / "leaf" / "evil.abi3.so").touch(),
    "a-package-in-a-package": lambda site, _: write_modules(site, {"leaf/evil/__init__.py": ""}),
    "a-link-in-a-package": lambda site, _: (site / "leaf" / "linked").symlink_to(site.parent),
    "a-package-that-is-a-link": lambda site, _: _linked(site),
    # What lies beside the interpreter
    "settings-beside-python": lambda _, scripts: (scripts / "pyvenv.cfg").write_text("home = /usr/bin\n"),
    "the-mark-of-a-build": lambda _, scripts: (scripts / "pybuilddir.txt").write_text("lib\n"),
    "a-path-file-of-windows": lambda _, scripts: (scripts / "python._pth").write_text("lib\n"),
    "a-module-among-scripts": lambda _, scripts: (scripts / "evil.py").touch(),
    "a-package-among-scripts": lambda _, scripts: write_modules(scripts, {"evil/__init__.py": ""}),
    "a-library-among-scripts": lambda _, scripts: (scripts / "evil.abi3.so").touch(),
    "byte-code-among-scripts": lambda _, scripts: (scripts / "evil.pyc").touch(),
    "a-module-called-python": lambda _, scripts: (scripts / "python.py").touch(),
    "a-module-to-activate": lambda _, scripts: (scripts / "activate_this.py").write_text("import os\n"),
    "another-python": lambda _, scripts: _script(scripts / "python3.99"),
    "a-link-among-scripts": lambda site, scripts: (scripts / "linked").symlink_to(site),
    "a-python-that-is-a-script": lambda _, scripts: _wrapped(scripts / "python"),
    # Programs
    "a-stray-program": lambda _, scripts: _script(scripts / "stray"),
    "a-lost-script": lambda _, scripts: (scripts / "tool").unlink(),
    "a-lost-script-of-a-member": lambda _, scripts: (scripts / "own").unlink(),
    "a-script-for-another-python": lambda _, scripts: _script(
        scripts / "tool", f"#!{sys.executable}\nprint('other')\n"
    ),
    "a-script-by-another-shell": lambda _, scripts: _script(
        scripts / "tool", f"#!/bin/sh\n'''exec' \"{sys.executable}\" \"$0\" \"$@\"\n'''\n"
    ),
    "another-script": lambda _, scripts: _script(scripts / "tool"),
    "a-script-that-leads-nowhere": lambda _, scripts: _dangling(scripts / "tool"),
}
ANEW = ("settings-beside-python", "the-mark-of-a-build", "a-path-file-of-windows", "a-python-that-is-a-script")
"""For these an environment is recreated, which repairs everything else."""
BY_INSTALLER = (
    *("a-record-cut-after-a-row", "a-second-distribution", "a-thing-that-owns-the-files-of-others", "a-changed-module"),
    *("a-package-that-is-a-link", "a-lost-script"),
)
"""What is repaired by the installer; pip takes its time."""


TOGETHER = (*((name,) for name in BY_INSTALLER), tuple(name for name in PLANTS if name not in {*BY_INSTALLER, *ANEW}))


def _tamper(job: Job, names: Iterable[str]) -> None:
    for name in names:
        PLANTS[name](site_of_job(job), job.venv.python.parent)


def _contents(job: Job) -> list[str]:
    """Return what may be imported or started, byte code apart: every path in the site directory and among the scripts."""
    site = site_of_job(job)
    paths = [
        path for place in (site, job.venv.python.parent) for path in place.rglob("*") if "__pycache__" not in path.parts
    ]
    return sorted(str(path.relative_to(job.venv.location)) for path in paths)


def _is_right(job: Job, clean: list[str]) -> bool:
    said = subprocess.run([job.venv.python.parent / "tool"], capture_output=True, encoding="utf-8", check=False).stdout
    return _contents(job) == clean and broken_records(site_of_job(job)) == [] and said == "tool runs\n"


def test_planted(job: Job) -> None:
    """Each kind is seen by the warm look and refused under ``-R``; the next preparation names it and leaves nothing of it."""
    clean = _contents(job)
    assert _is_right(job, clean)
    wrong = {}
    for names in TOGETHER if job.uv is None else [(name,) for name in PLANTS]:
        _tamper(job, names)
        noticed, refused = remembered_proof(job) is None, _is_refused(job)
        said = list[str]()
        proof = prepare(job, log=said.append)
        right, proven = _is_right(job, clean), remembered_proof(job) is not None
        if not (noticed and refused and right and proven and (proof.removed or said)):
            left = ({*_contents(job)} ^ {*clean}, broken_records(site_of_job(job)))
            wrong[names] = (noticed, refused, proven, proof.removed, said, left)
    assert wrong == {}


def _is_refused(job: Job) -> bool:
    try:
        prepare(job, may_install=lambda: False)
    except ProofError:
        return True
    return False


def test_planted_before_the_first_proof(job: Job) -> None:
    """Without a stamp nothing says what is installed: all of the closure is installed again, and strays go as ever."""
    clean = _contents(job)
    wrong = {}
    # Everything is installed again, whatever it was: pip need not do that for each.
    for names in TOGETHER if job.uv else TOGETHER[-2:]:
        _tamper(job, names)
        job.venv.stamp.unlink()
        prepare(job)
        if not _is_right(job, clean):
            wrong[names] = {*_contents(job)} ^ {*clean}
    assert wrong == {}


@pytest.mark.parametrize("mode", ["symlink", "hardlink", "copy", "clone"])
def test_a_cleaned_cache(
    workspace: WorkspaceFactory, index: Path, tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With links into uv's cache, a cleaned cache leaves nothing of an environment: a warm session sees that; else all stays."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("UV_CACHE_DIR", str(cache))
    monkeypatch.setenv("UV_LINK_MODE", mode)
    root = workspace(MEMBER, index=index)
    job = real_job(root, "member")

    prepare(job)
    clean = _contents(job)
    assert (site_of_job(job) / "humps.py").is_symlink() is (mode == "symlink")
    assert remembered_proof(job) is not None
    shutil.rmtree(cache)
    assert (remembered_proof(job) is None) is (mode == "symlink")
    with pytest.raises(ProofError) if mode == "symlink" else nullcontext():
        prepare(job, may_install=lambda: False)
    prepare(job)
    assert _is_right(job, clean)


def test_a_copy_of_an_environment(job: Job, tmp_path: Path) -> None:
    """The scripts of a copied environment start the original's Python, and its stamp speaks of that one: it is repaired."""
    location = tmp_path / "copies" / job.venv.location.name
    shutil.copytree(job.venv.location, location, symlinks=True)
    copy = replace(job, venv=Venv(location, location / "bin"))
    (site_of_job(job) / "stray.py").touch()
    assert remembered_proof(copy) is None
    prepare(copy)
    assert str(location) in (location / "bin" / "tool").read_text(encoding="utf-8")
    assert remembered_proof(copy) is not None
    assert (site_of_job(job) / "stray.py").exists()


SEED = Wheel("setuptools", "80.0", modules={f"setuptools/m{number}.py": "" for number in range(9)})
THING = Wheel("thing", "1.0")
OLD = Wheel("pyhumps", "3.7.3", modules={"humps.py": "camelize = print\n"})
Change = Callable[[Path], object]


def _planted(*wheels: Wheel, without: Iterable[str] = ()) -> Change:
    def change(site: Path) -> None:
        for wheel in wheels:
            plant(site, wheel, without=without)

    return change


def _lost(path: str) -> Change:
    return lambda site: (site / path).unlink()


def _renamed(old: str, new: str, *wheels: Wheel) -> Change:
    def change(site: Path) -> None:
        _planted(*wheels)(site)
        (site / old).rename(site / new)

    return change


def _written(**texts: str) -> Change:
    return lambda site: write_modules(site, {path.replace("__", "/"): text for path, text in texts.items()})


def _replaced(site: Path) -> None:
    shutil.rmtree(site / "pyhumps-3.8.0.dist-info")
    (site / "humps.py").unlink()
    plant(site, OLD)


def _seed_with_half_a_record(site: Path) -> None:
    # `virtualenv` copies a seed file by file: its RECORD may be cut where the copy was.
    plant(site, SEED)
    _record(site, "setuptools-80.0", lambda text: _without("m8")(_without("m7")(text)))


def _seed_without_files(site: Path) -> None:
    plant(site, SEED)
    for number in range(5):
        (site / "setuptools" / f"m{number}.py").unlink()


EGG = "Metadata-Version: 1.0\nName: Old-Thing\nVersion: 1.2\n"
LEFT: dict[str, tuple[Change, str]] = {
    "half-a-record-of-a-seed": (_seed_with_half_a_record, "setuptools 80.0, m7.py, m8.py"),
    "half-of-a-seed": (_seed_without_files, "setuptools 80.0, setuptools"),
    "seeds": (_planted(*(Wheel(name, "1.0") for name in ("setuptools", "wheel"))), "setuptools 1.0, wheel 1.0"),
    "a-lost-module": (_lost("humps.py"), "pyhumps 3.8.0"),
    "a-lost-file-of-a-package": (_lost("leaf/py.typed"), "leaf 2.1, leaf"),
    "a-lost-path-file": (_lost("__editable__.member.pth"), "member 1.0"),
    "a-lost-record": (_lost("pyhumps-3.8.0.dist-info/RECORD"), "pyhumps 3.8.0, humps.py"),
    "lost-metadata": (_lost("pyhumps-3.8.0.dist-info/METADATA"), "pyhumps 3.8.0, humps.py"),
    "metadata-under-another-name": (_renamed("leaf-2.1.dist-info", "stray-leaf-2.1.dist-info"), "leaf 2.1, leaf"),
    "renamed-by-pip": (_renamed("thing-1.0.dist-info", "~hing-1.0.dist-info", THING), "thing 1.0, thing.py"),
    "extraneous": (_planted(THING), "thing 1.0"),
    "half-of-another": (_planted(THING, without=["RECORD"]), "thing 1.0, thing.py"),
    "empty-metadata": (lambda site: (site / "thing-1.0.dist-info").mkdir(), "thing 1.0"),
    "another-version": (_replaced, "pyhumps 3.7.3"),
    "two-versions": (_planted(OLD), "pyhumps 3.7.3, pyhumps 3.8.0, humps.py"),
    "egg-info": (
        _written(**{"old_thing-1.2-py3.9.egg-info__PKG-INFO": EGG, "old_thing.py": ""}),
        "old-thing 1.2, old_thing.py",
    ),
    "egg-info-file": (
        _written(**{"old_thing-1.2-py3.9.egg-info": EGG, "old_thing.py": ""}),
        "old-thing 1.2, old_thing.py",
    ),
    "egg-link": (
        _written(**{"old-thing.egg-link": "/src/old\n.", "easy-install.pth": "/src/old\n"}),
        "old-thing, easy-install.pth",
    ),
    "strays": (_written(**{"b.py": "", "b.pyc": "", "b.pth": "/tmp\n", "c__deep__x.py": ""}), "b.pth, b.py, b.pyc, c"),
}


INSTALLED_AGAIN = ("a-lost-record", "lost-metadata", "metadata-under-another-name", "another-version", "two-versions")
"""What is not only removed, which wsnox does itself: pip refuses to uninstall what it has no RECORD of."""


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_what_accidents_leave(workspace: WorkspaceFactory, installer: str) -> None:
    """Half an install, another version, a foreign distribution: each is put right by one preparation that names it."""
    root = workspace(MemberSpec("member", dependencies=["leaf", "pyhumps"]))
    job = real_job(root, "member", without_uv=installer == "pip")
    prepare(job)
    site = site_of_job(job)
    clean = sorted(path.name for path in site.iterdir())
    wrong = {}
    for name, (change, expected) in LEFT.items():
        if installer == "pip" and name not in INSTALLED_AGAIN:
            continue
        change(site)
        removed = ", ".join(prepare(job).removed)
        if removed != expected or broken_records(site) or sorted(path.name for path in site.iterdir()) != clean:
            wrong[name] = (removed, broken_records(site))
    assert wrong == {}

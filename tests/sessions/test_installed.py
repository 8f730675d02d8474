"""Environments are exact: whatever was planted into one is gone, and named, before a command runs.

Each test makes a session's environment with the real nox and uv or pip, tampers with it as accidents and people do, and
runs the session again.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.interpreters import path_with
from tests.environment.makers import plant
from tests.sessions.running import distributions, nox, python_of, site_of, uv_pip, without_uv
from tests.support.projects import write_modules
from tests.support.wheels import Wheel
from tests.support.workspaces import MemberSpec, write_member

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

# What a session of the member below sees: everything that is importable at the top level of its site directory.
SEEN = "import os, sysconfig; print('seen', *sorted(os.listdir(sysconfig.get_paths()['purelib'])))"
COMMANDS: dict[str, Any] = {"commands": [["python", "-c", SEEN]]}
MEMBER = MemberSpec("member", dependencies=["pyhumps", "leaf"], requires_python=">=3.8")
HUMPS = {"humps.py": "camelize = print\n"}
EXACT = "member: 3 distributions, exactly its locked closure"

THING = Wheel("thing", "1.0")
OLD = Wheel("pyhumps", "3.7.3", modules=HUMPS)


def _egg_info(site: Path, *, as_file: bool = False) -> None:
    metadata = "Metadata-Version: 1.0\nName: Old-Thing\nVersion: 1.2\n"
    place = site / "old_thing-1.2-py3.9.egg-info"
    if as_file:
        place.write_text(metadata)
    else:
        write_modules(place, {"PKG-INFO": metadata})
    (site / "old_thing.py").touch()


def _seeds(site: Path) -> None:
    for name in ("pip", "setuptools", "wheel"):
        plant(site, Wheel(name, "1.0"))


def _egg_link(site: Path) -> None:
    (site / "old-thing.egg-link").write_text("/src/old\n.")
    (site / "easy-install.pth").write_text("/src/old\n")


def _replaced(site: Path) -> None:
    shutil.rmtree(site / "pyhumps-3.8.0.dist-info")
    (site / "humps.py").unlink()
    plant(site, OLD)


def _lost(*names: str) -> Callable[[Path], None]:
    def lose(site: Path) -> None:
        (info,) = site.glob("pyhumps-*.dist-info")
        for name in names:
            (info / name).unlink()

    return lose


def _renamed(site: Path) -> None:
    plant(site, THING)
    (site / "thing-1.0.dist-info").rename(site / "~hing-1.0.dist-info")


def _stray_folder(site: Path) -> None:
    write_modules(site, {"stray/__init__.py": "", "stray/deep/x.py": ""})
    (site / "link").symlink_to(site.parent, target_is_directory=True)


PLANTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "extraneous": (lambda site: plant(site, THING), "thing 1.0"),
    "seeds": (
        _seeds,
        "pip 1.0, setuptools 1.0, wheel 1.0",
    ),
    "stray-module": (lambda site: (site / "stray.py").touch(), "stray.py"),
    "stray-byte-code": (lambda site: (site / "stray.pyc").touch(), "stray.pyc"),
    "stray-path-file": (lambda site: (site / "stray.pth").write_text("/tmp\n"), "stray.pth"),
    "stray-folder": (_stray_folder, "link, stray"),
    "wrong-version": (_replaced, "pyhumps 3.7.3"),
    "twice": (lambda site: plant(site, OLD), "pyhumps 3.7.3, pyhumps 3.8.0, humps.py"),
    "half-of-another": (lambda site: plant(site, THING, without=["RECORD"]), "thing 1.0, thing.py"),
    "half-of-its-own": (_lost("RECORD"), "pyhumps 3.8.0, humps.py"),
    "without-metadata": (_lost("METADATA"), "pyhumps 3.8.0, humps.py"),
    "an-empty-folder": (lambda site: (site / "thing-1.0.dist-info").mkdir(), "thing 1.0"),
    "renamed-by-pip": (_renamed, "thing 1.0, thing.py"),
    "egg-info": (_egg_info, "old-thing 1.2, old_thing.py"),
    "egg-info-file": (lambda site: _egg_info(site, as_file=True), "old-thing 1.2, old_thing.py"),
    "egg-link": (_egg_link, "old-thing, easy-install.pth"),
}


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace whose member's environment is made and exact."""
    return workspace(MEMBER, wsnox=COMMANDS)


def _seen(said: str) -> list[str]:
    (line,) = (line for line in said.splitlines() if line.startswith("seen "))
    return [name for name in line.split()[1:] if not name.startswith(("_virtualenv.", "__pycache__"))]


def test_planted(root: Path) -> None:
    """With uv, each kind of leftover is removed or mended before the command runs, and the line names it."""
    clean = _seen(nox(root, "-s", "member").said)
    assert clean == [
        *("__editable__.member.pth", "humps.py", "leaf", "leaf-2.1.dist-info", "member-1.0.dist-info"),
        "pyhumps-3.8.0.dist-info",
    ]
    wrong = {}
    for name, (tamper, removed) in PLANTS.items():
        tamper(site_of(root, "member"))
        ran = nox(root, "-s", "member")
        line = next((line for line in ran.lines if line.startswith(EXACT)), ran.said)
        if (ran.code, line) != (0, f"{EXACT} (removed {removed})") or _seen(ran.said) != clean:
            wrong[name] = f"{line}, then {_seen(ran.said)}"
    assert wrong == {}


def test_planted_without_uv(root: Path) -> None:
    """With pip the same holds for all of them at once; pip itself stays, as it is what installs."""
    clean = _seen(nox(root, "-s", "member", env=without_uv()).said)
    assert {name.partition("-")[0] for name in clean} >= {"pip", "pyhumps", "member"}
    assert not {name for name in clean if name.startswith(("setuptools", "wheel"))}
    site = site_of(root, "member")
    together = (
        "stray-module",
        "stray-byte-code",
        "stray-path-file",
        "stray-folder",
        "half-of-its-own",
        "renamed-by-pip",
    )
    for name in (*together, "egg-info-file", "egg-link"):
        PLANTS[name][0](site)
    ran = nox(root, "-s", "member", env=without_uv())
    assert ran.code == 0, ran.said
    removed = ran.line(EXACT).partition("(removed ")[2].removesuffix(")").split(", ")
    assert sorted(removed) == [
        *("easy-install.pth", "humps.py", "link", "old-thing", "old-thing 1.2", "old_thing.py", "pyhumps 3.8.0"),
        *("stray", "stray.pth", "stray.py", "stray.pyc", "thing 1.0", "thing.py"),
    ]
    assert _seen(ran.said) == clean
    _replaced(site)
    plant(site, Wheel("wheel", "1.0"))
    ran = nox(root, "-s", "member", env=without_uv())
    assert ran.line(EXACT) == f"{EXACT} (removed wheel 1.0, pyhumps 3.7.3)"
    assert _seen(ran.said) == clean


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_editable_and_not(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A member that is not editable and a library that is are both put right, and the mended ones work."""
    library = MemberSpec("library", requires_python=">=3.8")
    (tmp_path / "library").mkdir()
    write_member(tmp_path / "library", library)
    member = MemberSpec("member", dependencies=["library"])
    root = workspace(member, uv={"sources": {"library": {"path": "../library"}}}, wsnox=COMMANDS)
    env = without_uv() if installer == "pip" else {}
    first = nox(root, "-s", "member", env=env)
    clean = _seen(first.said)
    assert {"__editable__.member.pth", "library.py"} <= {*clean}
    uv_pip(root, "member", "install", "--no-deps", "--reinstall", "packages/member")
    uv_pip(root, "member", "install", "--no-deps", "--reinstall", "-e", str(tmp_path / "library"))
    site = site_of(root, "member")
    assert (site / "member.py").exists()
    assert (site / "__editable__.library.pth").exists()
    ran = nox(root, "-s", "member", env=env)
    assert ran.line("member: ") == (
        "member: 2 distributions, exactly its locked closure (removed library 1.0, member 1.0)"
    )
    assert _seen(ran.said) == clean


@pytest.mark.parametrize(
    ("backend", "minors"),
    [("uv", ("3.8", "3.9", "3.13")), ("virtualenv", ("3.9", "3.13")), ("venv", ("3.9",))],
    ids=["uv", "virtualenv", "venv"],
)
def test_on_other_pythons(workspace: WorkspaceFactory, wheelhouse: Path, backend: str, minors: tuple[str, ...]) -> None:
    """An interpreter that is older or newer than wsnox's own gets an exact environment from every backend."""
    del wheelhouse
    settings = {**COMMANDS, "pythons": [*minors]}
    root = workspace(MEMBER, wsnox=settings)
    env = {"PATH": path_with(*minors)}
    names = [f"member-{minor}" for minor in minors] if len(minors) > 1 else ["member"]
    options = ["-s", "member", "--force-venv-backend", backend]
    ran = nox(root, *options, env=env)
    assert (ran.code, ran.results) == (0, dict.fromkeys(names, "success")), ran.said
    for name in names:
        assert distributions(root, name) == {"leaf-2.1", "member-1.0", "pyhumps-3.8.0"}
        plant(site_of(root, name), THING)
        (site_of(root, name) / "stray.pth").touch()
        _replaced(site_of(root, name))
    ran = nox(root, *options, env=env)
    assert ran.said.count("exactly its locked closure (removed thing 1.0, pyhumps 3.7.3, stray.pth)") == len(names)
    for name in names:
        assert distributions(root, name) == {"leaf-2.1", "member-1.0", "pyhumps-3.8.0"}


def test_an_old_python_without_uv(workspace: WorkspaceFactory) -> None:
    """An older Python's pip installs the same closure, hash-checked, and what was planted there is gone as well."""
    root = workspace(MEMBER, wsnox={**COMMANDS, "pythons": ["3.9"]})
    env = {**without_uv(), "PATH": f"{path_with('3.9')}"}
    env["PATH"] = f"{env['PATH'].split(':')[0]}:{without_uv()['PATH']}"
    assert nox(root, "-s", "member", env=env).code == 0
    plant(site_of(root, "member"), THING)
    ran = nox(root, "-s", "member", env=env)
    assert ran.line(EXACT) == f"{EXACT} (removed thing 1.0)"
    found = {name for name in distributions(root, "member") if not name.startswith("pip-")}
    assert found == {"leaf-2.1", "member-1.0", "pyhumps-3.8.0"}


def test_the_right_python_is_asked(root: Path) -> None:
    """An environment whose interpreter is gone is made anew or refused with a sentence, never used."""
    assert nox(root, "-s", "member").code == 0
    python = python_of(root, "member")
    python.unlink()
    ran = nox(root, "-s", "member")
    assert "Traceback" not in ran.said
    if ran.code == 0:
        assert python.exists()
    else:
        assert "does not answer" in ran.said


def test_system_packages_are_not_seen(root: Path) -> None:
    """An environment that was opened to the system's packages would leak all of them: it is never used as it is."""
    assert nox(root, "-s", "member").code == 0
    settings = root / ".nox" / "member" / "pyvenv.cfg"
    text = settings.read_text(encoding="utf-8")
    assert "include-system-site-packages = false" in text
    settings.write_text(text.replace("= false", "= true"), encoding="utf-8")
    ran = nox(root, "-s", "member")
    assert ran.code == 1 or "include-system-site-packages = false" in settings.read_text(encoding="utf-8"), ran.said


def test_the_system_variable_of_virtualenv(root: Path) -> None:
    """``VIRTUALENV_SYSTEM_SITE_PACKAGES`` in the outer environment opens no session to the system's packages."""
    code = "import sys; print('paths', sum('site-packages' in path for path in sys.path))"
    manifest = root / "packages" / "member" / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(f"{text}\n[tool.wsnox]\ncommands = [['python', '-c', \"{code}\"]]\n", encoding="utf-8")
    env = {**without_uv(), "VIRTUALENV_SYSTEM_SITE_PACKAGES": "true"}
    ran = nox(root, "-s", "member", env=env)
    assert ran.code == 1 or "paths 1" in ran.said, ran.said


FOREIGN = {
    "PYTHONPATH": "{tmp}/leak",
    "PYTHONUSERBASE": "{tmp}/leak",
    "PYTHONSTARTUP": "{tmp}/leak/humps.py",
    "UV_PROJECT_ENVIRONMENT": "{tmp}/leak",
    "UV_PROJECT": "{tmp}/leak",
    "UV_TARGET": "{tmp}/leak",
    "UV_NO_EDITABLE": "1",
    "UV_SYSTEM_PYTHON": "1",
    "UV_EXCLUDE_NEWER": "2000-01-01",
    "VIRTUAL_ENV": "{tmp}/leak",
    "PIP_TARGET": "{tmp}/leak",
    "PIP_NO_DEPS": "0",
    "PIP_CONSTRAINT": "{tmp}/leak/none.txt",
    "PIP_REQUIRE_VIRTUALENV": "0",
}


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_variables_from_outside(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """What outside has set reaches neither the install nor the command, and user site is off."""
    code = (
        "import importlib.util, os, site; print('env', importlib.util.find_spec('stolen'), site.ENABLE_USER_SITE, "
        "*(f'{name}={os.environ[name]}' for name in ('PYTHONPATH', 'PYTHONHOME', 'PYTHONUSERBASE', 'PYTHONSTARTUP', "
        "'UV_PROJECT') if name in os.environ), 'leak' in os.environ['VIRTUAL_ENV'], "
        "'leak' in os.environ.get('UV_PROJECT_ENVIRONMENT', ''))"
    )
    root = workspace(MEMBER, wsnox={"commands": [["python", "-c", code], ["python", "-c", SEEN]]})
    write_modules(tmp_path / "leak", {"stolen.py": "", "humps.py": "raise SystemExit(9)"})
    env = {name: value.format(tmp=tmp_path) for name, value in FOREIGN.items()}
    # A lockfile that is compared is refused where it was made without such a variable.
    env["WSNOX_LOCK"] = "frozen"
    ran = nox(root, "-s", "member", env={**env, **(without_uv() if installer == "pip" else {})})
    assert ran.code == 0, ran.said
    assert ran.line("env ") == "env None False False False"
    assert {"humps.py", "leaf", "__editable__.member.pth"} <= {*_seen(ran.said)}
    assert sorted(path.name for path in (tmp_path / "leak").iterdir()) == ["humps.py", "stolen.py"]


def test_pythonhome_from_outside(root: Path) -> None:
    """A ``PYTHONHOME`` that happens to fit nox's own interpreter reaches no other."""
    code = "import os; print('home', os.environ.get('PYTHONHOME'))"
    manifest = root / "packages" / "member" / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(f"{text}\n[tool.wsnox]\ncommands = [['python', '-c', \"{code}\"]]\n", encoding="utf-8")
    ran = nox(root, "-s", "member", env={"PYTHONHOME": sys.base_prefix})
    if "No module named nox" in ran.said:
        pytest.skip("nox itself does not start with this variable")
    assert (ran.code, ran.line("home ")) == (0, "home None"), ran.said

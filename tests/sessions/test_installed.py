"""Environments are exact: whatever was planted into one is gone, and named, before a command runs.

Each test makes a session's environment with the real nox and uv or pip, tampers with it as accidents and people do, and
runs the session again.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.interpreters import path_with
from tests.environment.makers import plant
from tests.sessions.running import distributions, nox, site_of, uv_pip, without_uv
from tests.support.projects import write_modules
from tests.support.wheels import Wheel
from tests.support.workspaces import MemberSpec, write_member

if TYPE_CHECKING:
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


def _replaced(site: Path) -> None:
    shutil.rmtree(site / "pyhumps-3.8.0.dist-info")
    (site / "humps.py").unlink()
    plant(site, OLD)


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace whose member's environment is made and exact."""
    return workspace(MEMBER, wsnox=COMMANDS)


def _seen(said: str) -> list[str]:
    (line,) = (line for line in said.splitlines() if line.startswith("seen "))
    return [name for name in line.split()[1:] if not name.startswith(("_virtualenv.", "__pycache__"))]


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_planted(root: Path, installer: str) -> None:
    """Whatever was planted is gone before the command runs, and the line names it (`tests/environment/test_sync.py` has all)."""
    env = without_uv() if installer == "pip" else {}
    clean = _seen(nox(root, "-s", "member", env=env).said)
    assert [name for name in clean if not name.startswith("pip")] == [
        *("__editable__.member.pth", "humps.py", "leaf", "leaf-2.1.dist-info", "member-1.0.dist-info"),
        "pyhumps-3.8.0.dist-info",
    ]
    # pip stays, as it is what installs.
    assert ("pip" in clean) is (installer == "pip")
    site = site_of(root, "member")
    plant(site, THING)
    write_modules(site, {"stray.py": "", "stray.pth": "/tmp\n", "stray/deep/x.py": ""})
    _replaced(site)
    ran = nox(root, "-s", "member", env=env)
    assert ran.line(EXACT) == f"{EXACT} (removed thing 1.0, pyhumps 3.7.3, stray, stray.pth, stray.py)"
    assert _seen(ran.said) == clean


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_editable_and_not(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A member that is not editable and a library that is are both put right, and the repaired ones work."""
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
    installed = {name for name in distributions(root, "member") if not name.startswith("pip-")}
    assert installed == {"leaf-2.1", "member-1.0", "pyhumps-3.8.0"}


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
    # A `PYTHONHOME` would keep nox itself from starting.
    code = (
        "import importlib.util, os, site; print('env', importlib.util.find_spec('stolen'), site.ENABLE_USER_SITE, "
        "*(f'{name}={os.environ[name]}' for name in ('PYTHONPATH', 'PYTHONHOME', 'PYTHONUSERBASE', 'PYTHONSTARTUP', "
        "'UV_PROJECT', 'WSNOX_RUN') if name in os.environ), 'leak' in os.environ['VIRTUAL_ENV'], "
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

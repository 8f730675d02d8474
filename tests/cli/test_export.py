"""``wsnox export``: valid by packaging, and accepted by the real ``uv pip sync``, for every kind of source."""

from __future__ import annotations

import json
import os
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tomli
from packaging.pylock import Pylock

from tests.cli.conftest import LINUX, Wsnox, git
from tests.support.wheels import Wheel, build_sdist, build_wheel
from tests.support.workspaces import MemberSpec, uv, write_member

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


@pytest.fixture
def zoo(tmp_path: Path, workspace: WorkspaceFactory) -> Path:
    """Return a workspace whose member ``app`` depends on one distribution of each kind of source."""
    vendor = tmp_path / "workspace" / "vendor"
    vendor.mkdir(parents=True)
    build_wheel(vendor, Wheel("v-wheel", "1.0"))
    build_sdist(vendor, Wheel("v-sdist", "1.0"))
    direct = build_wheel(tmp_path, Wheel("v-url", "1.0"))
    for name in ("v-dir", "v-live"):
        (vendor / name).mkdir()
        write_member(vendor / name, MemberSpec(name, requires_python=""))
    repository = tmp_path / "repository"
    (repository / "sub").mkdir(parents=True)
    write_member(repository / "sub", MemberSpec("v-git", requires_python=""))
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "first")
    sources = {
        "v-wheel": {"path": "vendor/v_wheel-1.0-py3-none-any.whl"},
        "v-sdist": {"path": "vendor/v_sdist-1.0.tar.gz"},
        "v-dir": {"path": "vendor/v-dir"},
        "v-live": {"path": "vendor/v-live", "editable": True},
        "v-git": {"git": repository.as_uri(), "subdirectory": "sub"},
    }
    wanted = ["pyhumps==3.8.0", "sdist-only", "stays", *sources, f"v-url @ {direct.as_uri()}"]
    stays = MemberSpec("stays")
    app = MemberSpec("app", dependencies=wanted)
    return workspace(app, stays, uv={"sources": {**sources, "stays": {"workspace": True, "editable": False}}})


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Return the interpreter of a bare virtual environment."""
    venv.create(tmp_path / "venv", with_pip=False)
    return tmp_path / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


NAMES = ["app", "leaf", "pyhumps", "sdist-only", "stays", "v-dir", "v-git", "v-live", "v-sdist", "v-url", "v-wheel"]


@pytest.mark.parametrize("folder", [".", "out/deep"])
def test_every_kind_of_source(zoo: Path, python: Path, wsnox: Wsnox, folder: str) -> None:
    """Paths are relative to the file; packaging takes it for valid, and uv installs it, hashes enforced."""
    output = zoo / folder / "pylock.app.toml"
    output.parent.mkdir(parents=True, exist_ok=True)
    said = wsnox("export", "app", "-o", f"{folder}/pylock.app.toml", root=zoo)
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith(f"{Path(folder, 'pylock.app.toml')}: session `app`, 11 distributions for ")
    document = tomli.loads(output.read_text(encoding="utf-8"))
    parsed = Pylock.from_dict(document)
    parsed.validate()
    assert [package.name for package in parsed.packages] == NAMES
    synced = uv(zoo, "pip", "sync", "--python", os.fspath(python), os.fspath(output))
    assert synced.returncode == 0, synced.stderr
    frozen = uv(zoo, "pip", "list", "--format", "json", "--python", os.fspath(python))
    installed = {row["name"]: row for row in json.loads(frozen.stdout)}
    assert sorted(installed) == NAMES
    assert sorted(name for name, row in installed.items() if "editable_project_location" in row) == ["app", "v-live"]
    again = uv(zoo, "pip", "sync", "--python", os.fspath(python), os.fspath(output))
    assert again.returncode == 0
    assert "nstalled" not in again.stderr
    assert not [path.name for path in output.parent.iterdir() if path.name.startswith(".pylock")]


def test_hashes_are_enforced(zoo: Path, python: Path, wsnox: Wsnox) -> None:
    """A file that is not the locked one is refused by uv."""
    assert wsnox("export", "app", "-o", "pylock.toml", root=zoo).code == 0
    wheel = next((zoo / "vendor").glob("*.whl"))
    build_wheel(wheel.parent, Wheel("v-wheel", "1.0", modules={"v_wheel.py": "evil = True\n"}))
    said = uv(zoo, "pip", "sync", "--python", os.fspath(python), "pylock.toml")
    assert said.returncode != 0
    assert "Hash mismatch for" in said.stderr


def test_stdout_is_relative_to_the_root(zoo: Path, wsnox: Wsnox) -> None:
    """Without a file, the text is meant for one in the root."""
    said = wsnox("export", "app", "stays", root=zoo / "packages")
    packages = {package["name"]: package for package in tomli.loads(said.out)["packages"]}
    assert (said.code, said.err) == (0, "")
    assert packages["app"]["directory"] == {"path": "packages/app", "editable": True}
    assert packages["stays"]["directory"] == {"path": "packages/stays", "editable": False}
    assert packages["v-wheel"]["archive"]["path"] == "vendor/v_wheel-1.0-py3-none-any.whl"


def test_text_and_json(wsnox: Wsnox, wheelhouse: Path) -> None:
    """JSON is the same document."""
    said = wsnox("export", "script", *LINUX)
    document = tomli.loads(said.out)
    (package,) = document.pop("packages")
    assert document == {
        "lock-version": "1.0",
        "created-by": "wsnox",
        "environments": [
            "implementation_name == 'cpython' and platform_machine == 'x86_64' and python_version == '3.12' and sys_platform == 'linux'"
        ],
        "requires-python": ">=3.11",
    }
    assert (package["name"], package["version"], package["index"]) == ("dotted-name-here", "1.0", wheelhouse.as_uri())
    data = json.loads(wsnox("export", "script", "--json", *LINUX).out)
    assert (data["pylock"], data["file"]) == ({**document, "packages": [package]}, None)


def test_equal_bytes(wsnox: Wsnox) -> None:
    """Equal closures give equal bytes, in whatever order the members are named."""
    first = wsnox("export", "project-a", "script", *LINUX).out
    assert wsnox("export", "script", "project-a", *LINUX).out == first


def test_overwrites(tmp_path: Path, wsnox: Wsnox) -> None:
    """A file that is there is replaced, as uv does; an absolute name works, and JSON goes to stdout beside it."""
    output = tmp_path / "pylock.toml"
    output.write_text("old", encoding="utf-8")
    said = wsnox("export", "script", "--json", "-o", os.fspath(output), *LINUX)
    data = json.loads(said.out)
    assert (data["pylock"], data["file"]) == (tomli.loads(output.read_text(encoding="utf-8")), output.as_posix())
    assert said.err == f"{output}: session `script`, 1 distribution for Python 3.12.0 on Linux x86_64\n"


def test_another_target_is_refused_by_uv(tmp_path: Path, python: Path, wsnox: Wsnox, shop: Path) -> None:
    """The file says for which environments it is, so that uv does not install it elsewhere."""
    other = "windows" if sys.platform != "win32" else "linux"
    assert wsnox("export", "script", "--platform", other, "-o", os.fspath(tmp_path / "pylock.toml")).code == 0
    said = uv(shop, "pip", "sync", "--python", os.fspath(python), os.fspath(tmp_path / "pylock.toml"))
    assert said.returncode != 0
    assert "target environment is not supported by the lockfile" in said.stderr


@pytest.mark.parametrize("name", ["requirements.txt", "pylock.a.b.toml", "mypylock.toml", "pylock.toml/x"])
def test_invalid_names(wsnox: Wsnox, name: str) -> None:
    """PEP 751 files have names of one form."""
    said = wsnox("export", "script", "-o", name, *LINUX)
    assert (said.code, said.out) == (5, "")
    assert said.err == (
        f"error: `{name}` is not a name for a PEP 751 file\n\nhint: name it `pylock.toml` or `pylock.NAME.toml`\n"
    )


def test_unwritable(tmp_path: Path, wsnox: Wsnox) -> None:
    """A directory that is not there, or one that bears the file's name; nothing is left behind."""
    said = wsnox("export", "script", "-o", os.fspath(tmp_path / "gone" / "pylock.toml"), *LINUX)
    assert (said.code, said.out) == (1, "")
    assert said.err == f"error: `{tmp_path / 'gone' / 'pylock.toml'}` cannot be written (No such file or directory)\n"
    (tmp_path / "pylock.toml").mkdir()
    said = wsnox("export", "script", "-o", os.fspath(tmp_path / "pylock.toml"), *LINUX)
    assert said.err == f"error: `{tmp_path / 'pylock.toml'}` cannot be written (Is a directory)\n"
    assert [path.name for path in tmp_path.iterdir()] == ["pylock.toml"]

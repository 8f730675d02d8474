"""``wsnox lock`` with the real uv: which versions it finds, what it refuses, and when a file is stale."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import tomli
from packaging.pylock import Pylock

from tests.cli.conftest import git
from tests.resolutions.promises import member, write_releases
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli.conftest import Wsnox

pytestmark = pytest.mark.real

LOWEST = {"resolutions": ["lowest"]}


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of wheels; treat it as read-only."""
    return write_releases(tmp_path_factory.mktemp("releases") / "wheels")


class Written(Protocol):
    """Write and lock a workspace of *members* that asks for the lowest versions."""

    def __call__(self, *members: MemberSpec, index: Path | None = None, **options: Any) -> Path:
        """Take the *options* of `write_workspace`."""


@pytest.fixture
def written(tmp_path: Path, releases: Path) -> Written:
    """Return the function that does so, in one folder, with a folder of releases as the index."""

    def write(*members: MemberSpec, index: Path | None = None, **options: Any) -> Path:
        root = write_workspace(tmp_path / "w", members, index=index or releases, **{"wsnox": LOWEST, **options})
        lock(root)
        return root

    return write


def _versions(root: Path, name: str = "app-lowest") -> dict[str, str]:
    """Return the version of each distribution in a file, markers after it; one that is a source tree has none."""
    document = tomli.loads((root / f"resolutions/pylock.{name}.toml").read_text(encoding="utf-8"))
    Pylock.from_dict(document)
    return {
        entry["name"] + (f" {entry['marker']}" if "marker" in entry else ""): entry.get("version", "")
        for entry in document["packages"]
    }


@pytest.mark.parametrize(
    ("asked", "groups", "versions"),
    [
        pytest.param(["parse-kit>=1.0"], {}, {"parse-kit": "1.0"}, id="at least"),
        pytest.param(["parse-kit~=1.2"], {}, {"parse-kit": "1.4"}, id="a bound that was never released"),
        pytest.param(["parse-kit==2.7"], {}, {"parse-kit": "2.7"}, id="pinned"),
        pytest.param(["parse-kit>1.4,!=1.9"], {}, {"parse-kit": "2.0"}, id="above, and without one"),
        pytest.param(["client>=0.9"], {}, {"client": "0.9", "parse-kit": "3.1"}, id="what is indirect stays as locked"),
        pytest.param(
            ["client>=1.0", "parse-kit>=1.0"], {}, {"client": "1.0", "parse-kit": "2.0"}, id="another dependency lifts"
        ),
        pytest.param(
            ["parse-kit>=1"], {"dev": ["checker>=1"]}, {"checker": "4.0", "parse-kit": "1.0", "plug": "1.0", "wire": "7.0"},
            id="tools of a group stay as locked",
        ),
        pytest.param(
            ["wire>=5.2"], {"dev": ["wire<8", "plug"]}, {"plug": "1.0", "wire": "5.2"}, id="a group may ask for less"
        ),
        pytest.param(
            ["parse-kit>=1.4 ; sys_platform == 'win32'", "parse-kit>=2 ; sys_platform != 'win32'"],
            {},
            {"parse-kit sys_platform == 'win32'": "1.4", "parse-kit sys_platform != 'win32'": "2.0"},
            id="a bound for each platform",
        ),
        pytest.param(["built>=1.0"], {}, {"built": "2.0"}, id="no source distribution is built"),
    ],
)  # fmt: skip
def test_what_is_lowest(
    wsnox: Wsnox,
    written: Written,
    asked: list[str],
    groups: dict[str, list[str]],
    versions: dict[str, str],
) -> None:
    """Direct dependencies are at the lowest release that their bounds allow, and nothing else moves."""
    root = written(member("app", *asked, groups=groups))
    said = wsnox("lock", root=root)
    assert said.code == 0, said.err
    assert _versions(root) == {"app": "", **versions}
    assert wsnox("lock", "--check", root=root).code == 0


@pytest.mark.parametrize("key", ["environments", "required-environments"])
def test_the_platforms_of_the_workspace(wsnox: Wsnox, written: Written, key: str) -> None:
    """They count, although uv takes them from a manifest alone, and not from another file of settings."""
    app = member("app", "parse-kit>=1.0", "wire>=5 ; sys_platform == 'win32'")
    root = written(app, uv={key: ["sys_platform == 'linux'"]})
    said = wsnox("lock", root=root)
    assert said.code == 0, said.err
    of_linux = key == "environments"
    assert len(_versions(root)) == (2 if of_linux else 3)


def test_a_group_elsewhere(wsnox: Wsnox, written: Written) -> None:
    """Nothing is lifted where a group has another version in environments in which the member needs none."""
    platforms = ["sys_platform == 'win32'", "sys_platform != 'win32'"]
    app = member("app", "wire>=5 ; sys_platform == 'win32'", groups={"dev": ["wire>=6 ; sys_platform != 'win32'"]})
    said = wsnox("lock", root=(root := written(app, uv={"environments": platforms})))
    assert sorted(version for version in _versions(root).values() if version) == ["5.0", "7.0"], said.err
    assert said.out.startswith("app:lowest  1 lower bound  3 "), said.out


def test_several_versions_in_the_lockfile(wsnox: Wsnox, written: Written) -> None:
    """What a group names stays as in uv.lock on each Python, and is not the lowest of these versions on all of them."""
    group = ["forked<3 ; python_version < '3.12'", "forked>=2 ; python_version >= '3.12'"]
    root = written(member("app", "wire>=5", groups={"dev": group}))
    assert wsnox("lock", root=root).code == 0
    assert _versions(root) == {
        "app": "",
        "wire": "5.0",
        "forked python_full_version < '3.12'": "2.0",
        "forked python_full_version >= '3.12'": "3.0",
    }


def test_a_member_with_nothing_to_lower(wsnox: Wsnox, written: Written) -> None:
    """Its groups are no promise to anybody: the session passes whatever is wrong, so that is said, with a way to leave it out."""
    root = written(member("app", "lib", groups={"dev": ["plug"]}), member("lib", "wire>=5"))
    for arguments, row in (((), "nothing to lower  4 distributions, "), (("--check",), "fresh, nothing to lower")):
        said = wsnox("lock", *arguments, root=root)
        assert (said.code, said.out.splitlines()[0].startswith(f"app:lowest  {row}")) == (0, True), said.out
        assert "note: `app:lowest`: nothing but members in `dependencies`, so no bound is tried; `exclude`" in said.err
    manifest = root / "pyproject.toml"
    table = '[tool.wsnox.resolutions.lowest]\nexclude = ["app"]\n'
    text = manifest.read_text(encoding="utf-8").replace('resolutions = [\n    "lowest",\n]\n', table)
    manifest.write_text(text, encoding="utf-8")
    (root / "resolutions/pylock.app-lowest.toml").unlink()
    said = wsnox("lock", "--check", root=root)
    assert (said.code, said.out, said.err) == (0, "lib:lowest  fresh, 1 lower bound\n", "")


def test_a_workspace(wsnox: Wsnox, written: Written) -> None:
    """Extras, siblings, groups of the root, variants and virtual members each have their part, in a file of its own."""
    app = member("app", "lib", "parse-kit>=1", extras={"net": ["wire>=5"], "all": ["app[net]"]})
    members = (
        MemberSpec("lib", dependencies=["built>=2"], tool={"wsnox": {"resolutions": []}}),
        MemberSpec("tool", dependencies=["plug>=0.1"], build_system=False),
    )
    wsnox_table = {**LOWEST, "extras": [[], ["all"]], "root-groups": ["test"]}
    root = written(app, *members, root_groups={"test": ["plug"]}, wsnox=wsnox_table)
    said = wsnox("lock", root=root)
    assert said.out.splitlines() == [
        "app:lowest(all)    2 lower bounds  6 distributions, 4 as in uv.lock",
        "app:lowest(none)   1 lower bound  5 distributions, 4 as in uv.lock",
        "tool:lowest(none)  1 lower bound  1 distribution, 0 as in uv.lock",
    ]
    app_alone = {"app": "", "built": "2.0", "lib": "", "parse-kit": "1.0", "plug": "1.0"}
    assert _versions(root, "app-lowest-none") == app_alone
    assert _versions(root, "app-lowest-all") == {**app_alone, "wire": "5.0"}
    assert _versions(root, "tool-lowest-none") == {"plug": "0.1"}


@pytest.mark.parametrize(
    ("asked", "options", "error"),
    [
        pytest.param(
            ["parse-kit", "wire<8"],
            {},
            """2 lower bounds are missing:
  - `app` has no lower bound for `parse-kit`
  - `app` has no lower bound for `wire`

hint: `uv add --package app "parse-kit>=3.1" "wire>=7.0"`, or `unbounded = ["parse-kit", "wire"]` to leave them untested""",
            id="no bound",
        ),
        pytest.param(
            ["wire>=5", "wire ; python_version >= '3.12'", "plug ; python_version < '3.8'"], {}, "", id="bound elsewhere"
        ),
        pytest.param(
            ["wire>=5 ; python_version < '3.11'", "wire ; python_version >= '3.11'"],
            {},
            "`app` has no lower bound for `wire`",
            id="bound on some Pythons alone",
        ),
        pytest.param(
            ["wire>=5"],
            {"groups": {"dev": ["checker"]}},
            """what `app:lowest` installs beside its members keeps their dependencies from the lowest versions:
  - `wire` would be 6.0 instead of 5.0, for `checker`

hint: let the group or constraint allow less, choose other `groups` for this resolution, or set `lifted = ["wire"]`""",
            id="lifted by a tool of a group",
        ),
        pytest.param(
            ["wire>=5 ; python_version < '3.12'", "wire>=6 ; python_version >= '3.12'"],
            {"groups": {"dev": ["checker"]}},
            "  - `wire` would be 6.0 instead of 5.0, for `checker`\n\n",
            id="lifted to the bound for other Pythons",
        ),
        pytest.param(
            ["wire>=5"], {"uv": {"constraint-dependencies": ["wire>=6"]}}, "`wire` would be 6.0 instead of 5.0, for `constraint-dependencies`",
            id="lifted by a constraint",
        ),
        pytest.param(
            ["wire>=5"], {"uv": {"override-dependencies": ["wire==7.0"]}}, "`wire` would be 7.0 instead of 5.0, for `override-dependencies`",
            id="lifted by an override",
        ),
        pytest.param(["built<2,>=1"], {}, "`build = true` of the resolution lets it build source distributions", id="no wheel"),
        pytest.param(["wire>=5"], {"uv": {"pip": {"resolution": "highest", "no-deps": True}}}, "", id="settings of uv pip"),
    ],
)  # fmt: skip
def test_what_is_refused(
    wsnox: Wsnox, written: Written, asked: list[str], options: Mapping[str, Any], error: str
) -> None:
    """A bound that is missing is refused before uv runs, and one that nothing would test is, too: nothing is written."""
    options = dict(options)
    app = member("app", *asked, groups=options.pop("groups", {}))
    root = written(app, **options)
    said = wsnox("lock", root=root)
    assert error in said.err
    assert said.code == (1 if error else 0), said.err
    assert (root / "resolutions").exists() == (not error)


def test_what_only_a_build_tells(wsnox: Wsnox, written: Written) -> None:
    """Members are built where they have to be, and their dependencies have bounds like those of others."""
    root = written(member("app", "lib"), member("lib", "parse-kit>=1", "wire>=5"))
    manifest = root / "packages/lib/pyproject.toml"
    dynamic = re.sub(r'version = "1.0"|dependencies = \[[^]]*\]', "", manifest.read_text(encoding="utf-8"))
    manifest.write_text(
        dynamic.replace("[project]", '[project]\ndynamic = ["version", "dependencies"]'), encoding="utf-8"
    )
    lock(root)
    said = wsnox("lock", root=root)
    assert (said.code, _versions(root, "lib-lowest")) == (0, {"lib": "", "parse-kit": "1.0", "wire": "5.0"}), said.err
    assert _versions(root) == {"app": "", "lib": "", "parse-kit": "3.1", "wire": "7.0"}
    backend = root / "packages/lib/backend.json"
    backend.write_text(backend.read_text(encoding="utf-8").replace("wire>=5", "wire"), encoding="utf-8")
    manifest.write_text(f"{manifest.read_text(encoding='utf-8')}\n", encoding="utf-8")
    lock(root)
    assert wsnox("lock", "--check", root=root).code == 4
    assert "`lib` has no lower bound for `wire`" in wsnox("lock", root=root).err


@pytest.mark.parametrize(
    ("keys", "wire", "note"),
    [
        ({"lifted": ["wire"]}, "6.0", "0 lower bounds of 1 (wire not 5.0, as `lifted` allows)"),
        ({"unbounded": ["wire"]}, "7.0", "0 lower bounds (wire not tested)"),
        ({"groups": []}, "5.0", "1 lower bound"),
        ({"groups": [], "constraints": ["wire>5"]}, "5.2", "1 lower bound"),
    ],
)
def test_the_keys_of_a_resolution(wsnox: Wsnox, written: Written, keys: dict[str, Any], wire: str, note: str) -> None:
    """What is accepted is said, and so is what is left untested."""
    table = {"resolutions": {"oldest": {"base": "lowest", **keys}}}
    root = written(member("app", "wire>=5", groups={"dev": ["checker"]}), wsnox=table)
    said = wsnox("lock", root=root)
    assert said.code == 0, said.err
    assert said.out.startswith(f"app:oldest  {note}  ")
    assert _versions(root, "app-oldest")["wire"] == wire


def test_equal_inputs_give_equal_bytes(
    wsnox: Wsnox, written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another clone, a second run and variables that would resolve otherwise change nothing; installers take the file."""
    app = member("app", "parse-kit>=1", groups={"dev": ["checker"]})
    root = written(app)
    file = root / "resolutions/pylock.app-lowest.toml"
    assert wsnox("lock", root=root).code == 0
    content = file.read_bytes()
    assert wsnox("lock", root=root).out.endswith("unchanged\n")
    clone = tmp_path / "elsewhere" / "clone"
    shutil.copytree(root, clone, ignore=shutil.ignore_patterns("resolutions"))
    hostile = {"RESOLUTION": "highest", "PRERELEASE": "allow", "NO_SOURCES": "1", "EXCLUDE_NEWER": "2001-01-01"}
    constraint = tmp_path / "c.txt"
    constraint.write_text("parse-kit==2.7\n", encoding="utf-8")
    for name, value in {**hostile, "CONSTRAINT": str(constraint), "PROJECT": "/"}.items():
        monkeypatch.setenv(f"UV_{name}", value)
    said = wsnox("lock", root=clone)
    assert said.code == 0, said.err
    assert (clone / "resolutions/pylock.app-lowest.toml").read_bytes() == content
    for name in (*hostile, "CONSTRAINT", "PROJECT"):
        monkeypatch.delenv(f"UV_{name}")
    assert uv(root, "venv", str(tmp_path / "venv")).returncode == 0
    installed = uv(root, "pip", "sync", "--python", str(tmp_path / "venv"), str(file))
    assert installed.returncode == 0, installed.stderr


def test_new_releases_come_when_asked(wsnox: Wsnox, written: Written) -> None:
    """An earlier file holds its versions until an upgrade of all, or of one; then they are those of ``uv.lock``."""
    app = member("app", "client>=0.9", groups={"dev": ["checker"]})
    root = written(app, uv={"constraint-dependencies": ["parse-kit<3", "plug<1"]})
    assert wsnox("lock", root=root).code == 0
    (root / "uv.lock").unlink()
    written(app)
    assert wsnox("lock", root=root).code == 0
    old = _versions(root)
    assert (old["parse-kit"], old["plug"]) == ("2.7", "0.1")
    assert wsnox("lock", "--upgrade-package", "plug", root=root).code == 0
    assert _versions(root) == {**old, "plug": "1.0"}
    assert wsnox("lock", "--upgrade", root=root).code == 0
    assert _versions(root) == {**old, "plug": "1.0", "parse-kit": "3.1"}


def test_the_latest_versions(wsnox: Wsnox, written: Written) -> None:
    """They are those of today, within the bounds, and stay as they are until an upgrade; no dependency needs a bound."""
    app = member("app", "parse-kit", "client<1", groups={"dev": ["checker"]})
    root = written(app, uv={"constraint-dependencies": ["parse-kit<2", "plug<1"]}, wsnox={"resolutions": ["latest"]})
    assert wsnox("lock", root=root).out == "app:latest  6 distributions, 6 as in uv.lock\n"
    written(app, wsnox={"resolutions": ["latest"]})
    latest = {"app": "", "checker": "4.0", "client": "0.9", "parse-kit": "3.1", "plug": "1.0", "wire": "7.0"}
    assert wsnox("lock", root=root).out.startswith("app:latest  6 distributions, ")
    assert _versions(root, "app-latest") == {**latest, "parse-kit": "1.9", "plug": "0.1"}
    assert wsnox("lock", "--upgrade", root=root).code == 0
    assert _versions(root, "app-latest") == latest
    assert wsnox("lock", "--check", root=root).out == "app:latest  fresh\n"


KIT = MemberSpec("parse-kit", version="3.2", dependencies=["wire>=5"], modules={"parse_kit.py": "def parse(): ...\n"})


@pytest.mark.parametrize(
    ("bound", "unreleased", "kit"),
    [
        ("parse-kit>=1.4", [], "1.4"),
        ("parse-kit>=2.5", [], "2.7"),
        ("parse-kit>=3.2", [], ""),
        ("parse-kit>=1.4", ["parse-kit"], ""),
        ("parse-kit<4", [], None),
    ],
)
def test_what_is_published(wsnox: Wsnox, written: Written, bound: str, unreleased: list[str], kit: str | None) -> None:
    """Other members are as an index has them, at the lowest, or as they are if none has what is needed; the rest is as locked."""
    table = {"resolutions": {"published": {"exclude": ["parse-kit"], "unreleased": unreleased}}}
    root = written(member("app", bound, "built", groups={"dev": ["plug"]}), KIT, wsnox=table)
    said = wsnox("lock", root=root)
    if kit is None:
        assert (said.code, 'hint: `uv add --package app "parse-kit>=3.2"`' in said.err) == (1, True), said.err
        return
    note = "1 lower bound" if kit else "parse-kit not released"
    assert said.out.startswith(f"app:published  {note}  "), said.err
    wire = {} if kit else {"wire": "7.0"}
    assert _versions(root, "app-published") == {"app": "", "built": "2.0", "parse-kit": kit, "plug": "1.0", **wire}
    file = (root / "resolutions/pylock.app-published.toml").read_text(encoding="utf-8")
    assert 'directory = { path = "../packages/app", editable = false }' in file
    assert wsnox("lock", "--check", root=root).code == 0


def test_the_latest_of_other_members(wsnox: Wsnox, written: Written, tmp_path: Path, releases: Path) -> None:
    """It is what somebody gets who installs the member today, needs no bound, and stays until an upgrade."""
    index = shutil.copytree(releases, tmp_path / "index")
    table = {"resolutions": {"published": {"exclude": ["parse-kit"], "siblings": "latest"}}}
    root = written(member("app", "parse-kit", "wire>=5"), KIT, wsnox=table, index=index)
    assert wsnox("lock", root=root).out == "app:published  3 distributions, 2 as in uv.lock\n"
    assert _versions(root, "app-published") == {"app": "", "parse-kit": "3.1", "wire": "7.0"}
    build_wheel(index, Wheel("parse-kit", "3.1.5"))
    assert wsnox("lock", root=root).out.endswith("unchanged\n")
    assert wsnox("lock", "--upgrade-package", "parse-kit", root=root).code == 0
    assert _versions(root, "app-published") == {"app": "", "parse-kit": "3.1.5", "wire": "7.0"}
    assert wsnox("lock", "--check", "--strict", root=root).code == 0


def test_what_groups_need_of_members_that_no_index_has(wsnox: Wsnox, written: Written) -> None:
    """Helpers of tests that are published nowhere are taken as they are, with the extras that only a group asks for."""
    app = member("app", "lib>=1", groups={"dev": ["helpers", "lib[net]"]})
    nowhere = (member("lib", extras={"net": ["net>=1"]}), member("net"), member("helpers", "wire>=5"))
    root = written(app, *nowhere, wsnox={"resolutions": {"published": {"members": ["app"]}}})
    said = wsnox("lock", root=root)
    assert said.out.startswith("app:published  helpers not released; lib not released; net not released  "), said.err
    assert _versions(root, "app-published") == {"app": "", "helpers": "", "lib": "", "net": "", "wire": "7.0"}


def test_what_a_change_affects(wsnox: Wsnox, written: Written) -> None:
    """A file affects the session that installs it, and an update of ``uv.lock`` every session but those."""
    root = written(member("app", "wire>=5"), member("lib", "parse-kit>=1"))
    assert wsnox("lock", root=root).code == 0
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    file = root / "resolutions/pylock.app-lowest.toml"
    file.write_text(f"{file.read_text(encoding='utf-8')}# changed\n", encoding="utf-8")
    assert wsnox("affected", "--since", "HEAD", "--all", root=root).out.split() == ["app:lowest"]
    git(root, "checkout", "-q", ".")
    assert uv(root, "lock", "--upgrade-package", "wire==6.0").returncode == 0
    affected = wsnox("affected", "--since", "HEAD", "--all", root=root).out.split()
    assert {"app", "app:imports"} <= {*affected}
    assert "app:lowest" not in affected


def test_odd_places(wsnox: Wsnox, tmp_path: Path, releases: Path) -> None:
    """A folder with a space is one like others; a dependency that comes from a file has no version to be lowest."""
    folder = shutil.copytree(releases, tmp_path / "my wheels")
    wheel = next(folder.glob("plug-1.0-*.whl"))
    app = MemberSpec(
        "app",
        path="my packages/app",
        dependencies=["lib", "plug>=0.1"],
        extras={"net": ["wire>=5"]},
        tool={"uv": {"sources": {"plug": {"path": str(wheel)}}}},
    )
    lib = MemberSpec("lib", path="my packages/lib", dependencies=["parse-kit>=1"])
    table = {**LOWEST, "extras": ["net"]}
    root = write_workspace(tmp_path / "my work", [app, lib], index=folder, wsnox=table)
    lock(root)
    said = wsnox("lock", "app", root=root)
    assert said.out.startswith("app:lowest  1 lower bound (plug not tested)  "), said.err
    assert _versions(root) == {"app": "", "lib": "", "parse-kit": "3.1", "plug": "1.0", "wire": "5.0"}
    assert wsnox("closure", "--session", "app:lowest", root=root).code == 0
    assert wsnox("lock", "app", "--check", root=root).code == 0


STALE = {
    "a bound": (("parse-kit>=1", "parse-kit>=2"), "`app` now has `parse-kit>=2`"),
    "a dependency": (('"parse-kit>=1"', '"parse-kit>=1", "wire>=5"'), "`app` now has `wire>=5`"),
    "a group": (("checker", "plug"), "`app:dev` now has `plug`"),
    "the Python": ((">=3.10", ">=3.11"), "`Python` now has `3.11`"),
    "nothing": (('version = "1.0"', 'version = "1.1" # >=3'), ""),
}


@pytest.mark.parametrize(("change", "clause"), STALE.values(), ids=[*STALE])
def test_what_makes_a_file_stale(wsnox: Wsnox, written: Written, change: tuple[str, str], clause: str) -> None:
    """What decides the versions does, in words; a version of the member does not. Neither uv nor uv.lock is asked."""
    root = written(member("app", "parse-kit>=1", groups={"dev": ["checker"]}))
    assert wsnox("lock", root=root).code == 0
    manifest = root / "packages/app/pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    assert change[0] in text
    manifest.write_text(text.replace(*change), encoding="utf-8")
    (root / "uv.lock").unlink()
    said = wsnox("lock", "--check", root=root)
    assert (said.code, clause in said.err) == (4 if clause else 0, True), said.err


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda text: text.replace('version = "1.0"', 'version = "0.9"'), "is not a lockfile of PEP 751"),
        (lambda text: text.replace('{ name = "parse-kit" }', '{ name = "gone" }'), "has no package 'gone'"),
        (lambda text: text.partition("[tool.wsnox]")[0], "has no `[tool.wsnox]` that wsnox wrote"),
        (lambda text: text[:150], "is not a lockfile of PEP 751"),
        (lambda text: f"<<<<<<< ours\n{text}", "is not a lockfile of PEP 751"),
        (lambda text: text.replace("version = 1\n", "version = 99\n"), "it is of version `99`"),
    ],
)
def test_a_damaged_file(wsnox: Wsnox, written: Written, damage: Any, problem: str) -> None:
    """A hand that edits, or a merge, is noticed, and the hint repairs it."""
    root = written(member("app", "parse-kit>=1"))
    assert wsnox("lock", root=root).code == 0
    file = root / "resolutions/pylock.app-lowest.toml"
    content = file.read_text(encoding="utf-8")
    assert damage(content) != content
    file.write_text(damage(content), encoding="utf-8")
    said = wsnox("lock", "--check", root=root)
    assert said.code == 4
    assert problem in said.err
    assert "hint: run `wsnox lock app:lowest`" in said.err
    assert wsnox("lock", "app:lowest", root=root).code == 0
    assert file.read_text(encoding="utf-8") == content


def test_a_file_of_no_session(wsnox: Wsnox, written: Written) -> None:
    """A session that is gone leaves a file that would be committed for ever; what wsnox did not write is not its concern."""
    root = written(member("app", "wire>=5"), member("lib", "wire>=5"))
    assert wsnox("lock", root=root).code == 0
    (root / "resolutions/pylock.other.toml").write_text('lock-version = "1.0"\n', encoding="utf-8")
    assert wsnox("lock", "--check", root=root).code == wsnox("check", root=root).code == 0
    written(member("app", "wire>=5"))
    said = wsnox("lock", "--check", root=root)
    assert (said.code, said.out) == (4, "app:lowest  fresh, 1 lower bound\n")
    assert said.err.startswith("error: `resolutions/pylock.lib-lowest.toml` is of no session\n")
    assert json.loads(wsnox("lock", "--check", "--json", root=root).out)["resolutions"][1]["session"] is None
    checked = wsnox("check", root=root)
    assert (checked.code, "`resolutions/pylock.lib-lowest.toml` is of no session: delete it" in checked.out) == (
        1,
        True,
    )
    assert wsnox("lock", "app", "--check", root=root).code == wsnox("check", "app", root=root).code == 0


def test_strict_and_json(wsnox: Wsnox, written: Written) -> None:
    """A bound that another dependency lifts is a note, and with ``--strict`` an error; as data both say the same."""
    root = written(member("app", "client>=1.0", "parse-kit>=1.0"))
    said = json.loads(wsnox("lock", "--json", root=root).out)["resolutions"]
    assert said == [
        {
            "session": "app:lowest",
            "file": "resolutions/pylock.app-lowest.toml",
            "changed": True,
            "reason": None,
            "floors": {"client": "1.0", "parse-kit": "2.0"},
            "lifted": {"parse-kit": "not 1.0, for client"},
            "untested": [],
            "unreleased": [],
            "omitted": {},
        }
    ]
    assert wsnox("lock", "--check", root=root).code == 0
    strict = wsnox("lock", "--check", "--strict", root=root)
    assert (strict.code, "`parse-kit` is not 1.0, for client" in strict.err) == (4, True), strict.err


@pytest.mark.parametrize(
    ("bound", "held", "later", "drift"),
    [
        ("client>=0.9", "3.1", "2.7", "`parse-kit` is 3.1, and 2.7 in `uv.lock`"),
        ("client>=0.8", "1.9", "3.1", ""),
        ("client>=0.8", "1.9", "2.7", "`parse-kit` is 1.9, and 2.7 in `uv.lock`"),
    ],
)
def test_strict_about_what_is_kept(
    wsnox: Wsnox, written: Written, *, bound: str, held: str, later: str, drift: str
) -> None:
    """What could be as in ``uv.lock`` and is not counts with ``--strict``, until an upgrade; what a lower bound forces does not."""
    root = written(member("app", bound))
    assert wsnox("lock", root=root).code == 0
    assert _versions(root)["parse-kit"] == held
    assert wsnox("lock", "--check", "--strict", root=root).code == 0
    assert uv(root, "lock", "--upgrade-package", f"parse-kit=={later}").returncode == 0
    assert wsnox("lock", "--check", root=root).code == 0
    assert wsnox("lock", root=root).out.endswith("unchanged\n")
    strict = wsnox("lock", "--check", "--strict", root=root)
    assert (strict.code, drift in strict.err) == (4 if drift else 0, True), strict.err
    assert ("hint: run `wsnox lock --upgrade app:lowest`" in strict.err) == bool(drift)
    assert wsnox("lock", "--upgrade-package", "parse-kit", root=root).code == 0
    assert wsnox("lock", "--check", "--strict", root=root).code == 0


def test_what_cannot_be_named(wsnox: Wsnox, written: Written, releases: Path) -> None:
    """Unknown names, a workspace without any resolution, and one without a lockfile are refused with a way on."""
    root = written(member("app", "wire>=5"), member("lib", "wire>=5"))
    assert "did you mean `app:lowest`?" in wsnox("lock", "ap:lowest", root=root).err
    assert "`workspace` has no resolution of its own" in wsnox("lock", "workspace", root=root).err
    assert wsnox("lock", "app", root=root).out.startswith("app:lowest ")
    assert not (root / "resolutions/pylock.lib-lowest.toml").exists()
    (root / "uv.lock").unlink()
    assert "run `uv lock`" in wsnox("lock", root=root).err
    write_workspace(root, [member("app", "wire>=5")], index=releases)
    assert 'set `resolutions = ["lowest"]`' in wsnox("lock", root=root).err

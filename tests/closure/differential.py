"""Write a drawn workspace, ask the real uv what a selection installs, and hold wsnox's answer against it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import dataclass, replace
from functools import cache
from platform import python_implementation, python_version, python_version_tuple
from typing import TYPE_CHECKING, Any, Literal

import tomli
import tomli_w
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from tests import oracle_adapter
from tests.closure.strategies import ASSETS
from tests.support.processes import uv
from tests.support.wheels import Wheel, build_sdist, build_wheel
from tests.support.workspaces import MemberSpec, write_member
from wsnox.errors import AmbiguousClosureError, ConflictError, WsnoxError
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tests.closure.strategies import Draft, Shape

__all__ = [
    "ENVIRONMENTS",
    "Comparison",
    "Locked",
    "build_assets",
    "differences",
    "installs",
    "lock_shape",
    "write_shape",
]

Lines = list[tuple[str, str]]
"""The lines of ``uv export``, each with its marker."""

PLACES = ("linux", "windows", "macos", "linux-aarch64")
ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    **{
        f"{python} {place}": dict(describe(python, place).values)
        for python in ("3.9.18", "3.11.7", "3.12.0", "3.13.2")
        for place in PLACES
    },
    "pypy 3.11.3 linux": {
        **dict(describe("3.11.3", "linux").values),
        "implementation_name": "pypy",
        "platform_python_implementation": "PyPy",
    },
}
"""Marker values by the name of the environment that has them."""

_HERE = {
    "implementation_name": sys.implementation.name,
    "platform_python_implementation": python_implementation(),
    "python_full_version": python_version(),
    "python_version": ".".join(python_version_tuple()[:2]),
}
_TRIPLES = {"linux": "unknown-linux-gnu", "darwin": "apple-darwin", "win32": "pc-windows-msvc"}
_FLAGS = ArgumentParser()
for _flag, _name in (("package", "packages"), ("extra", "extras"), ("group", "groups"), ("only-group", "only_groups")):
    _FLAGS.add_argument(f"--{_flag}", dest=_name, action="append", default=[])
for _flag in ("all-packages", "all-extras", "all-groups"):
    _FLAGS.add_argument(f"--{_flag}", action="store_true")
_FLAGS.add_argument("--no-default-groups", dest="default_groups", action="store_false")


# --- writing ---------------------------------------------------------------------------------------------------------


def build_assets(folder: Path) -> Path:
    """Write into *folder* what the workspaces share: archives, source trees and git repositories; return *folder*."""
    for name in ("v-wheel", "v-url", "v-fork"):
        build_wheel(folder, _vendored(name))
    build_wheel(folder, _vendored("v-fork", "2.0"))
    build_sdist(folder, _vendored("v-sdist"))
    for name in ("v-dir", "v-live", "v-virtual", "v-outside", "repository/v-git", "v-tag"):
        wheel = _vendored(name.rpartition("/")[2])
        (folder / name).mkdir(parents=True)
        spec = MemberSpec(wheel.name, dependencies=wheel.requires, extras=wheel.extras, requires_python="")
        write_member(folder / name, spec)
    for name in ("repository", "v-tag"):
        for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first"), ("tag", "v1")):
            identity = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
            subprocess.run(["git", *identity, *words], cwd=folder / name, check=True, capture_output=True)
    return folder


def _vendored(name: str, version: str = "1.0") -> Wheel:
    return Wheel(name, version, requires=["leaf ; sys_platform != 'win32'"], extras={"x": ["mid[x]"]})


def write_shape(shape: Shape, folder: Path, assets: Path) -> Path:
    """Write *shape* below *folder* and return the workspace's root."""
    root, index = folder / "workspace", folder / "index"
    index.mkdir(parents=True)
    for wheel in shape.wheels:
        build_wheel(index, wheel)
    _copy(assets, root / "vendor", folder / "outside")
    _write_manifests(shape, root, assets, {})
    return root


def lock_shape(shape: Shape, root: Path, assets: Path) -> str:
    """Lock *shape*, which stands at *root*, then let time pass; return what uv says where it finds no solution."""
    done = uv(root, "lock", "--offline")
    if done.returncode:
        return done.stderr
    if shape.downgraded:
        lockfile = root / "uv.lock"
        lockfile.write_text(_downgraded(lockfile.read_text(encoding="utf-8")), encoding="utf-8")
    later = {project.path: project.later for project in shape.projects if project.later}
    if later:
        _write_manifests(shape, root, assets, later)
    return ""


def _downgraded(text: str) -> str:
    """Return the lockfile *text* without what revisions 4 and 5 added."""
    text = re.sub(r"^revision = \d+$", "revision = 3", text, flags=re.MULTILINE)
    text = re.sub(r"^default-groups = (\[[^]]*\]|\"all\")\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^group-requires-python = .*\n", "", text, flags=re.MULTILINE)
    heads = re.split(r"(?=^\[)", text, flags=re.MULTILINE)
    kept = [re.sub(r"^\S+ = \[\]\n", "", head, flags=re.MULTILINE) if _is_part(head) else head for head in heads]
    return "".join(kept)


def _is_part(table: str) -> bool:
    return table.startswith(("[package.optional-dependencies]", "[package.dev-dependencies]"))


def _write_manifests(shape: Shape, root: Path, assets: Path, later: Mapping[str, Mapping[str, Any]]) -> None:
    flat = {"name": "local", "url": str(root.parent / "index"), "format": "flat", "default": True}
    table = {"index": [flat], **shape.root}
    top: dict[str, Any] = {"tool": {"uv": table}}
    if shape.root_groups:
        top["dependency-groups"] = dict(shape.root_groups)
    for draft in shape.projects:
        project = replace(draft, **later.get(draft.path, {}))
        manifest = _manifest(project)
        if project.path == ".":
            manifest["tool"] = {"uv": {**project.uv, **table, **_joined("conflicts", project.uv, table)}}
            top = {}
        directory = root / project.path
        directory.mkdir(parents=True, exist_ok=True)
        manifest = _filled(manifest, assets)
        # What the backend builds of it says the same.
        extras = manifest["project"].get("optional-dependencies", {})
        dependencies = manifest["project"]["dependencies"]
        spec = MemberSpec(project.name, dependencies=dependencies, extras=extras, build_system=project.build_system)
        write_member(directory, spec, manifest)
    if top:
        (root / "pyproject.toml").write_text(tomli_w.dumps(_filled(top, assets)), encoding="utf-8")


def _copy(assets: Path, vendor: Path, outside: Path) -> None:
    vendor.mkdir(parents=True)
    for path in assets.iterdir():
        if path.is_file():
            shutil.copyfile(path, vendor / path.name)
        elif path.name in ("v-dir", "v-live", "v-virtual"):
            shutil.copytree(path, vendor / path.name)
    shutil.copytree(assets / "v-outside", outside / "v-outside")


def _manifest(project: Draft) -> dict[str, Any]:
    spec = MemberSpec(
        project.name,
        dependencies=project.dependencies,
        extras=project.extras,
        groups=project.groups,
        requires_python="",
        build_system=project.build_system,
        tool={"uv": project.uv} if project.uv else {},
    )
    manifest = spec.manifest()
    manifest["project"].update(project.project)
    if project.dynamic:
        del manifest["project"]["version"]
        manifest["project"]["dynamic"] = ["version"]
    return manifest


def _joined(key: str, *tables: Mapping[str, Any]) -> dict[str, Any]:
    items = [item for table in tables for item in table.get(key, ())]
    return {key: items} if items else {}


def _filled(manifest: dict[str, Any], assets: Path) -> dict[str, Any]:
    return tomli.loads(tomli_w.dumps(manifest).replace(ASSETS, assets.as_uri()))


# --- asking uv -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Locked:
    """A locked workspace, with what is needed to read uv's answers about it."""

    root: Path
    environments: Mapping[str, Mapping[str, str]]
    unsupported: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]

    @classmethod
    def at(cls, root: Path) -> Locked:
        """Return the workspace at *root*; the lockfile is read without wsnox. What was remembered of it is forgotten."""
        for remembered in (oracle_adapter._read, oracle_adapter._resolver, _dry_run):
            remembered.cache_clear()
        raw = tomli.loads((root / "uv.lock").read_text(encoding="utf-8"))
        bounds, supported = SpecifierSet(raw["requires-python"]), raw.get("supported-markers", ())
        inside = {name: values for name, values in ENVIRONMENTS.items() if values["python_full_version"] in bounds}
        within = {
            name: values
            for name, values in inside.items()
            if not supported or any(_holds(marker, values) for marker in supported)
        }
        names: dict[str, str] = {}
        for package in raw.get("package", ()):
            for key in ("editable", "directory", "virtual", "path"):
                if key in package["source"]:
                    names[package["source"][key]] = package["name"]
        return cls(root, within, {name: inside[name] for name in inside.keys() - within.keys()}, names)


def _exported(locked: Locked, flags: Sequence[str]) -> Lines | str:
    """Return each line of uv's answer with its marker, or what uv says where it refuses."""
    done = uv(locked.root, "export", "--frozen", "--no-hashes", "--no-header", "--no-annotate", *flags)
    if done.returncode:
        return done.stderr.strip()
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return [(_label(locked, line.partition(" ; ")[0].strip()), line.partition(" ; ")[2]) for line in lines]


def _label(locked: Locked, line: str) -> str:
    """Return a line of ``uv export`` in the words of the oracle's adapter."""
    line = line.removeprefix("-e ")
    if "==" in line and " @ " not in line:
        return line
    name, at, place = line.rpartition(" @ ")
    if place.startswith("git+"):
        return line
    path = re.sub(r"^file://", "", place)
    path = path.removeprefix("./") or "."
    return f"{name if at else locked.names.get(path, '?')} @ path:{path}"


@cache
def _marker(text: str) -> Marker:
    return Marker(text)


def _holds(marker: str, environment: Mapping[str, str]) -> bool:
    return not marker or _marker(marker).evaluate(dict(environment))


# --- comparing -------------------------------------------------------------------------------------------------------


@dataclass
class Comparison:
    """How much was compared, and what differed.

    *answers* and *refusals* of uv are counted for each environment. *ambiguous* are answers that hold two packages of
    one name, which wsnox has to refuse. *overruled* are answers that ``uv sync`` does not stand by, and wsnox agrees
    with it: export evaluates conflicts by its own means and does not look for those that dependencies bring about.
    *undecided* are differences about which sync cannot be asked, because it refuses this interpreter.
    """

    selections: int = 0
    answers: int = 0
    refusals: int = 0
    ambiguous: int = 0
    overruled: int = 0
    undecided: int = 0
    differing: tuple[str, ...] = ()


def selected(flags: Sequence[str]) -> dict[str, Any]:
    """Return *flags* as the selection that the oracle's adapter takes."""
    return vars(_FLAGS.parse_args(flags))


def differences(locked: Locked, selections: Iterable[Sequence[str]]) -> Comparison:
    """Compare uv and wsnox on each of the *selections*, in every environment of the lockfile."""
    result = Comparison()
    for flags in selections:
        result.selections += 1
        lines = _exported(locked, flags)
        for name, environment in locked.environments.items():
            if isinstance(lines, str):
                problem = _refusal(locked, flags, environment, result)
            else:
                problem = _difference(locked, flags, environment, lines, result)
            if problem:
                reason = f" ({lines})" if isinstance(lines, str) else ""
                result.differing += (f"{' '.join(flags)} [{name}]: {problem}{reason}",)
        for name, environment in locked.unsupported.items():
            if isinstance(_answer(locked, flags, environment), set):
                result.differing += (f"{' '.join(flags)} [{name}]: accepted outside the supported environments",)
    return result


def _refusal(locked: Locked, flags: Sequence[str], environment: Mapping[str, str], result: Comparison) -> str:
    answer = _answer(locked, flags, environment)
    result.refusals += 1
    return f"uv refuses, wsnox answers {sorted(answer)}" if isinstance(answer, set) else ""


def _answer(locked: Locked, flags: Sequence[str], environment: Mapping[str, str]) -> set[str] | WsnoxError:
    try:
        return oracle_adapter.closure(locked.root, selected(flags), dict(environment))
    except WsnoxError as error:
        return error


def installs(root: Path, flags: Sequence[str], environment: Mapping[str, str]) -> dict[str, str] | WsnoxError:
    """Return the version of each distribution that wsnox installs, or its refusal."""
    try:
        packages = oracle_adapter.packages(root, selected(flags), dict(environment))
    except WsnoxError as error:
        return error
    # A dynamic version is not in the lockfile; the test backend builds 1.0 of everything.
    return {package.name: package.version or "1.0" for package in packages}


def _difference(
    locked: Locked, flags: Sequence[str], environment: Mapping[str, str], lines: Lines, result: Comparison
) -> str:
    """Return how wsnox differs from the exported *lines* where uv itself stands by them, else an empty string."""
    answer = _answer(locked, flags, environment)
    expected = _evaluated(lines, environment)
    if _doubled(map(_distribution, expected)):
        result.ambiguous += 1
        if isinstance(answer, WsnoxError):
            return ""
    else:
        result.answers += 1
        if answer == expected:
            return ""
    if isinstance(answer, WsnoxError) and not isinstance(answer, AmbiguousClosureError | ConflictError):
        verdict = "differs"
    else:
        verdict = _verdict_of_sync(locked, flags, environment, lines)
    result.overruled += verdict == "overruled"
    result.undecided += verdict == "undecided"
    if verdict != "differs":
        return ""
    if isinstance(answer, WsnoxError):
        return f"wsnox refuses ({type(answer).__name__}: {answer.sentence}), uv answers {sorted(expected)}"
    return f"missing {sorted(expected - answer)}, too many {sorted(answer - expected)}"


def _verdict_of_sync(
    locked: Locked, flags: Sequence[str], environment: Mapping[str, str], lines: Lines
) -> Literal["differs", "overruled", "undecided"]:
    """Ask ``uv sync``, which knows this interpreter alone, on the platform of *environment*."""
    here = {**environment, **_HERE}
    done = _dry_run(locked.root, (*flags, "--python-platform", _platform(environment)))
    if done.returncode and "conflicting extras" not in done.stderr:
        return "undecided"
    installed = sorted(map(_distribution, re.findall(r"^ \+ (.*)$", done.stderr, re.MULTILINE)))
    answer = _answer(locked, flags, here)
    if done.returncode or _doubled(installed):
        return "overruled" if isinstance(answer, WsnoxError) else "differs"
    if isinstance(answer, WsnoxError) or installed == sorted(map(_distribution, _evaluated(lines, here))):
        return "differs"
    return "overruled" if installed == sorted(map(_distribution, answer)) else "differs"


def _platform(environment: Mapping[str, str]) -> str:
    machine = "aarch64" if environment["platform_machine"] in ("arm64", "aarch64") else "x86_64"
    return f"{machine}-{_TRIPLES[environment['sys_platform']]}"


def _evaluated(lines: Lines, environment: Mapping[str, str]) -> set[str]:
    return {label for label, marker in lines if _holds(marker, environment)}


def _doubled(distributions: Iterable[tuple[str, str]]) -> bool:
    names = [name for name, _ in distributions]
    return len(set(names)) != len(names)


def _distribution(label: str) -> tuple[str, str]:
    """Return the name and version in *label*; the version is empty for what is from no registry."""
    name = label.partition("==")[0].partition(" @ ")[0]
    return name, "" if " @ " in label else label.partition("==")[2]


@cache
def _dry_run(root: Path, flags: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return uv(root, "sync", "--frozen", "--dry-run", *flags)

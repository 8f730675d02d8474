"""Which wheels an interpreter may take, of all that a lockfile names: most are for other systems and other Pythons.

Only wheels that certainly do not fit are left out (PyPA specifications, platform compatibility tags; uv's
crates/uv-platform-tags). packaging lists what a known interpreter takes; of a described platform neither the C library
nor the build of Python is known, and what is unknown rules out no wheel. So the interpreter's tags are those that
packaging lists for every build it may be, and the platform's are judged one by one.

1. A plan with every wheel takes uv longer to read than to install from, so those that do not fit are left out of it
   (`compatible_wheels`).
2. A package without any wheel that fits, and without a source distribution, cannot be installed (`Availability`).
   Nor can one whose files ``no-build`` or ``no-binary`` rule out. Source trees are always built.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.errors import NoArtifactError
from wsnox.lock import Directory, Git, Virtual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.closure.model import Closure, ClosurePackage
    from wsnox.lock import Artifact, Lock, Package
    from wsnox.markers.target import Target
    from wsnox.workspace.declarations import BuildOptions

__all__ = ["Availability", "Compatibility", "Platform", "compatible_wheels", "may_suit_python"]

# Compiled where a wheel is for one platform: of most closures none is looked at.
_FLAGS = r"(?:cpython-|cp)\d+(?P<flags>[a-z]*)"
_SYSTEM = r"win|macosx|(?:many|musl)?linux|android_|ios_|emscripten_|pyodide_|wasi_"
_SYSTEMS = {
    "win": "win32",
    "macosx": "darwin",
    "android_": "android",
    "ios_": "ios",
    "emscripten_": "emscripten",
    "pyodide_": "emscripten",
    "wasi_": "wasi",
}
_MACHINE = r"_(x86_64|i686|aarch64|armv[678]l|ppc64le|ppc64|s390x|riscv64|loongarch64)$"
# A 32-bit Python, too, reports the name of the machine.
_MACHINES = {"x86_64": {"x86_64", "i686"}, "aarch64": {"aarch64", "armv6l", "armv7l", "armv8l"}}
_LIBC = r"(?P<libc>many|musl)linux(?:_(?P<major>\d+)_(?P<minor>\d+)|(?P<year>1|2010|2014))_"
_YEARS = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}
_MACOS = r"macosx_(?P<major>\d+)_\d+_(?P<kind>\w+)"


class Platform(Record):
    """The properties of a platform that wheels depend on and markers do not tell, each empty if unknown.

    *abi* is the interpreter's tag in the names of compiled modules (``cpython-313t-x86_64-linux-gnu``), *glibc* the
    version of the C library, *macos* that of the system.
    """

    abi: str = ""
    glibc: str = ""
    macos: str = ""


class Compatibility:
    """Decides which wheels the interpreter *target* on *platform* may take."""

    def __init__(self, target: Target, platform: Platform = Platform()) -> None:  # noqa: B008 - a frozen record
        values = dict(target.values)
        self._system, self._machine = values["sys_platform"], values["platform_machine"]
        # The names of compiled modules tell a 64-bit Python from a 32-bit one.
        exact = {self._machine} if f"-{self._machine}-linux" in platform.abi else None
        self._machines = exact or _MACHINES.get(self._machine)
        self._implementation = values["implementation_name"]
        self._minor = int(values["python_version"].rpartition(".")[2])
        self._platform, self._musl = platform, platform.abi.endswith("musl")
        self._by_tags: dict[tuple[str, ...], bool] = {}

    def may_take(self, filename: str) -> bool:
        """Return whether the wheel *filename* may fit; of several tags one has to."""
        parts = filename.removesuffix(".whl").split("-")
        if len(parts) != 5 and not (len(parts) == 6 and parts[2][:1].isdigit()):
            # With the label of a variant, or not the name of a wheel at all.
            return True
        # Thousands of wheels share few tags, so each set of tags is decided once.
        tags = tuple(parts[-3:])
        if tags not in self._by_tags:
            pythons, abis, platforms = (part.split(".") for part in tags)
            self._by_tags[tags] = any(map(self._is_on, platforms)) and any(
                self._runs(python, abi) for python in pythons for abi in abis
            )
        return self._by_tags[tags]

    def wheels_of(self, package: Package) -> tuple[Artifact, ...]:
        """Return those wheels of *package* that may fit."""
        return tuple(wheel for wheel in package.wheels if self.may_take(wheel.filename))

    @cached_property
    def _interpreter_tags(self) -> frozenset[tuple[str, str]]:
        flags = re.match(_FLAGS, self._platform.abi)
        return frozenset(_interpreter_tags(self._minor, flags["flags"] if flags else None))

    @cached_property
    def _glibc(self) -> tuple[int, int] | None:
        return _release(self._platform.glibc)

    @cached_property
    def _macos(self) -> tuple[int, int] | None:
        return _release(self._platform.macos)

    def _runs(self, python: str, abi: str) -> bool:
        if (python, abi) == ("py3", "none"):
            return True
        if self._implementation == "cpython":
            return (python, abi) in self._interpreter_tags
        # Of other implementations only this is known: none takes wheels for CPython, and each takes pure ones.
        return (python, "none") in self._interpreter_tags if python.startswith("py") else not python.startswith("cp")

    def _is_on(self, platform: str) -> bool:
        system = re.match(_SYSTEM, platform)
        if system is None:
            return True
        if _SYSTEMS.get(system[0], "linux") != self._system:
            # Which wheels other systems take (Cygwin) is unknown here.
            return self._system not in ("win32", "darwin", "linux")
        if self._system == "linux":
            return self._is_machine(platform) and self._has_libc(platform)
        return self._is_macos(platform) if self._system == "darwin" else True

    def _is_machine(self, platform: str) -> bool:
        machine = re.search(_MACHINE, platform)
        return machine is None or self._machines is None or machine[1] in self._machines

    def _has_libc(self, platform: str) -> bool:
        label = re.match(_LIBC, platform)
        if label is None:
            return True
        if label["libc"] == "musl":
            return self._glibc is None
        version = _YEARS[label["year"]] if label["year"] else (int(label["major"]), int(label["minor"]))
        return not self._musl and (self._glibc is None or version <= self._glibc)

    def _is_macos(self, platform: str) -> bool:
        label = re.match(_MACOS, platform)
        if label is None:
            return True
        if self._machine == "arm64" and label["kind"] not in ("arm64", "universal2"):
            return False
        if self._machine == "x86_64" and label["kind"] == "arm64":
            return False
        # Later systems call themselves 10.16 to programs that are older than they are.
        return self._macos is None or self._macos[0] < 11 or int(label["major"]) <= self._macos[0]


def _interpreter_tags(minor: int, flags: str | None) -> Iterator[tuple[str, str]]:
    """Yield the interpreters and ABIs of wheels for CPython 3.*minor*.

    *flags* are ``t`` (no global lock) and ``d`` (debug), `None` if unknown: then of any build. A debug build takes wheels
    without ``d`` as well.
    """
    from packaging.tags import compatible_tags, cpython_tags  # noqa: PLC0415 - pure wheels need none of it

    version, python = (3, minor), f"cp3{minor}"
    builds = ("", "d", "t", "td") if flags is None else {flags, flags.replace("d", "")}
    compiled = chain.from_iterable(cpython_tags(version, [f"{python}{build}"], ["any"]) for build in builds)
    for tag in chain(compatible_tags(version, python, ["any"]), compiled):
        yield tag.interpreter, tag.abi


def _release(version: str) -> tuple[int, int] | None:
    numbers = re.match(r"(\d{1,9})\.(\d{1,9})", version)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def may_suit_python(filename: str, minor: int) -> bool:
    """Return whether CPython 3.*minor* may take the file: its tags (PEP 425) name this version, any, or a stable ABI."""
    if not filename.endswith(".whl") or filename.count("-") < 4:
        return True
    pythons, abi = filename.split("-")[-3:-1]
    for tag in pythons.split("."):
        if not tag.startswith("cp3") or not tag[3:].isdigit():
            return True
        if int(tag[3:]) == minor or ("abi3" in abi and int(tag[3:]) <= minor):
            return True
    return False


def compatible_wheels(closure: Closure, compatibility: Compatibility) -> Closure:
    """Return *closure* without the wheels that do not fit; a package that would lose all of its wheels keeps them."""

    def with_fitting(package: Package) -> Package:
        wheels = compatibility.wheels_of(package)
        return package if len(wheels) in (0, len(package.wheels)) else replace(package, wheels=wheels)

    return closure.mapped(with_fitting)


class Availability:
    """Which packages of *lock* can be installed by an interpreter of this *compatibility*, under the build *options*.

    Each package is looked at once, for however many closures.
    """

    def __init__(self, lock: Lock, compatibility: Compatibility, options: BuildOptions) -> None:
        self._lock, self._compatibility, self._options = lock, compatibility, options
        self._obstacles: dict[int, str] = {}

    def refuse_unavailable(self, closure: Closure) -> None:
        """Raise `NoArtifactError` if nothing that the lockfile offers for a package of *closure* can be installed."""
        unavailable = [(entry.package, reason) for entry in closure.entries if (reason := self._obstacle(entry))]
        if not unavailable:
            return
        from wsnox.closure.chains import chains  # noqa: PLC0415 - only an error needs it

        package, reason = unavailable[0]
        chain = next(iter(chains(self._lock, closure, package.name, limit=1).shown), ())
        raise NoArtifactError(
            str(package),
            reason,
            " -> ".join(f"{step.package.name if step.package else 'workspace root'}{step.part}" for step in chain),
            [wheel.filename for wheel in package.wheels],
            others=[str(other) for other, _ in unavailable[1:]],
        )

    @property
    def unavailable(self) -> Iterator[int]:
        """The positions of the packages of which nothing can be installed."""
        packages = enumerate(self._lock.packages)
        return (index for index, package in packages if _obstacle(package, self._compatibility, self._options))

    def _obstacle(self, entry: ClosurePackage) -> str:
        """Return why the package of *entry* cannot be installed, as a verb phrase that follows its name, or nothing."""
        if entry.position not in self._obstacles:
            self._obstacles[entry.position] = _obstacle(entry.package, self._compatibility, self._options)
        return self._obstacles[entry.position]


def _obstacle(package: Package, compatibility: Compatibility, options: BuildOptions) -> str:
    """Return why *package* cannot be installed, as a verb phrase that follows its name; empty if it can be."""
    if isinstance(package.source, Directory | Virtual):
        return ""
    has_source = package.sdist is not None or (isinstance(package.source, Git) and not package.source.path)
    no_binary, no_build = options.no_binary(package.name), options.no_build(package.name)
    if has_source and not no_build:
        return ""
    fits = any(compatibility.may_take(wheel.filename) for wheel in package.wheels)
    if fits and not no_binary:
        return ""
    wheel = "no wheel but such as `no-binary` forbids" if fits else "no wheel for this interpreter"
    source = (
        "no source distribution but one that `no-build` forbids to build" if has_source else "no source distribution"
    )
    return f"has {wheel} and {source}"

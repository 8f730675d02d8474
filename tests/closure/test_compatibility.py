"""Which wheels an interpreter may take: never is one left out that it could, and what offers none is refused."""

from __future__ import annotations

import os
import sysconfig
from dataclasses import replace
from itertools import chain
from platform import mac_ver
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import default_environment
from packaging.tags import Tag, compatible_tags, cpython_tags, generic_tags, mac_platforms, parse_tag, sys_tags

from tests.environment.makers import closure_of, package, wheel_of
from tests.lock.samples import lock_with
from wsnox.closure.compatibility import Availability, Compatibility, Platform, compatible_wheels, may_suit_python
from wsnox.closure.model import Request, Root
from wsnox.errors import NoArtifactError
from wsnox.lock import Archive, Artifact, Directory, Git, Package, Registry, Source, Url, Virtual
from wsnox.markers.target import Target, describe, target_of
from wsnox.workspace.declarations import BuildOptions

REGISTRY = Registry("https://registry.example/simple")
LINUX = ("manylinux_2_17_{}", "musllinux_1_2_{}", "linux_{}")
PLATFORMS: dict[str, list[str]] = {
    "linux-x86_64": [family.format(machine) for family in LINUX for machine in ("x86_64", "i686")],
    "linux-aarch64": [family.format(machine) for family in LINUX for machine in ("aarch64", "armv7l")],
    "linux-riscv64": [family.format("riscv64") for family in LINUX],
    "linux-s390x": [family.format("s390x") for family in LINUX],
    "macos-arm64": [*mac_platforms((14, 0), "arm64")][::7],
    "macos-x86_64": [*mac_platforms((14, 0), "x86_64")][::7],
    "windows": ["win_amd64", "win32"],
    "windows-ARM64": ["win_arm64"],
}
OTHER = [
    "manylinux2014_ppc64le",
    "macosx_10_9_universal2",
    "macosx_11_0_arm64",
    "any",
    "pyodide_2024_0_wasm32",
    "win32",
]
VERSIONS = ((3, 8), (3, 9), (3, 10), (3, 12), (3, 13), (3, 14))
ABIS = ["none", "abi3", "cp38", "cp39", "cp310", "cp31", "cp312", "cp313", "cp313t", "pypy310_pp73", "graalpy311_312"]
TAGS = st.tuples(
    st.lists(
        st.sampled_from(["py3", "cp38", "cp39", "cp310", "cp312", "cp313", "pp310", "py2"]), min_size=1, max_size=2
    ),
    st.lists(st.sampled_from(ABIS), min_size=1, max_size=2),
    st.lists(st.sampled_from([*OTHER, *chain(*PLATFORMS.values())]), max_size=1),
)


ANY = Platform()


def _fits(tags: str, target: Target, platform: Platform = ANY) -> bool:
    """Return whether the interpreter may take a wheel with *tags*, with a build number and without."""
    compatibility = Compatibility(target, platform)
    answers = {compatibility.may_take(f"a-1.0-{build}{tags}.whl") for build in ("", "1-")}
    assert len(answers) == 1
    return answers.pop()


def _is_left_in(target: Target, compatible: set[Tag], more: tuple[list[str], list[str], list[str]], data: Any) -> bool:
    """Tell whether a wheel with one of the *compatible* tags, and *more*, is left in a plan for *target*."""
    tag = data.draw(st.sampled_from(sorted(compatible, key=str)))
    tags = zip(more, (tag.interpreter, tag.abi, tag.platform), strict=True)
    text = "-".join(".".join((*others, own)) for others, own in tags)
    assert tag in parse_tag(text)
    return _fits(text, target)


@given(data=st.data(), more=TAGS, version=st.sampled_from(VERSIONS), platform=st.sampled_from(sorted(PLATFORMS)))
@pytest.mark.parametrize("free", [True, False])
def test_what_fits_is_never_left_out(
    data: Any, more: tuple[list[str], list[str], list[str]], version: tuple[int, int], platform: str, *, free: bool
) -> None:
    """Law: a wheel with a tag that packaging calls compatible is in the plan, for Pythons with and without a GIL."""
    python = f"cp{''.join(map(str, version))}"
    compatible = {
        *cpython_tags(version, [f"{python}t"] if free else [python], PLATFORMS[platform]),
        *compatible_tags(version, python, PLATFORMS[platform]),
    }
    assert _is_left_in(describe(".".join(map(str, version)), platform), compatible, more, data)


@given(data=st.data(), more=TAGS, platform=st.sampled_from(sorted(PLATFORMS)))
def test_another_implementation(data: Any, more: tuple[list[str], list[str], list[str]], platform: str) -> None:
    """Law: so it is for a Python that is not CPython, whatever its ABI is called."""
    values = dict(describe("3.10", platform).values) | {"implementation_name": "pypy"}
    compatible = {
        *generic_tags("pp310", ["pypy310_pp73"], PLATFORMS[platform]),
        *compatible_tags((3, 10), "pp310", PLATFORMS[platform]),
    }
    assert _is_left_in(target_of(values), compatible, more, data)


GLIBC = Platform(abi="cpython-312-x86_64-linux-gnu", glibc="2.31")
FREE = Platform(abi="cpython-312t-x86_64-linux-gnu", glibc="2.31")
DEBUG = Platform(abi="cpython-312d-x86_64-linux-gnu")
MUSL = Platform(abi="cpython-312-x86_64-linux-musl")
MAC = Platform(abi="cpython-312-darwin", macos="14.5")


@pytest.mark.parametrize(
    ("tags", "place", "platform", "fits"),
    [
        ("py3-none-any", "linux", GLIBC, True),
        ("py312-none-any", "linux", GLIBC, True),
        ("py2.py3-none-any", "linux", GLIBC, True),
        ("py2-none-any", "linux", GLIBC, False),
        ("py27-none-any", "linux", GLIBC, False),
        ("py313-none-any", "linux", GLIBC, False),
        ("py3-abi3-any", "linux", GLIBC, False),
        ("py3-none-manylinux_2_31_x86_64", "linux", GLIBC, True),
        ("py3-none-manylinux_2_32_x86_64", "linux", GLIBC, False),
        ("py3-none-manylinux_2_32_x86_64", "linux", ANY, True),
        ("py3-none-manylinux1_x86_64", "linux", GLIBC, True),
        ("py3-none-musllinux_1_1_x86_64", "linux", GLIBC, False),
        ("py3-none-musllinux_1_1_x86_64", "linux", ANY, True),
        ("py3-none-musllinux_1_1_x86_64", "linux", MUSL, True),
        ("py3-none-manylinux2014_x86_64", "linux", MUSL, False),
        ("py3-none-linux_x86_64", "linux", MUSL, True),
        ("cp312-none-any", "linux", GLIBC, True),
        ("cp311-none-any", "linux", GLIBC, False),
        ("cp311-abi3-linux_x86_64", "linux", GLIBC, True),
        ("cp313-abi3-linux_x86_64", "linux", GLIBC, False),
        ("cp312-cp312-linux_x86_64", "linux", GLIBC, True),
        ("cp311-cp311-linux_x86_64", "linux", GLIBC, False),
        ("cp31-cp31-linux_x86_64", "linux", GLIBC, False),
        ("cp312-cp312t-linux_x86_64", "linux", GLIBC, False),
        ("cp312-cp312d-linux_x86_64", "linux", GLIBC, False),
        ("cp312-cp312t-linux_x86_64", "linux", ANY, True),
        ("cp312-cp312-linux_x86_64", "linux", FREE, False),
        ("cp312-cp312t-linux_x86_64", "linux", FREE, True),
        ("cp311-abi3-linux_x86_64", "linux", FREE, False),
        ("cp311-abi3t-linux_x86_64", "linux", FREE, True),
        ("cp312-cp312-linux_x86_64", "linux", DEBUG, True),
        ("cp312-cp312d-linux_x86_64", "linux", DEBUG, True),
        ("cp312-cp312-linux_i686", "linux", ANY, True),
        ("cp312-cp312-linux_i686", "linux", GLIBC, False),
        ("cp312-cp312-manylinux_2_17_aarch64", "linux", ANY, False),
        ("cp312-cp312-musllinux_1_2_s390x", "linux", ANY, False),
        ("cp312-cp312-win_amd64", "linux", ANY, False),
        ("cp312-cp312-macosx_11_0_arm64", "linux", ANY, False),
        ("cp312-none-ios_13_0_arm64_iphoneos", "linux", GLIBC, False),
        ("cp312-cp312-pyodide_2024_0_wasm32", "linux", GLIBC, False),
        ("pp310-pypy310_pp73-linux_x86_64", "linux", GLIBC, False),
        ("cp312-cp312-manylinux_2_17_armv7l", "linux-aarch64", ANY, True),
        ("cp312-cp312-manylinux_2_17_x86_64", "linux-unheard", ANY, True),
        ("cp312-cp312-win_amd64", "linux-unheard", ANY, False),
        # Nobody knows these.
        ("cp312-cp312-solaris_2_11", "linux", ANY, True),
        ("cp312-cp312-linux_x86_64-variant", "linux", GLIBC, True),
        ("py3-none-macosx_14_0_arm64", "macos", MAC, True),
        ("py3-none-macosx_15_0_arm64", "macos", MAC, False),
        ("py3-none-macosx_15_0_arm64", "macos", Platform(macos="10.16"), True),
        ("py3-none-macosx_15_0_arm64", "macos", ANY, True),
        ("py3-none-macosx_11_0_x86_64", "macos", MAC, False),
        ("py3-none-macosx_10_9_universal2", "macos", MAC, True),
        ("cp312-cp312-manylinux_2_17_aarch64", "macos", ANY, False),
        ("py3-none-macosx_10_9_universal2", "macos-x86_64", ANY, True),
        ("py3-none-macosx_11_0_arm64", "macos-x86_64", ANY, False),
        ("py3-none-win_amd64", "windows", Platform(abi="cp312-win_amd64"), True),
        ("cp312-cp312-win32", "windows", ANY, True),
        ("cp312-cp312-linux_x86_64", "windows", ANY, False),
    ],
)
def test_what_fits(tags: str, place: str, platform: Platform, *, fits: bool) -> None:
    """Wheels of other systems, machines, Pythons and C libraries do not, where these are known; what nobody knows does."""
    assert _fits(tags, describe("3.12", place), platform) == fits


@pytest.mark.parametrize(
    ("name", "value", "fitting", "others"),
    [
        # Nothing is left out for a system that is not known.
        ("sys_platform", "cygwin", ("cp310-cp310-win_amd64", "cp310-cp310-linux_s390x"), ()),
        (
            "implementation_name",
            "pypy",
            ("py3-none-any", "pp310-pypy310_pp73-linux_x86_64"),
            ("cp310-cp310-linux_x86_64",),
        ),
    ],
)
def test_other_systems_and_implementations(
    name: str, value: str, fitting: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """PyPy takes pure wheels and its own, and none that is for CPython."""
    target = target_of({**dict(describe("3.10", "linux").values), name: value})
    assert all(_fits(tags, target) for tags in fitting)
    assert not any(_fits(tags, target) for tags in others)


def test_wheels_that_do_not_fit_are_left_out() -> None:
    """All stay where none fits, for uv to say why."""
    wheels = [
        wheel_of("a", url="https://files.example/a.whl")._replace(filename=f"a-1.0-cp312-cp312-{platform}.whl")
        for platform in ("win_amd64", "macosx_11_0_arm64")
    ]
    closure = closure_of(package("a", "1.0", REGISTRY, wheels=wheels))
    assert compatible_wheels(closure, Compatibility(describe("3.12", "linux"))) == closure
    (left,) = compatible_wheels(closure, Compatibility(describe("3.12", "windows"))).packages
    assert left.wheels == (wheels[0],)


def test_whatever_fits_this_interpreter() -> None:
    """Law: no tag that packaging names for the interpreter that runs this is refused, however it was built."""
    glibc = (os.confstr("CS_GNU_LIBC_VERSION") or "") if hasattr(os, "confstr") else ""
    suffix = sysconfig.get_config_var("EXT_SUFFIX").strip(".").rpartition(".")[0]
    target = target_of({key: str(value) for key, value in default_environment().items()})
    compatibility = Compatibility(target, Platform(suffix, glibc.removeprefix("glibc "), mac_ver()[0]))
    assert [tag for tag in sys_tags() if not compatibility.may_take(f"a-1.0-{tag}.whl")] == []


@pytest.mark.parametrize(
    ("filename", "minor", "expected"),
    [
        ("a-1-py3-none-any.whl", 12, True),
        ("a-1-cp312-cp312-linux_x86_64.whl", 12, True),
        ("a-1-cp314-cp314-linux_x86_64.whl", 12, False),
        ("a-1-cp39-abi3-linux_x86_64.whl", 12, True),
        ("a-1-cp313-abi3-linux_x86_64.whl", 12, False),
        ("a-1.tar.gz", 12, True),
    ],
)
def test_wheels_that_may_suit_a_python(filename: str, minor: int, *, expected: bool) -> None:
    """A wheel for another Python is no difference."""
    assert may_suit_python(filename, minor) is expected


# --- what cannot be installed at all ---------------------------------------------------------------------------------

WINDOWS = Artifact("a-1.0-py3-none-win_amd64.whl", url="https://files.example/a.whl", hash="sha256:aa")
PURE = WINDOWS._replace(filename="a-1.0-py3-none-any.whl")
SDIST = Artifact("a-1.0.tar.gz", url="https://files.example/a.tar.gz", hash="sha256:bb")
NO_BUILD, NO_BINARY = BuildOptions(build="all"), BuildOptions(binary="all")
URL = Url("https://files.example/a.whl")
COMMIT = "a" * 40


@pytest.mark.parametrize(
    ("source", "wheels", "sdist", "options", "said"),
    [
        (REGISTRY, [WINDOWS], None, BuildOptions(), "no wheel for this interpreter and no source distribution"),
        (REGISTRY, [], None, BuildOptions(), "no wheel for this interpreter and no source distribution"),
        (URL, [WINDOWS], None, BuildOptions(), "no wheel for this interpreter and no source distribution"),
        (Archive("a.whl"), [WINDOWS], None, BuildOptions(), "no wheel for this interpreter and no source distribution"),
        (
            Git("g", COMMIT, path="a.whl"),
            [WINDOWS],
            None,
            BuildOptions(),
            "no wheel for this interpreter and no source",
        ),
        (REGISTRY, [WINDOWS], SDIST, NO_BUILD, "no source distribution but one that `no-build` forbids to build"),
        (Git("g", COMMIT), [], None, NO_BUILD, "no source distribution but one that `no-build` forbids to build"),
        (REGISTRY, [PURE], None, NO_BINARY, "no wheel but such as `no-binary` forbids and no source distribution"),
        (REGISTRY, [PURE], None, BuildOptions(binary=frozenset({"a"})), "no wheel but such as `no-binary` forbids"),
        (REGISTRY, [WINDOWS, PURE], None, BuildOptions(), ""),
        (REGISTRY, [WINDOWS], SDIST, BuildOptions(), ""),
        (REGISTRY, [PURE], None, NO_BUILD, ""),
        (REGISTRY, [PURE], SDIST, NO_BINARY, ""),
        (Git("g", COMMIT), [], None, NO_BINARY, ""),
        (Directory("a", editable=True), [], None, NO_BUILD, ""),
        (Directory("a", editable=False), [], None, BuildOptions(build="all", binary="all"), ""),
        (Virtual("a"), [], None, NO_BUILD, ""),
    ],
)
def test_unavailable(
    source: Source, wheels: list[Artifact], sdist: Artifact | None, options: BuildOptions, said: str
) -> None:
    """A package that offers nothing to the target is refused with what it has; source trees are always built."""
    wanted = Package("a", "1.0", source, wheels=tuple(wheels), sdist=sdist)
    lock = lock_with(wanted)
    closure = replace(closure_of(wanted), request=Request(roots=(Root(name="a"),)))
    availability = Availability(lock, Compatibility(describe("3.12", "linux")), options)
    if not said:
        availability.refuse_unavailable(closure)
        return
    with pytest.raises(NoArtifactError) as caught:
        availability.refuse_unavailable(closure)
    assert caught.value.sentence.startswith("`a 1.0` has ")
    assert said in caught.value.sentence
    assert "(needed by a)" in caught.value.sentence

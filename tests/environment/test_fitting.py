"""What a plan leaves out of the wheels of a lockfile: never one that the interpreter could take."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import Tag, compatible_tags, cpython_tags, generic_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from tests.environment.makers import closure_of, package, wheel_of
from wsnox.closure.target import Target, describe, target_of
from wsnox.environment.fitting import fitting
from wsnox.lock.records import Registry

REGISTRY = Registry("https://registry.example/simple")
LINUX = [f"{family}_{machine}" for family in ("manylinux_2_17", "musllinux_1_2", "linux") for machine in ("{}",)]
PLATFORMS: dict[str, list[str]] = {
    "linux-x86_64": [*(each.format("x86_64") for each in LINUX), *(each.format("i686") for each in LINUX)],
    "linux-aarch64": [*(each.format("aarch64") for each in LINUX), "linux_armv7l", "manylinux_2_17_armv7l"],
    "linux-riscv64": [each.format("riscv64") for each in LINUX],
    "linux-s390x": [each.format("s390x") for each in LINUX],
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
TAGS = st.tuples(
    st.lists(
        st.sampled_from(["py3", "cp38", "cp39", "cp310", "cp312", "cp313", "pp310", "py2"]), min_size=1, max_size=2
    ),
    st.lists(
        st.sampled_from(
            [
                "none",
                "abi3",
                "cp38",
                "cp39",
                "cp310",
                "cp31",
                "cp312",
                "cp313",
                "cp313t",
                "pypy310_pp73",
                "graalpy311_312",
            ]
        ),
        min_size=1,
        max_size=2,
    ),
    st.lists(st.sampled_from([*OTHER, *chain(*PLATFORMS.values())]), max_size=1),
)


def _fits(filename: str, target: Target) -> bool:
    """Tell whether *filename* is left in a plan for *target*, beside a wheel that always is."""
    always = wheel_of("always", url="https://files.example/always.whl")
    wheels = [always, always._replace(filename=filename)]
    (found,) = fitting(closure_of(package("a", "1.0", REGISTRY, wheels=wheels)), target).packages
    assert found.wheels[0] == always
    return len(found.wheels) == 2


def _is_left_in(target: Target, compatible: set[Tag], more: tuple[list[str], list[str], list[str]], data: Any) -> bool:
    """Tell whether a wheel with one of the *compatible* tags, and *more*, is left in a plan for *target*."""
    tag = data.draw(st.sampled_from(sorted(compatible, key=str)))
    tags = zip(more, (tag.interpreter, tag.abi, tag.platform), strict=True)
    filename = f"a-1.0-{'-'.join('.'.join((*others, one)) for others, one in tags)}.whl"
    assert tag in parse_wheel_filename(filename)[3]
    return _fits(filename, target)


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


@pytest.mark.parametrize(
    ("tags", "platform", "fits"),
    [
        ("py3-none-any", "linux", True),
        ("cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", "linux", True),
        ("cp39-abi3-manylinux_2_17_x86_64", "linux", True),
        ("cp312-cp312-linux_i686", "linux", True),
        ("cp312-cp312-manylinux_2_17_aarch64", "linux", False),
        ("cp312-cp312-musllinux_1_2_s390x", "linux", False),
        ("cp312-cp312-win_amd64", "linux", False),
        ("cp312-cp312-macosx_11_0_arm64", "linux", False),
        ("cp311-cp311-manylinux_2_17_x86_64", "linux", False),
        ("cp31-cp31-manylinux_2_17_x86_64", "linux", False),
        ("cp311-cp311d-manylinux_2_17_x86_64", "linux", False),
        ("cp312-cp312-manylinux_2_17_aarch64", "linux-aarch64", True),
        ("cp312-cp312-manylinux_2_17_armv7l", "linux-aarch64", True),
        ("cp312-cp312-manylinux_2_17_riscv64", "linux-riscv64", True),
        ("cp312-cp312-manylinux_2_17_x86_64", "linux-unheard", True),
        ("cp312-cp312-win_amd64", "linux-unheard", False),
        ("pp310-pypy310_pp73-manylinux_2_17_x86_64", "linux", False),
        ("cp312-cp312-macosx_11_0_arm64", "macos", True),
        ("cp312-cp312-macosx_10_9_universal2", "macos", True),
        ("cp312-cp312-manylinux_2_17_aarch64", "macos", False),
        ("cp312-cp312-win32", "windows", True),
        ("cp312-cp312-linux_x86_64", "windows", False),
        ("cp312-cp312-solaris_2_11", "linux", True),
    ],
)
def test_what_is_left_out(tags: str, platform: str, *, fits: bool) -> None:
    """Wheels of other systems, machines and Pythons; what nobody knows stays."""
    assert _fits(f"a-1.0-{tags}.whl", describe("3.12", platform)) == fits
    assert _fits(f"a-1.0-1-{tags}.whl", describe("3.12", platform)) == fits


def test_a_system_that_is_not_known() -> None:
    """Nothing is left out for its platform."""
    values = dict(describe("3.12", "linux").values) | {"sys_platform": "cygwin"}
    assert _fits("a-1.0-cp312-cp312-win_amd64.whl", target_of(values))
    assert _fits("a-1.0-cp312-cp312-linux_s390x.whl", target_of(values))


def test_where_none_fits() -> None:
    """All stay, for uv to say why."""
    wheels = [
        wheel_of("a", url="https://files.example/a.whl")._replace(filename=f"a-1.0-cp312-cp312-{platform}.whl")
        for platform in ("win_amd64", "macosx_11_0_arm64")
    ]
    closure = closure_of(package("a", "1.0", REGISTRY, wheels=wheels))
    assert fitting(closure, describe("3.12", "linux")) == closure
    (found,) = fitting(closure, describe("3.12", "windows")).packages
    assert found.wheels == (wheels[0],)

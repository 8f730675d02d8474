"""Markers at random, such as packaging reads as uv does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["marker_texts"]

VALUES: Mapping[str, tuple[str, ...]] = {
    "sys_platform": ("linux", "win32", "darwin", "cygwin"),
    "os_name": ("posix", "nt"),
    "platform_system": ("Linux", "Windows", "Darwin"),
    "platform_machine": ("x86_64", "arm64", "AMD64", "aarch64"),
    "implementation_name": ("cpython", "pypy"),
    "platform_python_implementation": ("CPython", "PyPy"),
}
RELEASES = ("3.9", "3.10", "3.11", "3.11.5", "3.12.0", "3.13.2", "4")


def _atoms() -> st.SearchStrategy[str]:
    texts = st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.builds(
            lambda op, value: f"{name} {op} '{value}'", st.sampled_from(("==", "!=")), st.sampled_from(VALUES[name])
        )
    )
    contained = st.builds(
        lambda op, values: f"sys_platform {op} '{' '.join(values)}'",
        st.sampled_from(("in", "not in")),
        st.lists(st.sampled_from(VALUES["sys_platform"]), min_size=1, max_size=3),
    )
    versions = st.builds(
        lambda name, op, release: f"{name} {op} '{release}'",
        st.sampled_from(("python_version", "python_full_version")),
        st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
        st.sampled_from(RELEASES),
    )
    wild = st.builds(
        lambda op, release: f"python_full_version {op} '{release}.*'",
        st.sampled_from(("==", "!=")),
        st.sampled_from(("3", "3.11", "3.12")),
    )
    turned = st.builds(
        lambda op, value: f"'{value}' {op} sys_platform", st.sampled_from(("==", "in")), st.just("linux")
    )
    return texts | contained | versions | wild | turned


def marker_texts() -> st.SearchStrategy[str]:
    """Return markers of up to six comparisons."""
    return st.recursive(
        _atoms(),
        lambda inner: st.builds(
            lambda left, word, right, closed: f"({left} {word} {right})" if closed else f"{left} {word} {right}",
            inner,
            st.sampled_from(("and", "or")),
            inner,
            st.booleans(),
        ),
        max_leaves=6,
    )

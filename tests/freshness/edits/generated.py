"""Edits drawn at random: requirements from a grammar, and rows of the tables together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.freshness.edits import SLOTS, Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["combined", "requirements"]

_VERSIONS = ("0.9", "1", "1.0", "1.5", "1.5.0", "2", "2.0", "3.8", "4", "1.0b1", "2.0a1", "1.0.post1", "1.0.dev1")
_PYTHONS = ("3.9", "3.10", "3.11", "3.11.0", "3.11.4", "3.12", "3.13", "4", "3")
_NAMES = (
    "num",
    "leaf",
    "early",
    "flavoured",
    "flavoured[fast]",
    "flavoured[loud,fast]",
    "Dotted.Name_Here",
    "other",
    "other[x]",
)
_TEXTS = {
    "sys_platform": ("linux", "win32", "darwin"),
    "platform_system": ("Linux", "Windows", "Darwin"),
    "os_name": ("nt", "posix"),
    "platform_machine": ("x86_64", "arm64", "x86_64 arm64"),
    "platform_python_implementation": ("CPython", "PyPy"),
    "implementation_name": ("cpython", "pypy"),
    "platform_release": ("5", "6"),
}


def _joined(texts: st.SearchStrategy[str], *, most: int) -> st.SearchStrategy[str]:
    return st.lists(texts, max_size=most).map(",".join)


def _specifier() -> st.SearchStrategy[str]:
    ordered = st.tuples(st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), st.sampled_from(_VERSIONS))
    prefixed = st.tuples(st.sampled_from(("==", "!=")), st.sampled_from(("1.*", "2.*", "1.0.*", "3.8.*")))
    compatible = st.tuples(st.just("~="), st.sampled_from(("1.0", "1.5", "3.8", "3.8.0", "2.0")))
    return _joined(st.one_of(ordered, ordered, prefixed, compatible).map("".join), most=2)


def _atom() -> st.SearchStrategy[str]:
    pythons = st.tuples(
        st.sampled_from(("python_version", "python_full_version", "python_version", "implementation_version")),
        st.sampled_from(("<", "<=", ">", ">=", "==", "!=")),
        st.sampled_from(_PYTHONS).map(repr),
    )
    lists = st.tuples(
        st.just("python_version"), st.sampled_from(("in", "not in")), st.sampled_from(("'3.10 3.11'", "'3.12'"))
    )
    texts = st.sampled_from(sorted(_TEXTS)).flatmap(
        lambda name: st.tuples(
            st.just(name), st.sampled_from(("==", "!=", "in", "not in")), st.sampled_from(_TEXTS[name]).map(repr)
        )
    )
    return (
        st.one_of(pythons, lists, texts, texts)
        .flatmap(lambda part: st.sampled_from((part, _reversed(part))))
        .map(" ".join)
    )


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _reversed(part: tuple[str, str, str]) -> tuple[str, str, str]:
    variable, operator, value = part
    return (value, _MIRRORED[operator], variable) if operator in _MIRRORED else part


def _marker() -> st.SearchStrategy[str]:
    return st.recursive(
        _atom(),
        lambda inner: st.tuples(inner, st.sampled_from((" and ", " or ")), inner).map(
            lambda part: f"({''.join(part)})"
        ),
        max_leaves=3,
    )


def _requirement() -> st.SearchStrategy[str]:
    marker = st.one_of(st.just(""), st.just(""), _marker().map(lambda text: f" ; {text}"))
    named = st.sampled_from(_NAMES).flatmap(
        lambda name: (
            st.just(name) if name.startswith("other") else st.builds("{}{}".format, st.just(name), _specifier())
        )
    )
    return st.builds("{}{}".format, named, marker)


@st.composite
def requirements(draw: st.DrawFn) -> Edit:
    """Draw a list of requirements in one of the places for them, and what becomes of it: some stay, some are drawn again."""
    slot = draw(st.sampled_from(SLOTS))
    names = st.lists(_requirement(), max_size=3)
    if slot.base != "pair":
        names = names.map(lambda texts: [text for text in texts if not text.startswith("other")])
    before = draw(names)
    kept = draw(st.permutations(before)) if draw(st.booleans()) else draw(st.lists(st.sampled_from(before or ["leaf"])))
    after = [*kept, *draw(names)] if draw(st.booleans()) else kept
    return slot.edit(" | ".join(before), " | ".join(after))


def combined(edits: Sequence[Edit]) -> st.SearchStrategy[Edit]:
    """Draw two or three of *edits* of one base, one after the other; they may get in each other's way."""
    # What a backend provides is a limit of its own, which any two edits may touch together.
    plain = [edit for edit in edits if not edit.limit and edit.base != "backed"]
    of_base = {base: [edit for edit in plain if edit.base == base] for base in {edit.base for edit in plain}}
    return (
        st.sampled_from(sorted(of_base))
        .flatmap(lambda base: st.lists(st.sampled_from(of_base[base]), min_size=2, max_size=3, unique=True))
        .map(_together)
    )


def _together(edits: Sequence[Edit]) -> Edit:
    return Edit(
        "; then ".join(edit.name for edit in edits),
        edits[0].base,
        tuple(step for edit in edits for step in edit.steps),
        tuple(dict.fromkeys(step for edit in edits for step in edit.given)),
    )

"""Small workspaces and changes of them, for comparing the check of freshness with the real uv."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.support.workspaces import MemberSpec, write_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Shape", "changes", "write_shape"]

_SPECIFIERS = ("", "", ">=1", ">=1.0", ">1", "<3", ">=1,<3", ">=0.5,>=1", "!=0.9", "==1.*", "~=1.0")
_MARKERS = (
    *("", "", ""),
    "python_version >= '3.11'",
    "python_full_version >= '3.11'",
    "python_version > '3.10'",
    "python_version < '3.9'",
    "python_version in '3.10 3.11'",
    "sys_platform == 'linux'",
    "platform_system == 'Linux'",
    "sys_platform != 'linux'",
    "sys_platform == 'linux' or sys_platform == 'win32'",
    "os_name == 'nt' and sys_platform == 'linux'",
    "os_name == 'nt' and python_version >= '3.12'",
    "implementation_name == 'cpython'",
    "platform_machine in 'x86_64 arm64'",
    "'linux' in sys_platform",
    "platform_python_implementation != 'PyPy'",
)
_NAMES = (
    "num",
    "leaf",
    "pyhumps",
    "flavoured",
    "flavoured[fast]",
    "flavoured[loud,fast]",
    "marked",
    "b",
    "b[x]",
    "a[y]",
)
_SOURCES: tuple[Mapping[str, Any] | list[Mapping[str, Any]], ...] = (
    {"path": "../../trees/leaf"},
    {"path": "../../trees/leaf", "editable": True},
    {"path": "../../trees/leaf", "package": False},
    [{"path": "../../trees/leaf", "marker": "sys_platform == 'linux'"}],
    [
        {"path": "../../trees/leaf", "marker": "sys_platform == 'linux'"},
        {"path": "../../trees/leaf", "editable": True, "marker": "sys_platform != 'linux'"},
    ],
    [{"path": "../../trees/leaf", "marker": "python_version < '3.9'"}],
)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Two members, ``a`` and ``b``, and the settings of the virtual root."""

    dependencies: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    root_group: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    source: Any = None
    bound: str = ""
    python: str = ">=3.10"
    editable: bool | None = None
    built: bool = True
    dynamic: bool = False


def _requirement() -> st.SearchStrategy[str]:
    parts = st.tuples(st.sampled_from(_NAMES), st.sampled_from(_SPECIFIERS), st.sampled_from(_MARKERS))
    return parts.map(lambda part: _spelled(*part))


def _spelled(name: str, specifier: str, marker: str) -> str:
    local = name.startswith(("a[", "b"))
    return f"{name}{'' if local else specifier}{f' ; {marker}' if marker else ''}"


def _requirements() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(_requirement(), max_size=4).map(tuple)


def _parts() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "dependencies": _requirements(),
        "extras": st.fixed_dictionaries({"y": _requirements()}, optional={"z": _requirements()}),
        "groups": st.fixed_dictionaries(
            {"dev": _requirements()},
            optional={"more": _requirements().map(lambda texts: (*texts, {"include-group": "dev"}))},
        ),
        "root_group": _requirements().map(lambda texts: tuple(text for text in texts if not text.startswith("a["))),
        "constraints": st.sampled_from(
            ((), ("num>=1",), ("num >=1.0", "nobody<3"), ("num<3 ; sys_platform == 'linux'",))
        ),
        "source": st.sampled_from((None, None, *_SOURCES)),
        "bound": st.sampled_from(("", "", ">=3.11", ">=3.10", "<4")),
        "python": st.sampled_from((">=3.10", ">=3.10", ">=3.10.0", ">=3.10,!=3.11.0", ">=3.11", ">=3.10,<4", "~=3.10")),
        "editable": st.sampled_from((None, True, False)),
        "built": st.booleans(),
    }


@st.composite
def changes(draw: st.DrawFn) -> tuple[Shape, Shape]:
    """Draw a workspace and what becomes of it: some of its parts are drawn again, reordered, or repeated in part."""
    parts = _parts()
    before = Shape(**{name: draw(part) for name, part in parts.items()})
    after = before
    for name in draw(st.lists(st.sampled_from(sorted(parts)), max_size=2, unique=True)):
        if name == "dependencies" and draw(st.booleans()):
            after = replace(after, dependencies=draw(_rearranged(before.dependencies)))
        else:
            after = replace(after, **{name: draw(parts[name])})
    return before, after


def _rearranged(texts: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    if not texts:
        return st.just(())
    more = st.lists(st.sampled_from(texts), max_size=1)
    return st.tuples(st.permutations(list(texts)), more).map(lambda pair: (*pair[0], *pair[1]))


def write_shape(root: Path, shape: Shape, index: Path) -> None:
    """Write the workspace of *shape* into *root*."""
    settings: dict[str, Any] = {"sources": {"b": {"workspace": True}}}
    if shape.editable is not None:
        settings["sources"]["b"]["editable"] = shape.editable
    tool: dict[str, Any] = {"uv": {"sources": {} if shape.source is None else {"leaf": shape.source}}}
    if shape.bound:
        tool["uv"]["dependency-groups"] = {"dev": {"requires-python": shape.bound}}
    members = (
        MemberSpec(
            "a",
            dependencies=shape.dependencies,
            extras=shape.extras,
            groups=shape.groups,
            requires_python=shape.python,
            build_system=shape.built,
            tool=tool,
        ),
        MemberSpec("b", extras={"x": ["num"]}, build_system=shape.built),
    )
    write_workspace(
        root,
        members,
        index=index,
        root_groups={"check": shape.root_group},
        uv={**settings, "constraint-dependencies": list(shape.constraints)},
    )

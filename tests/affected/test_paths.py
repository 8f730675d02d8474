"""Links against the system: whatever a path leads through is what ``os.path.realpath`` leads through, and nothing is missed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsnox.affected.changes import with_changed_links
from wsnox.affected.paths import above, follow, is_below

_LAW = settings(max_examples=150)
FOLDERS = ("a", "a/x", "b", "b/x", "c")
NAMES = ("f", "g", "l", "m")
PLACES = tuple(f"{folder}/{name}" for folder in FOLDERS for name in NAMES)
TARGETS = (
    *PLACES, *FOLDERS, "../b/l", "../b/x", "../../b/m", "m", "l/f", "x/l", "x/../f", "../l/x/../g", "..", ".", "/nowhere", "../../../gone",
)  # fmt: skip


@st.composite
def trees(draw: Any) -> dict[str, str | None]:
    """Draw files (`None`) and links (text) by path."""
    places = draw(st.lists(st.sampled_from(PLACES), unique=True, max_size=8))
    return {place: draw(st.one_of(st.none(), st.sampled_from(TARGETS))) for place in places}


def _write(root: Path, tree: dict[str, str | None]) -> None:
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for place, text in tree.items():
        if text is None:
            (root / place).write_text(place, encoding="utf-8")
        else:
            (root / place).symlink_to(text)


def _reads(path: Path) -> object:
    """Return everything that can be read through *path*, or that nothing can."""
    try:
        if path.is_dir():
            real = os.path.realpath(path)
            files = (Path(folder, name) for folder, _, names in os.walk(real, followlinks=False) for name in names)
            inside = {os.path.relpath(each, real): _reads(each) for each in files if not each.is_symlink()}
            return {**inside, "links": _links_in(Path(real))}
        return path.read_text(encoding="utf-8")
    except OSError:
        return "nothing"


def _links_in(folder: Path) -> object:
    links = (each for each in folder.rglob("*") if each.is_symlink() and not each.is_dir())
    return {os.path.relpath(each, folder): _reads(each) for each in links}


@pytest.mark.slow
@_LAW
@given(trees(), st.sampled_from(PLACES))
def test_a_way_ends_where_the_system_says(tree: dict[str, str | None], path: str) -> None:
    """Chains, links to folders and ``..`` behind them end where opening them does; what loops or dangles opens nothing."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(os.path.realpath(name))
        _write(root, tree)
        links = {str(root / place): text for place, text in tree.items() if text is not None}
        end = follow(str(root / path), links.get).end
        if (root / path).exists():
            assert end == os.path.realpath(root / path)


@pytest.mark.slow
@_LAW
@given(trees(), st.sampled_from(PLACES), st.one_of(st.none(), st.just(""), st.sampled_from(TARGETS)))
def test_a_link_whose_reading_changed_is_found(tree: dict[str, str | None], place: str, new: str | None) -> None:
    """One path is written, removed or made a link: every link that now reads something else counts as changed."""
    after = {each: text for each, text in tree.items() if each != place}
    if new != "":
        after[place] = new
    elif place not in tree:
        return
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        was, now = Path(os.path.realpath(one)), Path(os.path.realpath(two))
        _write(was, tree)
        _write(now, after)
        links = {str(now / each): text for each, text in after.items() if text is not None}
        found = {os.path.relpath(each, now) for each in with_changed_links([str(now / place)], links)}
        for each, text in after.items():
            if text is not None and tree.get(each) == text and _reads(was / each) != _reads(now / each):
                assert each in found, (each, place)


@pytest.mark.parametrize(
    ("links", "changed", "found"),
    [
        ({"a/l": "../b/m", "b/m": "../c/f"}, "b/m", ["a/l", "b/m"]),
        ({"a/l": "../b/m", "b/m": "../c/f"}, "c/f", ["a/l", "b/m", "c/f"]),
        ({"a/l": "../b", "b/m": "../c/f"}, "c/f", ["a/l", "b/m", "c/f"]),
        ({"a/l": "../b/x/f", "b/x": "../c"}, "b/x", ["a/l", "b/x"]),
        ({"a/l": "../gone"}, "gone", ["a/l", "gone"]),
        ({"a/l": "../vendor/x/f"}, "vendor", ["a/l", "vendor"]),
        ({"a/l": "m", "a/m": "l"}, "a/m", ["a/l", "a/m"]),
        ({"a/l": "../b/f"}, "b/g", ["b/g"]),
        ({"a/l": "../b/f"}, "b/ff", ["b/ff"]),
    ],
    ids=[
        "middle",
        "end",
        "through a folder",
        "folder moved",
        "dangling",
        "submodule",
        "loop",
        "sibling",
        "longer name",
    ],
)
def test_chains(links: dict[str, str], changed: str, found: list[str]) -> None:
    """The middle of a chain counts as its end does."""
    absolute = {f"/r/{path}": text for path, text in links.items()}
    assert sorted(with_changed_links([f"/r/{changed}"], absolute)) == [f"/r/{path}" for path in found]


def test_folders() -> None:
    """A path is below itself and each folder above it, and not below a name that only begins so."""
    assert list(above("/a/b")) == ["/a/b", "/a", "/"]
    assert is_below("/a/b", "/a")
    assert is_below("/a/b", "/")
    assert not is_below("/ab", "/a")

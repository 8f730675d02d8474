"""The two pattern dialects: ``members`` on disk, ``exclude`` as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from wsnox.workspace.globs import bad_pattern, excluded, expand, first_included, included, path_matches

_ROOT = Path("/r")
_TREE = ("p/a/x", "p/b", "p/ab", "p/.h", "p/[a]", "p/{a,b}", "q/a", "A")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder with some directories and, in ``p``, a file."""
    for path in _TREE:
        (tmp_path / "root" / path).mkdir(parents=True)
    (tmp_path / "root" / "p" / "file").touch()
    (tmp_path / "beside").mkdir()
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        # A star stays within a component and takes a leading dot.
        ("*", ["A", "p", "q"]),
        ("p/*", ["p/.h", "p/[a]", "p/a", "p/ab", "p/b", "p/file", "p/{a,b}"]),
        ("*/a", ["p/a", "q/a"]),
        ("*/*/*", ["p/a/x"]),
        ("p/a*", ["p/a", "p/ab"]),
        ("p/*b", ["p/ab", "p/b"]),
        # One character, classes.
        ("p/?", ["p/a", "p/b"]),
        ("p/[ab]", ["p/a", "p/b"]),
        ("p/[a-c]", ["p/a", "p/b"]),
        ("p/[!a]", ["p/b"]),
        ("p/[!a]*", ["p/.h", "p/[a]", "p/b", "p/file", "p/{a,b}"]),
        ("p/[[]a]", ["p/[a]"]),
        ("p/[]a]", ["p/a"]),
        ("p/[a-]", ["p/a"]),
        # Any depth, directories alone; as the last component all below, not the base.
        ("**", ["A", "p", "p/.h", "p/[a]", "p/a", "p/a/x", "p/ab", "p/b", "p/{a,b}", "q", "q/a"]),
        ("p/**", ["p/.h", "p/[a]", "p/a", "p/a/x", "p/ab", "p/b", "p/{a,b}"]),
        ("**/a", ["p/a", "q/a"]),
        ("p/**/x", ["p/a/x"]),
        ("p/**/a", ["p/a"]),
        # No alternation: braces are themselves.
        ("p/{a,b}", ["p/{a,b}"]),
        # Cleaned by text: doubled and trailing slashes, `.`, `..`.
        ("p/a/", ["p/a"]),
        ("p//a", ["p/a"]),
        ("./p/a", ["p/a"]),
        ("p/./a/.", ["p/a"]),
        ("missing/../p/a", ["p/a"]),
        ("../beside", ["../beside"]),
        ("../b*", ["../beside"]),
        # The root and what is above it: by name, and for a component that starts with a dot.
        (".", ["."]),
        ("p/..", ["."]),
        ("..", [".."]),
        (".*", ["..", "."]),
        ("p/.*", ["p/..", "p", "p/.h"]),
        (".?/beside", ["../beside"]),
        ("p/file/.*", []),
        (
            "p/*/.*",
            [f"p/{name}{special}" for name in (".h", "[a]", "a", "ab", "b", "{a,b}") for special in ("/..", "")],
        ),
        # After two stars, names on disk alone.
        ("**/.*", ["p/.h"]),
        ("**/**/a", ["p/a", "q/a"]),
        ("p/**/**", ["p/.h", "p/[a]", "p/a", "p/a/x", "p/ab", "p/b", "p/{a,b}"]),
        # A range that ends before it starts holds nothing; stars and slashes in a class are themselves.
        ("p/[b-a]", []),
        ("p/[!b-a]", ["p/a", "p/b"]),
        ("p/[*]", []),
        ("p/[**a]", ["p/a"]),
        # Letters differ in case; what is not there is nothing.
        ("P/a", []),
        ("a", []),
        ("missing/*", []),
        ("p/file/*", []),
    ],
)
def test_expand(root: Path, pattern: str, paths: list[str]) -> None:
    """Each element of the ``members`` dialect matches on disk what uv's does."""
    assert list(dict.fromkeys(expand(root, pattern))) == paths


@pytest.mark.parametrize("pattern", ["p/*", "p/[ab]", "../beside", "**/x", "missing"])
def test_expand_absolute(root: Path, pattern: str) -> None:
    """A pattern with the path of the root before it is the pattern without."""
    assert list(expand(root, f"{root}/{pattern}")) == list(expand(root, pattern))


def test_two_stars_and_a_link_back_up(root: Path) -> None:
    """A link back up is entered once more, so that its members are duplicates, and no more."""
    (root / "q/a/up").symlink_to(root / "q")
    assert list(expand(root, "q/**")) == ["q/a", "q/a/up", "q/a/up/a", "q/a/up/a/up"]
    assert list(expand(root, "q/**/up")) == ["q/a/up", "q/a/up/a/up"]


def test_links_that_lead_nowhere(root: Path) -> None:
    """A link that leads nowhere or in a circle is matched by its name, but is not a directory for two stars."""
    (root / "q/gone").symlink_to("missing")
    (root / "q/self").symlink_to("self")
    links = ["q/gone", "q/self"]
    assert list(expand(root, "q/[gs]*")) == list(expand(root, "q/**/[gs]*")) == links
    assert list(expand(root, "q/gone")) == ["q/gone"]
    assert list(expand(root, "q/**")) == ["q/a"]
    assert list(expand(root, "q/*/*")) == []


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("p/*", ""),
        ("**", ""),
        ("p/**/x", ""),
        ("p/[ab]", ""),
        ("p/[]a]", ""),
        ("p/[!]a]", ""),
        ("p/a]", ""),
        ("a**", "`**` must be a whole path component"),
        ("p/**b/x", "`**` must be a whole path component"),
        ("***", "`**` must be a whole path component"),
        ("[a", "`[` without its `]`"),
        ("p/[", "`[` without its `]`"),
        ("[]", "`[` without its `]`"),
        ("[!]", "`[` without its `]`"),
        ("[a]/[b", "`[` without its `]`"),
        # A class is a class, whatever stands in it.
        ("[**]a", ""),
        ("[!**]", ""),
        ("p/[*?[]", ""),
        # It may not span components, which are expanded one by one.
        ("p/[/]a", "`[` without its `]`"),
        ("p[!/]", "`[` without its `]`"),
    ],
)
def test_bad_pattern(pattern: str, problem: str) -> None:
    """A pattern that uv's glob refuses is refused, and says why."""
    assert bad_pattern(_ROOT, pattern, by_component=True) == problem


def test_a_class_may_hold_a_slash_as_text() -> None:
    """As text a pattern has to parse as it is written and as it is cleaned."""
    assert bad_pattern(_ROOT, "p/[/]a", by_component=False) == ""
    assert bad_pattern(_ROOT, "[!]/[!]/..", by_component=False) == "`[` without its `]`"


@pytest.mark.parametrize(
    ("pattern", "matched", "unmatched"),
    [
        ("*", ["p", ".h"], ["p/a"]),
        ("./p/*/", ["p/a"], ["p", "p/a/x"]),
        ("p/**", ["p/a", "p/a/x"], ["p", "q"]),
        ("**/a", ["a", "p/a", "p/q/a"], ["pa", "a/p"]),
        ("p?a", ["pxa"], ["p/a"]),
        ("p[!x]a", ["pya"], ["p/a", "pxa"]),
        ("p[/]a", [], ["p/a", "p[/]a"]),
        # As text neither `.` nor `..` is there to be matched.
        (".*/p", [".h/p"], ["p"]),
        (".", [], ["p"]),
        ("/r/p/*", ["p/a"], ["r/p/a"]),
    ],
)
def test_included(pattern: str, matched: list[str], unmatched: list[str]) -> None:
    """From inside a project ``members`` is text, too, but there nothing crosses a slash but two stars."""
    assert [path for path in (*matched, *unmatched) if included(_ROOT, path, ("x", pattern))] == matched


@pytest.mark.parametrize(
    ("pattern", "matched", "unmatched"),
    [
        ("p/*", ["p/a", "p/.h"], ["p", "p/a/x", "."]),
        ("./*", ["p", ".h"], ["p/a", "."]),
        ("p/**", ["p/a", "p/a/x"], ["p", "."]),
        ("p/", ["p"], ["p/a"]),
        ("../x/?", ["../x/a"], ["x/a"]),
        (".", ["."], ["p", ".h"]),
        ("./.", ["."], ["p"]),
    ],
)
def test_path_matches(pattern: str, matched: list[str], unmatched: list[str]) -> None:
    """In wsnox's own tables a star stays within one folder, and only a dot is the root."""
    assert [path for path in (*matched, *unmatched) if path_matches(path, pattern)] == matched


@pytest.mark.parametrize(
    ("pattern", "out", "kept"),
    [
        ("p/b", ["p/b"], ["p/b/c", "p/bc", "p"]),
        ("p/b/", ["p/b"], ["p/b/c"]),
        ("./p/b", ["p/b"], ["p/b/c"]),
        ("p/b*", ["p/b", "p/bc", "p/b/c", "p/bc/d"], ["p/a", "p"]),
        ("p/*", ["p/b", "p/b/c", "p/.h"], ["p", "q/b"]),
        ("p", ["p"], ["p/b"]),
        ("*", ["p", "p/b/c", ".h"], []),
        ("p/?", ["p/b"], ["p/bc", "p"]),
        ("p?b", ["p/b", "pxb"], ["p//b"]),
        ("p/**", ["p/b", "p/b/c"], ["q"]),
        ("**/b", ["b", "p/b", "p/q/b"], ["pb", "b/c"]),
        ("p/**/b", ["p/b", "p/q/b", "p/q/r/b"], ["p/qb", "b"]),
        ("p/[!a]", ["p/b"], ["p/a", "p/bc"]),
        ("p/[a-c]x", ["p/bx"], ["p/dx"]),
        ("p/[]]", ["p/]"], ["p/a"]),
        ("p/[[]a]", ["p/[a]"], ["p/a"]),
        ("{a,b}", ["{a,b}"], ["a", "b"]),
        ("p/.", ["p"], ["p/b"]),
        ("p[/]b", ["p/b"], ["p"]),
        ("p[!x]b", ["p/b", "pyb"], ["pxb"]),
        ("p[.-0]b", ["p/b", "p.b"], ["p1b"]),
        ("p[z-a]b", [], ["pzb", "p/b"]),
        ("../b", ["../b"], ["b"]),
        ("/r/p/b", ["p/b"], ["b"]),
        # The root itself, where a pattern of `members` matches it.
        ("*", ["."], []),
        ("**", ["."], []),
        (".", [], [".", "p"]),
        ("P", [], ["p"]),
        ("a.b", ["a.b"], ["axb"]),
    ],
)
def test_excluded(pattern: str, out: list[str], kept: list[str]) -> None:
    """``exclude`` matches the path as text, so `*` and `?` cross a slash there."""
    assert [path for path in (*out, *kept) if excluded(_ROOT, path, (pattern,))] == out


def test_no_pattern_excludes_nothing() -> None:
    """Without ``exclude`` every path stays."""
    assert not excluded(_ROOT, "p", ())
    assert excluded(_ROOT, "p", ("x", "p"))


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a/b.py", "a/*.py"),
        ("a/b/c.py", "**/c.py"),
        ("a/b/d.md", "a/**"),
        ("./a", ""),
        ("x\n.txt", "./*.txt"),
        ("b", ""),
    ],
)
def test_the_first_that_includes_a_path(path: str, pattern: str) -> None:
    """Patterns are tried in their order, and the one that matched is told."""
    assert first_included(path, ("a/*.py", "**/c.py", "a/**", "./*.txt", "[!a-z]")) == pattern
    assert first_included(path, ()) == ""

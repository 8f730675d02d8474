"""Places: URLs and paths as text, by the rules of any platform."""

from __future__ import annotations

import pytest

from tests.environment.makers import wheel_of
from wsnox.environment.programs import python_name
from wsnox.environment.pylock import artifact_location
from wsnox.lock.model import Artifact, Registry
from wsnox.urls import absolute, is_url


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("https://registry.example/simple", True),
        ("file:///wheels", True),
        ("git+ssh://git@host/repo", True),
        ("HTTP://host", True),
        ("../wheels", False),
        ("/wheels", False),
        ("C:/wheels", False),
        ("C:\\wheels", False),
        ("c://wheels", False),
        ("", False),
        ("a b://c", False),
    ],
)
def test_urls_are_told_from_paths(place: str, *, expected: bool) -> None:
    """A drive letter is no scheme, so a Windows path is never taken for a URL."""
    assert is_url(place) is expected


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        ("/w", "packages/a", "/w/packages/a"),
        ("/w", ".", "/w"),
        ("/w/x", "../lib", "/w/lib"),
        ("/w", "/abs/../lib", "/abs/../lib"),
        ("C:/w", "packages/a", "C:/w/packages/a"),
        ("C:/w", "../lib", "C:/lib"),
        ("C:/w", "D:\\wheels\\x.whl", "D:/wheels/x.whl"),
        ("/w", "C:/wheels", "C:/wheels"),
        ("C:/w", "\\\\server\\share\\x.whl", "//server/share/x.whl"),
        ("C:/w", "//server/share/x.whl", "//server/share/x.whl"),
        ("//server/share/w", "../lib", "//server/share/lib"),
        ("/w", "with space/ü", "/w/with space/ü"),
    ],
)
def test_relative_paths_start_at_the_root(root: str, path: str, expected: str) -> None:
    """Relative paths of a lockfile start at its folder, on POSIX, on drives and on shares; others stay."""
    assert absolute(root, path) == expected


@pytest.mark.parametrize(
    ("artifact", "location", "expected"),
    [
        (wheel_of("a", url="https://files/a.whl"), "https://registry.example/simple", "https://files/a.whl"),
        (wheel_of("a", path="a.whl"), "https://host/flat/", "https://host/flat/a.whl"),
        (wheel_of("a", path="https://files/a.whl"), "../wheels", "https://files/a.whl"),
        (wheel_of("a", path="sub/a.whl"), "../wheels", "/wheels/sub/a.whl"),
        (wheel_of("a", path="a.whl"), "C:/wheels", "C:/wheels/a.whl"),
        (wheel_of("a", path="/else/a.whl"), "../wheels", "/else/a.whl"),
        (Artifact("a.tar.gz", path="a.tar.gz"), "file:///wheels", "file:///wheels/a.tar.gz"),
    ],
)
def test_a_file_is_relative_to_its_registry(artifact: Artifact, location: str, expected: str) -> None:
    """A file of a flat index has a path that starts at the index, not at the lockfile."""
    assert artifact_location(artifact, Registry(location), "/w") == expected


@pytest.mark.parametrize(("system", "expected"), [("nt", "python.exe"), ("posix", "python"), ("java", "python")])
def test_what_python_is_called(system: str, expected: str) -> None:
    """Only Windows has a suffix for programs."""
    assert python_name(system) == expected

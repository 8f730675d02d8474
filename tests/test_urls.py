"""Credentials in URLs are masked as uv masks them, wherever in a text a URL stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox.errors import ManifestError, ProofError, StaleLockError, WsnoxError
from wsnox.urls import absolute, file_path, is_url, masked, without_credentials


@pytest.mark.parametrize(
    ("url", "shown", "bare"),
    [
        ("https://host/a", "https://host/a", "https://host/a"),
        ("https://user:pw@host/a", "https://user:****@host/a", "https://host/a"),
        ("https://token@host/a", "https://****@host/a", "https://host/a"),
        ("https://:pw@host/a", "https://:****@host/a", "https://host/a"),
        ("https://user:@host/a", "https://****@host/a", "https://host/a"),
        ("https://a@b:p@w@host:81/a", "https://a@b:****@host:81/a", "https://host:81/a"),
        ("HTTPS://user:pw@host", "HTTPS://user:****@host", "HTTPS://host"),
        ("git+https://u:p@host/a@v1", "git+https://u:****@host/a@v1", "git+https://host/a@v1"),
        ("ssh://git@host/a", "ssh://git@host/a", "ssh://git@host/a"),
        ("git+ssh://git@host/a", "git+ssh://git@host/a", "git+ssh://git@host/a"),
        ("ssh://git:pw@host/a", "ssh://git:****@host/a", "ssh://host/a"),
        ("https://git@host/a", "https://****@host/a", "https://host/a"),
        ("https://host/a@b", "https://host/a@b", "https://host/a@b"),
        ("https://host/?mail=a@b", "https://host/?mail=a@b", "https://host/?mail=a@b"),
        ("https://proxy/https://u:p@host/a", "https://proxy/https://u:****@host/a", "https://proxy/https://host/a"),
        ("file:///w/a@b", "file:///w/a@b", "file:///w/a@b"),
        (
            "https://host/a?x=1&X-Amz-Signature=ab&x-amz-credential=cd#y",
            "https://host/a?x=1&X-Amz-Signature=****&x-amz-credential=****#y",
            "https://host/a?x=1&X-Amz-Signature=ab&x-amz-credential=cd#y",
        ),
        ("https://user:s/x@host/a", "https://user:****@host/a", "https://host/a"),
        ("https://user:#s@host/a", "https://user:****@host/a", "https://host/a"),
        ("https://user:?s@host/a", "https://user:****@host/a", "https://host/a"),
        ("https://host:81/a@b", "https://host:81/a@b", "https://host:81/a@b"),
        ("git+https://host:8443/a/b@v1", "git+https://host:8443/a/b@v1", "git+https://host:8443/a/b@v1"),
        ("git@host:a/b", "git@host:a/b", "git@host:a/b"),
        ("", "", ""),
    ],
)
def test_a_url(url: str, shown: str, bare: str) -> None:
    """The user stays where a password was, the user of git always; what follows the host is no credential."""
    assert masked(url) == shown
    assert without_credentials(url) == bare
    assert masked(f"`thing @ {url}` and `{url}`, {url}") == f"`thing @ {shown}` and `{shown}`, {shown}"


@given(user=st.text("ab%2@:+-._~", max_size=6), secret=st.from_regex(r"[A-Z0-9@:!$%&'*+,;=_~-]{6,12}", fullmatch=True))
def test_no_password_is_left(user: str, secret: str) -> None:
    """Law: whatever the password looks like, as long as it ends no URL, no error repeats it; twice is as once."""
    text = f"it is (https://{user}:{secret}@host.example/a) here"
    for error in (WsnoxError(text, hint=text), StaleLockError([text]), ProofError("a", [text])):
        assert secret not in str(error)
    assert masked(masked(text)) == masked(text)


def test_problems_of_a_manifest() -> None:
    """What programs read of an error is masked as well."""
    assert ManifestError(Path("p"), ["`a @ https://u:secret@h`"]).problems == ("`a @ https://u:****@h`",)


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
    ("url", "expected"),
    [
        ("file:///w/packages/a", "/w/packages/a"),
        ("file:///w/packages/a/", "/w/packages/a"),
        ("file:///", "/"),
        ("file:///C:/w/a%20b", "C:/w/a b"),
        ("file:///c:/w", "c:/w"),
        ("file://localhost/w/a", "/w/a"),
        ("file://server/share/w/a", "//server/share/w/a"),
        ("https://registry.example/a.whl", None),
        ("", None),
        ("file://[", None),
    ],
)
def test_the_path_of_a_file_url(url: str, expected: str | None) -> None:
    """Drives and shares of Windows are read as POSIX text, as a lockfile's paths are."""
    assert file_path(url) == expected

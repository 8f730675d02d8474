"""URLs and paths as lockfiles and installers write them: POSIX text, so that each platform's can be tested anywhere.

Credentials in URLs are never shown, never compared, and only written where an installer has to read them. They are masked
as uv masks them (crates/uv-redacted): only the password where there are user and password, else a token in the user's place,
and the signatures of Amazon's URLs. The user in ``git@`` is no credential.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

__all__ = ["absolute", "file_path", "file_url", "is_absolute", "is_url", "masked", "without_credentials"]

# Compiled where a URL is seen: they take as long as loading three modules, and most processes see none with credentials.
# The user's part goes up to the last `@` before the path begins. If the text after a colon is not a port, it is a password
# with a character in it that should have been escaped.
_USER = (
    r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?P<user>[^\s/?#\"`<>\\]*|[^\s/?#\"`<>\\:@]*:(?!\d{1,5}(?:[/?#\s]|\Z))[^\s\"`<>\\]*)@"
)
_SIGNED = r"(?i)(?<=[?&])(X-Amz-(?:Credential|Security-Token|Signature))=[^&#\s\"`<>\\]*"
_GIT = ("ssh", "git+ssh", "git+https")
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]+://"
_DRIVE = re.compile(r"[A-Za-z]:[/\\]|\\\\")


def masked(text: str) -> str:
    """Return *text*, which may have URLs in it, with their credentials replaced by ``****``."""
    if "://" not in text:
        return text
    without_users = re.sub(_USER, lambda match: f"{match['scheme']}://{_masked_user(match)}@", text)
    return re.sub(_SIGNED, r"\1=****", without_users)


def _masked_user(match: re.Match[str]) -> str:
    if _is_git(match):
        return match["user"]
    user, colon, password = match["user"].partition(":")
    if password:
        return f"{user}:****"
    return "****" if user else colon


def without_credentials(url: str) -> str:
    """Return *url* without its user and password."""
    if "@" not in url:
        return url
    return re.sub(_USER, lambda match: match[0] if _is_git(match) else f"{match['scheme']}://", url, count=1)


def _is_git(match: re.Match[str]) -> bool:
    return match["scheme"].lower() in _GIT and match["user"] == "git"


def is_url(text: str) -> bool:
    """Return whether *text* is a URL rather than a path; a single letter before a colon is a drive."""
    return "://" in text and re.match(_SCHEME, text) is not None


def is_absolute(path: str) -> bool:
    """Return whether *path* is absolute, on POSIX or on Windows."""
    return posixpath.isabs(path) or _DRIVE.match(path) is not None


# Each session asks four times for each file of an index in a folder.
@lru_cache(maxsize=2048)
def absolute(root: str, path: str) -> str:
    """Return *path* as an absolute POSIX path; a relative one starts at *root*."""
    if is_absolute(path):
        return path.replace("\\", "/")
    return posixpath.normpath(posixpath.join(root, path))


def file_url(path: str) -> str:
    """Return the ``file:`` URL of an absolute POSIX *path*."""
    from urllib.parse import quote  # noqa: PLC0415 - only an install needs it

    return f"file://{'' if path.startswith('/') else '/'}{quote(path, safe='/:')}"


def file_path(url: str) -> str | None:
    """Return the path of a ``file:`` *url* as POSIX text, `None` for any other URL."""
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - only a proof needs it

    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    # The host of a share on Windows.
    host = parts.netloc.removeprefix("localhost")
    path = f"//{host}{unquote(parts.path)}" if host else unquote(parts.path)
    return path[1:] if path[2:3] == ":" else path.rstrip("/") or "/"

"""Credentials in URLs: never shown, never compared, and only written where an installer has to read them.

They are masked as uv masks them (crates/uv-redacted): the password alone beside a user, else what stands in its place, and
the signatures of Amazon's. The user of ``git@`` is none.
"""

from __future__ import annotations

import re

__all__ = ["masked", "without_credentials"]

# What belongs to the user goes up to the last `@` before a path begins.
_USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^\s/?#\"`<>\\]*)@", re.IGNORECASE)
_SIGNED = re.compile(r"(?<=[?&])(X-Amz-(?:Credential|Security-Token|Signature))=[^&#\s\"`<>\\]*", re.IGNORECASE)
_GIT = ("ssh", "git+ssh", "git+https")


def masked(text: str) -> str:
    """Return *text*, in which any URLs may stand, with ``****`` in the place of their credentials."""
    if "://" not in text:
        return text
    return _SIGNED.sub(r"\1=****", _USER.sub(lambda found: f"{found['scheme']}://{_shown(found)}@", text))


def without_credentials(url: str) -> str:
    """Return *url* without a user and a password."""
    return _USER.sub(lambda found: found[0] if _is_git(found) else f"{found['scheme']}://", url, count=1)


def _shown(found: re.Match[str]) -> str:
    if _is_git(found):
        return found["user"]
    user, colon, password = found["user"].partition(":")
    if password:
        return f"{user}:****"
    return "****" if user else colon


def _is_git(found: re.Match[str]) -> bool:
    return found["scheme"].lower() in _GIT and found["user"] == "git"

"""Names of packages, extras and dependency groups as PEP 503 normalises them.

packaging has the same, in a module that also loads its tags, `logging` and `subprocess`: a fifth of what ``wsnox why`` takes
in a workspace of a hundred members.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

__all__ = ["canonicalize_name", "is_valid_name"]


def is_valid_name(name: str) -> bool:
    """Return whether *name* can name a package (PyPA specifications, names and normalization)."""
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    return plain.isascii() and plain.isalnum() and name[0].isalnum() and name[-1].isalnum()


def canonicalize_name(name: str) -> NormalizedName:
    """Return the valid *name* normalised."""
    normal = name.lower()
    # Most names are written so.
    if "_" in normal or "." in normal or "--" in normal:
        normal = re.sub(r"[-_.]+", "-", normal)
    return cast("NormalizedName", normal)

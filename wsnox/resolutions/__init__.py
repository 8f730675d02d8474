"""Other resolutions than the lockfile's: what they ask for, the files that hold them, and whether these are fresh."""

from __future__ import annotations

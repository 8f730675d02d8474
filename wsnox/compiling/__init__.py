"""The edge to ``uv pip compile``: the files of other resolutions, made once, so that no session ever resolves."""

from __future__ import annotations

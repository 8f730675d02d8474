"""A wheel of the coverage that is installed here, so that sessions can have it with no network."""

from __future__ import annotations

import re
from importlib.metadata import PackagePath, distribution
from pathlib import Path

from tests.support.backend import wheel_bytes
from tests.support.wheels import compiled

__all__ = ["repack_coverage"]


def repack_coverage(folder: Path) -> Path:
    """Write the installed coverage, which is no pure wheel, into *folder* for this very interpreter."""
    found = distribution("coverage")
    stem = f"coverage-{found.version}"
    files = {file.as_posix(): Path(str(file.locate())).read_bytes() for file in found.files or () if _shipped(file)}
    metadata = files[f"{stem}.dist-info/METADATA"].decode()
    # uv locks for every Python of the workspace, and this release may be for fewer.
    files[f"{stem}.dist-info/METADATA"] = re.sub(r"Requires-Python: .*\n", "", metadata, count=1).encode()
    files[f"{stem}.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files |= compiled(files)
    path = folder / f"{stem}-py3-none-any.whl"
    path.write_bytes(wheel_bytes(stem, files))
    return path


def _shipped(file: PackagePath) -> bool:
    return ".." not in file.parts and file.suffix != ".pyc" and file.name not in ("RECORD", "INSTALLER", "REQUESTED")

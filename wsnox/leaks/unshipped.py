"""Files that stand among a member's sources and that its built wheel leaves out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.leaks.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsnox.leaks.sources import Sources

__all__ = ["unshipped"]

_PASSED_OVER = ("__pycache__",)


def unshipped(sources: Sources, site: Sequence[Path]) -> Iterator[Finding]:
    """Yield each file below the member's packages that none of the *site* directories, which hold its wheel, has."""
    member = sources.member
    for source_root in sorted({_root_of(module.name, module.file) for module in sources.shipped.modules}):
        base = member.directory / source_root
        for package in sorted({prefix.split(".")[0] for prefix in sources.shipped.prefixes}):
            for path in _files(base, package):
                if not any((place / path).exists() for place in site):
                    file = (base / path).relative_to(member.directory).as_posix()
                    place = file if member.path == "." else f"{member.path}/{file}"
                    yield Finding(member=member.name, kind="unshipped", module=path, places=((place, 0),))


def _root_of(name: str, file: str) -> str:
    """Return the folder that *file* is the module *name* in: ``src`` for ``a.b`` in ``src/a/b.py``."""
    parts = file.removesuffix("/__init__.py").split("/")
    return "/".join(parts[: -len(name.split("."))])


def _files(base: Path, package: str) -> Iterator[str]:
    for place, folders, files in os.walk(base / package):
        folders[:] = sorted(each for each in folders if each not in _PASSED_OVER)
        yield from (Path(place, file).relative_to(base).as_posix() for file in sorted(files))

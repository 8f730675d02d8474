"""The manifests and the lockfile of a workspace as of a git revision, in a temporary directory."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wsnox.change.git import Revision
from wsnox.errors import RequestError, WsnoxError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["checkout"]

_LOCKFILE, _MANIFEST = "uv.lock", "pyproject.toml"


@contextmanager
def checkout(root: Path, revision: str, *, name: str = "") -> Iterator[Path]:
    """Yield a directory with what the workspace at *root* was as of *revision*; errors call its files ``NAME:path``."""
    name = name or revision
    with TemporaryDirectory(prefix="wsnox-") as folder:
        place = Path(folder).resolve()
        try:
            _write(Revision.of(root, revision), place, name)
            yield place
        except WsnoxError as error:
            error.sentence = error.sentence.replace(f"{place}/", f"{name}:")
            error.args = (error.sentence,)
            raise


def _write(revision: Revision, place: Path, name: str) -> None:
    wanted = [path for path in revision.paths if path == _LOCKFILE or PurePosixPath(path).name == _MANIFEST]
    for needed in (_MANIFEST, _LOCKFILE):
        if needed not in wanted:
            raise RequestError(f"there is no `{needed}` in the workspace root at revision `{name}`")
    for path, content in revision.files(wanted).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)

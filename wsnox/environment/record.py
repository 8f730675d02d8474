"""What an installed distribution calls its own: the files in its RECORD, and which of them are lost.

Files are read by paths as text: a `Path` for each would be most of what reading an environment costs.
"""

from __future__ import annotations

from os import lstat, stat
from os.path import isfile
from stat import S_ISLNK
from typing import TYPE_CHECKING, NamedTuple

from wsnox.dist_info import parse_record
from wsnox.environment.removal import is_inside

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

__all__ = ["Owned", "damage", "leads_outside", "owned_by"]

# Byte code is a cache, and `virtualenv` writes down some that it does not keep.
_CACHES = (".pyc", "__pycache__")


class Owned(NamedTuple):
    """The files of a distribution: their *sizes* as text, by path from the site directory; a size may be unsaid.

    *flaw* says why its RECORD cannot be believed, and is empty where it can.
    """

    sizes: dict[str, str]
    flaw: str = ""

    @property
    def paths(self) -> Iterator[str]:
        """The paths of what must be there: all but byte code."""
        return (path for path in self.sizes if not path.endswith(_CACHES))


def owned_by(place: str) -> Owned:
    """Return what the distribution with its metadata at *place* calls its own."""
    try:
        if not isfile(f"{place}/RECORD"):  # noqa: PTH113 - see above
            return Owned({}, "it has no RECORD")
        with open(f"{place}/RECORD", "rb", buffering=0) as file:  # noqa: PTH123 - see above
            content = file.read()
    except (OSError, ValueError):
        return Owned({}, "its RECORD cannot be read")
    owned = Owned(*parse_record(content.decode(errors="replace")))
    own = place.rpartition("/")[2]
    lacking = [name for name in ("METADATA", "RECORD") if f"{own}/{name}" not in owned.sizes]
    if lacking and not owned.flaw:
        # The file of a distribution that lost its end, or that somebody else wrote.
        return owned._replace(flaw=f"its RECORD does not name its own {lacking[0]}")
    return owned


def damage(site: str, owned: Owned, *, empty: Container[str], outside: bool) -> str:
    """Return what of *owned* in the directory *site*, and *outside* of it, is lost; empty where nothing is.

    A file without content though its RECORD gives it some is what a power failure leaves, unless another distribution
    says that it is *empty*. Other sizes are not compared: distributions share files, and wheels name wrong ones.
    """
    for path in owned.paths:
        if path.startswith(("../", "/")) and not outside:
            continue
        place = path if path.startswith("/") else f"{site}/{path}"
        try:
            size = stat(place).st_size  # noqa: PTH116 - see above
        except (OSError, ValueError):
            return f"`{path}` is missing"
        if not size and owned.sizes[path].strip("0") and place not in empty:
            return f"`{path}` is empty"
    return ""


def leads_outside(site: str, owned: Owned, home: str) -> str:
    """Return the first path of *owned* in *site* that is not in the directory *home*, empty where all are.

    An installer that removes the distribution would follow it: through a row of the RECORD, or through a linked folder.
    """
    folders = {path.rpartition("/")[0]: path for path in owned.sizes}
    for folder in [*folders]:
        above = folder
        while not folder.startswith("/") and (above := above.rpartition("/")[0]):
            folders.setdefault(above, folders[folder])
    for folder, path in folders.items():
        place = f"{site}/{folder}" if not folder.startswith("/") else folder
        # Nearly all folders lie where they seem to, and links are resolved slowly.
        if (folder.startswith(("..", "/")) or path.startswith("/") or _is_link(place)) and not is_inside(place, home):
            return path
    return ""


def _is_link(place: str) -> bool:
    try:
        return S_ISLNK(lstat(place).st_mode)
    except (OSError, ValueError):
        return False

"""What uv's settings forbid: wheels (``no-binary``), or builds (``no-build``), of all packages or of those named.

They stand in ``[tool.uv]`` of the root, or in the ``uv.toml`` beside it, which then replaces that table (uv docs,
concepts/configuration-files). Variables such as ``UV_NO_BUILD`` do not count: no install of a session sees them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from packaging.utils import canonicalize_name

from wsnox._record import Record
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.tables import Table

__all__ = ["BuildOptions", "build_options", "read_build_options"]

Packages = Literal["all"] | frozenset[str]


class BuildOptions(Record, kw_only=True):
    """Of which packages no wheel may be installed (*binary*), and which may not be built (*build*).

    Where one names all packages, those that the other names are excepted (uv's crates/uv-configuration).
    """

    binary: Packages = frozenset()
    build: Packages = frozenset()

    def no_binary(self, name: str) -> bool:
        """Return whether no wheel of the package *name* may be installed."""
        return _holds(self.binary, self.build, name)

    def no_build(self, name: str) -> bool:
        """Return whether the package *name* may not be built."""
        return _holds(self.build, self.binary, name)


def _holds(forbidden: Packages, other: Packages, name: str) -> bool:
    if forbidden == "all":
        return other == "all" or name not in other
    return name in forbidden


def build_options(workspace: Workspace) -> BuildOptions:
    """Return what holds in *workspace*; raise `ManifestError` for a ``uv.toml`` that cannot be read."""
    if workspace.settings_file:
        return read_build_options(open_table(workspace.root / "uv.toml"))
    return workspace.manifest.declared.build_options


def read_build_options(table: Table) -> BuildOptions:
    """Return what *table* says; what has a form that uv refuses counts for nothing here."""
    return BuildOptions(binary=_packages(table, "no-binary"), build=_packages(table, "no-build"))


def _packages(table: Table, key: str) -> Packages:
    value, named = table.peek(key), table.peek(f"{key}-package")
    if isinstance(value, bool):
        return "all" if value else frozenset()
    names = named if isinstance(named, list) else []
    return frozenset(canonicalize_name(name) for name in names if isinstance(name, str))

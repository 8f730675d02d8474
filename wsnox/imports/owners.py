"""Who owns a module: a member by its sources, a distribution by the metadata of an environment, by its name last.

1. The longest known prefix of the dotted name decides: below ``google`` each distribution owns a part.
2. A name that is above known prefixes is a namespace, which belongs to everyone who is in it.
3. A name that nothing known covers may be that of a locked distribution, where that distribution's own modules are not
   known: by its normalised name, or by a name that cannot be guessed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record
from wsnox.dist_info import parse_record
from wsnox.files import read_regular
from wsnox.imports.shipped import parents, prefixes_of, top_level
from wsnox.package_names import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.imports.parser import Import

__all__ = ["STANDARD", "How", "Owner", "Owners", "known_prefixes", "wheel_code"]

How = Literal["sources", "metadata", "name"]

# How the installed files end that are modules, not sources or stubs.
_CODE = (".py", ".so", ".pyd")

_DISTRIBUTION_BY_MODULE = {
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dns": "dnspython",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "humps": "pyhumps",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "multipart": "python-multipart",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "usb": "pyusb",
    "win32api": "pywin32",
    "win32con": "pywin32",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
"""Distributions whose name cannot be guessed from that of their module."""


class Owner(Record):
    """A distribution, by its normalised *name*, and *how* it is known to own a module.

    ``sources`` read in its source tree, ``metadata`` in the RECORD of an environment, ``name`` guessed by its name.
    """

    name: str
    how: How


class Owners:
    """The owners of modules: the distributions with these *prefixes*, and how those are known, and the *locked* ones by name.

    Those in *guessed* may have more prefixes than are known.
    """

    def __init__(
        self,
        prefixes: Mapping[str, tuple[How, Collection[str]]],
        locked: Collection[str],
        guessed: Collection[str] = (),
    ) -> None:
        self.known = frozenset(prefixes).difference(guessed)
        self.empty = frozenset(name for name, (_, owned) in prefixes.items() if not owned)
        self._locked = locked
        self._owners: dict[str, tuple[Owner, ...]] = {}
        # A namespace may have thousands of parts of few owners, which stay in their order.
        self._parts: dict[str, dict[Owner, None]] = {}
        for name, (how, owned) in prefixes.items():
            owner = Owner(name, how)
            for prefix in owned:
                self._owners[prefix] = (*self._owners.get(prefix, ()), owner)
                for namespace in parents(prefix):
                    self._parts.setdefault(namespace, {})[owner] = None

    def of(self, module: str) -> tuple[Owner, ...]:
        """Return the owners of the dotted *module*, none if they are not known."""
        for prefix in (module, *parents(module)):
            if prefix in self._owners:
                return self._owners[prefix]
        if module in self._parts:
            return tuple(self._parts[module])
        top = top_level(module)
        if top in self._parts:
            return ()
        for name in (_DISTRIBUTION_BY_MODULE.get(top, ""), canonicalize_name(top)):
            if name in self._locked and name not in self.known:
                return (Owner(name, "name"),)
        return ()

    def modules(self, imported: Import) -> Iterator[str]:
        """Yield the modules that *imported* needs: also those that it names, where others ship into its module."""
        module = imported.module
        named = [f"{module}.{name}" for name in imported.names if name != "*"] if module in self._parts else []
        if self._owners.keys().isdisjoint((module, *parents(module))):
            # A namespace has nothing of its own, so all that is named in it is a module.
            yield from named or [module]
            return
        parts = [name for name in named if name in self._owners or name in self._parts]
        yield from parts
        if len(parts) < len(imported.names) or not parts:
            yield module

    def has_part(self, module: str, name: str) -> bool:
        """Return whether the distribution *name* ships something at or below *module*."""
        return any(owner.name == name for owner in (*self._owners.get(module, ()), *self._parts.get(module, ())))


def known_prefixes(site_packages: Iterable[Path]) -> Mapping[str, frozenset[str]]:
    """Return the module prefixes (see `Shipped`) of each distribution in *site_packages*, by normalised name.

    The first directory whose metadata tells the modules of a distribution counts. A distribution that only depends on
    others is known to have no module.
    """
    prefixes: dict[str, frozenset[str]] = {}
    for directory in site_packages:
        for metadata in sorted((*directory.glob("*.dist-info"), *directory.glob("*.egg-info"))):
            name = _distribution(metadata)
            if name not in prefixes and (owned := _installed_prefixes(metadata)) is not None:
                prefixes[name] = owned
    return prefixes


def _distribution(metadata: Path) -> str:
    return canonicalize_name(metadata.stem.partition("-")[0])


def _installed_prefixes(metadata: Path) -> frozenset[str] | None:
    """Return the prefixes of the distribution with this *metadata* directory, `None` if that does not tell them."""
    if metadata.suffix == ".egg-info":
        # Its list of files, if any, is that of the source tree.
        return frozenset(filter(str.isidentifier, _text(metadata / "top_level.txt").splitlines())) or None
    code, is_complete = _installed_code(metadata)
    return prefixes_of(code) or (frozenset() if is_complete else None)


def _installed_code(metadata: Path) -> tuple[tuple[str, ...], bool]:
    """Return the code files in the RECORD of this *metadata* directory, and whether they are all that there is."""
    folders, flaw = parse_record(_text(metadata / "RECORD"))
    if flaw:
        return (), False
    files = [folder + name for folder, names in folders.items() for name in names]
    # An editable installation has a path file, and its modules lie elsewhere.
    is_complete = f"{metadata.name}/RECORD" in files and not any(path.endswith(".pth") for path in files)
    return tuple(path for path in files if path.endswith(_CODE) and not path.startswith(("../", "/"))), is_complete


def wheel_code(site_packages: Iterable[Path], name: str) -> tuple[str, ...]:
    """Return the code files that the wheel of the distribution *name* installed, none if it is editable."""
    for directory in site_packages:
        for metadata in directory.glob("*.dist-info"):
            if _distribution(metadata) == name:
                code, is_complete = _installed_code(metadata)
                return code if is_complete else ()
    return ()


def _text(file: Path) -> str:
    try:
        return read_regular(file).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


_REMOVED = """
asynchat asyncore distutils imp smtpd
aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau
telnetlib uu xdrlib
_bootlocale binhex formatter macpath parser symbol
"""
"""Removed since 3.9, among them what PEP 594 and PEP 632 removed."""

_ADDED = "annotationlib compression tomllib"

STANDARD = frozenset({*sys.stdlib_module_names, *_REMOVED.split(), *_ADDED.split(), "__main__", "_typeshed"})
"""Top-level names; versions of Python are not told apart, as a version check guards what is new or gone."""

"""Who owns a module: a member by its sources, a distribution by the metadata of an environment, by its name last.

1. The longest known prefix of the dotted name decides: below ``google`` each distribution owns a part.
2. A name that is above known prefixes is a namespace, which belongs to everyone who is in it.
3. A name that nothing known covers may be that of a locked distribution, where that distribution's own modules are not
   known: its normalised name, or one of those that nobody would guess.
"""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox.imports.model import Owner

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.imports.model import How, Import

__all__ = ["STANDARD", "Owners", "prefixes_in"]

_UNLIKE = {
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
"""Distributions that nobody would find by the name of their module."""


class Owners:
    """Knows the *prefixes* of distributions, and the names of those that are *locked*.

    Those in *guessed* may have more prefixes than are known.
    """

    def __init__(
        self,
        prefixes: Mapping[str, tuple[How, Collection[str]]],
        locked: Collection[str],
        guessed: Collection[str] = (),
    ) -> None:
        self.known = frozenset(prefixes).difference(guessed)
        self.empty = frozenset(name for name, (how, owned) in prefixes.items() if not owned)
        self._locked = locked
        self._owners: dict[str, tuple[Owner, ...]] = {}
        self._above: dict[str, dict[Owner, None]] = {}
        for name, (how, owned) in prefixes.items():
            for prefix in owned:
                self._owners[prefix] = (*self._owners.get(prefix, ()), Owner(name, how))
                for above in _above(prefix):
                    # A namespace may have thousands of parts of few owners, which stay in their order.
                    self._above.setdefault(above, {})[Owner(name, how)] = None

    def of(self, module: str) -> tuple[Owner, ...]:
        """Return who owns the dotted *module*, nobody where that is not known."""
        for prefix in (module, *_above(module)):
            if prefix in self._owners:
                return self._owners[prefix]
        if module in self._above:
            return tuple(self._above[module])
        if module.partition(".")[0] in self._above:
            return ()
        return tuple(self._by_name(module.partition(".")[0]))

    def modules(self, imported: Import) -> Iterator[str]:
        """Yield the modules that an import needs: what is named in it too, where others ship into its module."""
        module = imported.module
        named = [f"{module}.{name}" for name in imported.names if name != "*"] if module in self._above else []
        if not any(each in self._owners for each in (module, *_above(module))):
            # A namespace has nothing of its own, so all that is named in it is a module.
            yield from named or [module]
            return
        below = [each for each in named if each in self._owners or each in self._above]
        yield from below
        if len(below) < len(imported.names) or not below:
            yield module

    def has_part(self, module: str, name: str) -> bool:
        """Tell whether the distribution *name* ships something below the top level of *module*."""
        top = module.partition(".")[0]
        owned = (*self._owners.get(top, ()), *self._above.get(top, ()))
        return any(owner.name == name for owner in owned)

    def is_shared(self, module: str, name: str) -> bool:
        """Tell whether *module* lies in a namespace in which the distribution *name* has a part."""
        return any(owner.name == name for each in _above(module) for owner in self._above.get(each, ()))

    def _by_name(self, top: str) -> Iterable[Owner]:
        names = (_UNLIKE.get(top, ""), canonicalize_name(top))
        found = [name for name in names if name in self._locked and name not in self.known]
        return [Owner(name, "name") for name in found[:1]]


def _above(module: str) -> Iterator[str]:
    """Yield the dotted names above *module*, the nearest first."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


# --- Which modules the distributions of an environment ship, as their RECORDs say, without starting its i ---


_CODE = (".py", ".so", ".pyd")
_INIT = "/__init__.py"


def prefixes_in(site: Iterable[Path]) -> Mapping[str, frozenset[str]]:
    """Return the module prefixes (see `Shipped`) of each distribution in the *site* directories, by normalised name.

    The first directory that tells of a distribution counts. One that only brings others has no module, which is known.
    """
    found: dict[str, frozenset[str]] = {}
    for place in site:
        for metadata in sorted((*place.glob("*.dist-info"), *place.glob("*.egg-info"))):
            name = canonicalize_name(metadata.stem.partition("-")[0])
            if name not in found and (prefixes := _prefixes(metadata)) is not None:
                found[name] = prefixes
    return found


def _prefixes(metadata: Path) -> frozenset[str] | None:
    """Return the prefixes of the distribution with this *metadata*, `None` where it does not tell."""
    if metadata.suffix == ".egg-info":
        # It lists the files of the source tree, if any.
        return frozenset(each for each in _lines(metadata / "top_level.txt") if each.isidentifier()) or None
    try:
        paths = [row[0] for row in csv.reader(_lines(metadata / "RECORD")) if row]
    except csv.Error:
        return None
    modules = frozenset(_modules(paths))
    whole = f"{metadata.name}/RECORD" in paths and not any(path.endswith(".pth") for path in paths)
    return modules if modules or whole else None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _modules(paths: Iterable[str]) -> Iterator[str]:
    packages = {path.removesuffix(_INIT) for path in paths if path.endswith(_INIT)}
    for path in paths:
        if path.endswith(_CODE) and not path.startswith(("../", "/")):
            parts = _prefix(path, packages).split("/")
            if all(part.isidentifier() for part in parts):
                yield ".".join(parts)


def _prefix(path: str, packages: set[str]) -> str:
    """Return the outermost regular package that the module at *path* is in, else the module itself."""
    folder, _, file = path.rpartition("/")
    parts = folder.split("/") if folder else []
    outermost = ("/".join(parts[: index + 1]) for index in range(len(parts)))
    # `_speedups.cpython-312-x86_64-linux-gnu.so` is the module `_speedups`.
    module = f"{folder}/{file.partition('.')[0]}" if folder else file.partition(".")[0]
    return next((package for package in outermost if package in packages), module)


# --- The standard library's modules, of every Python that a session may run on ---


_GONE = """
asynchat asyncore distutils imp smtpd
aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau
telnetlib uu xdrlib
_bootlocale binhex formatter macpath parser symbol
"""
"""Gone since 3.9, among them what PEP 594 and PEP 632 removed."""

_NEW = "annotationlib compression tomllib"

STANDARD = frozenset({*sys.stdlib_module_names, *_GONE.split(), *_NEW.split(), "__main__", "_typeshed"})
"""Top-level names; which Python has which is not told apart, as a version check guards what is new or gone."""

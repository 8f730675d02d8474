"""Install with pip, where uv is absent: hash-checked, and without any resolution.

pip never removes what nobody asked for, so it is told what to uninstall and what to install: exactly the difference.
Packages of one index are installed together from that index alone, every line with its version and hashes; local trees
and archives follow, each with ``--no-deps`` as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.environment.pylock import artifact_location
from wsnox.environment.wheels import lock_trees
from wsnox.files import atomic_write
from wsnox.lock import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.urls import absolute, file_url, is_url, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.closure import Closure
    from wsnox.environment.verify import Difference
    from wsnox.lock import Package

__all__ = ["PipInstaller", "requirement"]


class PipInstaller:
    """Syncs the environment of *python* with its own pip, which stays there; *run* runs a command.

    Files for pip are written into *folder*, and locks of source trees are kept in *shared*. Relative paths of the
    lockfile start at *root*. *digests* are the hashes of local files that it has none for, by absolute path, and
    *index_urls* the URLs of indexes in the root's manifest, which may have credentials.
    """

    keep = frozenset({"pip"})

    def __init__(
        self,
        run: Callable[..., None],
        python: Path,
        *,
        folder: Path,
        shared: Path,
        root: str,
        digests: Mapping[str, str],
        index_urls: Iterable[str] = (),
    ) -> None:
        self._run, self._pip = run, (str(python), "-m", "pip")
        self._folder, self._shared, self._root, self._digests = folder, shared, root, digests
        # By their names in the lockfile, which has no credentials.
        named = {without_credentials(url).rstrip("/"): url for url in index_urls}
        self._indexes = {location: url for location, url in named.items() if url.rstrip("/") != location}

    def sync(self, closure: Closure, difference: Difference, reinstall: frozenset[str]) -> None:
        """Remove and install what *difference* says, and *reinstall* these distributions of *closure*."""
        names = {package.name for package in difference.to_install} | reinstall
        packages = [package for package in closure.packages if package.name in names]
        # pip installs a tree again, and leaves alone every other distribution in the locked version.
        again = {package.name for package in packages if not isinstance(package.source, Directory)} & reinstall
        wrong = {copy.name for mismatch in difference.wrong for copy in mismatch.copies}
        extraneous = {distribution.name for distribution in difference.extraneous}
        if removed := sorted(extraneous | ((wrong | again) - self.keep)):
            self._run(*self._pip, "uninstall", "--disable-pip-version-check", "--yes", *removed)
        sources = (package.source for package in packages)
        trees = [absolute(self._root, source.path) for source in sources if isinstance(source, Directory)]
        with lock_trees(trees, self._shared):
            for options, lines in self._batches(packages):
                self._install(options, lines)

    def mend(self, closure: Closure, difference: Difference) -> None:
        """Do once more what is still to be done."""
        self.sync(closure, difference, frozenset())

    def hint(self, damaged: Iterable[str]) -> str:
        """Return what may help where something differs after an install."""
        del damaged
        return "run `uv lock` where a version differs, and try again"

    def _install(self, options: Iterable[str], lines: Iterable[str]) -> None:
        requirements = self._folder / "requirements.txt"
        # Credentials stand in it only as long as pip reads it.
        atomic_write(requirements, "".join(f"{line}\n" for line in lines).encode(), private=True)
        always = ("--disable-pip-version-check", "--no-input", "--no-deps", "--force-reinstall")
        try:
            self._run(*self._pip, "install", *always, *options, "-r", str(requirements))
        finally:
            requirements.unlink(missing_ok=True)

    def _batches(self, packages: Iterable[Package]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
        """Yield pip's options and the requirement lines for each index, then for each package with a location of its own."""
        by_index: dict[str, list[str]] = {}
        hashed: list[str] = []
        plain: list[str] = []
        for package in packages:
            line = requirement(package, self._root, self._digests)
            if isinstance(package.source, Registry):
                by_index.setdefault(package.source.location, []).append(line)
            else:
                (hashed if "--hash=" in line else plain).append(line)
        for location, lines in sorted(by_index.items()):
            hashes = ("--require-hashes",) if all("--hash=" in line for line in lines) else ()
            if url := self._indexes.get(location.rstrip("/")):
                # In the file, which nobody else may read: what stands on a command line anybody may.
                yield hashes, [f"--index-url {url}", *lines]
            elif is_url(location) and not location.startswith("file:"):
                yield ("--index-url", location, *hashes), lines
            else:
                links = location if is_url(location) else absolute(self._root, location)
                yield ("--no-index", "--find-links", links, *hashes), lines
        if hashed:
            yield ("--require-hashes",), hashed
        for line in plain:
            yield (), [line]


def requirement(package: Package, root: str, digests: Mapping[str, str]) -> str:
    """Return the line of a requirements file that installs *package* and nothing else."""
    files = (*package.wheels, *([package.sdist] if package.sdist else []))
    match package.source:
        case Registry() as registry:
            hashes = [file.hash or digests.get(artifact_location(file, registry, root), "") for file in files]
            return _with_hashes(f"{package.name}=={package.version}", hashes)
        case Directory(path=path, editable=editable):
            tree = absolute(root, path)
            escaped = tree.replace(" ", "\\ ")
            return f"-e {escaped}" if editable else f"{package.name} @ {file_url(tree)}"
        case Archive(path=path):
            return _with_hashes(f"{package.name} @ {file_url(absolute(root, path))}", [file.hash for file in files])
        case Url(url=url, subdirectory=subdirectory):
            line = f"{package.name} @ {url}{_fragment(subdirectory)}"
            return _with_hashes(line, [file.hash for file in files])
        case Git(url=url, commit=commit, subdirectory=subdirectory):
            return f"{package.name} @ git+{url}@{commit}{_fragment(subdirectory)}"
        case Virtual():  # pragma: no cover - a closure's packages are those that are installed
            return ""


def _with_hashes(line: str, hashes: Iterable[str]) -> str:
    return " ".join([line, *(f"--hash={digest}" for digest in hashes if digest)])


def _fragment(subdirectory: str) -> str:
    return f"#subdirectory={subdirectory}" if subdirectory else ""

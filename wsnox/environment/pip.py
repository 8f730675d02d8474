"""Install with pip, where uv is absent: hash-checked, and without any resolution.

pip never removes what nobody asked for, so it is told what to uninstall and what to install: exactly the difference.
Packages of one index are installed together from that index alone, every line with its version and hashes; local trees
and archives follow, each with ``--no-deps`` as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from wsnox.environment.locations import absolute, artifact_location, is_url
from wsnox.environment.wheels import locked
from wsnox.files import atomic_write
from wsnox.lock.model import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.urls import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wsnox.closure import Closure
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job
    from wsnox.environment.verify import Difference
    from wsnox.lock import Package

__all__ = ["PipInstaller", "requirement"]

_QUIET = ("--disable-pip-version-check", "--no-input")


class PipInstaller:
    """Syncs the environment of *job* with its own pip, which stays there.

    *digests* are the hashes of local files that the lockfile has none for, by absolute path.
    """

    keep = frozenset({"pip"})

    def __init__(self, job: Job, interpreter: Interpreter, digests: Mapping[str, str]) -> None:
        self._job, self._digests = job, digests
        self._pip = (str(interpreter.executable), "-m", "pip")

    def sync(self, closure: Closure, difference: Difference, outdated: frozenset[str]) -> None:
        """Bring the environment to *closure*: remove and install what *difference* says, and what is *outdated*."""
        wanted = {package.name for package in difference.wanting} | outdated
        packages = [package for package in closure.packages if package.name in wanted]
        # pip installs a tree again, and leaves alone what else is there in the locked version.
        left = {each.name for each in packages if not isinstance(each.source, Directory)} & outdated
        self._uninstall(difference, left)
        root = self._job.root
        trees = [absolute(root, package.source.path) for package in packages if isinstance(package.source, Directory)]
        with locked(trees, self._job.shared):
            for options, lines in _batches(packages, root, self._digests, self._indexes()):
                self._install(options, lines)

    def _indexes(self) -> Mapping[str, str]:
        """Return the URLs of indexes for which the root's manifest has credentials, by what the lockfile calls them."""
        urls = self._job.workspace.manifest.declared.index_urls
        bare = {without_credentials(url).rstrip("/"): url for url in urls}
        return {place: url for place, url in bare.items() if url.rstrip("/") != place}

    def mend(self, closure: Closure, difference: Difference) -> None:
        """Do once more what is still to be done."""
        self.sync(closure, difference, frozenset())

    def _install(self, options: tuple[str, ...], lines: list[str]) -> None:
        requirements = self._job.folder / "requirements.txt"
        # Credentials stand in it only as long as pip reads it.
        atomic_write(requirements, "".join(f"{line}\n" for line in lines).encode(), private=True)
        words = (*_QUIET, "--no-deps", "--force-reinstall", *options, "-r", str(requirements))
        try:
            self._job.install(*self._pip, "install", *words)
        finally:
            requirements.unlink(missing_ok=True)

    def _uninstall(self, difference: Difference, more: set[str]) -> None:
        wrong = {found.name for _, installed, _ in difference.wrong for found in installed} | more
        names = sorted({found.name for found in difference.extraneous} | (wrong - {"pip"}))
        if names:
            self._job.install(*self._pip, "uninstall", "--disable-pip-version-check", "--yes", *names)


def _batches(
    packages: Iterable[Package], root: str, digests: Mapping[str, str], indexes: Mapping[str, str]
) -> Iterable[tuple[tuple[str, ...], list[str]]]:
    """Yield pip's options and the requirement lines for each index, then for everything that has a place of its own."""
    by_index: dict[str, list[str]] = {}
    hashed: list[str] = []
    plain: list[str] = []
    for package in packages:
        line = requirement(package, root, digests)
        if isinstance(package.source, Registry):
            by_index.setdefault(package.source.location, []).append(line)
        else:
            (hashed if "--hash=" in line else plain).append(line)
    for location, lines in sorted(by_index.items()):
        if (url := indexes.get(location.rstrip("/"))) is not None:
            # In the file, which nobody else may read: what stands on a command line anybody may.
            yield _hash_options(lines), [f"--index-url {url}", *lines]
        else:
            yield (*_index_options(location, root), *_hash_options(lines)), lines
    if hashed:
        yield ("--require-hashes",), hashed
    for line in plain:
        yield (), [line]


def _index_options(location: str, root: str) -> tuple[str, ...]:
    if is_url(location) and not location.startswith("file:"):
        return ("--index-url", location)
    return ("--no-index", "--find-links", location if is_url(location) else absolute(root, location))


def _hash_options(lines: list[str]) -> tuple[str, ...]:
    return ("--require-hashes",) if all("--hash=" in line for line in lines) else ()


def requirement(package: Package, root: str, digests: Mapping[str, str]) -> str:
    """Return the line of a requirements file that installs *package* and nothing else."""
    match package.source:
        case Registry() as registry:
            files = (*package.wheels, *([package.sdist] if package.sdist else []))
            hashes = [file.hash or digests.get(artifact_location(file, registry, root), "") for file in files]
            return _with_hashes(f"{package.name}=={package.version}", hashes)
        case Directory(path=path, editable=editable):
            place = absolute(root, path)
            return f"-e {_quoted(place)}" if editable else f"{package.name} @ {_file_url(place)}"
        case Archive(path=path):
            return _with_hashes(f"{package.name} @ {_file_url(absolute(root, path))}", _own_hashes(package))
        case Url(url=url, subdirectory=subdirectory):
            part = f"#subdirectory={subdirectory}" if subdirectory else ""
            return _with_hashes(f"{package.name} @ {url}{part}", _own_hashes(package))
        case Git() as git:
            part = f"#subdirectory={git.subdirectory}" if git.subdirectory else ""
            return f"{package.name} @ git+{git.url}@{git.commit}{part}"
        case Virtual():  # pragma: no cover - a closure's packages are those that are installed
            return ""


def _own_hashes(package: Package) -> list[str]:
    return [file.hash for file in (*package.wheels, *([package.sdist] if package.sdist else []))]


def _with_hashes(line: str, hashes: list[str]) -> str:
    return " ".join([line, *(f"--hash={digest}" for digest in hashes if digest)])


def _file_url(path: str) -> str:
    return f"file://{'' if path.startswith('/') else '/'}{quote(path, safe='/:')}"


def _quoted(path: str) -> str:
    return path.replace(" ", "\\ ")

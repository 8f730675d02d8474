"""Install with uv or with pip: hash-checked, and without any resolution.

For uv it is one ``uv pip sync`` of a PEP 751 file. uv runs in the workspace root, so the build settings of its
``[tool.uv]`` hold.

pip never removes what nobody asked for, so it is told what to uninstall and what to install: exactly the difference.
Packages of one index are installed together from that index alone, every line with its version and hashes; local trees
and archives follow, each with ``--no-deps`` as well.
"""

from __future__ import annotations

import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from wsnox.environment.pylock import artifact_location, pylock
from wsnox.environment.wheels import lock_trees
from wsnox.errors import InstallError, UvVersionError
from wsnox.files import atomic_write
from wsnox.lock import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.urls import absolute, file_url, is_url, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.closure import Closure
    from wsnox.environment.model import Venv
    from wsnox.environment.verify import Difference
    from wsnox.lock import Package
    from wsnox.workspace.model import Workspace

__all__ = ["OLDEST", "Installer", "PipInstaller", "UvInstaller", "refuse_uv", "requirement", "version_of"]

OLDEST = Version("0.6.15")
"""The first uv whose ``uv pip sync`` takes a PEP 751 file."""


class Installer(Protocol):
    """uv or pip, whose own distributions in *keep* stay. Each call may start processes; none resolves anything."""

    @property
    def keep(self) -> frozenset[str]:
        """The distributions that stay although no closure has them."""

    def sync(self, closure: Closure, difference: Difference, reinstall: frozenset[str]) -> None:
        """Bring the environment, which has this *difference*, to *closure*, and *reinstall* these distributions."""

    def repair(self, closure: Closure, difference: Difference) -> None:
        """Remove and install again exactly what *difference* names."""

    def build(self, tree: str, folder: Path) -> None:
        """Build the wheel of the source *tree* into *folder*."""

    def hint(self, damaged: Iterable[str]) -> str:
        """Return what may help where the distributions *damaged* are incomplete after they were installed."""


class UvInstaller:
    """Syncs *venv* with the program *uv*; *run* runs a command.

    The plan is written into the environment, so that a person can look at it. *requires_python* is what the lockfile of
    *workspace* says, and *digests* are the hashes of local files that it has none for, by absolute path.
    """

    keep: frozenset[str] = frozenset()

    def __init__(
        self,
        run: Callable[..., None],
        venv: Venv,
        workspace: Workspace,
        digests: Mapping[str, str],
        *,
        uv: str,
        requires_python: str,
    ) -> None:
        self._run, self._venv, self._workspace, self._digests = run, venv, workspace, digests
        self._uv, self._requires_python = uv, requires_python

    def sync(self, closure: Closure, difference: Difference, reinstall: frozenset[str]) -> None:
        """Bring the environment to *closure*, and *reinstall* these; uv looks for itself what that takes."""
        del difference
        options = [word for name in sorted(reinstall) for word in ("--reinstall-package", name)]
        if self._workspace.build_options.build == "all":
            # `uv sync` builds source trees in spite of `no-build`, and `uv pip sync` does where they are excepted by name.
            trees = (package.name for package in closure.packages if isinstance(package.source, Directory))
            options += (word for name in trees for word in ("--no-binary", name))
        with self._plan(closure) as plan:
            self._pip("sync", "--allow-empty-requirements", *self._constraints(), *options, plan)

    def repair(self, closure: Closure, difference: Difference) -> None:
        """Remove what uv leaves alone (seeds of a foreign environment), and install again what is not as locked."""
        if difference.extraneous:
            self._pip("uninstall", *sorted({distribution.name for distribution in difference.extraneous}))
        if difference.to_install:
            self.sync(closure, difference, frozenset(package.name for package in difference.to_install))

    def build(self, tree: str, folder: Path) -> None:
        """Build the wheel of *tree* into *folder*."""
        options = (*self._constraints(), "--python", str(self._venv.python), "--out-dir", str(folder))
        self._run(self._uv, "build", "--quiet", "--wheel", *options, tree)

    def hint(self, damaged: Iterable[str]) -> str:
        """Return what may help where something differs after an install: uv takes the same file from its cache again."""
        if names := " ".join(damaged):
            return f"run `uv cache clean {names}`, in case the files in uv's cache are damaged, and try again"
        return "run `uv lock` where a version differs, and try again"

    @contextmanager
    def _plan(self, closure: Closure) -> Iterator[str]:
        """Write the plan and yield its path; credentials stand in it only as long as uv reads it."""
        path, root = self._venv.folder / "pylock.toml", self._workspace.root.as_posix()

        def written(*, credentials: bool) -> bytes:
            return pylock(
                closure,
                requires_python=self._requires_python,
                root=root,
                digests=self._digests,
                credentials=credentials,
            )

        complete = written(credentials=True)
        # No URL has credentials without that character, and writing the plan is a good part of a small install.
        public = written(credentials=False) if b"@" in complete else complete
        atomic_write(path, complete, private=complete != public)
        try:
            yield str(path)
        finally:
            if complete != public:
                atomic_write(path, public)

    def _constraints(self) -> tuple[str, ...]:
        """Return the options for build constraints, whose file is written into the environment.

        ``uv sync`` takes them from ``[tool.uv]``; ``uv pip sync`` and early versions of ``uv build`` do not, and to later
        ones these say nothing new.
        """
        declared = self._workspace.manifest.declared
        if not declared.build_constraints:
            return ()
        lines = [
            " ".join([text, *(f"--hash={digest}" for digest in sorted(declared.build_hashes.get(text, ())))])
            for text in dict.fromkeys(declared.build_constraints)
        ]
        file = self._venv.folder / "build-constraints.txt"
        atomic_write(file, "".join(f"{line}\n" for line in lines).encode(), private=True)
        return ("--build-constraints", str(file))

    def _pip(self, command: str, *arguments: str) -> None:
        try:
            self._run(self._uv, "pip", command, "--python", str(self._venv.python), *arguments)
        except InstallError as error:
            # Asked only now: a uv that does the work is new enough.
            version = version_of(self._uv)
            if version is not None and version < OLDEST:
                hint = f"`{self._uv}` is uv {version}, and wsnox needs {OLDEST} or later"
                raise InstallError(error.request, "uv", hint=hint) from error
            raise


def refuse_uv(uv: str | None, workspace: Workspace) -> None:
    """Raise `UvVersionError` if the program *uv* is not of the version that *workspace* requires: it would refuse all work.

    nox, whose questions it refuses as well, would take that for a missing Python and skip the session.
    """
    setting = workspace.uv_settings.first("required-version") if uv else None
    if uv and setting and isinstance(setting.value, str):
        version, required = version_of(uv), setting.value
        # To uv, a version alone is a pin.
        with suppress(InvalidSpecifier):
            specifier = SpecifierSet(f"=={required}" if required[:1].isdecimal() else required, prereleases=True)
            if version is not None and version not in specifier:
                raise UvVersionError(uv, str(version), required, setting.where)


def version_of(uv: str) -> Version | None:
    """Return the version that the program *uv* gives for itself, `None` if it gives none."""
    try:
        output = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False).stdout
        return Version(output.split()[1])
    except (OSError, IndexError, InvalidVersion):
        return None


class PipInstaller:
    """Syncs *venv* with its own pip, which stays there; *run* runs a command.

    *digests* are the hashes of local files that the lockfile of *workspace* has none for, by absolute path.
    """

    keep = frozenset({"pip"})

    def __init__(self, run: Callable[..., None], venv: Venv, workspace: Workspace, digests: Mapping[str, str]) -> None:
        self._run, self._venv, self._digests = run, venv, digests
        self._pip, self._root = (str(venv.python), "-m", "pip"), workspace.root.as_posix()
        # The lockfile names indexes without the credentials that the manifest may have.
        named = {without_credentials(url).rstrip("/"): url for url in workspace.manifest.declared.index_urls}
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
        with lock_trees(trees, self._venv.shared):
            for options, lines in self._batches(packages):
                self._install(options, lines)

    def repair(self, closure: Closure, difference: Difference) -> None:
        """Do once more what is still to be done."""
        self.sync(closure, difference, frozenset())

    def build(self, tree: str, folder: Path) -> None:
        """Build the wheel of *tree* into *folder*."""
        options = ("--disable-pip-version-check", "--no-deps", "--wheel-dir", str(folder))
        self._run(*self._pip, "wheel", *options, tree)

    def hint(self, damaged: Iterable[str]) -> str:
        """Return what may help where something differs after an install."""
        del damaged
        return "run `uv lock` where a version differs, and try again"

    def _install(self, options: Iterable[str], lines: Iterable[str]) -> None:
        requirements = self._venv.folder / "requirements.txt"
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
    hashes = [file.hash for file in package.files]
    match package.source:
        case Registry() as registry:
            known = [file.hash or digests.get(artifact_location(file, registry, root), "") for file in package.files]
            return _with_hashes(f"{package.name}=={package.version}", known)
        case Directory(path=path, editable=editable):
            tree = absolute(root, path)
            escaped = tree.replace(" ", "\\ ")
            return f"-e {escaped}" if editable else f"{package.name} @ {file_url(tree)}"
        case Archive(path=path):
            return _with_hashes(f"{package.name} @ {file_url(absolute(root, path))}", hashes)
        case Url(url=url, subdirectory=subdirectory):
            return _with_hashes(f"{package.name} @ {url}{_fragment(subdirectory)}", hashes)
        case Git(url=url, commit=commit, subdirectory=subdirectory):
            return f"{package.name} @ git+{url}@{commit}{_fragment(subdirectory)}"
        case Virtual():  # pragma: no cover - a closure's packages are those that are installed
            return ""


def _with_hashes(line: str, hashes: Iterable[str]) -> str:
    return " ".join([line, *(f"--hash={digest}" for digest in hashes if digest)])


def _fragment(subdirectory: str) -> str:
    return f"#subdirectory={subdirectory}" if subdirectory else ""

"""Install with uv: one ``uv pip sync`` of a PEP 751 file. Nothing is resolved, and hashes are enforced.

uv runs in the workspace root, so the build settings of its ``[tool.uv]`` hold.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from wsnox.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.closure import Closure
    from wsnox.environment.verify import Difference
    from wsnox.workspace.model import Workspace

__all__ = ["OLDEST", "UvInstaller", "constraint_options", "find_uv", "version_of"]

OLDEST = Version("0.6.15")
"""The first uv whose ``uv pip sync`` takes a PEP 751 file."""


def find_uv() -> str | None:
    """Return the uv to use, `None` without any: the one that ``UV`` names, the one beside wsnox, the one on ``PATH``."""
    named = os.environ.get("UV")
    if named:
        return shutil.which(named)
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - an optional dependency

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        return shutil.which("uv")


class UvInstaller:
    """Syncs the environment of *python* with the program *uv*; *run* runs a command for the session *label*.

    The plan is written into *folder*, so that a person can look at it. *requires_python* is what the lockfile says, and
    *digests* are the hashes of local files that it has none for, by absolute path.
    """

    keep: frozenset[str] = frozenset()

    def __init__(
        self,
        run: Callable[..., None],
        uv: str,
        python: Path,
        *,
        label: str,
        folder: Path,
        workspace: Workspace,
        requires_python: str,
        digests: Mapping[str, str],
    ) -> None:
        self._run, self._uv, self._python, self._label = run, uv, python, label
        self._folder, self._workspace = folder, workspace
        self._requires_python, self._digests = requires_python, digests

    def sync(self, closure: Closure, difference: Difference, reinstall: frozenset[str]) -> None:
        """Bring the environment to *closure*, and *reinstall* these; uv looks for itself what that takes."""
        del difference
        # A warm session looks for uv, too, and needs none of these.
        from wsnox.lock import Directory  # noqa: PLC0415 - see above

        options = [word for name in sorted(reinstall) for word in ("--reinstall-package", name)]
        if self._workspace.build_options.build == "all":
            # `uv sync` builds source trees in spite of `no-build`, and `uv pip sync` does where they are excepted by name.
            trees = (package.name for package in closure.packages if isinstance(package.source, Directory))
            options += (word for name in trees for word in ("--no-binary", name))
        constraints = constraint_options(self._workspace, self._folder)
        with self._plan(closure) as plan:
            self._pip("sync", "--allow-empty-requirements", *constraints, *options, plan)

    def mend(self, closure: Closure, difference: Difference) -> None:
        """Remove what uv leaves alone (seeds of a foreign environment), and install again what is not as locked."""
        if difference.extraneous:
            self._pip("uninstall", *sorted({distribution.name for distribution in difference.extraneous}))
        if difference.to_install:
            self.sync(closure, difference, frozenset(package.name for package in difference.to_install))

    def hint(self, damaged: Iterable[str]) -> str:
        """Return what may help where something differs after an install: uv takes the same file from its cache again."""
        if names := " ".join(damaged):
            return f"run `uv cache clean {names}`, in case the files in uv's cache are damaged, and try again"
        return "run `uv lock` where a version differs, and try again"

    @contextmanager
    def _plan(self, closure: Closure) -> Iterator[str]:
        """Write the plan and yield its path; credentials stand in it only as long as uv reads it."""
        from wsnox.environment.pylock import pylock  # noqa: PLC0415 - see above
        from wsnox.files import atomic_write  # noqa: PLC0415 - see above

        path = self._folder / "pylock.toml"
        complete, public = (
            pylock(
                closure,
                requires_python=self._requires_python,
                root=self._workspace.root.as_posix(),
                digests=self._digests,
                credentials=credentials,
            )
            for credentials in (True, False)
        )
        atomic_write(path, complete, private=complete != public)
        try:
            yield str(path)
        finally:
            if complete != public:
                atomic_write(path, public)

    def _pip(self, command: str, *arguments: str) -> None:
        try:
            self._run(self._uv, "pip", command, "--python", str(self._python), *arguments)
        except InstallError as error:
            # Asked only now: a uv that does the work is new enough.
            version = version_of(self._uv)
            if version is not None and version < OLDEST:
                hint = f"`{self._uv}` is uv {version}, and wsnox needs {OLDEST} or later"
                raise InstallError(self._label, "uv", hint=hint) from error
            raise


def constraint_options(workspace: Workspace, folder: Path) -> tuple[str, ...]:
    """Return the options for the build constraints of *workspace*, whose file is written into *folder*.

    ``uv sync`` takes them from ``[tool.uv]``; ``uv pip sync`` and early versions of ``uv build`` do not, and to later
    ones these say nothing new.
    """
    declared = workspace.manifest.declared
    if not declared.build_constraints:
        return ()
    from wsnox.files import atomic_write  # noqa: PLC0415 - a warm session needs none of it

    lines = [
        " ".join([text, *(f"--hash={digest}" for digest in sorted(declared.build_hashes.get(text, ())))])
        for text in dict.fromkeys(declared.build_constraints)
    ]
    file = folder / "build-constraints.txt"
    atomic_write(file, "".join(f"{line}\n" for line in lines).encode(), private=True)
    return ("--build-constraints", str(file))


def version_of(uv: str) -> Version | None:
    """Return the version that the program *uv* gives for itself, `None` where it gives none."""
    try:
        output = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False).stdout
        return Version(output.split()[1])
    except (OSError, IndexError, InvalidVersion):
        return None

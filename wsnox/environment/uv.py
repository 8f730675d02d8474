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
    from collections.abc import Iterator, Mapping

    from wsnox.closure import Closure
    from wsnox.closure.compatibility import Compatibility
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job
    from wsnox.environment.verify import Difference

__all__ = ["OLDEST", "UvInstaller", "build_settings", "find_uv", "version_of"]

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
    """Syncs the environment of *job* with uv, from the wheels that *compatibility* lets through.

    *digests* are the hashes of local files that the lockfile has none for, by absolute path.

    The plan is written beside the environment, so that a person can look at it.
    """

    keep: frozenset[str] = frozenset()

    def __init__(
        self,
        job: Job,
        interpreter: Interpreter,
        requires_python: str,
        compatibility: Compatibility,
        digests: Mapping[str, str],
    ) -> None:
        self._job, self._requires_python = job, requires_python
        self._compatibility, self._digests = compatibility, digests
        self._python, self._plan = str(interpreter.executable), job.folder / "pylock.toml"

    def sync(self, closure: Closure, difference: Difference, outdated: frozenset[str]) -> None:
        """Bring the environment to *closure*; uv looks for itself what that takes."""
        del difference
        self._sync(closure, outdated)

    def mend(self, closure: Closure, difference: Difference) -> None:
        """Remove what uv leaves alone (seeds of a foreign environment), and install again what is not as locked."""
        if difference.extraneous:
            names = sorted({found.name for found in difference.extraneous})
            self._uv("uninstall", *names)
        if difference.wrong or difference.missing:
            self._sync(closure, frozenset(package.name for package in difference.wanting))

    def _sync(self, closure: Closure, again: frozenset[str]) -> None:
        # A warm session looks for uv, too, and needs none of these; so it is below.
        from wsnox.lock.model import Directory  # noqa: PLC0415 - see above

        options = [word for name in sorted(again) for word in ("--reinstall-package", name)]
        if self._job.workspace.build_options.build == "all":
            # `uv sync` builds source trees in spite of `no-build`, and `uv pip sync` does where they are excepted by name.
            trees = (package.name for package in closure.packages if isinstance(package.source, Directory))
            options += (word for name in trees for word in ("--no-binary", name))
        with self._written(closure) as plan:
            self._uv("sync", "--allow-empty-requirements", *build_settings(self._job), *options, plan)

    @contextmanager
    def _written(self, closure: Closure) -> Iterator[str]:
        """Write the plan and yield its path; credentials stand in it only as long as uv reads it."""
        from wsnox.closure.compatibility import compatible_wheels  # noqa: PLC0415 - see above
        from wsnox.environment.pylock import pylock  # noqa: PLC0415 - see above
        from wsnox.files import atomic_write  # noqa: PLC0415 - see above

        fits, job = compatible_wheels(closure, self._compatibility), self._job
        whole, shown = (
            pylock(
                fits,
                requires_python=self._requires_python,
                root=job.root,
                digests=self._digests,
                credentials=credentials,
            )
            for credentials in (True, False)
        )
        atomic_write(self._plan, whole, private=whole != shown)
        try:
            yield str(self._plan)
        finally:
            if whole != shown:
                atomic_write(self._plan, shown)

    def _uv(self, command: str, *arguments: str) -> None:
        uv = self._job.uv
        assert uv is not None, "a job without uv installs with pip"  # noqa: S101 - narrows the type
        try:
            self._job.install(uv, "pip", command, "--python", self._python, *arguments)
        except InstallError as error:
            # Asked only now: a uv that does the work is new enough.
            found = version_of(uv)
            if found is not None and found < OLDEST:
                hint = f"`{uv}` is uv {found}, and wsnox needs {OLDEST} or later"
                raise InstallError(self._job.label, "uv", hint=hint) from error
            raise


def build_settings(job: Job) -> tuple[str, ...]:
    """Return the options for what ``uv pip sync`` and ``uv build`` leave aside of ``[tool.uv]`` and ``uv sync`` does not.

    Early versions of ``uv build`` do so; to later ones these say nothing new.
    """
    declared = job.workspace.manifest.declared
    if not declared.build_constraints:
        return ()
    from wsnox.files import atomic_write  # noqa: PLC0415 - see above

    hashes = {text: sorted(declared.build_hashes.get(text, ())) for text in declared.build_constraints}
    constraints = (" ".join([text, *(f"--hash={each}" for each in hashes[text])]) for text in hashes)
    file = job.folder / "build-constraints.txt"
    atomic_write(file, "".join(f"{line}\n" for line in constraints).encode(), private=True)
    return ("--build-constraints", str(file))


def version_of(uv: str) -> Version | None:
    """Return the version that the program *uv* says it has, `None` where it says none."""
    try:
        said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False).stdout
        return Version(said.split()[1])
    except (OSError, IndexError, InvalidVersion):
        return None

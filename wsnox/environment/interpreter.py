"""Ask an interpreter what it is: its marker values, and where it looks for what is installed.

The question runs on the session's Python, which may be older than wsnox's own (3.8 at the least) and has nothing
installed; it is asked in isolated mode, so that no variable and no file of the user's or of the environment's changes
the answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.closure.compatibility import Platform
from wsnox.environment.inputs import settings_digest
from wsnox.environment.record import owned_by
from wsnox.environment.removal import is_inside
from wsnox.environment.site_packages import read_installed, whole
from wsnox.environment.stamp import read_stamp
from wsnox.errors import InterpreterError, ProofError
from wsnox.files import atomic_write, read_regular
from wsnox.markers.target import Target, target_of

if TYPE_CHECKING:
    from wsnox.environment.model import Job
    from wsnox.environment.site_packages import Distribution
    from wsnox.environment.stamp import Stamp

__all__ = ["Interpreter", "answered", "cached_interpreter", "probe", "usable_interpreter"]

# `-S` and the line about `venv` let Python find out where it looks without running what is there: `.pth` files and
# `sitecustomize` are proven only afterwards. On Windows the prefix itself is one of the places; it holds the environment.
_QUESTION = """
import sys, site
site.addsitedir = lambda *arguments, **options: None
site.venv(set())
import json, os, platform, sysconfig
version = sys.implementation.version
implementation = "%d.%d.%d" % version[:3]
if version.releaselevel != "final":
    implementation += version.releaselevel[0] + str(version.serial)
paths = sysconfig.get_paths()
inside = os.path.join(sys.prefix, "")
places = {}
for place in [paths["purelib"], paths["platlib"], *site.getsitepackages([sys.prefix])]:
    if place in (paths["purelib"], paths["platlib"]) or place.startswith(inside):
        places.setdefault(os.path.normcase(os.path.realpath(place)), place)
try:
    glibc = os.confstr("CS_GNU_LIBC_VERSION")
except (AttributeError, OSError, ValueError):
    glibc = None
print(json.dumps({
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": implementation,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    },
    "site": sorted(places.values()),
    "scripts": paths["scripts"],
    "prefix": sys.prefix,
    "abi": sysconfig.get_config_var("EXT_SUFFIX"),
    "glibc": (glibc or "").replace("glibc ", ""),
    "macos": platform.mac_ver()[0],
}))
"""


_MARKERS = frozenset(re.findall(r'^        "(\w+)": ', _QUESTION, re.MULTILINE))


class Interpreter(Record):
    """An *executable*, its *target*, its *prefix*, and the *site* directories where it looks for distributions.

    *scripts* is where programs are installed. *platform* is what compiled code for it is for, more closely than markers
    tell.
    """

    executable: Path
    target: Target
    prefix: Path
    site: tuple[Path, ...]
    scripts: Path
    platform: Platform

    @property
    def places(self) -> tuple[Path, ...]:
        """All directories where a distribution may have what is imported or started."""
        return (*self.site, self.scripts)


def probe(executable: Path) -> Interpreter:
    """Return what the interpreter at *executable* says of itself; raise `InterpreterError` where it says nothing."""
    try:
        answer = subprocess.run(
            [str(executable), "-I", "-S", "-c", _QUESTION],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise InterpreterError(str(executable), f"does not answer: {error.strerror or error}") from error
    return _understood(executable, answer.stdout, answer.stderr)


def _understood(executable: Path, answer: str, complaint: str) -> Interpreter:
    try:
        said = json.loads(answer)
        return answered(said, executable, Path(_text(said, "prefix")))
    except (ValueError, KeyError, TypeError):
        last = complaint.strip().splitlines()[-1:]
        raise InterpreterError(str(executable), ": ".join(["does not answer", *last])) from None


def answered(said: Any, executable: Path, prefix: Path) -> Interpreter:
    """Return the interpreter that gave the answer *said*, its directories below *prefix* where they are relative.

    Raise `ValueError`, `KeyError` or `TypeError` for what is no such answer.
    """
    markers = dict(said["markers"])
    if markers.keys() != _MARKERS or not all(isinstance(value, str) for value in markers.values()):
        raise ValueError
    site = said["site"]
    if not isinstance(site, list) or not site or not all(isinstance(part, str) and part for part in site):
        raise TypeError
    return Interpreter(
        executable=executable,
        target=target_of(markers),
        prefix=prefix,
        site=tuple(prefix / part for part in site),
        scripts=prefix / _text(said, "scripts"),
        platform=Platform(abi=_abi(_text(said, "abi")), glibc=_text(said, "glibc"), macos=_text(said, "macos")),
    )


def _abi(suffix: str) -> str:
    """Return the name of an ABI from the *suffix* of its modules; it names a directory, too, so not anything will do."""
    abi = suffix.strip(".").rpartition(".")[0]
    if not re.fullmatch(r"(?:[\w-][\w.-]*)?", abi):
        raise ValueError
    return abi


def _text(said: Any, key: str) -> str:
    value = said[key]
    if not isinstance(value, str):
        raise TypeError
    return value


# --- What interpreters said, remembered beside the environments: every environment of one Python gets the ---


# What the directories are called where distributions and scripts are, on every system.
_PLACES = frozenset({"site-packages", "dist-packages", "bin", "Scripts"})

# What differs between environments of one Python, and says nothing of it.
_OWN = re.compile(r"^(prompt|command)\s*=.*$", re.MULTILINE)


def cached_interpreter(job: Job) -> Interpreter:
    """Return the interpreter of *job*'s environment, asking it only where no environment of its Python was asked."""
    key = _key(job)
    if key is None:
        return probe(job.python)
    path = job.shared / "interpreters" / f"{key}.json"
    try:
        return _recalled(json.loads(read_regular(path)), job)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        interpreter = _at_its_location(probe(job.python), job.location)
        _remember(path, interpreter)
        return interpreter


def _key(job: Job) -> str | None:
    try:
        settings = (job.location / "pyvenv.cfg").read_text(encoding="utf-8")
        state = job.python.stat()
    except (OSError, UnicodeDecodeError):
        return None
    if not re.search(r"^home\s*=", settings, re.MULTILINE):
        return None
    program = f"{os.path.realpath(job.python)} {state.st_size} {state.st_mtime_ns}"
    system = f"{platform.release()} {platform.version()}"
    return hashlib.sha256(f"{program}\n{system}\n{_OWN.sub('', settings)}".encode()).hexdigest()[:32]


def _recalled(said: Any, job: Job) -> Interpreter:
    """Return the interpreter of *job* as *said* has it; raise where that has another form, or leads out of the environment."""
    interpreter = answered(said, job.python, job.location)
    if not _is_within(interpreter):
        raise ValueError
    return interpreter


def _is_within(interpreter: Interpreter) -> bool:
    """Return whether all directories of *interpreter* are its own, as they are called: below its prefix, and for these things."""
    return all(
        place.name in _PLACES
        and place.is_relative_to(interpreter.prefix)
        and ".." not in place.relative_to(interpreter.prefix).parts
        for place in interpreter.places
    )


def _at_its_location(interpreter: Interpreter, location: Path) -> Interpreter:
    """Return *interpreter* with the environment's *location* as it is called here, by which stamps are compared."""
    prefix = interpreter.prefix
    if os.path.realpath(prefix) != os.path.realpath(location) or not _is_within(interpreter):
        return interpreter
    *site, scripts = (location / directory.relative_to(prefix) for directory in interpreter.places)
    return replace(interpreter, prefix=location, site=tuple(site), scripts=scripts)


def _remember(path: Path, interpreter: Interpreter) -> None:
    """Write down what *interpreter* said, with its directories relative to its prefix."""
    if not _is_within(interpreter):
        return
    *site, scripts = (directory.relative_to(interpreter.prefix).as_posix() for directory in interpreter.places)
    said = {
        "markers": dict(interpreter.target.values),
        "site": site,
        "scripts": scripts,
        # As the interpreter says it: the last part of a suffix is that of the file.
        "abi": f".{interpreter.platform.abi}.so",
        "glibc": interpreter.platform.glibc,
        "macos": interpreter.platform.macos,
    }
    atomic_write(path, json.dumps(said).encode())


# --- Is the environment whole? One that is not is made anew: what it should hold is cached, and costs lit ---


# CPython, `Modules/getpath.py`, and `site.venv` before 3.14.
_BEFORE_SETTINGS = frozenset({"pybuilddir.txt", "pyvenv.cfg"})


def usable_interpreter(job: Job, *, permitted: bool) -> Interpreter:
    """Return the interpreter of *job*'s environment, which is made anew where it is not whole and that is *permitted*."""
    reason = _why_not_itself(read_stamp(job.stamp), job)
    if not reason:
        try:
            return _examined(job)
        except InterpreterError as error:
            reason = error.sentence
    if not permitted:
        raise ProofError(job.label, [f"! {reason}"], hint="run nox without `-R`, so that it may be made anew")
    job.log(f"{job.label}: making the environment anew, as {reason}")
    job.recreate()
    return _examined(job)


def _why_not_itself(stamp: Stamp | None, job: Job) -> str:
    """Return why the environment of *job* is not what its *stamp* was written for, empty where it is."""
    if stamp is None:
        return ""
    if not stamp.finished:
        return "its last preparation did not finish"
    place = stamp.inputs.get("place", "another place")
    if place != os.path.realpath(job.location):
        return f"it was made in `{place}`"
    same = stamp.inputs.get("pyvenv.cfg") == settings_digest(job.location)
    return "" if same else "its `pyvenv.cfg` is not the one that it was proven with"


def _examined(job: Job) -> Interpreter:
    # Looked at first: the Python that is asked would go by it.
    if found := _before_settings(job):
        raise InterpreterError(str(job.python), f"would go by the `{found}` beside it")
    interpreter = cached_interpreter(job)
    if os.path.realpath(interpreter.prefix) != os.path.realpath(job.location):
        raise InterpreterError(str(job.python), f"belongs to `{interpreter.prefix}`")
    if not _is_wanted(interpreter.target.python, job.wanted):
        raise InterpreterError(str(job.python), f"is Python {interpreter.target.python}, not {job.wanted}")
    if _sees_system(job):
        hint = "nox makes it so where `VIRTUALENV_SYSTEM_SITE_PACKAGES` or virtualenv's settings file ask for that"
        raise InterpreterError(str(job.python), "sees the packages of the system", hint=hint)
    if not _is_at_home(job):
        raise InterpreterError(str(job.python), "has a `pyvenv.cfg` that names the `home` of another Python")
    if outside := [place for place in interpreter.places if not is_inside(place, job.location)]:
        leads = f"has a `{outside[0].name}` that leads to `{os.path.realpath(outside[0])}`"
        raise InterpreterError(str(job.python), leads)
    if job.uv is None:
        pips = [found for found in read_installed(interpreter.site).distributions if found.name == "pip"]
        if len(pips) != 1 or not whole(pips[0]) or not _is_alone(pips[0]):
            raise InterpreterError(str(job.python), "has a pip that is missing or in pieces")
    return interpreter


def _before_settings(job: Job) -> str:
    """Return what beside the environment's Python counts more than its ``pyvenv.cfg``, empty where nothing does."""
    try:
        names = sorted(os.listdir(job.python.parent))  # noqa: PTH208 - names are all it takes
    except OSError:
        return ""
    return next((name for name in names if name in _BEFORE_SETTINGS or name.endswith("._pth")), "")


def _is_at_home(job: Job) -> bool:
    """Return whether the environment's Python leads through the ``home`` that it takes its standard library from."""
    settings = (job.location / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    homes = re.findall(r"^\s*home\s*=\s*(.*?)\s*$", settings, re.IGNORECASE | re.MULTILINE)
    # Copies, and the launchers on Windows, do not tell where they came from.
    return not job.python.is_symlink() or all(_leads_through(job.python, home) for home in homes)


def _leads_through(python: Path, home: str) -> bool:
    while python.is_symlink():
        python = python.parent / python.readlink()
        try:
            if python.parent.samefile(home):
                return True
        except (OSError, ValueError):
            continue
    return False


def _is_alone(pip: Distribution) -> bool:
    """Return whether *pip*, which stays where nothing locks it, owns nothing else that could be imported."""
    own = ("..", "__pycache__", "pip")
    return all(
        first in own or first.startswith("pip-")
        for first in (path.partition("/")[0] for path in owned_by(str(pip.place)).sizes)
    )


def _sees_system(job: Job) -> bool:
    settings = (job.location / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    said = re.findall(r"^\s*include-system-site-packages\s*=(.*)$", settings, re.IGNORECASE | re.MULTILINE)
    # As `site` reads it: the last line counts, and without any the system's packages are seen.
    return not said or str(said[-1]).strip().lower() == "true"


def _is_wanted(version: str, wanted: str) -> bool:
    """Tell whether *version* is one that *wanted* (``3.12``, ``3.13t``, ``pypy3.10``, a path) names, as far as it does."""
    found = re.search(r"\d+(\.\d+)*", wanted) if "/" not in wanted and "\\" not in wanted else None
    return found is None or f"{version}.".startswith(f"{found[0]}.")

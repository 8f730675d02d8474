"""An environment's interpreter: its account of itself, and whether the environment is one that can be used.

The account has its marker values, its ABI, and where it looks for what is installed. The question runs on the session's
Python, which may be older than wsnox's own (3.8 at the least) and has nothing installed; it is asked in isolated mode, so
that no variable and no file of the user's or of the environment's changes the answer. The answer is kept in the user's
cache: environments of one Python get the same, wherever they are, but for their own paths.

An environment can be used if it is the one that nox made: with its own Python, settings and directories, and a pip that
works. Any other is recreated, as what it should hold is cached, and costs little.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.closure.compatibility import Platform
from wsnox.environment.inputs import file_digest
from wsnox.environment.integrity import damage, has_every_size, is_copy
from wsnox.environment.site_packages import read_installed
from wsnox.environment.user_cache import Entry, user_cache
from wsnox.errors import InterpreterError
from wsnox.files import is_inside, read_regular
from wsnox.markers.target import Target, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.environment.model import Venv
    from wsnox.environment.stamp import Stamp

__all__ = ["Interpreter", "cached_interpreter", "is_requested", "probe", "usable_interpreter", "why_replaced"]

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
directories = [paths["purelib"], paths["platlib"]]
directories += [path for path in site.getsitepackages([sys.prefix]) if path.startswith(inside)]
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
    "site": directories,
    "scripts": paths["scripts"],
    "prefix": sys.prefix,
    "abi": sysconfig.get_config_var("EXT_SUFFIX"),
    "glibc": (glibc or "").replace("glibc ", ""),
    "macos": platform.mac_ver()[0],
}))
"""

_MARKERS = frozenset(line.split('"')[1] for line in _QUESTION.split("\n") if line.startswith('        "'))

# The names of directories of distributions and scripts, on every system.
_DIRECTORIES = frozenset({"site-packages", "dist-packages", "bin", "Scripts"})

# Settings that differ between environments of one Python, and say nothing of it.
_OWN_SETTINGS = frozenset({"prompt", "command"})
# Variables that `-I` leaves to a Python: they say which libraries the system loads into it, and what it takes itself for.
_HEEDED = ("LD_", "DYLD_", "_PYTHON_", "SYSTEM_VERSION_COMPAT")


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
    def directories(self) -> tuple[Path, ...]:
        """All directories where a distribution may have what is imported or started."""
        return (*self.site, self.scripts)

    @property
    def is_self_contained(self) -> bool:
        """Whether all its directories are below its prefix, and called as such directories are."""
        return all(
            directory.name in _DIRECTORIES
            and directory.is_relative_to(self.prefix)
            and ".." not in directory.relative_to(self.prefix).parts
            for directory in self.directories
        )


def cached_interpreter(venv: Venv) -> Interpreter:
    """Return the interpreter of *venv*; raise `InterpreterError` if it gives no answer.

    It is asked only if there is no answer yet for its program, this system and the environment's settings.
    """
    python, location, entry = venv.python, venv.location, _entry(venv)
    if entry is None:
        return probe(python)
    with suppress(ValueError, KeyError, TypeError):
        interpreter = _parse_answer(entry.read(), python, location)
        if interpreter.is_self_contained:
            return interpreter
    answer = _ask(python)
    asked = _interpreter_of(answer, python)
    # One that belongs elsewhere says nothing of other environments.
    if os.path.realpath(asked.prefix) == os.path.realpath(location):
        with suppress(ValueError):  # On another drive.
            answer = _relative_to_prefix(answer)
            # The prefix may be as it was resolved; stamps are compared with the location as nox calls it.
            interpreter = _parse_answer(answer, python, location)
            if interpreter.is_self_contained:
                entry.write(answer)
                return interpreter
    return asked


def _entry(venv: Venv) -> Entry | None:
    """Return the entry for the answer of *venv*, `None` if nothing says which Python gives it."""
    python = venv.python
    try:
        settings = venv.settings.read_text(encoding="utf-8")
        with python.open("rb") as file:
            # A script may start another Python each time.
            is_script, status = file.read(2) == b"#!", os.fstat(file.fileno())
    except (OSError, UnicodeDecodeError):
        return None
    if is_script or not _values_of("home", settings):
        return None
    shared = [line for line in settings.split("\n") if line.partition("=")[0].strip() not in _OWN_SETTINGS]
    # A copy is of one environment alone, which its path names.
    folder = None if is_inside(python, venv.location) else user_cache(os.environ)
    return Entry.of(
        (os.path.realpath(python), *shared),
        (
            f"{status.st_size} {status.st_mtime_ns} {status.st_ino}",
            f"{platform.release()} {platform.version()} {platform.machine()} {_libc()}",
            *sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(_HEEDED)),
            _QUESTION,
        ),
        kind="interpreter",
        folder=folder or venv.shared / "interpreters",
    )


def _libc() -> str:
    """Return the C library of this process, empty if that has no name: another image may have the same Pythons."""
    with suppress(AttributeError, OSError, ValueError):
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    return ""


def probe(executable: Path) -> Interpreter:
    """Ask the interpreter at *executable* about itself; raise `InterpreterError` where it gives no answer."""
    return _interpreter_of(_ask(executable), executable)


def _ask(executable: Path) -> Any:
    """Return the answer of the interpreter at *executable*, unread; raise `InterpreterError` where it gives none."""
    try:
        process = subprocess.run(
            [str(executable), "-I", "-S", "-c", _QUESTION],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise InterpreterError(str(executable), f"does not answer: {error.strerror or error}") from error
    try:
        return json.loads(process.stdout)
    except ValueError:
        last = process.stderr.strip().splitlines()[-1:]
        raise InterpreterError(str(executable), ": ".join(["does not answer", *last])) from None


def _interpreter_of(answer: Any, executable: Path) -> Interpreter:
    try:
        return _parse_answer(answer, executable, Path(_text(answer, "prefix")))
    except (ValueError, KeyError, TypeError):
        raise InterpreterError(str(executable), "does not answer") from None


def _relative_to_prefix(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *answer* as it is for every environment of the Python; raise `ValueError` if there is no such answer."""
    prefix = answer["prefix"]
    shared = {key: value for key, value in answer.items() if key != "prefix"}
    site = [os.path.relpath(path, prefix) for path in answer["site"]]
    return {**shared, "site": site, "scripts": os.path.relpath(answer["scripts"], prefix)}


def _parse_answer(answer: Any, executable: Path, prefix: Path) -> Interpreter:
    """Return the interpreter that gave *answer*, its directories below *prefix* where they are relative.

    Raise `ValueError`, `KeyError` or `TypeError` for anything but such an answer.
    """
    markers = dict(answer["markers"])
    if markers.keys() != _MARKERS or not all(isinstance(value, str) for value in markers.values()):
        raise ValueError
    site = answer["site"]
    if not isinstance(site, list) or not site or not all(isinstance(part, str) and part for part in site):
        raise TypeError
    # It names a directory, too, so not anything will do.
    abi = _text(answer, "abi").strip(".").rpartition(".")[0]
    if not re.fullmatch(r"(?:[\w-][\w.-]*)?", abi):
        raise ValueError
    # Where one is a link to another, as `lib64` may be, it is the environment's own.
    directories: dict[str, Path] = {}
    for path in (prefix / part for part in site):
        directories.setdefault(os.path.normcase(os.path.realpath(path)), path)
    return Interpreter(
        executable=executable,
        target=target_of(markers),
        prefix=prefix,
        site=tuple(sorted(directories.values(), key=str)),
        scripts=prefix / _text(answer, "scripts"),
        platform=Platform(abi=abi, glibc=_text(answer, "glibc"), macos=_text(answer, "macos")),
    )


def _text(answer: Any, key: str) -> str:
    value = answer[key]
    if not isinstance(value, str):
        raise TypeError
    return value


# --- the environment that nox made ----------------------------------------------------------------------------------

# What counts more than an environment's `pyvenv.cfg`: CPython, `Modules/getpath.py`, and `site.venv` before 3.14.
_BEFORE_SETTINGS = frozenset({"pybuilddir.txt", "pyvenv.cfg"})
_SEES_SYSTEM = "sees the packages of the system"
# As pip calls its own entry points, and `virtualenv` too.
_PIP_SCRIPT = r"pip(?:-?\d+(?:\.\d+)?t?)?(?:\.exe)?"


def why_replaced(stamp: Stamp | None, venv: Venv) -> str:
    """Return why *venv* is not the environment that its *stamp* was written for, empty if it is."""
    if stamp is None:
        return ""
    if not stamp.finished:
        return "its last preparation did not finish"
    proven_at = stamp.inputs.get("location", "another place")
    if proven_at != os.path.realpath(venv.location):
        return f"it was made in `{proven_at}`"
    unchanged = stamp.inputs.get("pyvenv.cfg") == file_digest(venv.settings)
    return "" if unchanged else "its `pyvenv.cfg` is not the one that it was proven with"


def usable_interpreter(venv: Venv, request: str, *, pip: bool) -> Interpreter:
    """Return the interpreter of *venv*, of the version that *request* names.

    If packages are installed with *pip*, that must be complete. Raise `InterpreterError` if anything is wrong.
    """
    # Looked at first: the Python that is asked would go by it.
    flaw = _flaw_beside(venv.python)
    if not flaw:
        interpreter = cached_interpreter(venv)
        flaw = next(_flaws(interpreter, venv, request, pip=pip), "")
        if not flaw:
            return interpreter
    hint = "`VIRTUALENV_SYSTEM_SITE_PACKAGES` or virtualenv's settings file ask nox for that"
    raise InterpreterError(str(venv.python), flaw, hint=hint if flaw == _SEES_SYSTEM else "")


def _flaw_beside(python: Path) -> str:
    """Return what would lead *python* elsewhere than its settings, empty if nothing would."""
    for name in _names_in(python.parent):
        if name in _BEFORE_SETTINGS or name.endswith("._pth"):
            return f"would obey the `{name}` beside it"
    # Where a link leads is for the Python that it was made from to say.
    with suppress(OSError):
        if not python.is_symlink() and read_regular(python).startswith(b"#!"):
            return "is a script, and may start any Python"
    return ""


def _flaws(interpreter: Interpreter, venv: Venv, request: str, *, pip: bool) -> Iterator[str]:
    if os.path.realpath(interpreter.prefix) != os.path.realpath(venv.location):
        yield f"belongs to `{interpreter.prefix}`"
    if not is_requested(interpreter.target.python, request):
        yield f"is Python {interpreter.target.python}, not {request}"
    settings = venv.settings.read_text(encoding="utf-8", errors="replace")
    # The last line counts, and without any the system's packages are seen.
    system = _values_of("include-system-site-packages", settings)
    if not system or system[-1].lower() == "true":
        yield _SEES_SYSTEM
    if not all(_is_from(venv.python, home) for home in _values_of("home", settings)):
        yield "has a `pyvenv.cfg` that names the `home` of another Python"
    for path in interpreter.directories:
        if not is_inside(path, venv.location):
            yield f"has a `{path.name}` that leads to `{os.path.realpath(path)}`"
    if pip and not _has_pip(interpreter):
        yield "has no complete pip"


def _values_of(key: str, settings: str) -> list[str]:
    """Return the value of each line with the *key* in the *settings* of an environment, as `site` reads them."""
    parts = (line.partition("=") for line in settings.split("\n"))
    return [value.strip() for name, sign, value in parts if sign and name.strip().lower() == key]


def is_requested(version: str, request: str) -> bool:
    """Return whether *version* is one that *request* (``3.12``, ``3.13t``, ``pypy3.10``, a path) names, as far as it does."""
    release = re.search(r"\d+(\.\d+)*", request) if "/" not in request and "\\" not in request else None
    return release is None or f"{version}.".startswith(f"{release[0]}.")


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are all it takes
    except OSError:
        return []


def _is_from(python: Path, home: str) -> bool:
    """Return whether *python* is the program of an environment that was made from a Python in the folder *home*."""
    # The launchers on Windows start another program, and `virtualenv` changes its copy of a framework's on macOS.
    if not python.is_symlink():
        return sys.platform in ("win32", "darwin") or any(
            is_copy(python, Path(home, name)) for name in _names_in(Path(home))
        )
    # One of the links to the program leads to the folder.
    while python.is_symlink():
        python = python.parent / python.readlink()
        with suppress(OSError, ValueError):
            if python.parent.samefile(home):
                return True
    return False


def _has_pip(interpreter: Interpreter) -> bool:
    """Return whether *interpreter* has one pip, complete, that owns nothing else: it stays where nothing locks it."""
    pips = [pip for pip in read_installed(interpreter.site).distributions if pip.name == "pip"]
    if len(pips) != 1:
        return False
    metadata, owned = pips[0].metadata, pips[0].owned
    site = str(metadata.parent)
    if owned.flaw or damage(site, owned, outside=True, empty=None) or not has_every_size(site, owned):
        return False
    scripts = os.path.relpath(interpreter.scripts, site).replace("\\", "/")
    # `virtualenv` leaves a mark beside the metadata.
    own = {"__pycache__", "pip", metadata.name, f"{metadata.stem}.virtualenv"}
    return all(
        path.partition("/")[0] in own
        or (path.startswith(f"{scripts}/") and re.fullmatch(_PIP_SCRIPT, path[len(scripts) + 1 :]) is not None)
        for path in owned.paths
    )

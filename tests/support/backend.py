"""A build backend (PEP 517, PEP 660) that needs no registry, no TOML reader and no network.

`tests.support` copies this very file beside a ``pyproject.toml`` as ``wsnox_test_backend.py``, with ``requires = []``
and ``backend-path = ["."]``, and beside it ``backend.json``, which repeats what the backend must know of ``[project]``:
``name``, ``version``, ``requires``, ``extras``, ``requires_python``, ``scripts``, ``tag``. Modules stand under ``src``.

It runs in the environments that tests make, on CPython 3.8 and later, so it imports the standard library alone, and
each function what it needs: an installer starts Python anew for each question, of which most ask nothing of these.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import zipfile
    from collections.abc import Mapping
    from typing import Any

__all__ = ["build_editable", "build_sdist", "build_wheel", "project_wheel_bytes", "wheel_bytes", "wheel_name"]

# The first instant that a zip file can hold.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_SKIPPED = ("__pycache__", ".pyc")


def build_wheel(
    wheel_directory: str,
    config_settings: Mapping[str, Any] | None = None,  # noqa: ARG001 - PEP 517
    metadata_directory: str | None = None,  # noqa: ARG001 - PEP 517
) -> str:
    """Build the project in the working directory into *wheel_directory* and return the file's name."""
    return _write(wheel_directory, _files())


def build_editable(
    wheel_directory: str,
    config_settings: Mapping[str, Any] | None = None,  # noqa: ARG001 - PEP 517
    metadata_directory: str | None = None,  # noqa: ARG001 - PEP 517
) -> str:
    """Build a wheel that holds one ``.pth`` file, which names the project's ``src`` folder."""
    import os

    pth = f"__editable__.{_escape(_project()['name'])}.pth"
    return _write(wheel_directory, {pth: f"{os.path.realpath('src')}\n".encode()})


def build_sdist(
    sdist_directory: str,
    config_settings: Mapping[str, Any] | None = None,  # noqa: ARG001 - PEP 517
) -> str:
    """Pack the project in the working directory into *sdist_directory* and return the file's name."""
    from pathlib import Path

    project = _project()
    stem = f"{_escape(project['name'])}-{project['version']}"
    files = {f"src/{name}": content for name, content in _files().items()}
    for name in ("pyproject.toml", "backend.json", "wsnox_test_backend.py"):
        files[name] = Path(name).read_bytes()
    files["PKG-INFO"] = _metadata(project).encode()
    name = f"{stem}.tar.gz"
    Path(sdist_directory, name).write_bytes(_sdist_bytes(stem, files))
    return name


def wheel_bytes(stem: str, files: Mapping[str, bytes]) -> bytes:
    """Return a wheel of *files* and their RECORD, which *stem* names; equal files give equal bytes."""
    import base64
    import hashlib
    import io
    import zipfile

    record_name = f"{stem}.dist-info/RECORD"
    record = []
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            digest = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(files[name])}\n")
            archive.writestr(_zip_entry(name), files[name])
        record.append(f"{record_name},,\n")
        archive.writestr(_zip_entry(record_name), "".join(record))
    return buffer.getvalue()


def project_wheel_bytes(project: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return the wheel of *project* (the keys of ``backend.json``) that holds *files* beside its metadata."""
    stem = f"{_escape(project['name'])}-{project['version']}"
    info = f"{stem}.dist-info"
    content: dict[str, bytes] = dict(files)
    content[f"{info}/METADATA"] = _metadata(project).encode()
    content[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: wsnox-test-backend\n"
        f"Root-Is-Purelib: {'true' if _tag(project).endswith('-none-any') else 'false'}\nTag: {_tag(project)}\n"
    ).encode()
    scripts = project.get("scripts") or {}
    if scripts:
        lines = [f"{name} = {scripts[name]}\n" for name in sorted(scripts)]
        content[f"{info}/entry_points.txt"] = ("[console_scripts]\n" + "".join(lines)).encode()
    return wheel_bytes(stem, content)


def wheel_name(project: Mapping[str, Any]) -> str:
    """Return the file name of *project*'s wheel."""
    return f"{_escape(project['name'])}-{project['version']}-{_tag(project)}.whl"


def _write(folder: str, files: Mapping[str, bytes]) -> str:
    project = _project()
    name = wheel_name(project)
    with open(f"{folder}/{name}", "wb") as file:  # noqa: PTH123 - pathlib takes as long to import as all the rest
        file.write(project_wheel_bytes(project, files))
    return name


def _project() -> dict[str, Any]:
    import json

    with open("backend.json", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would be loaded for it alone
        found: dict[str, Any] = json.load(file)
    return found


def _tag(project: Mapping[str, Any]) -> str:
    return str(project.get("tag") or "py3-none-any")


def _escape(name: str) -> str:
    import re

    return re.sub(r"[-_.]+", "_", name).lower()


def _metadata(project: Mapping[str, Any]) -> str:
    lines = ["Metadata-Version: 2.2", f"Name: {project['name']}", f"Version: {project['version']}"]
    if project.get("requires_python"):
        lines.append(f"Requires-Python: {project['requires_python']}")
    lines += [f"Requires-Dist: {requirement}" for requirement in project.get("requires") or ()]
    for extra, requirements in sorted((project.get("extras") or {}).items()):
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {_with_extra(requirement, extra)}" for requirement in requirements]
    return "\n".join(lines) + "\n"


def _with_extra(requirement: str, extra: str) -> str:
    left, found, marker = requirement.partition(";")
    if found:
        return f"{left.strip()} ; ({marker.strip()}) and extra == '{extra}'"
    return f"{left.strip()} ; extra == '{extra}'"


def _files() -> dict[str, bytes]:
    from pathlib import Path

    folder = Path("src")
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in found
        if not any(skipped in str(path) for skipped in _SKIPPED)
    }


def _zip_entry(name: str) -> zipfile.ZipInfo:
    import zipfile

    entry = zipfile.ZipInfo(name, _ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _sdist_bytes(stem: str, files: Mapping[str, bytes]) -> bytes:
    import gzip
    import io
    import tarfile

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(f"{stem}/{name}")
            entry.size = len(files[name])
            archive.addfile(entry, io.BytesIO(files[name]))
    return gzip.compress(packed.getvalue(), mtime=0)

"""Lockfiles to break: small, and with every key, source and kind of edge that uv writes between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli_w

from wsnox.lock import Lock, Package, parse_lock

__all__ = [
    "COMMIT",
    "FORKED",
    "HASH",
    "INDEX",
    "MEMBERS",
    "ROOTED",
    "SAMPLES",
    "SOURCES",
    "lock_of",
    "lock_with",
    "member",
    "wheel",
]

HASH = f"sha256:{'0' * 64}"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
INDEX = "https://registry.example/simple"


def wheel(name: str, version: str = "1.0") -> dict[str, Any]:
    """Return a wheel of the package *name* as uv writes it."""
    return {"url": f"https://registry.example/{name}-{version}-py3-none-any.whl", "hash": HASH, "size": 7}


def member(name: str, **more: Any) -> dict[str, Any]:
    """Return a workspace member *name*; underscores in keys stand for hyphens."""
    table = {"name": name, "version": "1.0", "source": {"editable": f"packages/{name}"}}
    return table | {key.replace("_", "-"): value for key, value in more.items()}


def lock_of(raw: dict[str, Any], path: Path = Path("uv.lock")) -> Lock:
    """Return the lockfile that the table *raw* makes."""
    return parse_lock(tomli_w.dumps(raw).encode(), path)


def lock_with(*packages: Package, **more: Any) -> Lock:
    """Return a lockfile of these *packages*, whose edges name each other by their places here."""
    return Lock(**{"revision": 5, "requires_python": ">=3.9", "packages": packages, **more})


def _registry(name: str, version: str = "1.0", **more: Any) -> dict[str, Any]:
    return member(name, **more) | {"version": version, "source": {"registry": INDEX}, "wheels": [wheel(name, version)]}


MEMBERS: dict[str, Any] = {
    "version": 1,
    "revision": 5,
    "requires-python": ">=3.9",
    "supported-markers": ["sys_platform == 'linux'", "sys_platform == 'darwin'"],
    "required-markers": ["platform_machine == 'x86_64'"],
    "options": {"resolution-mode": "lowest", "exclude-newer": "2025-01-01T00:00:00Z"},
    "manifest": {
        "members": ["app", "core"],
        "default-groups": ["dev"],
        "dependency-groups": {"dev": [{"name": "num", "specifier": ">=1"}], "docs": []},
        "group-requires-python": {"dev": ">=3.10"},
        "requirements": [{"name": "leaf", "extras": ["x"], "marker": "python_full_version < '4'"}],
        "constraints": [{"name": "num", "specifier": "<2"}],
        "overrides": [],
        "excludes": ["winonly"],
        "build-constraints": [{"name": "hatchling", "specifier": "<2"}],
    },
    "package": [
        member(
            "app",
            dependencies=[{"name": "core", "extra": ["fast"]}, {"name": "leaf", "marker": "sys_platform == 'win32'"}],
            optional_dependencies={"x": [{"name": "num"}], "y": []},
            dev_dependencies={"dev": [{"name": "leaf"}, {"name": "app", "extra": ["x"]}], "docs": []},
            default_groups=["dev", "docs"],
            group_requires_python={"docs": ">=3.11"},
            metadata={
                "requires-dist": [{"name": "core", "editable": "packages/core", "extras": ["fast"]}],
                "provides-extras": ["x", "y"],
                "requires-dev": {"dev": [{"name": "leaf"}], "docs": []},
            },
        ),
        member("core", optional_dependencies={"fast": [{"name": "leaf", "extra": ["x"]}]}, default_groups="all"),
        _registry("leaf", optional_dependencies={"x": [{"name": "num"}]})
        | {"sdist": {"url": "https://registry.example/leaf-1.0.tar.gz", "hash": HASH, "size": 9, "upload-time": "x"}},
        _registry("num"),
    ],
}
"""Two members with extras, groups and declarations; every key of the top level but forks and conflicts."""

FORKED: dict[str, Any] = {
    "version": 1,
    "revision": 3,
    "requires-python": ">=3.9",
    "resolution-markers": ["python_full_version >= '3.12'", "python_full_version < '3.12'"],
    "conflicts": [
        [{"package": "app", "extra": "cpu"}, {"package": "app", "group": "gpu"}, {"package": "core"}],
        [{"package": "app", "extra": "cpu"}, {"package": "app", "extra": "old"}],
    ],
    "manifest": {"members": ["app", "core"]},
    "package": [
        member(
            "app",
            dependencies=[
                {"name": "num", "version": version, "source": {"registry": INDEX}, "marker": f"{marker} or {either}"}
                for version, marker, either in (
                    ("1.0", "python_full_version < '3.12'", "(extra == 'extra-3-app-cpu' and extra == 'x')"),
                    ("2.0", "python_full_version >= '3.12'", "extra != 'project-4-core'"),
                )
            ],
            optional_dependencies={
                "cpu": [{"name": "num", "version": "1.0", "source": {"registry": INDEX}}],
                "old": [{"name": "core", "extra": ["z"], "marker": "extra == 'extra-3-app-old'"}],
            },
            dev_dependencies={
                "gpu": [
                    {
                        "name": "num",
                        "version": "2.0",
                        "source": {"registry": INDEX},
                        "marker": "extra == 'group-3-app-gpu' or (extra == 'extra-3-app-cpu' and extra != 'x')",
                    }
                ]
            },
        ),
        member("core", optional_dependencies={"z": [{"name": "app", "extra": ["cpu"]}]}),
        _registry("num", "1.0", **{"resolution-markers": ["python_full_version < '3.12'"]}),
        _registry("num", "2.0", **{"resolution-markers": ["python_full_version >= '3.12'"]}),
    ],
}
"""Forks, conflicts of all three kinds of items, a cycle."""

SOURCES: dict[str, Any] = {
    "version": 1,
    "requires-python": ">=3.9",
    "package": [
        {
            "name": "root",
            "version": "0.1.0",
            "source": {"virtual": "."},
            "dependencies": [{"name": name} for name in ("archive", "direct", "flat", "folder", "tree", "zipped")],
        },
        {"name": "archive", "version": "1.0", "source": {"path": "files/archive-1.0.tar.gz"}, "sdist": {"hash": HASH}},
        {
            "name": "direct",
            "version": "1.0",
            "source": {"url": "https://files.example/direct-1.0-py3-none-any.whl", "subdirectory": "src"},
            "wheels": [{"url": "https://files.example/direct-1.0-py3-none-any.whl", "hash": HASH}],
        },
        {
            "name": "flat",
            "version": "1.0",
            "source": {"registry": "../wheels"},
            "wheels": [{"path": "flat-1.0-py3-none-any.whl"}],
        },
        {"name": "folder", "source": {"directory": "../folder"}},
        {"name": "tree", "version": "1.0", "source": {"git": f"https://git.example/tree?tag=v1#{COMMIT}"}},
        {
            "name": "zipped",
            "version": "1.0",
            "source": {"git": f"https://git.example/z?path=z-1.0-py3-none-any.whl&rev={COMMIT}#{COMMIT}"},
            "wheels": [{"filename": "z-1.0-py3-none-any.whl", "hash": HASH}],
        },
    ],
}
"""Revision 0, a root without workspace, every kind of source but ``editable``."""

ROOTED: dict[str, Any] = {
    "version": 1,
    "revision": 1,
    "requires-python": ">=3.9,<4",
    "manifest": {"dependency-groups": {"dev": [{"name": "num", "extras": ["x"], "marker": "os_name == 'posix'"}]}},
    "distribution": [
        member(
            "app",
            source={"editable": "."},
            dependency_groups={"dev": [{"name": "num"}]},
            metadata={"dependency-groups": {"dev": [{"name": "num"}], "none": []}},
        ),
        _registry("num", optional_dependencies={"x": [{"name": "app"}]}),
    ],
}
"""The keys of early revisions: ``distribution``, ``dependency-groups``."""

SAMPLES = {"members": MEMBERS, "forked": FORKED, "sources": SOURCES, "rooted": ROOTED}

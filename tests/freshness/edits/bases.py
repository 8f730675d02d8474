"""The workspaces that are edited, as the texts of their files, and the wheels that they are locked from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.projects import BackendProject, write_backend
from tests.support.wheels import Wheel, build_wheel

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BASES", "build_index", "write_base"]

WHEELS = (
    *(Wheel("num", version) for version in ("0.9", "1.0", "1.5", "2.0", "3.8", "3.9", "4.0")),
    *(Wheel("early", version) for version in ("1.0b1", "1.0", "2.0a1")),
    *(Wheel("local", version) for version in ("1.0", "1.0+cu130")),
    Wheel("epoch", "1!2.0"),
    Wheel("leaf", "2.1"),
    Wheel("speedups", "1.0", requires=["num"]),
    Wheel("flavoured", "1.0", requires=["leaf"], extras={"fast": ["speedups"], "loud": ["num>=2"]}),
    Wheel("marked", "1.0", requires=["winonly ; sys_platform == 'win32'", "backported ; python_version < '3.11'"]),
    Wheel("winonly", "1.0"),
    Wheel("backported", "1.0"),
    Wheel("Dotted.Name_Here", "1.0"),
)


def build_index(folder: Path) -> Path:
    """Build all wheels into the new *folder*, a flat index, and return it."""
    folder.mkdir()
    for wheel in WHEELS:
        build_wheel(folder, wheel)
    return folder


def write_base(root: Path, base: str, index: Path) -> None:
    """Write the workspace *base* into *root*, to be locked from *index*."""
    for path, text in BASES[base].items():
        file = root / path / "pyproject.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("@index", index.as_posix()), encoding="utf-8")
        if "backend-path" in text:
            write_backend(file.parent, _BACKED)


_INDEX = """
[[tool.uv.index]]
name = "here"
url = "@index"
format = "flat"
default = true
"""
_BUILT = """
[build-system]
requires = []
build-backend = "nothing"
"""

_BACKED: BackendProject = {
    "name": "backed",
    "version": "1.0",
    "requires": ["leaf", "backed[x]"],
    "extras": {"x": ["num"]},
    "requires_python": ">=3.10",
    "scripts": {},
    "tag": "",
}

BASES = {
    # A project whose version its build backend tells.
    "backed": {
        ".": f"""
[project]
name = "backed"
requires-python = ">=3.10"
dependencies = ["leaf", "backed[x]"]
dynamic = ["version"]

[project.optional-dependencies]
x = ["num"]

[dependency-groups]
dev = ["leaf"]

[tool.uv]
{_INDEX}
[build-system]
requires = []
build-backend = "wsnox_test_backend"
backend-path = ["."]
"""
    },
    # A project that is no workspace.
    "solo": {
        ".": f"""
[project]
name = "solo"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["leaf"]

[project.optional-dependencies]
x = ["leaf"]
y = []

[dependency-groups]
dev = ["leaf"]
lint = []

[tool.uv]
{_INDEX}{_BUILT}"""
    },
    # The smallest workspace whose root is no project.
    "pair": {
        ".": f"""
[dependency-groups]
dev = ["leaf"]
check = []

[tool.uv]

[tool.uv.workspace]
members = ["kid", "other"]

[tool.uv.sources]
other = {{ workspace = true }}
{_INDEX}""",
        "kid": f"""
[project]
name = "kid"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["leaf", "other"]

[project.optional-dependencies]
x = ["leaf"]
y = ["num"]

[dependency-groups]
dev = ["leaf"]
lint = []

[tool.uv]
{_BUILT}""",
        "other": f"""
[project]
name = "other"
version = "1.0"
requires-python = ">=3.10"

[project.optional-dependencies]
x = []

[tool.uv]
{_BUILT}""",
    },
    # A root that is a project, with a member that needs it.
    "boss": {
        ".": f"""
[project]
name = "boss"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["leaf"]

[dependency-groups]
low = ["num==1.0"]
high = ["num==2.0"]
higher = [{{ include-group = "high" }}]
third = []

[tool.uv]
conflicts = [[{{ group = "low" }}, {{ group = "high" }}]]

[tool.uv.workspace]
members = ["packages/*"]

[tool.uv.sources]
boss = {{ workspace = true }}
{_INDEX}{_BUILT}""",
        "packages/kid": f"""
[project]
name = "kid"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["boss", "num"]

[project.optional-dependencies]
one = ["num>=1"]
two = ["leaf"]

[tool.uv]
{_BUILT}""",
    },
    # A workspace with much of everything.
    "plain": {
        ".": f"""
[dependency-groups]
check = ["leaf>=2", "project-b"]
void = []

[tool.uv]
constraint-dependencies = ["num>=1", "unheard-of<3"]
override-dependencies = ["winonly>=1"]
build-constraint-dependencies = ["setuptools>1"]
exclude-dependencies = ["backported"]
environments = ["sys_platform == 'linux'", "sys_platform == 'win32'"]
required-environments = ["sys_platform == 'linux' and platform_machine == 'x86_64'"]
default-groups = ["check"]
resolution = "highest"

[tool.uv.workspace]
members = ["a", "b", "c", "more/*"]
exclude = ["more/out*"]

[tool.uv.sources]
outside = {{ path = "more/outside" }}
project-b = {{ workspace = true }}
{_INDEX}""",
        "a": f"""
[project]
name = "project-a"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["num>=1", "project-b", "flavoured[fast]", "leaf ; python_version >= '3.11'"]

[project.optional-dependencies]
Loud_One = ["marked"]
empty = []
all = ["project-a[loud-one]"]

[dependency-groups]
dev = ["leaf"]
lint = ["num", {{ include-group = "types" }}]
types = ["num>=3"]
none = []

[tool.uv]

[tool.uv.dependency-groups]
types = {{ requires-python = ">=3.11" }}
{_BUILT}""",
        "b": f"""
[project]
name = "project-b"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["Dotted.Name_Here"]

[tool.uv]
{_BUILT}""",
        "c": """
[project]
name = "project-c"
version = "1.0"
dependencies = []

[tool.uv]
""",
        "more/d": f"""
[project]
name = "project-d"
version = "1.0"
requires-python = ">=3.9,<4"
dependencies = ["outside"]

[tool.uv]
{_BUILT}""",
        "more/outside": f"""
[project]
name = "outside"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["leaf"]
{_BUILT}""",
    },
}

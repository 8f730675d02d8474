"""Write a workspace of thirty members into a folder, and lock it: `python examples/many/make.py ../many`.

Ten libraries, ten services over two libraries each, ten tools over one service each; every third library needs
pyhumps. Then, in that folder:

    nox -l                                                 # thirty sessions, and `workspace`
    nox -j 4
    wsnox matrix --format github --shards 8
    git init -q && git add . && git commit -qm start && echo '# changed' >> packages/lib-04/src/lib_04/__init__.py
    wsnox affected --since HEAD                            # lib-04, its services, their tools
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

WHEELHOUSE = Path(__file__).absolute().parents[1] / "wheelhouse"

ROOT = """\
[tool.uv.workspace]
members = ["packages/*"]

[[tool.uv.index]]
name = "wheelhouse"
url = "{wheelhouse}"
format = "flat"
default = true

[tool.wsnox]
commands = ["python -m unittest discover {{posargs:--start-directory tests}}"]
"""

MEMBER = """\
[project]
name = "{name}"
version = "1.0"
requires-python = ">=3.9"
dependencies = [{needs}]

[build-system]
requires = ["uv_build>=0.9,<1"]
build-backend = "uv_build"

[tool.uv.sources]
{sources}
"""

MODULE = """\
{imports}

NAMES = ["{name}"{others}]
"""

TEST = """\
import unittest

import {module}


class Names(unittest.TestCase):
    def test_the_member_itself_comes_first(self):
        self.assertEqual({module}.NAMES[0], "{name}")
"""

NOXFILE = "import wsnox\n\nwsnox.sessions()\n"


def members():
    """Yield each member's name with the members that it needs."""
    for number in range(10):
        yield f"lib-{number:02}", []
    for number in range(10):
        yield f"service-{number:02}", [f"lib-{number:02}", f"lib-{(number + 1) % 10:02}"]
    for number in range(10):
        yield f"tool-{number:02}", [f"service-{number:02}"]


def write(path: Path, text: str) -> None:
    """Write *text* to *path*, and the folders on the way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_member(folder: Path, name: str, siblings: list[str]) -> None:
    """Write one member: its manifest, a module that imports what it needs, and a test."""
    module, modules = name.replace("-", "_"), [sibling.replace("-", "_") for sibling in siblings]
    foreign = ["pyhumps"] if name.startswith("lib-") and int(name[-2:]) % 3 == 0 else []
    needs = ", ".join(f'"{each}"' for each in [*siblings, *foreign])
    sources = "\n".join(f"{sibling} = {{ workspace = true }}" for sibling in siblings)
    imports = "\n".join(f"import {each}" for each in [*(["humps"] if foreign else []), *modules])
    others = "".join(f", *{each}.NAMES" for each in modules)
    write(folder / "pyproject.toml", MEMBER.format(name=name, needs=needs, sources=sources))
    write(folder / f"src/{module}/__init__.py", MODULE.format(imports=imports, name=name, others=others).lstrip())
    write(folder / "tests/test_names.py", TEST.format(module=module, name=name))


def uv():
    """Return the words that start uv: the one of the PATH, or the one that is installed beside this Python."""
    if shutil.which("uv"):
        return ["uv"]
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv"]
    sys.exit('there is no `uv` to lock the workspace with\n\nhint: python -m pip install "wsnox[uv]"')


def main(arguments):
    """Write the workspace into the folder that *arguments* name, and lock it."""
    if len(arguments) != 1:
        sys.exit("usage: python examples/many/make.py FOLDER")
    locks, root = uv(), Path(arguments[0])
    try:
        write(root / "pyproject.toml", ROOT.format(wheelhouse=WHEELHOUSE.as_posix()))
        write(root / "noxfile.py", NOXFILE)
        write(root / ".gitignore", ".nox/\n__pycache__/\n")
        for name, siblings in members():
            write_member(root / "packages" / name, name, siblings)
    except OSError as error:
        sys.exit(f"`{root}` cannot be written ({error.strerror})")
    # These are the words of `uv` above; what goes wrong, uv says itself.
    done = subprocess.run([*locks, "lock", "--quiet", "--offline"], cwd=root, check=False)  # noqa: S603 - see above
    sys.exit(done.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])

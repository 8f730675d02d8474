"""Which files are modules, and which names belong to a distribution alone."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.imports.projects import module_names, write_project
from wsnox.imports.shipped import read_shipped


@pytest.mark.parametrize(
    ("text", "prefixes"),
    [
        ("__path__ = __import__('pkgutil').extend_path(__path__, __name__)", ("ns.other", "ns.part")),
        ("__import__('pkg_resources').declare_namespace(__name__)", ("ns.other", "ns.part")),
        ("", ("ns",)),
    ],
)
def test_a_namespace_with_an_init_belongs_to_nobody(tmp_path: Path, text: str, prefixes: tuple[str, ...]) -> None:
    """The old styles of namespaces share their `__init__.py`; an ordinary one makes the package the project's own."""
    files = {"src/ns/__init__.py": text, "src/ns/part/__init__.py": "", "src/ns/other.py": ""}
    write_project(tmp_path, files, "setuptools")
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (module_names(shipped), shipped.prefixes) == ("ns ns.other ns.part", prefixes)


def test_stubs_and_extension_modules(tmp_path: Path) -> None:
    """A stubs package is a prefix without modules; a compiled module counts by its stem, once, source first."""
    files = "src/foo-stubs/__init__.pyi src/foo-stubs/a.pyi src/bar/_c.cpython-312-x86_64-linux-gnu.so src/bar/d.pyx src/bar/d.so src/bar/e.py src/bar/e.pyi src/bar/e.abi3.so"
    write_project(tmp_path, files, "setuptools")
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (module_names(shipped), shipped.prefixes) == (
        "bar._c bar.d bar.e",
        ("bar._c", "bar.d", "bar.e", "foo-stubs"),
    )
    assert [Path(module.file).suffix for module in shipped.modules] == [".so", ".so", ".py"]


def test_a_link_that_leads_back_up_ends(tmp_path: Path) -> None:
    """A folder that holds a link to itself is a finite tree."""
    write_project(tmp_path, "src/my_pkg/__init__.py", "uv")
    (tmp_path / "src/my_pkg/again").symlink_to(tmp_path / "src/my_pkg", target_is_directory=True)
    assert module_names(read_shipped(tmp_path, "my-pkg")).startswith("my_pkg my_pkg.again")


_PATHS = st.lists(st.lists(st.sampled_from(["a", "b", "__init__"]), min_size=1, max_size=4), max_size=8)


@pytest.mark.slow
@given(_PATHS)
def test_prefixes_own_the_modules_and_not_each_other(paths: list[list[str]]) -> None:
    """Each module is its prefix or lies below it, unless it is a namespace; no prefix lies below another."""
    with TemporaryDirectory() as name:
        files = " ".join(f"src/{'/'.join(path)}.py" for path in paths)
        write_project(Path(name), files, "setuptools")
        (Path(name) / "src").mkdir(exist_ok=True)
        shipped = read_shipped(Path(name), "my-pkg")
    assert all(any(_covers(prefix, module.name) for prefix in shipped.prefixes) for module in shipped.modules)
    assert not any(
        a != b and _covers(a, b) for a in shipped.prefixes for b in shipped.prefixes if _is_package(a, files)
    )


def _covers(prefix: str, name: str) -> bool:
    return f"{name}.".startswith(f"{prefix}.")


def _is_package(prefix: str, files: str) -> bool:
    return f"src/{prefix.replace('.', '/')}/__init__.py" in files.split()

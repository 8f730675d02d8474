"""What a wheel ships, told without building it.

The expected names of each layout are those in the wheels that the real backends built of it: uv_build 0.13.6,
hatchling 1.33.0, setuptools 84.2.1, flit_core 4.2.0, poetry-core 2.5.0, pdm-backend 2.5.0, scikit-build-core 1.1.2.
Those of maturin are from its user guide.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.processes import uv
from wsnox.imports.modules import read_shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.imports.model import Shipped

BACKENDS = {
    "uv": "uv_build",
    "hatch": "hatchling.build",
    "setuptools": "setuptools.build_meta",
    "flit": "flit_core.buildapi",
    "poetry": "poetry.core.masonry.api",
    "pdm": "pdm.backend",
    "scikit": "scikit_build_core.build",
    "maturin": "maturin",
    "meson": "mesonpy",
}
HATCH = "[tool.hatch.build.targets.wheel]\n"
FIND = "[tool.setuptools.packages.find]\n"
SRC = (
    "src/my_pkg/__init__.py src/my_pkg/a.py src/my_pkg/sub/b.py src/my_pkg/bad-name.py tests/test_a.py setup_helper.py"
)
SRC_MODULES = "my_pkg my_pkg.a my_pkg.sub.b"


def _write(
    directory: Path, files: str | Mapping[str, str], backend: str, settings: str = "", name: str = "my-pkg"
) -> None:
    texts = dict.fromkeys(files.split(), "") if isinstance(files, str) else files
    for file, text in texts.items():
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        (directory / file).write_text(text, encoding="utf-8")
    build = f'[build-system]\nrequires = []\nbuild-backend = "{BACKENDS[backend]}"\n'
    project = f'[project]\nname = "{name}"\nversion = "1"\n'
    (directory / "pyproject.toml").write_text(f"{build}{project}{settings}", encoding="utf-8")


def _names(shipped: Shipped) -> str:
    return " ".join(module.name for module in shipped.modules)


@pytest.mark.parametrize("backend", ["uv", "hatch", "setuptools", "flit", "poetry", "pdm", "scikit"])
def test_the_src_layout_ships_what_is_in_it(tmp_path: Path, backend: str) -> None:
    """Each backend finds the package named like the project; tests and what is no identifier are no modules of it."""
    _write(tmp_path, SRC, backend)
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), shipped.prefixes, not shipped.unread) == (SRC_MODULES, ("my_pkg",), True)
    assert shipped.modules[1].file == "src/my_pkg/a.py"


@pytest.mark.parametrize("backend", ["hatch", "setuptools", "flit", "poetry", "pdm", "scikit", "meson"])
def test_the_flat_layout(tmp_path: Path, backend: str) -> None:
    """The package at the top is found, and nothing beside it; an unknown backend is taken to do the same."""
    _write(tmp_path, "my_pkg/__init__.py my_pkg/a.py tests/__init__.py tests/x.py docs/conf.py", backend)
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), shipped.prefixes) == ("my_pkg my_pkg.a", ("my_pkg",))
    assert not shipped.unread


@pytest.mark.parametrize("backend", ["hatch", "setuptools", "flit", "poetry", "pdm"])
def test_a_single_module(tmp_path: Path, backend: str) -> None:
    """A project may be one file."""
    _write(tmp_path, "my_pkg.py noxfile.txt", backend)
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), shipped.prefixes) == ("my_pkg", ("my_pkg",))


CASES = [
    ("uv", '[tool.uv.build-backend]\nmodule-root = ""', "my_pkg/__init__.py src/no/__init__.py", "my_pkg", "my_pkg"),
    ("uv", '[tool.uv.build-backend]\nmodule-name = "ns.part"', "src/ns/part/__init__.py src/ns/no.py", "ns.part", "ns.part"),
    ("uv", '[tool.uv.build-backend]\nmodule-name = ["ns.one", "two"]', "src/ns/one/__init__.py src/two/__init__.py src/no/__init__.py", "ns.one two", "ns.one two"),
    ("uv", '[tool.uv.build-backend]\nmodule-name = "ns"\nnamespace = true', "src/ns/one/__init__.py src/ns/two/z.py src/no/__init__.py", "ns.one ns.two.z", "ns.one ns.two.z"),
    ("uv", '[tool.uv.build-backend]\nwheel-exclude = ["tests", "**/gen_*.py", "kept/"]\nsource-exclude = ["/src/my_pkg/old.py"]', "src/my_pkg/__init__.py src/my_pkg/old.py src/my_pkg/tests/x.py src/my_pkg/sub/gen_b.py src/my_pkg/kept/x.py", "my_pkg my_pkg.kept.x", "my_pkg"),
    ("hatch", HATCH + 'packages = ["src/foo", "bar"]', "src/foo/__init__.py src/foo/x.py bar/y.py src/no/__init__.py", "bar.y foo foo.x", "bar.y foo"),
    ("hatch", HATCH + 'include = ["foo/*.py", "/top.py"]', "foo/__init__.py foo/sub/y.py top.py sub/top.py x/foo/z.py", "foo top", "foo top"),
    ("hatch", HATCH + 'packages = ["src/foo"]\nexclude = ["tests/", "*_gen.py", "!keep_gen.py"]', "src/foo/__init__.py src/foo/tests/a.py src/foo/a_gen.py src/foo/keep_gen.py", "foo foo.keep_gen", "foo"),
    ("hatch", HATCH + 'only-include = ["src/foo", "scripts/run.py"]\nsources = ["src"]', "src/foo/__init__.py scripts/run.py scripts/no.py", "foo scripts.run", "foo scripts.run"),
    ("hatch", HATCH + 'only-include = ["lib"]\nsources = { lib = "ns/part" }', "lib/__init__.py lib/x.py", "ns.part ns.part.x", "ns.part"),
    ("hatch", HATCH + 'packages = ["src/foo"]\n[tool.hatch.build.targets.wheel.force-include]\n"extra" = "foo/extra"\n"src/foo/x.py" = "two.py"', "src/foo/__init__.py src/foo/x.py extra/b/c.py", "foo foo.extra.b.c two", "foo two"),
    ("hatch", "[tool.hatch.build.targets.wheel.force-include]\nextra = 'foo'", "extra/a.py one.py", "foo.a", "foo.a"),
    ("hatch", HATCH + 'packages = ["foo"]\nonly-packages = true', "foo/__init__.py foo/no/b.py", "foo", "foo"),
    ("hatch", HATCH + 'packages = ["foo"]\nexclude = ["foo/a.py", "/b.py", "foo/**/c.py", "[xy].py", "d?.py"]', "foo/__init__.py foo/a.py foo/b.py foo/s/c.py foo/c.py foo/x.py foo/z.py foo/d1.py foo/d12.py", "foo foo.b foo.d12 foo.z", "foo"),
    ("hatch", "", "space/my_pkg/__init__.py space/other/y.py", "space.my_pkg space.other.y", "space.my_pkg space.other.y"),
    ("setuptools", '[tool.setuptools]\npackages = ["foo", "foo.sub"]', "foo/__init__.py foo/sub/a.py foo/no/__init__.py", "foo foo.sub.a", "foo"),
    ("setuptools", '[tool.setuptools]\npackages = ["foo", "foo.sub", "bar"]\npackage-dir = { foo = "source", "foo.sub" = "elsewhere" }', "source/__init__.py elsewhere/b.py bar/c.py", "bar.c foo foo.sub.b", "bar.c foo"),
    ("setuptools", '[tool.setuptools]\npackage-dir = { foo = "source" }', "source/__init__.py source/deep/b.py no.py", "foo foo.deep.b", "foo"),
    ("setuptools", '[tool.setuptools]\npy-modules = ["one"]\npackage-dir = { "" = "lib" }', "lib/one.py lib/no.py", "one", "one"),
    ("setuptools", FIND + 'where = ["lib"]\nnamespaces = false', "lib/foo/__init__.py lib/foo/no/x.py lib/bar/y.py lib/single.py", "foo", "foo"),
    ("setuptools", FIND + 'include = ["foo*"]\nexclude = ["foo.tests*"]', "foo/__init__.py foo/tests/x.py foo/a/b.py foobar/q.py no/z.py", "foo foo.a.b foobar.q", "foo foobar.q"),
    ("setuptools", FIND + 'where = ["lib", "more"]', "lib/foo/__init__.py more/bar/deep/z.py", "bar.deep.z foo", "bar.deep.z foo"),
    ("setuptools", "", "src/foo/__init__.py src/bar/x.py src/single.py src/foo-bar/x.py", "bar.x foo single", "bar.x foo single"),
    ("flit", '[tool.flit.module]\nname = "ns.part"', "ns/part.py ns/no.py", "ns.part", "ns.part"),
    ("poetry", '[tool.poetry]\npackages = [{ include = "foo" }, { include = "bar", from = "lib", to = "in/side" }, { include = "no", format = "sdist" }]', "foo/__init__.py lib/bar/b.py no/x.py", "foo in.side.bar.b", "foo in.side.bar.b"),
    ("pdm", '[tool.pdm.build]\npackage-dir = "lib"', "lib/foo/__init__.py lib/foo/n/x.py lib/no/y.py lib/no.py", "foo foo.n.x", "foo"),
    ("poetry", '[tool.poetry]\npackages = [{ include = "foo" }]\nexclude = ["foo/t", "foo/g.py"]\ninclude = ["no.py"]', "foo/__init__.py foo/t/a.py foo/g.py no.py", "foo", "foo"),
    ("pdm", "", "src/one.py src/two.py", "one two", "one two"),
    ("scikit", '[tool.scikit-build.wheel]\npackages = ["lib/foo"]\nexclude = ["t/**"]', "lib/foo/__init__.py lib/foo/t/a.py", "foo", "foo"),
    ("scikit", '[tool.scikit-build.wheel.packages]\n"ns/part" = "lib/part"', "lib/part/__init__.py", "ns.part", "ns.part"),
    ("maturin", "", "Cargo.toml src/lib.rs", "", "my_pkg"),
    ("maturin", '[tool.maturin]\nmodule-name = "foo._native"\npython-source = "python"\npython-packages = ["bar"]', "python/foo/__init__.py python/bar/x.py python/no/y.py", "bar.x foo", "bar.x foo"),
    ("maturin", '[tool.maturin]\nbindings = "bin"', "src/main.rs", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("backend", "settings", "files", "modules", "prefixes"), CASES)
def test_settings(tmp_path: Path, *, backend: str, settings: str, files: str, modules: str, prefixes: str) -> None:
    """The settings of each backend say what a wheel holds, as the backend itself built it."""
    _write(tmp_path, files, backend, settings)
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), " ".join(shipped.prefixes), not shipped.unread) == (modules, prefixes, True)


GUESSES = [
    ("setuptools", "", {"setup.py": "setup(packages=find_packages('lib'), package_dir={'': 'lib'})"}, "my_pkg", "`setup.py`"),
    ("setuptools", "", {"setup.cfg": "[options]\npackages = find:\n"}, "my_pkg", "`setup.cfg`"),
    ("setuptools", "", {"one.py": ""}, "my_pkg", ""),
    ("setuptools", "", {"setup.py": "setup(ext_modules=[])"}, "my_pkg", ""),
    ("poetry", '[tool.poetry]\npackages = [{ include = "my_pkg" }]\ninclude = [{ path = "a.py", format = "wheel" }]', {}, "my_pkg", "`include` of Poetry"),
    ("poetry", '[tool.poetry]\npackages = [{ include = "my_pkg/**/*.py" }]', {}, "", "`packages` of Poetry"),
    ("pdm", '[tool.pdm.build]\nexcludes = ["my_pkg/x.py"]', {}, "my_pkg", "`includes` and `excludes` of PDM"),
    ("meson", "", {}, "my_pkg", ""),
]  # fmt: skip


@pytest.mark.parametrize(("backend", "settings", "files", "modules", "unread"), GUESSES)
def test_what_is_not_read_is_said(
    tmp_path: Path, *, backend: str, settings: str, files: dict[str, str], modules: str, unread: str
) -> None:
    """A setting that decides and is not read makes the answer a guess, which names it; `setup.py` is never run."""
    _write(tmp_path, {"my_pkg/__init__.py": "", **files}, backend, settings)
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), shipped.unread) == (modules, unread)


@pytest.mark.parametrize("backend", ["hatch", "setuptools", "flit", "poetry", "pdm", "scikit", "meson"])
def test_nothing_called_like_the_project(tmp_path: Path, backend: str) -> None:
    """What a backend might find by itself in other folders is a guess."""
    _write(tmp_path, "foo/a.py bar/a.py", backend)
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), shipped.unread) == ("", f"what `{BACKENDS[backend]}` takes by itself")


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
    _write(tmp_path, files, "setuptools")
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), shipped.prefixes) == ("ns ns.other ns.part", prefixes)


def test_stubs_and_extension_modules(tmp_path: Path) -> None:
    """A stubs package is a prefix without modules; a compiled module counts by its stem, once, source first."""
    files = "src/foo-stubs/__init__.pyi src/foo-stubs/a.pyi src/bar/_c.cpython-312-x86_64-linux-gnu.so src/bar/d.pyx src/bar/d.so src/bar/e.py src/bar/e.pyi src/bar/e.abi3.so"
    _write(tmp_path, files, "setuptools")
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), shipped.prefixes) == ("bar._c bar.d bar.e", ("bar._c", "bar.d", "bar.e", "foo-stubs"))
    assert [Path(module.file).suffix for module in shipped.modules] == [".so", ".so", ".py"]


@pytest.mark.parametrize(
    ("head", "modules", "sure"),
    [
        ("", "", True),
        ("[tool.uv]\npackage = true", "my_pkg", True),
        ("[tool.uv]\npackage = false\n[build-system]\nrequires = []\nbuild-backend = 'hatchling.build'", "", True),
        ("[build-system]\nrequires = []", "my_pkg", True),
        ("[build-system]\nbuild-backend = 'own'\nbackend-path = ['.']", "my_pkg", True),
        ("[build-system]\nbuild-backend = 7", "my_pkg", True),
        ("[build-system]\nbuild-backend = 'flit_core.buildapi'\n[tool.flit]\nmodule = ['wrong']", "my_pkg", True),
        ("not TOML", "", True),
    ],
)
def test_what_is_built_at_all(tmp_path: Path, head: str, modules: str, *, sure: bool) -> None:
    """Uv builds what has a build system or says that it is a package; without a backend that is setuptools."""
    (tmp_path / "src/my_pkg").mkdir(parents=True)
    (tmp_path / "src/my_pkg/__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text(head, encoding="utf-8")
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (_names(shipped), not shipped.unread) == (modules, sure)


def test_a_link_that_leads_back_up_ends(tmp_path: Path) -> None:
    """A folder that holds a link to itself is a finite tree."""
    _write(tmp_path, "src/my_pkg/__init__.py", "uv")
    (tmp_path / "src/my_pkg/again").symlink_to(tmp_path / "src/my_pkg", target_is_directory=True)
    assert _names(read_shipped(tmp_path, "my-pkg")).startswith("my_pkg my_pkg.again")


@pytest.mark.real
def test_the_reading_is_what_uv_builds(tmp_path: Path) -> None:
    """The wheel that uv itself builds, with its own backend, holds what was read."""
    settings = (
        '[tool.uv.build-backend]\nmodule-name = ["ns.one", "my_pkg"]\nwheel-exclude = ["tests", "**/gen_*.py", "kept/"]'
    )
    files = f"{SRC} src/ns/one/__init__.py src/ns/no.py src/my_pkg/tests/x.py src/my_pkg/gen_a.py src/my_pkg/kept/x.py"
    _write(tmp_path, files, "uv", settings)
    manifest = tmp_path / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("requires = []", 'requires = ["uv_build"]'), encoding="utf-8")
    done = uv(tmp_path, "build", "--wheel", "--offline")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next((tmp_path / "dist").glob("*.whl"))) as wheel:
        built = {name for name in wheel.namelist() if name.endswith(".py") and "-" not in name}
    read = {module.file.removeprefix("src/") for module in read_shipped(tmp_path, "my-pkg").modules}
    assert read == built


_PATHS = st.lists(st.lists(st.sampled_from(["a", "b", "__init__"]), min_size=1, max_size=4), max_size=8)


@pytest.mark.slow
@given(_PATHS)
def test_prefixes_own_the_modules_and_not_each_other(paths: list[list[str]]) -> None:
    """Each module is its prefix or lies below it, unless it is a namespace; no prefix lies below another."""
    with TemporaryDirectory() as name:
        files = " ".join(f"src/{'/'.join(path)}.py" for path in paths)
        _write(Path(name), files, "setuptools")
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

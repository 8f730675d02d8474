"""What a wheel ships, told without building it.

The expected names of each layout are those in the wheels that the real backends built of it: uv_build 0.13.6,
hatchling 1.33.0, setuptools 84.2.1, flit_core 4.2.0, poetry-core 2.5.0, pdm-backend 2.5.0, scikit-build-core 1.1.2.
Those of maturin are from its user guide.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.imports.projects import BACKENDS, module_names, write_project
from tests.support.processes import uv
from wsnox.imports.shipped import read_shipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


CASES = r"""
uv hatch setuptools flit poetry pdm scikit
has src/my_pkg/__init__.py src/my_pkg/a.py src/my_pkg/sub/b.py src/my_pkg/bad-name.py tests/test_a.py setup_helper.py
ships my_pkg my_pkg.a my_pkg.sub.b
owns my_pkg

hatch setuptools flit poetry pdm scikit meson
has my_pkg/__init__.py my_pkg/a.py tests/__init__.py tests/x.py docs/conf.py
ships my_pkg my_pkg.a
owns my_pkg

hatch setuptools flit poetry pdm
has my_pkg.py noxfile.txt
ships my_pkg

hatch setuptools flit poetry pdm scikit meson
has foo/a.py bar/a.py
ships
unread what `{backend}` takes by itself

uv
| [tool.uv.build-backend]
| module-root = ""
has my_pkg/__init__.py src/no/__init__.py
ships my_pkg

uv
| [tool.uv.build-backend]
| module-name = "ns.part"
has src/ns/part/__init__.py src/ns/no.py
ships ns.part

uv
| [tool.uv.build-backend]
| module-name = ["ns.one", "two"]
has src/ns/one/__init__.py src/two/__init__.py src/no/__init__.py
ships ns.one two

uv
| [tool.uv.build-backend]
| module-name = "ns"
| namespace = true
has src/ns/one/__init__.py src/ns/two/z.py src/no/__init__.py
ships ns.one ns.two.z

uv
| [tool.uv.build-backend]
| wheel-exclude = ["tests", "**/gen_*.py", "kept/"]
| source-exclude = ["/src/my_pkg/old.py"]
has src/my_pkg/__init__.py src/my_pkg/old.py src/my_pkg/tests/x.py src/my_pkg/sub/gen_b.py src/my_pkg/kept/x.py
ships my_pkg my_pkg.kept.x
owns my_pkg

hatch
| [tool.hatch.build.targets.wheel]
| packages = ["src/foo", "bar"]
has src/foo/__init__.py src/foo/x.py bar/y.py src/no/__init__.py
ships bar.y foo foo.x
owns bar.y foo

hatch
| [tool.hatch.build.targets.wheel]
| include = ["foo/*.py", "/top.py"]
has foo/__init__.py foo/sub/y.py top.py sub/top.py x/foo/z.py
ships foo top

hatch
| [tool.hatch.build.targets.wheel]
| packages = ["src/foo"]
| exclude = ["tests/", "*_gen.py", "!keep_gen.py"]
has src/foo/__init__.py src/foo/tests/a.py src/foo/a_gen.py src/foo/keep_gen.py
ships foo foo.keep_gen
owns foo

hatch
| [tool.hatch.build.targets.wheel]
| only-include = ["src/foo", "scripts/run.py"]
| sources = ["src"]
has src/foo/__init__.py scripts/run.py scripts/no.py
ships foo scripts.run

hatch
| [tool.hatch.build.targets.wheel]
| only-include = ["lib"]
| sources = { lib = "ns/part" }
has lib/__init__.py lib/x.py
ships ns.part ns.part.x
owns ns.part

hatch
| [tool.hatch.build.targets.wheel]
| packages = ["src/foo"]
| [tool.hatch.build.targets.wheel.force-include]
| "extra" = "foo/extra"
| "src/foo/x.py" = "two.py"
has src/foo/__init__.py src/foo/x.py extra/b/c.py
ships foo foo.extra.b.c two
owns foo two

hatch
| [tool.hatch.build.targets.wheel.force-include]
| extra = 'foo'
has extra/a.py one.py
ships foo.a

hatch
| [tool.hatch.build.targets.wheel]
| packages = ["foo"]
| only-packages = true
has foo/__init__.py foo/no/b.py
ships foo

hatch
| [tool.hatch.build.targets.wheel]
| packages = ["foo"]
| exclude = ["foo/a.py", "/b.py", "foo/**/c.py", "[xy].py", "d?.py"]
has foo/__init__.py foo/a.py foo/b.py foo/s/c.py foo/c.py foo/x.py foo/z.py foo/d1.py foo/d12.py
ships foo foo.b foo.d12 foo.z
owns foo

hatch
has space/my_pkg/__init__.py space/other/y.py
ships space.my_pkg space.other.y

setuptools
| [tool.setuptools]
| packages = ["foo", "foo.sub"]
has foo/__init__.py foo/sub/a.py foo/no/__init__.py
ships foo foo.sub.a
owns foo

setuptools
| [tool.setuptools]
| packages = ["foo", "foo.sub", "bar"]
| package-dir = { foo = "source", "foo.sub" = "elsewhere" }
has source/__init__.py elsewhere/b.py bar/c.py
ships bar.c foo foo.sub.b
owns bar.c foo

setuptools
| [tool.setuptools]
| package-dir = { foo = "source" }
has source/__init__.py source/deep/b.py no.py
ships foo foo.deep.b
owns foo

setuptools
| [tool.setuptools]
| py-modules = ["one"]
| package-dir = { "" = "lib" }
has lib/one.py lib/no.py
ships one

setuptools
| [tool.setuptools.packages.find]
| where = ["lib"]
| namespaces = false
has lib/foo/__init__.py lib/foo/no/x.py lib/bar/y.py lib/single.py
ships foo

setuptools
| [tool.setuptools.packages.find]
| include = ["foo*"]
| exclude = ["foo.tests*"]
has foo/__init__.py foo/tests/x.py foo/a/b.py foobar/q.py no/z.py
ships foo foo.a.b foobar.q
owns foo foobar.q

setuptools
| [tool.setuptools.packages.find]
| where = ["lib", "more"]
has lib/foo/__init__.py more/bar/deep/z.py
ships bar.deep.z foo

setuptools
has src/foo/__init__.py src/bar/x.py src/single.py src/foo-bar/x.py
ships bar.x foo single

flit
| [tool.flit.module]
| name = "ns.part"
has ns/part.py ns/no.py
ships ns.part

poetry
| [tool.poetry]
| packages = [{ include = "foo" }, { include = "bar", from = "lib", to = "in/side" }, { include = "no", format = "sdist" }]
has foo/__init__.py lib/bar/b.py no/x.py
ships foo in.side.bar.b

pdm
| [tool.pdm.build]
| package-dir = "lib"
has lib/foo/__init__.py lib/foo/n/x.py lib/no/y.py lib/no.py
ships foo foo.n.x
owns foo

poetry
| [tool.poetry]
| packages = [{ include = "foo" }]
| exclude = ["foo/t", "foo/g.py"]
| include = ["no.py"]
has foo/__init__.py foo/t/a.py foo/g.py no.py
ships foo

pdm
has src/one.py src/two.py
ships one two

scikit
| [tool.scikit-build.wheel]
| packages = ["lib/foo"]
| exclude = ["t/**"]
has lib/foo/__init__.py lib/foo/t/a.py
ships foo

scikit
| [tool.scikit-build.wheel.packages]
| "ns/part" = "lib/part"
has lib/part/__init__.py
ships ns.part

maturin
has Cargo.toml src/lib.rs
ships
owns my_pkg

maturin
| [tool.maturin]
| module-name = "foo._native"
| python-source = "python"
| python-packages = ["bar"]
has python/foo/__init__.py python/bar/x.py python/no/y.py
ships bar.x foo

maturin
| [tool.maturin]
| bindings = "bin"
has src/main.rs
ships

setuptools
has my_pkg/__init__.py one.py
text setup.py setup(ext_modules=[])
ships my_pkg

setuptools
has my_pkg/__init__.py
text setup.py setup(packages=find_packages('lib'), package_dir={'': 'lib'})
ships my_pkg
unread `setup.py`

setuptools
has my_pkg/__init__.py
text setup.cfg packages = find:
ships my_pkg
unread `setup.cfg`

poetry
| [tool.poetry]
| packages = [{ include = "my_pkg" }]
| include = [{ path = "a.py", format = "wheel" }]
has my_pkg/__init__.py
ships my_pkg
unread `tool.poetry.include`

poetry
| [tool.poetry]
| packages = [{ include = "my_pkg/**/*.py" }]
has my_pkg/__init__.py
ships
unread `tool.poetry.packages`

pdm
| [tool.pdm.build]
| excludes = ["my_pkg/x.py"]
has my_pkg/__init__.py
ships my_pkg
unread `tool.pdm.build.excludes`
"""
# Backends, their settings, the files that a project has (one with a text), the modules that its wheel ships, the prefixes
# that it owns where these are not the same, and the setting that makes the answer a guess because it is not read.


def _cases() -> Iterator[Any]:
    for block in CASES.strip().split("\n\n"):
        backends, *lines = block.split("\n")
        parts: dict[str, list[str]] = {}
        for line in lines:
            key, _, text = line.partition(" ")
            parts.setdefault(key, []).append(text)
        for backend in backends.split():
            case = {key: "\n".join(texts) for key, texts in parts.items()}
            yield pytest.param(backend, case, id=f"{backend}: {case.get('|', case['has'])}")


@pytest.mark.parametrize(("backend", "case"), [*_cases()])
def test_what_is_shipped(tmp_path: Path, backend: str, case: dict[str, str]) -> None:
    """Settings and defaults of each backend say what a wheel holds, as the backend itself built it; nothing is ever run."""
    files = dict.fromkeys(case["has"].split(), "")
    name, _, text = case.get("text", "").partition(" ")
    write_project(tmp_path, {**files, **({name: text} if name else {})}, backend, case.get("|", ""))
    shipped = read_shipped(tmp_path, "my-pkg")
    assert (module_names(shipped), shipped.unread) == (
        case["ships"],
        case.get("unread", "").format(backend=BACKENDS[backend]),
    )
    if not shipped.unread:
        assert " ".join(shipped.prefixes) == case.get("owns", case["ships"])
    assert {module.file for module in shipped.modules} <= files.keys()


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
    assert (module_names(shipped), not shipped.unread) == (modules, sure)


FILES = "src/my_pkg/__init__.py src/my_pkg/a.py src/my_pkg/sub/b.py src/my_pkg/bad-name.py tests/test_a.py"


@pytest.mark.real
def test_the_reading_is_what_uv_builds(tmp_path: Path) -> None:
    """The wheel that uv itself builds, with its own backend, holds what was read."""
    settings = (
        '[tool.uv.build-backend]\nmodule-name = ["ns.one", "my_pkg"]\nwheel-exclude = ["tests", "**/gen_*.py", "kept/"]'
    )
    files = (
        f"{FILES} src/ns/one/__init__.py src/ns/no.py src/my_pkg/tests/x.py src/my_pkg/gen_a.py src/my_pkg/kept/x.py"
    )
    write_project(tmp_path, files, "uv", settings)
    manifest = tmp_path / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("requires = []", 'requires = ["uv_build"]'), encoding="utf-8")
    done = uv(tmp_path, "build", "--wheel", "--offline")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next((tmp_path / "dist").glob("*.whl"))) as wheel:
        built = {name for name in wheel.namelist() if name.endswith(".py") and "-" not in name}
    read = {module.file.removeprefix("src/") for module in read_shipped(tmp_path, "my-pkg").modules}
    assert read == built

"""Edits of what stands around requirements: extras, dependency groups, versions, ranges of Pythons, build systems."""

from __future__ import annotations

from tests.freshness.edits.edit import BACKEND, INTERPRETER, Slot, delete, pairs, put, rows, swap, write

__all__ = ["EXTRAS", "GROUPS", "PROJECTS", "PYTHONS"]

_EXTRAS = Slot("pair", "kid", 'x = ["leaf"]\ny = ["num"]', "@", strings=False)

EXTRAS = tuple(
    pairs(
        _EXTRAS,
        (
            'x = ["leaf"]\ny = ["num"]',
            'y = ["num"]\nx = ["leaf"]',
            'X = ["leaf"]\ny = ["num"]',
            'x = ["leaf"]\ny = ["num"]\nz = ["leaf"]',
            'x = ["leaf"]\ny = ["num"]\nz = []',
            'x = ["leaf"]',
            "",
            'x = ["leaf"]\nz = ["num"]',
            'x = ["num"]\ny = ["leaf"]',
            'x = ["leaf", "num"]\ny = ["num"]',
            'x = ["leaf"]\ny = ["num ; sys_platform == \'linux\'"]',
            'x = ["leaf"]\ny = ["kid[x]", "num"]',
            'x = ["leaf"]\ny = ["num ; extra == \'x\'"]',
            'x = ["leaf"]\ny = ["num ; extra == \'y\'"]',
            'x = ["leaf"]\n"_y" = ["num"]',
            'x = ["leaf"]\n"a.b" = ["num"]',
            'x = "leaf"\ny = ["num"]',
            'x = [1]\ny = ["num"]',
        ),
        ("Loud_One = []", "loud-one = []", '"loud.one" = []', "LOUD--ONE = []", "loudone = []"),
        ("z = []", "", "zz = []", 'z = ["leaf"]', 'z = ["other"]'),
        ('z = ["other"]', 'z = ["other[x]"]', "z = []", 'z = ["other", "other"]', 'z = ["other>=1"]'),
        ('x = ["leaf"]\nall = ["kid[x]"]', 'x = ["leaf"]\nall = ["leaf"]', 'x = ["leaf"]\nall = ["KID[X]"]'),
        ('x = ["leaf"]\nall = ["kid[x]"]', 'x = ["leaf"]\nall = ["kid"]', 'x = ["leaf"]\nall = ["kid[all]"]'),
    )
)

_GROUPS = Slot("pair", "kid", 'dev = ["leaf"]\nlint = []', "@", strings=False)
_ROOT_GROUPS = Slot("pair", ".", 'dev = ["leaf"]\ncheck = []', "@", strings=False)
_KID = Slot("pair", "kid", "[tool.uv]\n", "[tool.uv]\n@\n", strings=False)
_ROOT = Slot("pair", ".", "[tool.uv]\n", "[tool.uv]\n@\n", strings=False)

_INCLUDED = 'dev = ["leaf"]\nlint = [{ include-group = "dev" }]'
_NESTED = 'a = ["leaf"]\nb = [{ include-group = "a" }, "num"]\nc = [{ include-group = "b" }]'
_TWICE = 'a = ["leaf"]\nb = [{ include-group = "a" }]\nc = [{ include-group = "a" }, { include-group = "b" }]'

GROUPS = (
    *(
        edit
        for slot in (_GROUPS, _ROOT_GROUPS)
        for edit in pairs(
            slot,
            (
                'dev = ["leaf"]\nlint = []',
                'lint = []\ndev = ["leaf"]',
                'DEV = ["leaf"]\nlint = []',
                'dev = ["leaf"]',
                'dev = ["leaf"]\nlinting = []',
                'dev = ["leaf"]\nlint = ["leaf"]',
                'dev = ["leaf", "num"]\nlint = []',
                'dev = ["leaf>=2"]\nlint = []',
                "dev = []\nlint = []",
                'dev = ["leaf"]\nlint = []\nmore = ["num"]',
                'dev = ["leaf", { include-group = "lint" }]\nlint = []',
                'dev = ["leaf"]\nlint = [{ include-group = "dev" }]',
                'dev = ["leaf"]\nlint = [{ include-group = "lint" }]',
                'dev = ["leaf"]\nlint = [{ include-group = "nowhere" }]',
                'dev = ["leaf"]\nlint = [{ include-groups = "dev" }]',
                'dev = ["leaf"]\nlint = [{ include-group = "dev", more = 1 }]',
                'dev = ["leaf"]\nlint = [1]',
                'dev = ["leaf"]\nlint = "leaf"',
                'dev = ["leaf"]\nlint = ["num=>1"]',
                'dev = ["leaf>=2"]\nlint = ["num=>1"]',
            ),
        )
    ),
    *pairs(
        _GROUPS,
        (
            _INCLUDED,
            'dev = ["leaf"]\nlint = ["leaf"]',
            'dev = ["leaf"]\nlint = [{ include-group = "DEV" }]',
            'dev = ["leaf"]\nlint = [{ include-group = "dev" }, { include-group = "dev" }]',
            'dev = ["leaf"]\nlint = [{ include-group = "dev" }, "leaf"]',
            'dev = ["num"]\nlint = [{ include-group = "dev" }]',
            'dev = [{ include-group = "lint" }]\nlint = [{ include-group = "dev" }]',
            'dev = ["leaf"]\nlint = []',
            'development = ["leaf"]\nlint = [{ include-group = "development" }]',
        ),
        (
            _NESTED,
            _NESTED.replace('"leaf"', '"leaf>=2"'),
            _NESTED.replace('{ include-group = "a" }, ', ""),
            _NESTED.replace('{ include-group = "b" }', '"leaf", "num"'),
            _NESTED.replace('{ include-group = "b" }', '{ include-group = "a" }'),
            _NESTED.replace('["leaf"]', '[{ include-group = "c" }]'),
        ),
        (_TWICE, _TWICE.replace(', { include-group = "b" }', ""), _TWICE.replace('["leaf"]', "[]")),
        ('dev = ["other"]', 'dev = ["other[x]"]', 'dev = ["other", "other"]', 'dev = ["kid"]', 'dev = ["kid[x]"]'),
        ('dev = ["kid[x]"]', 'dev = ["kid"]', 'dev = ["leaf"]', 'dev = ["kid[x,y]"]'),
    ),
    # --- the groups of old
    *pairs(
        _KID,
        (
            'dev-dependencies = ["num"]',
            "",
            "dev-dependencies = []",
            'dev-dependencies = ["num>=1"]',
            'dev-dependencies = ["num", "leaf"]',
            'dev-dependencies = ["num=>1"]',
            'dev-dependencies = "num"',
        ),
        ("", 'dev-dependencies = ["num"]', "dev-dependencies = []", 'dev-dependencies = ["leaf"]'),
    ),
    *pairs(_ROOT, ("", 'dev-dependencies = ["num"]', "dev-dependencies = []", 'dev-dependencies = ["leaf"]')),
    *rows(
        "pair",
        (
            "a group becomes legacy",
            swap("kid", 'dev = ["leaf"]\n', ""),
            put("kid", "tool.uv", 'dev-dependencies = ["leaf"]'),
        ),
        ("no groups at all", swap("kid", '[dependency-groups]\ndev = ["leaf"]\nlint = []\n', "")),
        ("no groups at the root", swap(".", '[dependency-groups]\ndev = ["leaf"]\ncheck = []\n', "")),
        ("group of two spellings", swap("kid", "lint = []", 'lint = []\nLINT = ["num"]')),
        ("first group of a member", put("other", "dependency-groups", 'dev = ["num"]')),
        ("first empty group of a member", put("other", "dependency-groups", "dev = []")),
    ),
    # --- the default ones
    *(
        edit
        for slot in (_KID, _ROOT)
        for edit in pairs(
            slot,
            ("", 'default-groups = ["dev"]', 'default-groups = ["DEV"]', "default-groups = []"),
            ("", 'default-groups = "all"', 'default-groups = ["unknown"]', "default-groups = 1"),
            ('default-groups = ["dev"]', "", "default-groups = []", 'default-groups = ["dev", "dev"]'),
            ("default-groups = []", "", 'default-groups = ["dev"]', 'default-groups = "all"'),
            ('default-groups = "all"', "", 'default-groups = "every"', 'default-groups = ["all"]'),
        )
    ),
    *pairs(
        _KID,
        (
            'default-groups = ["dev", "lint"]',
            'default-groups = ["lint", "dev"]',
            'default-groups = "all"',
            'default-groups = ["lint"]',
        ),
    ),
    # --- the Pythons of groups
    *(
        edit
        for slot in (_KID, _ROOT)
        for edit in pairs(
            slot,
            (
                "",
                'dependency-groups = { dev = { requires-python = ">=3.11" } }',
                'dependency-groups = { dev = { requires-python = ">=3.8" } }',
                'dependency-groups = { dev = { requires-python = "" } }',
                "dependency-groups = { dev = {} }",
                'dependency-groups = { nowhere = { requires-python = ">=3.11" } }',
                'dependency-groups = { dev = { requires-python = "3.11" } }',
                'dependency-groups = { dev = { requires-pythons = ">=3.11" } }',
                "dependency-groups = { dev = 1 }",
            ),
            (
                'dependency-groups = { dev = { requires-python = ">=3.11" } }',
                "",
                'dependency-groups = { DEV = { requires-python = ">=3.11" } }',
                'dependency-groups = { dev = { requires-python = ">=3.11.0" } }',
                'dependency-groups = { dev = { requires-python = ">=3.12" } }',
                'dependency-groups = { dev = { requires-python = ">=3.11,<4" } }',
                'dependency-groups = { dev = { requires-python = ">=3.11,>=3.10" } }',
                'dependency-groups = { dev = { requires-python = ">3.10" } }',
                'dependency-groups = { dev = { requires-python = "~=3.11" } }',
                'dependency-groups = { dev = { requires-python = ">=3.11,!=3.11.4" } }',
            ),
        )
    ),
    *pairs(
        _KID,
        (
            'dependency-groups = { dev = { requires-python = "~=3.11" } }',
            'dependency-groups = { dev = { requires-python = ">=3.11,<4" } }',
            'dependency-groups = { dev = { requires-python = "~=3.11.0" } }',
            'dependency-groups = { dev = { requires-python = "==3.*,>=3.11" } }',
        ),
        (
            'dependency-groups = { dev = { requires-python = "==3.11.*" } }',
            'dependency-groups = { dev = { requires-python = ">=3.11,<3.12" } }',
            'dependency-groups = { dev = { requires-python = "~=3.11.0" } }',
        ),
        (
            'dependency-groups = { dev = { requires-python = "!=3.11.4" } }',
            'dependency-groups = { dev = { requires-python = "!=3.11.5" } }',
            "",
        ),
    ),
)

_PYTHON = Slot("solo", ".", 'version = "1.0"\nrequires-python = ">=3.10"', 'version = "1.0"\n@', strings=False)
_KID_PYTHON = Slot("pair", "kid", 'version = "1.0"\nrequires-python = ">=3.10"', 'version = "1.0"\n@', strings=False)


def _python(*texts: str) -> tuple[str, ...]:
    return tuple(f'requires-python = "{text}"' for text in texts)


PYTHONS = (
    *pairs(
        _PYTHON,
        _python(
            ">=3.10",
            ">=3.10.0",
            ">= 3.10",
            " >=3.10 ",
            ">=3.10,",
            ">3.9",
            ">3.10",
            ">=3.10.1",
            ">=3.9",
            ">=3.8,>=3.10",
            ">=3.10,!=3.9.1",
            ">=3.10,!=3.11.2",
            ">=3.10,!=3.10.*",
            ">=3.10,!=3.99.*",
            ">=3.10,<4",
            ">=3.10,<4.0",
            "~=3.10",
            "~=3.10.0",
            "==3.*,>=3.10",
            ">=3",
            ">=3.10.dev0",
            ">=3.10rc1",
        ),
        ('requires-python = ">=3.9"', "requires-python = 3.9", 'requires-python = [">=3.9"]'),
        _python(">=3.10,<4", ">=3.10,<4.0", "~=3.10", ">=3.10,<4.dev0", ">=3.10,<=4", ">=3.10,<3.15", ">=3.10"),
        _python("~=3.10", ">=3.10,<4", "==3.*,>=3.10", "~=3.10.0", "~=3.10,>=3.10"),
        _python("<4,>=3.10", ">=3.10,<4"),
        _python(">=3.10,!=3.11.2", ">=3.10", ">=3.10,!=3.11.3"),
        _python(">=3.10", "3.10", "=>3.10", ">=3.x", ">=3.10 || >=3.12"),
        (*_python(">=3.10,<3.99", ""), ""),
        ("", *_python(">=3.10", ">=3.8")),
        _python("", ">=3.10", ">=3"),
    ),
    *pairs(
        _PYTHON,
        (*_python(">=3.9", ""), ""),
        ("", *_python("")),
        (*_python(""), ""),
        limit=INTERPRETER,
    ),
    *pairs(
        _KID_PYTHON,
        _python(">=3.10", ">=3.9", ">=3.11", ">=3.10,<4", ">=3.8,<3.15", "~=3.10", "~=3.10.0", "!=3.9.*"),
        ('requires-python = ">=3.10"', ""),
        _python(">=3.9", ">=3.10", ">=3.8", ">3.9", ">=3.9,!=3.9.0"),
        _python(">=3.10,<4", ">=3.10", ">=3.9,<4", "<4", ">=3.10,<5"),
        _python("<4", ">=3.10,<4", ">=3.10"),
    ),
    *rows(
        "plain",
        ("a bound of another member", swap("b", 'requires-python = ">=3.9"', 'requires-python = ">=3.8"')),
        ("the bound that counts", swap("a", 'requires-python = ">=3.10"', 'requires-python = ">=3.11"')),
        ("a bound taken over", swap("c", "dependencies = []", 'requires-python = ">=3.10,<4"')),
        ("the cap goes", swap("more/d", ">=3.9,<4", ">=3.9")),
        ("a group's bound", swap("a", '{ requires-python = ">=3.11" }', '{ requires-python = ">=3.12" }')),
        ("a group's bound goes", swap("a", 'types = { requires-python = ">=3.11" }', "")),
    ),
    *rows("solo", ("the Python beside", write(".python-version", "3.10\n"))),
)

_VERSION = Slot("solo", ".", 'version = "1.0"\n', "@\n", strings=False)

PROJECTS = (
    *pairs(
        _VERSION,
        (
            'version = "1.0"',
            'version = "1.0.0"',
            'version = "1"',
            'version = "v1.0"',
            'version = " 1.0 "',
            'version = "1.1"',
            'version = "1.0+local"',
            'version = "1.0.dev1"',
            'version = "1!1.0"',
            'version = "one"',
            "version = 1.0",
            'version = ""',
            "",
            'version = "1.0"\ndynamic = []',
            'version = "1.0"\ndynamic = ["readme"]',
            'version = "1.0"\ndynamic = ["classifiers", "scripts"]',
            'version = "1.0"\ndynamic = ["nonsense"]',
            'version = "1.0"\ndynamic = "readme"',
            'version = "1.0"\ndescription = "something"\nreadme = "README.md"',
            'version = "1.0"\nlicense = "MIT"\nkeywords = ["a"]\nauthors = [{ name = "A" }]',
            'version = "1.0"\nscripts = { a = "a:main" }\nurls = { x = "https://example.org" }',
            'version = "1.0"\nimport-names = ["x"]',
            'version = "1.0"\nnonsense = 1',
        ),
        ('version = "1.0b1"', 'version = "1.0beta1"', 'version = "1.0.b1"', 'version = "1.0b2"'),
        ('version = "1.0.post1"', 'version = "1.0-1"', 'version = "1.0.post2"'),
        ('version = "1.0+a.b"', 'version = "1.0+A-b"', 'version = "1.0"'),
    ),
    *rows(
        "solo",
        ("renamed", swap(".", 'name = "solo"', 'name = "duo"')),
        ("own name respelled", swap(".", 'name = "solo"', 'name = "SOLO"')),
        ("no name", swap(".", 'name = "solo"\n', "")),
        ("a bad name", swap(".", 'name = "solo"', 'name = "so lo"')),
        ("an empty name", swap(".", 'name = "solo"', 'name = ""')),
        ("no dependencies", swap(".", 'dependencies = ["leaf"]\n', "")),
        ("dependencies are a text", swap(".", 'dependencies = ["leaf"]', 'dependencies = "leaf"')),
        ("dependencies are numbers", swap(".", 'dependencies = ["leaf"]', "dependencies = [1]")),
        ("dependencies of Poetry beside", put(".", "tool.poetry.dependencies", 'num = "*"')),
        ("a description that is a number", put(".", "project", "description = 1")),
        ("a license that is a number", put(".", "project", "license = 1")),
        ("scripts that are a text", put(".", "project", 'scripts = "x"')),
        (
            "groups that are a text",
            swap(".", '[dependency-groups]\ndev = ["leaf"]\nlint = []\n', ""),
            swap(".", "[project]", 'dependency-groups = "x"\n[project]'),
        ),
        (
            "project is a text",
            swap(".", "[project]\n", 'project = "solo"\n[tool.x]\n'),
            swap(".", "[project.optional-dependencies]", "[tool.y]"),
        ),
        ("settings of uv pip", put(".", "tool.uv.pip", "universal = true")),
        ("settings are a text", swap(".", "[build-system]", "[tool.z]\nuv = 1\n\n[build-system]")),
        ("an unknown key of the workspace", put(".", "tool.uv.workspace", "nonsense = 1")),
        ("no extras", swap(".", '[project.optional-dependencies]\nx = ["leaf"]\ny = []\n', "")),
        ("no build system", swap(".", "[build-system]", "[tool.build]")),
        ("another build system", swap(".", "requires = []\nbuild-backend", 'requires = ["x>1"]\nbuild-backend')),
        ("a bad build system", swap(".", "requires = []\nbuild-backend", 'requires = ["x=>1"]\nbuild-backend')),
        ("a build system without requirements", swap(".", "requires = []\nbuild-backend", "build-backend")),
        ("no package", put(".", "tool.uv", "package = false")),
        ("a package, said", put(".", "tool.uv", "package = true")),
        ("a package is a text", put(".", "tool.uv", 'package = "no"')),
        ("not managed", put(".", "tool.uv", "managed = false")),
        ("managed, said", put(".", "tool.uv", "managed = true")),
        ("an unknown setting", put(".", "tool.uv", "nonsense = 1")),
        ("other tools", put(".", "tool.black", "line-length = 3")),
        ("an empty workspace", put(".", "tool.uv.workspace", "")),
        ("a workspace of nothing", put(".", "tool.uv.workspace", "members = []")),
        ("no project", swap(".", "[project]\n", "[tool.project]\n")),
    ),
    *rows(
        "backed",
        ("version said", swap(".", 'dynamic = ["version"]', 'version = "1.0"')),
        ("version said and dynamic", swap(".", 'dynamic = ["version"]', 'version = "1.0"\ndynamic = ["version"]')),
        ("version not dynamic", swap(".", 'dynamic = ["version"]', "")),
        ("dependency added", swap(".", '["leaf", "backed[x]"]', '["leaf", "num", "backed[x]"]')),
        ("dependency gone", swap(".", '["leaf", "backed[x]"]', '["backed[x]"]')),
        ("dependencies reordered", swap(".", '["leaf", "backed[x]"]', '["backed[x]", "leaf"]')),
        ("dependency on itself gone", swap(".", '["leaf", "backed[x]"]', '["leaf"]')),
        ("extra changed", swap(".", 'x = ["num"]', 'x = ["num>=1"]')),
        (
            "extra added",
            put(".", "project.optional-dependencies", "y = []"),
            swap("backend.json", '"extras": {', '"extras": {"y": [],'),
        ),
        ("group changed", swap(".", 'dev = ["leaf"]', 'dev = ["num"]')),
        (
            "dependencies dynamic",
            swap(
                ".",
                'dependencies = ["leaf", "backed[x]"]\ndynamic = ["version"]',
                'dynamic = ["version", "dependencies"]',
            ),
        ),
        (
            "extras dynamic",
            swap(".", 'dynamic = ["version"]', 'dynamic = ["version", "optional-dependencies"]'),
            swap(".", '[project.optional-dependencies]\nx = ["num"]\n', ""),
        ),
        ("backend tells another version", swap("backend.json", '"version": "1.0"', '"version": "1.1"')),
        ("backend tells another dependency", swap("backend.json", '"leaf"', '"num"')),
    ),
    *rows(
        "solo",
        ("version dynamic", swap(".", 'version = "1.0"', 'dynamic = ["version"]')),
    ),
    *rows(
        "solo",
        ("dependencies dynamic", swap(".", 'dependencies = ["leaf"]', 'dynamic = ["dependencies"]')),
        ("dependencies said and dynamic", put(".", "project", 'dynamic = ["dependencies"]')),
        (
            "dependencies of Poetry",
            swap(".", 'dependencies = ["leaf"]\n', ""),
            put(".", "tool.poetry.dependencies", 'leaf = "*"'),
        ),
        limit=BACKEND,
    ),
    *rows(
        "pair",
        ("member renamed", swap("other", 'name = "other"', 'name = "others"')),
        ("member's name respelled", swap("kid", 'name = "kid"', 'name = "KID"')),
        ("two members of one name", swap("kid", 'name = "kid"', 'name = "other"')),
        ("version of a member", swap("kid", 'version = "1.0"', 'version = "1.1"')),
        ("version of a needed member", swap("other", 'version = "1.0"', 'version = "1.1"')),
        ("no build system, needed", swap("other", "[build-system]", "[tool.build]")),
        ("no build system, not needed", swap("kid", "[build-system]", "[tool.build]")),
        ("no package, needed", put("other", "tool.uv", "package = false")),
        ("no package, not needed", put("kid", "tool.uv", "package = false")),
        ("package, said", put("other", "tool.uv", "package = true")),
        ("member not managed", put("kid", "tool.uv", "managed = false")),
        ("needed member not managed", put("other", "tool.uv", "managed = false")),
        ("member without project", swap("other", "[project]\n", "[tool.project]\n")),
        ("member's manifest gone", delete("kid/pyproject.toml")),
        ("dependencies gone", swap("kid", 'dependencies = ["leaf", "other"]\n', "")),
        ("needed member no longer needed", swap("kid", 'dependencies = ["leaf", "other"]', 'dependencies = ["leaf"]')),
        ("member with a specifier", swap("kid", '"other"]', '"other>=1"]')),
        ("member with a marker", swap("kid", '"other"]', "\"other ; os_name == 'nt'\"]")),
        ("member by path", swap("kid", '"other"]', '"other @ file:///nowhere"]')),
        ("root becomes a project", put(".", "project", 'name = "top"\nversion = "1"')),
        ("extra of a member", swap("kid", '"other"]', '"other[x]"]')),
    ),
    *rows(
        "plain",
        ("build system gained", put("c", "build-system", "requires = []")),
        ("build system lost", swap("more/d", "[build-system]", "[tool.build]")),
        ("package after all", put("c", "tool.uv", "package = true")),
        ("first dependency of a member", swap("c", "dependencies = []", 'dependencies = ["leaf"]')),
        ("a source makes a package", put("a", "tool.uv.sources", "project-c = { workspace = true }")),
        ("a source of its own", put("c", "tool.uv.sources", "project-c = { workspace = true }")),
    ),
)

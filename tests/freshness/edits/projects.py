"""Edits of what stands around requirements: extras, dependency groups, versions, ranges of Pythons, build systems."""

from __future__ import annotations

from tests.freshness.edits.edit import BACKEND, INTERPRETER, Slot, pairs, rows, write

__all__ = ["EXTRAS", "GROUPS", "PROJECTS", "PYTHONS"]

_EXTRAS = Slot("pair", "kid", 'x = ["leaf"]\ny = ["num"]', "@", strings=False)

EXTRAS = tuple(
    pairs(
        _EXTRAS,
        """
x = ["leaf"]⏎y = ["num"] -> y = ["num"]⏎x = ["leaf"]   X = ["leaf"]⏎y = ["num"]
    x = ["leaf"]⏎y = ["num"]⏎z = ["leaf"]   x = ["leaf"]⏎y = ["num"]⏎z = []   x = ["leaf"]   -
    x = ["leaf"]⏎z = ["num"]   x = ["num"]⏎y = ["leaf"]   x = ["leaf", "num"]⏎y = ["num"]
    x = ["leaf"]⏎y = ["num ; sys_platform == 'linux'"]   x = ["leaf"]⏎y = ["kid[x]", "num"]
    x = ["leaf"]⏎y = ["num ; extra == 'x'"]   x = ["leaf"]⏎y = ["num ; extra == 'y'"]
    x = ["leaf"]⏎"_y" = ["num"]   x = ["leaf"]⏎"a.b" = ["num"]   x = "leaf"⏎y = ["num"]
    x = [1]⏎y = ["num"]
Loud_One = [] -> loud-one = []   "loud.one" = []   LOUD--ONE = []   loudone = []
z = [] -> -   zz = []   z = ["leaf"]   z = ["other"]
z = ["other"] -> z = ["other[x]"]   z = []   z = ["other", "other"]   z = ["other>=1"]
x = ["leaf"]⏎all = ["kid[x]"] -> x = ["leaf"]⏎all = ["leaf"]   x = ["leaf"]⏎all = ["KID[X]"]
x = ["leaf"]⏎all = ["kid[x]"] -> x = ["leaf"]⏎all = ["kid"]   x = ["leaf"]⏎all = ["kid[all]"]
""",
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
            """
dev = ["leaf"]⏎lint = [] -> lint = []⏎dev = ["leaf"]   DEV = ["leaf"]⏎lint = []   dev = ["leaf"]
    dev = ["leaf"]⏎linting = []   dev = ["leaf"]⏎lint = ["leaf"]   dev = ["leaf", "num"]⏎lint = []
    dev = ["leaf>=2"]⏎lint = []   dev = []⏎lint = []   dev = ["leaf"]⏎lint = []⏎more = ["num"]
    dev = ["leaf", { include-group = "lint" }]⏎lint = []
    dev = ["leaf"]⏎lint = [{ include-group = "dev" }]   dev = ["leaf"]⏎lint = [{ include-group = "lint" }]
    dev = ["leaf"]⏎lint = [{ include-group = "nowhere" }]
    dev = ["leaf"]⏎lint = [{ include-groups = "dev" }]
    dev = ["leaf"]⏎lint = [{ include-group = "dev", more = 1 }]   dev = ["leaf"]⏎lint = [1]
    dev = ["leaf"]⏎lint = "leaf"   dev = ["leaf"]⏎lint = ["num=>1"]
    dev = ["leaf>=2"]⏎lint = ["num=>1"]
""",
        )
    ),
    *pairs(
        _GROUPS,
        """
dev = ["leaf"]⏎lint = [{ include-group = "dev" }] -> dev = ["leaf"]⏎lint = ["leaf"]
    dev = ["leaf"]⏎lint = [{ include-group = "DEV" }]
    dev = ["leaf"]⏎lint = [{ include-group = "dev" }, { include-group = "dev" }]
    dev = ["leaf"]⏎lint = [{ include-group = "dev" }, "leaf"]
    dev = ["num"]⏎lint = [{ include-group = "dev" }]
    dev = [{ include-group = "lint" }]⏎lint = [{ include-group = "dev" }]   dev = ["leaf"]⏎lint = []
    development = ["leaf"]⏎lint = [{ include-group = "development" }]
a = ["leaf"]⏎b = [{ include-group = "a" }, "num"]⏎c = [{ include-group = "b" }] ->
    a = ["leaf>=2"]⏎b = [{ include-group = "a" }, "num"]⏎c = [{ include-group = "b" }]
    a = ["leaf"]⏎b = ["num"]⏎c = [{ include-group = "b" }]
    a = ["leaf"]⏎b = [{ include-group = "a" }, "num"]⏎c = ["leaf", "num"]
    a = ["leaf"]⏎b = [{ include-group = "a" }, "num"]⏎c = [{ include-group = "a" }]
    a = [{ include-group = "c" }]⏎b = [{ include-group = "a" }, "num"]⏎c = [{ include-group = "b" }]
a = ["leaf"]⏎b = [{ include-group = "a" }]⏎c = [{ include-group = "a" }, { include-group = "b" }] ->
    a = ["leaf"]⏎b = [{ include-group = "a" }]⏎c = [{ include-group = "a" }]
    a = []⏎b = [{ include-group = "a" }]⏎c = [{ include-group = "a" }, { include-group = "b" }]
dev = ["other"] -> dev = ["other[x]"]   dev = ["other", "other"]   dev = ["kid"]   dev = ["kid[x]"]
dev = ["kid[x]"] -> dev = ["kid"]   dev = ["leaf"]   dev = ["kid[x,y]"]
""",
    ),
    # --- the groups of old
    *pairs(
        _KID,
        """
dev-dependencies = ["num"] -> -   dev-dependencies = []   dev-dependencies = ["num>=1"]
    dev-dependencies = ["num", "leaf"]   dev-dependencies = ["num=>1"]   dev-dependencies = "num"
- -> dev-dependencies = ["num"]   dev-dependencies = []   dev-dependencies = ["leaf"]
""",
    ),
    *pairs(
        _ROOT,
        '- -> dev-dependencies = ["num"]   dev-dependencies = []   dev-dependencies = ["leaf"]',
    ),
    *rows(
        "pair",
        """
a group becomes legacy | kid : dev = ["leaf"]⏎ => - | kid [tool.uv] dev-dependencies = ["leaf"]
no groups at all | kid : [dependency-groups]⏎dev = ["leaf"]⏎lint = []⏎ => -
no groups at the root | . : [dependency-groups]⏎dev = ["leaf"]⏎check = []⏎ => -
group of two spellings | kid : lint = [] => lint = []⏎LINT = ["num"]
first group of a member | other [dependency-groups] dev = ["num"]
first empty group of a member | other [dependency-groups] dev = []
""",
    ),
    # --- the default ones
    *(
        edit
        for slot in (_KID, _ROOT)
        for edit in pairs(
            slot,
            """
- -> default-groups = ["dev"]   default-groups = ["DEV"]   default-groups = []
- -> default-groups = "all"   default-groups = ["unknown"]   default-groups = 1
default-groups = ["dev"] -> -   default-groups = []   default-groups = ["dev", "dev"]
default-groups = [] -> -   default-groups = ["dev"]   default-groups = "all"
default-groups = "all" -> -   default-groups = "every"   default-groups = ["all"]
""",
        )
    ),
    *pairs(
        _KID,
        """
default-groups = ["dev", "lint"] -> default-groups = ["lint", "dev"]   default-groups = "all"
    default-groups = ["lint"]
""",
    ),
    # --- the Pythons of groups
    *(
        edit
        for slot in (_KID, _ROOT)
        for edit in pairs(
            slot,
            """
- -> dependency-groups = { dev = { requires-python = ">=3.11" } }
    dependency-groups = { dev = { requires-python = ">=3.8" } }
    dependency-groups = { dev = { requires-python = "" } }   dependency-groups = { dev = {} }
    dependency-groups = { nowhere = { requires-python = ">=3.11" } }
    dependency-groups = { dev = { requires-python = "3.11" } }
    dependency-groups = { dev = { requires-pythons = ">=3.11" } }   dependency-groups = { dev = 1 }
dependency-groups = { dev = { requires-python = ">=3.11" } } -> -
    dependency-groups = { DEV = { requires-python = ">=3.11" } }
    dependency-groups = { dev = { requires-python = ">=3.11.0" } }
    dependency-groups = { dev = { requires-python = ">=3.12" } }
    dependency-groups = { dev = { requires-python = ">=3.11,<4" } }
    dependency-groups = { dev = { requires-python = ">=3.11,>=3.10" } }
    dependency-groups = { dev = { requires-python = ">3.10" } }
    dependency-groups = { dev = { requires-python = "~=3.11" } }
    dependency-groups = { dev = { requires-python = ">=3.11,!=3.11.4" } }
""",
        )
    ),
    *pairs(
        _KID,
        """
dependency-groups = { dev = { requires-python = "~=3.11" } } ->
    dependency-groups = { dev = { requires-python = ">=3.11,<4" } }
    dependency-groups = { dev = { requires-python = "~=3.11.0" } }
    dependency-groups = { dev = { requires-python = "==3.*,>=3.11" } }
dependency-groups = { dev = { requires-python = "==3.11.*" } } ->
    dependency-groups = { dev = { requires-python = ">=3.11,<3.12" } }
    dependency-groups = { dev = { requires-python = "~=3.11.0" } }
dependency-groups = { dev = { requires-python = "!=3.11.4" } } ->
    dependency-groups = { dev = { requires-python = "!=3.11.5" } }   -
""",
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
        'requires-python = ">=3.9" -> requires-python = 3.9   requires-python = [">=3.9"]',
        _python(">=3.10,<4", ">=3.10,<4.0", "~=3.10", ">=3.10,<4.dev0", ">=3.10,<=4", ">=3.10,<3.15", ">=3.10"),
        _python("~=3.10", ">=3.10,<4", "==3.*,>=3.10", "~=3.10.0", "~=3.10,>=3.10"),
        _python("<4,>=3.10", ">=3.10,<4"),
        _python(">=3.10,!=3.11.2", ">=3.10", ">=3.10,!=3.11.3"),
        _python(">=3.10", "3.10", "=>3.10", ">=3.x", ">=3.10 || >=3.12"),
        """
requires-python = ">=3.10,<3.99" -> requires-python = ""   -
- -> requires-python = ">=3.10"   requires-python = ">=3.8"
""",
        _python("", ">=3.10", ">=3"),
    ),
    *pairs(
        _PYTHON,
        """
requires-python = ">=3.9" -> requires-python = ""   -
- -> requires-python = ""
requires-python = "" -> -
""",
        limit=INTERPRETER,
    ),
    *pairs(
        _KID_PYTHON,
        _python(">=3.10", ">=3.9", ">=3.11", ">=3.10,<4", ">=3.8,<3.15", "~=3.10", "~=3.10.0", "!=3.9.*"),
        'requires-python = ">=3.10" -> -',
        _python(">=3.9", ">=3.10", ">=3.8", ">3.9", ">=3.9,!=3.9.0"),
        _python(">=3.10,<4", ">=3.10", ">=3.9,<4", "<4", ">=3.10,<5"),
        _python("<4", ">=3.10,<4", ">=3.10"),
    ),
    *rows(
        "plain",
        """
a bound of another member | b : requires-python = ">=3.9" => requires-python = ">=3.8"
the bound that counts | a : requires-python = ">=3.10" => requires-python = ">=3.11"
a bound taken over | c : dependencies = [] => requires-python = ">=3.10,<4"
the cap goes | more/d : >=3.9,<4 => >=3.9
a group's bound | a : { requires-python = ">=3.11" } => { requires-python = ">=3.12" }
a group's bound goes | a : types = { requires-python = ">=3.11" } => -
""",
    ),
    *rows("solo", ("the Python beside", write(".python-version", "3.10\n"))),
)

_VERSION = Slot("solo", ".", 'version = "1.0"\n', "@\n", strings=False)

PROJECTS = (
    *pairs(
        _VERSION,
        """
version = "1.0" -> version = "1.0.0"   version = "1"   version = "v1.0"   version = " 1.0 "   version = "1.1"
    version = "1.0+local"   version = "1.0.dev1"   version = "1!1.0"   version = "one"   version = 1.0
    version = ""   -   version = "1.0"⏎dynamic = []   version = "1.0"⏎dynamic = ["readme"]
    version = "1.0"⏎dynamic = ["classifiers", "scripts"]   version = "1.0"⏎dynamic = ["nonsense"]
    version = "1.0"⏎dynamic = "readme"   version = "1.0"⏎description = "something"⏎readme = "README.md"
    version = "1.0"⏎license = "MIT"⏎keywords = ["a"]⏎authors = [{ name = "A" }]
    version = "1.0"⏎scripts = { a = "a:main" }⏎urls = { x = "https://example.org" }
    version = "1.0"⏎import-names = ["x"]   version = "1.0"⏎nonsense = 1
version = "1.0b1" -> version = "1.0beta1"   version = "1.0.b1"   version = "1.0b2"
version = "1.0.post1" -> version = "1.0-1"   version = "1.0.post2"
version = "1.0+a.b" -> version = "1.0+A-b"   version = "1.0"
""",
    ),
    *rows(
        "solo",
        """
renamed | . : name = "solo" => name = "duo"
own name respelled | . : name = "solo" => name = "SOLO"
no name | . : name = "solo"⏎ => -
a bad name | . : name = "solo" => name = "so lo"
an empty name | . : name = "solo" => name = ""
no dependencies | . : dependencies = ["leaf"]⏎ => -
dependencies are a text | . : dependencies = ["leaf"] => dependencies = "leaf"
dependencies are numbers | . : dependencies = ["leaf"] => dependencies = [1]
dependencies of Poetry beside | . [tool.poetry.dependencies] num = "*"
a description that is a number | . [project] description = 1
a license that is a number | . [project] license = 1
scripts that are a text | . [project] scripts = "x"
groups that are a text
    . : [dependency-groups]⏎dev = ["leaf"]⏎lint = []⏎ => -
    . : [project] => dependency-groups = "x"⏎[project]
project is a text | . : [project]⏎ => project = "solo"⏎[tool.x]⏎ | . : [project.optional-dependencies] => [tool.y]
settings of uv pip | . [tool.uv.pip] universal = true
settings are a text | . : [build-system] => [tool.z]⏎uv = 1⏎⏎[build-system]
an unknown key of the workspace | . [tool.uv.workspace] nonsense = 1
no extras | . : [project.optional-dependencies]⏎x = ["leaf"]⏎y = []⏎ => -
no build system | . : [build-system] => [tool.build]
another build system | . : requires = []⏎build-backend => requires = ["x>1"]⏎build-backend
a bad build system | . : requires = []⏎build-backend => requires = ["x=>1"]⏎build-backend
a build system without requirements | . : requires = []⏎build-backend => build-backend
no package | . [tool.uv] package = false
a package, said | . [tool.uv] package = true
a package is a text | . [tool.uv] package = "no"
not managed | . [tool.uv] managed = false
managed, said | . [tool.uv] managed = true
an unknown setting | . [tool.uv] nonsense = 1
other tools | . [tool.black] line-length = 3
an empty workspace | . [tool.uv.workspace] -
a workspace of nothing | . [tool.uv.workspace] members = []
no project | . : [project]⏎ => [tool.project]⏎
""",
    ),
    *rows(
        "backed",
        """
version said | . : dynamic = ["version"] => version = "1.0"
version said and dynamic | . : dynamic = ["version"] => version = "1.0"⏎dynamic = ["version"]
version not dynamic | . : dynamic = ["version"] => -
dependency added | . : ["leaf", "backed[x]"] => ["leaf", "num", "backed[x]"]
dependency gone | . : ["leaf", "backed[x]"] => ["backed[x]"]
dependencies reordered | . : ["leaf", "backed[x]"] => ["backed[x]", "leaf"]
dependency on itself gone | . : ["leaf", "backed[x]"] => ["leaf"]
extra changed | . : x = ["num"] => x = ["num>=1"]
extra added | . [project.optional-dependencies] y = [] | backend.json : "extras": { => "extras": {"y": [],
group changed | . : dev = ["leaf"] => dev = ["num"]
dependencies dynamic
    . : dependencies = ["leaf", "backed[x]"]⏎dynamic = ["version"] => dynamic = ["version", "dependencies"]
extras dynamic
    . : dynamic = ["version"] => dynamic = ["version", "optional-dependencies"]
    . : [project.optional-dependencies]⏎x = ["num"]⏎ => -
backend tells another version | backend.json : "version": "1.0" => "version": "1.1"
backend tells another dependency | backend.json : "leaf" => "num"
""",
    ),
    *rows(
        "solo",
        """
version dynamic | . : version = "1.0" => dynamic = ["version"]
""",
    ),
    *rows(
        "solo",
        """
dependencies dynamic | . : dependencies = ["leaf"] => dynamic = ["dependencies"]
dependencies said and dynamic | . [project] dynamic = ["dependencies"]
dependencies of Poetry | . : dependencies = ["leaf"]⏎ => - | . [tool.poetry.dependencies] leaf = "*"
""",
        limit=BACKEND,
    ),
    *rows(
        "pair",
        """
member renamed | other : name = "other" => name = "others"
member's name respelled | kid : name = "kid" => name = "KID"
two members of one name | kid : name = "kid" => name = "other"
version of a member | kid : version = "1.0" => version = "1.1"
version of a needed member | other : version = "1.0" => version = "1.1"
no build system, needed | other : [build-system] => [tool.build]
no build system, not needed | kid : [build-system] => [tool.build]
no package, needed | other [tool.uv] package = false
no package, not needed | kid [tool.uv] package = false
package, said | other [tool.uv] package = true
member not managed | kid [tool.uv] managed = false
needed member not managed | other [tool.uv] managed = false
member without project | other : [project]⏎ => [tool.project]⏎
member's manifest gone | delete kid/pyproject.toml
dependencies gone | kid : dependencies = ["leaf", "other"]⏎ => -
needed member no longer needed | kid : dependencies = ["leaf", "other"] => dependencies = ["leaf"]
member with a specifier | kid : "other"] => "other>=1"]
member with a marker | kid : "other"] => "other ; os_name == 'nt'"]
member by path | kid : "other"] => "other @ file:///nowhere"]
root becomes a project | . [project] name = "top"⏎version = "1"
extra of a member | kid : "other"] => "other[x]"]
""",
    ),
    *rows(
        "plain",
        """
build system gained | c [build-system] requires = []
build system lost | more/d : [build-system] => [tool.build]
package after all | c [tool.uv] package = true
first dependency of a member | c : dependencies = [] => dependencies = ["leaf"]
a source makes a package | a [tool.uv.sources] project-c = { workspace = true }
a source of its own | c [tool.uv.sources] project-c = { workspace = true }
""",
    ),
)

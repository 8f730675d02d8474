"""Edits of what the root sets for the whole resolution: options, indexes, constraints, environments, conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.freshness.edits.edit import SETTINGS, UV, Slot, pairs, read_pairs, rows, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.freshness.edits.edit import Edit

__all__ = ["CONFLICTS", "ENVIRONMENTS", "LISTS", "OPTIONS", "VALUES"]

_SOLO = Slot("solo", ".", "[tool.uv]\n", "[tool.uv]\n@\n", strings=False)
_PAIR = Slot("pair", ".", "[tool.uv]\n", "[tool.uv]\n@\n", strings=False)
_PLAIN = Slot("plain", ".", 'resolution = "highest"', "@", strings=False)


def _each(key: str, *values: str) -> tuple[tuple[str, ...], ...]:
    """Return each value of *key* and its absence, each with all the others to become of it."""
    texts = ("", *(f'{key} = "{value}"' for value in values))
    return tuple((text, *(other for other in texts if other != text)) for text in texts)


OPTIONS = (
    *pairs(_SOLO, *_each("resolution", "highest", "lowest", "lowest-direct")),
    *pairs(_SOLO, *_each("prerelease", "disallow", "allow", "if-necessary", "explicit", "if-necessary-or-explicit")),
    *pairs(_SOLO, *_each("fork-strategy", "fewest", "requires-python")),
    *pairs(
        _SOLO,
        """
- -> resolution = "newest"   resolution = 1   prerelease = "perhaps"   fork-strategy = "x"
- -> exclude-newer = "2036-01-01T00:00:00Z"   exclude-newer = "2036-01-01"   exclude-newer = "1 week"
    exclude-newer = "P7D"   exclude-newer = "nonsense"   exclude-newer = 2036-01-01
    exclude-newer = 2036-01-01T00:00:00Z   exclude-newer = false
exclude-newer = "2036-01-01T00:00:00Z" -> -   exclude-newer = "2036-01-01T00:00:00+00:00"
    exclude-newer = "2036-01-01T00:00:00+02:00"   exclude-newer = "2036-01-01t00:00:00z"
    exclude-newer = "2036-01-01T02:00:00+02:00"   exclude-newer = "2036-01-01T00:00:00.000Z"
    exclude-newer = "2036-01-01T00:00:01Z"   exclude-newer = "2036-02-01T00:00:00Z"
    exclude-newer = "2035-12-01T00:00:00Z"   exclude-newer = "2036-01-01 00:00:00Z"
    exclude-newer = "2036-01-01"   exclude-newer = "2035-12-31"   exclude-newer = "1 week"
exclude-newer = "1 week" -> -   exclude-newer = "7 days"   exclude-newer = "P7D"   exclude-newer = "P1W"
    exclude-newer = "2 weeks"   exclude-newer = "2036-01-01T00:00:00Z"
exclude-newer = "2036-01-01" -> -   exclude-newer = "2036-01-02"   exclude-newer = "2035-12-31"
- -> exclude-newer-package = { leaf = "2036-01-01T00:00:00Z" }
    exclude-newer-package = { nobody = "2036-01-01T00:00:00Z" }   exclude-newer-package = { leaf = false }
    exclude-newer-package = {}
exclude-newer-package = { leaf = "2036-01-01T00:00:00Z" } -> -
    exclude-newer-package = { leaf = "2036-02-01T00:00:00Z" }
    exclude-newer-package = { LEAF = "2036-01-01T00:00:00Z" }
    exclude-newer-package = { leaf = "2035-12-01T00:00:00Z" }   exclude-newer-package = { leaf = false }
- -> prerelease-package = { leaf = "allow" }   prerelease-package = { nobody = "allow" }
    prerelease-package = {}   prerelease = { leaf = "allow" }
prerelease-package = { leaf = "allow" } -> -   prerelease-package = { leaf = "disallow" }
    prerelease-package = { LEAF = "allow" }
- -> index-strategy = "unsafe-best-match"   keyring-provider = "disabled"   link-mode = "copy"
    compile-bytecode = true   cache-keys = [{ file = "x" }]   config-settings = { a = 1 }   no-build = true
    no-binary = true   no-build-isolation = true   preview = true   python-preference = "only-system"
    required-version = ">=0.1"   required-version = "x"   python-downloads = "never"   torch-backend = "cpu"
    no-build-package = ["leaf"]   no-binary-package = ["leaf"]   no-binary-package = ["num"]
    upgrade-package = ["leaf"]   upgrade = true   no-index = true
    index-url = "https://registry.example/simple"   extra-index-url = ["https://registry.example/simple"]
    find-links = ["https://registry.example/links"]   native-tls = true   nonsense = true
- -> dependency-metadata = [{ name = "leaf", version = "2.1", requires-dist = ["num"] }]
    dependency-metadata = [{ name = "leaf", version = "1", requires-dist = ["num"] }]
    dependency-metadata = [{ name = "nobody", version = "1" }]   dependency-metadata = []
    dependency-metadata = [{ name = "nobody", requires-dist = ["x=>1"] }]   dependency-metadata = 1
dependency-metadata = [{ name = "leaf", version = "2.1", requires-dist = ["num"] }] -> -
    dependency-metadata = [{ name = "leaf", version = "2.1", requires-dist = ["num>=1"] }]
    dependency-metadata = [{ name = "leaf", version = "2.1.0", requires-dist = ["num"] }]
    dependency-metadata = [{ name = "leaf", requires-dist = ["num"] }]
    dependency-metadata = [{ name = "leaf", version = "2.1" }]
    dependency-metadata = [{ name = "LEAF", version = "2.1", requires-dist = ["num"] }]
""",
    ),
    *rows(
        "solo",
        """
index renamed | . : name = "here" => name = "there"
index explicit | . : default = true => explicit = true
index not default | . : default = true => default = false
index gone | . : [[tool.uv.index]] => [[tool.index]]
index of another format | . : format = "flat" => format = "simple"
index is none | . : [[tool.uv.index]] => [tool.uv.index]
one more index
    . [[tool.uv.index]] name = "more"⏎url = "https://registry.example/simple"⏎explicit = true⏎⏎[[tool.uv.index]]
""",
        ("settings beside: empty", write("uv.toml", "")),
        ("settings beside: prerelease", write("uv.toml", 'prerelease = "allow"\n')),
        ("settings beside: constraints", write("uv.toml", 'constraint-dependencies = ["leaf>=1"]\n')),
        ("settings beside: malformed", write("uv.toml", "prerelease =\n")),
    ),
    *rows(
        "solo",
        ("settings beside: sources", write("uv.toml", "sources = { leaf = { workspace = true } }\n")),
        ("settings beside: unknown", write("uv.toml", "nonsense = 1\n")),
        limit=SETTINGS,
    ),
    *pairs(
        _SOLO,
        '- -> required-version = ">=999"',
        limit=UV,
    ),
    *rows(
        "pair",
        """
an option of a member | kid [tool.uv] prerelease = "allow"⏎resolution = "lowest"
a bad option of a member | kid [tool.uv] prerelease = "perhaps"
a list of a member | kid [tool.uv] constraint-dependencies = ["leaf>=1"]
a bad list of a member | kid [tool.uv] constraint-dependencies = ["leaf=>1"]
an environment of a member | kid [tool.uv] environments = ["sys_platform == 'linux'"]
""",
    ),
    *pairs(
        _PLAIN,
        'resolution = "highest" -> -   resolution = "lowest"',
    ),
)


def _list(key: str, *rows_: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the rows with each text as the array *key*, no text at all for its absence."""
    return tuple(tuple(f"{key} = [{text}]" if text != "-" else "" for text in row) for row in rows_)


_CONSTRAINED = (
    ("-", "", '"leaf>=1"', '"leaf"', '"nobody"', '"nobody>=1"', '"leaf>=1", "leaf<9"', '"leaf=>1"', "1"),
    ('"leaf"', "-", '"LEAF"', '"leaf>=0"', '"leaf", "leaf"', '"nobody"'),
    ('"leaf>=1"', "-", '"leaf>=1.0"', '"LEAF >= 1"', '"leaf>=2"', '"leaf>=1", "leaf>=1"', '"leaf>=1", "nobody>=1"'),
    ('"leaf>=1"', "\"leaf>=1 ; os_name == 'nt'\"", "\"leaf>=1 ; python_version >= '3.9'\"", '"leaf>=1,>=0.5"'),
    ('"leaf>=1"', '"leaf>=1", "num=>1"', '"leaf>=2", "num=>1"', "\"leaf>=2\", \"num ; 'a' == 'a'\""),
    (
        "\"leaf>=1 ; os_name == 'nt'\"",
        '"leaf>=1"',
        "\"leaf>=1 ; sys_platform == 'win32'\"",
        "\"leaf>=1;'nt'==os_name\"",
    ),
    ('"leaf!=1.*"', '"leaf!=1.0.*"', '"leaf!=2.*"'),
    ('"leaf!=2.0.*"', '"leaf!=2.*"'),
    ('"nobody>=1"', "-", '"nobody>=2"', '"nobody"', '"somebody>=1"', '"nobody>=1", "nobody>=1"'),
    ('"leaf>=1", "nobody<3"', '"nobody<3", "leaf>=1"', '"leaf>=1"', '"nobody<3"', '"leaf>=1", "nobody<3", "x"'),
    ('"leaf[x]>=1"', '"leaf>=1"', "-"),
    ("\"leaf>=1 ; python_version < '3.8'\"", "-", "\"leaf>=2 ; python_version < '3.8'\""),
)
_EXCLUDED = (
    ("-", "", '"num"', '"nobody"', '"num", "num"', '"num>=1"', "1"),
    ('"num"', "-", '"NUM"', '"nobody"', '"num", "nobody"', '"num", "leaf"'),
    ('"nobody"', "-", '"somebody"', '"nobody", "somebody"'),
)

LISTS = (
    *pairs(_PAIR, *_list("constraint-dependencies", *_CONSTRAINED)),
    *pairs(_PAIR, *_list("override-dependencies", *_CONSTRAINED)),
    *pairs(_PAIR, *_list("build-constraint-dependencies", *_CONSTRAINED)),
    *pairs(_PAIR, *_list("exclude-dependencies", *_EXCLUDED)),
    *pairs(
        _PAIR,
        *_list(
            "constraint-dependencies",
            ("-", '"leaf @ https://example.org/leaf-2.1-py3-none-any.whl"', '"other"', '"kid>=1"', '"other>=2"'),
            ('"other>=1"', "-", '"other"', '"other>=0.5"'),
        ),
        *_list(
            "override-dependencies",
            ("-", '"other"', "\"leaf ; python_version < '3'\"", '{ name = "leaf", version = "1" }'),
            ('"leaf", "num"', '"num", "leaf"', '"leaf"'),
        ),
        """
- -> constraint-dependencies = "leaf>=1"   constraint-dependencies = {}   override-dependencies = "leaf"
""",
    ),
    *rows(
        "plain",
        """
constraint changed | . : ["num>=1", "unheard-of<3"] => ["num>=1.5", "unheard-of<3"]
constraint changed, unlocked | . : "unheard-of<3" => "unheard-of<4"
constraint gone, unlocked | . : ["num>=1", "unheard-of<3"] => ["num>=1"]
override changed | . : ["winonly>=1"] => ["winonly>=0.5"]
override gone | . : ["winonly>=1"] => []
build constraint changed | . : setuptools>1 => setuptools>2
exclusion gone | . : ["backported"] => []
exclusion more | . : ["backported"] => ["backported", "speedups"]
constraint by a source | . [tool.uv.sources] num = { path = "more/num" }
""",
    ),
)


_L, _W = "sys_platform == 'linux'", "sys_platform == 'win32'"


def _texts(*texts: str) -> str:
    return ", ".join(f'"{text}"' for text in texts)


def _environments(key: str) -> tuple[tuple[str, ...], ...]:
    return _list(
        key,
        ("-", "", _texts(_L), _texts(_L, _W), '"nonsense"', _texts("python_version >= '3.10'"), "1"),
        (_texts(_L), "-", "", _texts("'linux' == sys_platform"), _texts("platform_system == 'Linux'"), _texts(_W)),
        (_texts(_L), _texts(f"{_L} and python_version >= '3.10'"), _texts(f"{_L} and python_version >= '3.11'")),
        (_texts(_L, _W), _texts(_W, _L), _texts(_L), _texts(_L, _L), _texts(_L, _W, "sys_platform == 'darwin'")),
        (_texts(f"{_L} or {_W}"), _texts(f"{_W} or {_L}"), _texts(_L, _W), _texts(_L)),
        (_texts(f"{_L} and python_version >= '3.11'"), _texts(_L), _texts(f"python_full_version >= '3.11' and {_L}")),
    )


ENVIRONMENTS = (
    *pairs(_PAIR, *_environments("environments")),
    *pairs(_PAIR, *_environments("required-environments")),
    *pairs(
        _PAIR,
        """
- -> environments = "sys_platform == 'linux'"
    environments = "sys_platform == 'linux'"⏎required-environments = "sys_platform == 'linux'"
""",
    ),
    *pairs(
        _PAIR,
        """
environments = "sys_platform == 'linux'" -> environments = ["sys_platform == 'linux'"]   -
""",
    ),
    *rows(
        "plain",
        """
environment gone | . : , "sys_platform == 'win32'"] => ]
environments reordered
    . : ["sys_platform == 'linux'", "sys_platform == 'win32'"] => ["sys_platform == 'win32'", "sys_platform == 'linux'"]
marker of no environment | a : "num>=1" => "num>=1 ; sys_platform == 'darwin'"
marker of all environments | a : "num>=1" => "num>=1 ; sys_platform != 'darwin'"
dependency for no environment | a : "num>=1" => "num>=1", "early ; sys_platform == 'darwin'"
""",
    ),
)

_X, _Y = '{ package = "kid", extra = "x" }', '{ package = "kid", extra = "y" }'
_KID = Slot("pair", "kid", "[tool.uv]\n", "[tool.uv]\n@\n", strings=False)
_BOSS = Slot("boss", ".", 'conflicts = [[{ group = "low" }, { group = "high" }]]', "@", strings=False)

CONFLICTS = (
    *pairs(
        _PAIR,
        """
- -> conflicts = []   conflicts = [[{ package = "kid", extra = "x" }, { package = "kid", extra = "y" }]]
    conflicts = [[{ package = "kid", extra = "x" }]]   conflicts = [[]]   conflicts = [1]   conflicts = 1
    conflicts = [[{ extra = "x" }, { extra = "y" }]]
    conflicts = [[{ package = "kid", extra = "x", group = "dev" }, { package = "kid" }]]
    conflicts = [[{ package = "kid" }, { package = "other" }]]
    conflicts = [[{ package = "kid", group = "dev" }, { package = "kid", group = "lint" }]]
    conflicts = [[{ group = "dev" }, { group = "check" }]]
    conflicts = [[{ package = "kid", extra = "unknown" }, { package = "kid", extra = "x" }]]
    conflicts = [[{ package = "nobody", extra = "x" }, { package = "kid", extra = "x" }]]
    conflicts = [[{ package = "kid", extra = "x" }, { package = "kid", extra = "x" }]]
""",
        (
            f"conflicts = [[{_X}, {_Y}]]",
            "",
            f"conflicts = [[{_Y}, {_X}]]",
            f"conflicts = [[{_X}, {_Y}], [{_X}, {_Y}]]",
            'conflicts = [[{ package = "KID", extra = "X" }, { package = "kid", extra = "y" }]]',
            f'conflicts = [[{_X}, {_Y}, {{ package = "other", extra = "x" }}]]',
            f'conflicts = [[{_X}, {{ package = "other", extra = "x" }}]]',
            'conflicts = [[{ package = "kid", group = "x" }, { package = "kid", extra = "y" }]]',
        ),
        (
            f'conflicts = [[{_X}, {_Y}], [{_X}, {{ package = "other", extra = "x" }}]]',
            f'conflicts = [[{_X}, {{ package = "other", extra = "x" }}], [{_X}, {_Y}]]',
            f"conflicts = [[{_X}, {_Y}]]",
        ),
    ),
    *pairs(
        _KID,
        """
conflicts = [[{ extra = "x" }, { extra = "y" }]] -> -
    conflicts = [[{ package = "kid", extra = "x" }, { package = "kid", extra = "y" }]]
    conflicts = [[{ extra = "y" }, { extra = "x" }]]   conflicts = [[{ extra = "x" }, { group = "dev" }]]
- -> conflicts = [[{ group = "dev" }, { group = "lint" }]]   conflicts = [[{ extra = "x" }, { extra = "y" }]]
""",
    ),
    *pairs(
        _BOSS,
        """
conflicts = [[{ group = "low" }, { group = "high" }]] -> conflicts = [[{ group = "high" }, { group = "low" }]]
    conflicts = [[{ group = "low" }, { group = "high" }, { group = "third" }]]
    conflicts = [[{ group = "low" }, { group = "high" }], [{ group = "low" }, { group = "higher" }]]
    conflicts = [[{ package = "boss", group = "low" }, { group = "high" }]]
    conflicts = [[{ group = "LOW" }, { group = "high" }]]
    conflicts = [[{ group = "low" }, { extra = "high" }]]
""",
    ),
    *rows(
        "boss",
        """
a group includes a conflicting one | . : third = [] => third = [{ include-group = "low" }]
a group no longer includes it | . : [{ include-group = "high" }] => ["num==2.0"]
another group includes it | . [dependency-groups] more = [{ include-group = "high" }]
a group includes what includes it | . [dependency-groups] more = [{ include-group = "higher" }]
a conflict of a member | packages/kid [tool.uv] conflicts = [[{ extra = "one" }, { extra = "two" }]]
""",
    ),
)


_ABBREVIATED = {
    "NEEDS": '"num>=1", "early ; python_version > \'3.11\'"',
    "HASH": f"sha256:{'0' * 64}",
    "OTHER": f"sha256:{'1' * 64}",
}


def _values(key: str, table: str, before: str = 'resolution = "highest"') -> Iterator[Edit]:
    """Yield the pairs of the values of *key* in *table*, which stand in the large workspace instead of *before*."""
    for word, text in _ABBREVIATED.items():
        table = table.replace(word, text)
    slot = Slot("plain", ".", before, "# settings\n@", strings=False)
    yield from pairs(slot, *(tuple(text and f"{key} = {text}" for text in row) for row in read_pairs(table)))


VALUES = (
    *_values(
        "prerelease-package",
        """
- -> { leaf = "allow" }   { nobody = "allow" }
{ leaf = "allow" } -> -   { Leaf = "allow" }   { leaf = "disallow" }   { leaf = "allow", num = "allow" }
{ leaf = "if-necessary" } -> { leaf = "if-necessary-or-explicit" }
""",
    ),
    *_values(
        "exclude-newer",
        """
- -> "2036-01-01T00:00:00Z"   "36h"
"2036-01-01T00:00:00Z" -> -   "2036-01-02T00:00:00Z"   "2035-12-31T23:59:59Z"   "2036-01-01T02:00:00+02:00"
    "2036-01-01T00:00:00+02:00"   "2036-01-01 00:00:00.000+00:00"   "2036-01-01"   "7 days"
"2036-01-01T00:00:00.5Z" -> "2036-01-01T00:00:00.4Z"
"2036-01-01" -> "2036-02-01"   "2036-01-01T12:00:00"
"2036-01-04" -> "2036-01-01"
"2036-01-05T00:00:00Z" -> "2036-01-01"
"7 days" -> "P7D"   "1 week"   "8 days"   "6 days"   "7 days ago"   "+7 days"   "2036-01-01T00:00:00Z"   -
"1w 2d" -> "P1W2D"
"2 days, 3 hours" -> "P2DT3H"
""",
    ),
    *_values(
        "exclude-newer-package",
        """
- -> { leaf = "2036-01-01T00:00:00Z" }   { nobody = "2036-01-01T00:00:00Z" }   { leaf = false }
{ leaf = "2036-01-01T00:00:00Z" } -> -   { leaf = "2036-01-01T00:00:01Z" }   { leaf = "2035-01-01T00:00:00Z" }
    { Leaf = "2036-01-01T00:00:00Z" }   { leaf = false }
{ leaf = false } -> { leaf = "2036-01-01T00:00:00Z" }   -
{ leaf = "7 days" } -> { leaf = "8 days" }   { leaf = "P7D" }
{ leaf = "2036-01-01T00:00:00Z", num = "2036-01-01T00:00:00Z" } -> { leaf = "2037-01-01" }
""",
    ),
    *_values(
        "minimum-libc-version",
        """
- -> { glibc = "2.31" }
{ glibc = "2.31" } -> -   { glibc = "2.28" }   { musl = "1.2" }
""",
    ),
    *_values(
        "dependency-metadata",
        """
[{ name = "leaf", version = "2.1", requires-dist = [NEEDS] }] ->
    [{ name = "leaf", version = "2.1", requires-dist = ["num >= 1.0", "EARLY;python_version>'3.11'"] }]   -
    [{ name = "leaf", version = "2.1", requires-dist = [NEEDS] }, { name = "nobody", requires-dist = ["x"] }]
    [{ name = "leaf", version = "2.2", requires-dist = [NEEDS] }]
    [{ name = "leaf", version = "2.1.0", requires-dist = [NEEDS] }]   [{ name = "leaf", requires-dist = [NEEDS] }]
    [{ name = "leaf", version = "2.1", requires-dist = ["num>=2", "early ; python_version > '3.11'"] }]
    [{ name = "leaf", version = "2.1", requires-dist = ["num>=1", "early ; python_version > '3.12'"] }]
    [{ name = "leaf", version = "2.1", requires-dist = ["num>=1", "early"] }]
    [{ name = "leaf", version = "2.1", requires-dist = ["early ; python_version > '3.11'", "num>=1"] }]
    [{ name = "leaf", version = "2.1", requires-dist = [NEEDS], provides-extras = ["x"] }]
    [{ name = "leaf", version = "2.1", requires-dist = [NEEDS], requires-python = ">=3.8" }]
    [{ name = "LEAF", version = "2.1", requires-dist = [NEEDS] }]
- -> [{ name = "leaf", version = "2.1", requires-dist = [NEEDS] }]
""",
    ),
    *_values(
        "override-dependencies",
        """
[{ package = { name = "flavoured" }, dependencies = ["leaf>=2"] }] ->
    [{ package = { name = "Flavoured" }, dependencies = ["Leaf >= 2.0"] }]
    [{ package = { name = "flavoured" }, dependencies = ["leaf>=1"] }]
    [{ package = { name = "flavoured", version = "1.0" }, dependencies = ["leaf>=2"] }]
    [{ package = { name = "flavoured" }, dependencies = [] }]
- -> [{ package = { name = "flavoured" }, dependencies = ["leaf>=2"] }]
    [{ package = { name = "nobody" }, dependencies = ["leaf>=2"] }]
[{ package = { name = "flavoured" }, dependencies = ["leaf>=2"] }, "num>=1"] -> ["num>=1"]
    [{ package = { name = "flavoured" }, dependencies = ["leaf>=2"] }, "num>=2"]
[{ package = { name = "flavoured", version = "1" }, dependencies = ["leaf>=2"] }] ->
    [{ package = { name = "flavoured", version = "1.0" }, dependencies = ["leaf>=2"] }]
[{ package = { name = "nobody" }, dependencies = ["leaf>=2"] }] -> -
[{ package = { name = "flavoured" }, dependencies = ["leaf>=2", "num>=1"] }] ->
    [{ package = { name = "flavoured" }, dependencies = ["leaf>=2"] }, { package = { name = "flavoured" }, dependencies = ["num>=1"] }]
["nobody>1", "num>=1"] -> ["num>=1"]
["num>=1"] -> ["nobody>1", "num>=1"]
""",
        'override-dependencies = ["winonly>=1"]',
    ),
    *_values(
        "exclude-dependencies",
        """
[{ package = { name = "flavoured" }, dependencies = ["leaf"] }] ->
    [{ package = { name = "Flavoured" }, dependencies = ["LEAF"] }]
    [{ package = { name = "flavoured" }, dependencies = ["leaf", "num"] }]
    [{ package = { name = "flavoured", version = "1" }, dependencies = ["leaf"] }]
- -> [{ package = { name = "flavoured" }, dependencies = ["num"] }]
    [{ package = { name = "nobody" }, dependencies = ["leaf"] }]
[{ package = { name = "flavoured" }, dependencies = ["leaf"] }, "winonly"] -> ["winonly"]
[{ package = { name = "flavoured" }, dependencies = ["leaf", "num"] }] ->
    [{ package = { name = "flavoured" }, dependencies = ["num", "leaf", "leaf"] }]
[{ package = { name = "flavoured" }, dependencies = ["leaf"] }, "speedups"] ->
    [{ package = { name = "flavoured" }, dependencies = ["leaf"] }]
""",
        'exclude-dependencies = ["backported"]',
    ),
    *_values(
        "constraint-dependencies",
        """
- -> ["leaf"]
["leaf"] -> -
["leaf>=1"] -> ["leaf>=1", "leaf", "num"]   ["leaf"]   ["leaf[x]>=1"]
["num>=1"] -> ["num>=1", "leaf>=1 ; python_version < '3.0'"]   ["num>=1", "nobody>1"]
["nobody>1", "num>=1"] -> ["num>=1"]
""",
        'constraint-dependencies = ["num>=1", "unheard-of<3"]',
    ),
    *_values(
        "build-constraint-dependencies",
        """
[{ requirement = "setuptools==1", hashes = ["HASH"] }] ->
    [{ requirement = "Setuptools == 1.0", hashes = ["HASH"] }]   ["setuptools==1"]
    [{ requirement = "setuptools==1", hashes = ["OTHER"] }]
    [{ requirement = "setuptools==2", hashes = ["HASH"] }]
["setuptools==1"] -> [{ requirement = "setuptools==1", hashes = ["HASH"] }]
[{ requirement = "setuptools==1", hashes = ["HASH"] }, "wheel<9"] -> ["wheel<9"]
""",
        'build-constraint-dependencies = ["setuptools>1"]',
    ),
)

"""Edits of requirements: spelling, versions, markers, and what neither uv nor wsnox can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.freshness.edits.edit import Slot, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.freshness.edits.edit import Edit

__all__ = ["INVALID", "MARKERS", "SLOTS", "SPECIFIERS", "SPELLINGS"]

_NEEDED = Slot("solo", ".", 'dependencies = ["leaf"]', "dependencies = [@]")
_EXTRA = Slot("pair", "kid", 'y = ["num"]', "y = [@]")
_GROUP = Slot("pair", "kid", "lint = []", "lint = [@]")
_ROOT = Slot("pair", ".", "check = []", "check = [@]")

SLOTS = (_NEEDED, _EXTRA, _GROUP, _ROOT)

SPELLINGS = (
    *pairs(
        _NEEDED,
        ("num>=1", "num >= 1", "  num>=1  ", "num (>=1)", "NUM>=1", "num>=1.0", "num>=01", "num>=1.0.0", "num[]>=1"),
        """
num>=1 -> num>=1 | num>=1   num>=1 | num>=1.0   num>=1 | num   num | num>=1   num>=1,   num>=1,>=1
num>=1 | num -> num>=1   num   num | num>=1
num>=1 | num<4 -> num>=1,<4   num<4,>=1   num<4 | num>=1   num<4
num>=1,<4 -> num<4,>=1   num>=1 | num<4   num >=1, <4   num>=1,<4,!=7
num | leaf -> leaf | num   num   leaf   -   num | leaf | leaf   num | leaf | speedups
Dotted.Name_Here -> dotted-name-here   DOTTED__NAME..HERE   dotted.name-here>=0
flavoured[fast] -> FLAVOURED[Fast]   flavoured [ fast ]   flavoured[fast,fast]   flavoured   leaf
flavoured[fast] -> flavoured[loud]   flavoured[fast,loud]   flavoured | flavoured[fast]
flavoured[fast,loud] -> flavoured[loud,fast]   flavoured[fast] | flavoured[loud]   flavoured[fast]
flavoured[unknown] -> flavoured   flavoured[other]   flavoured[UNKNOWN]
""",
    ),
    # What uv mends itself (crates/uv-pypi-types, ``lenient_requirement.rs``).
    *(
        edit
        for slot in SLOTS
        for edit in pairs(
            slot,
            """
num>=1,<4 -> num>=1<4   num>=1,<4,   num>=1,<4'   num>=1.*,<4   num>1<4
num!=1.5.* -> num!=~1.5   num!=1.5*   num!=~1.4
""",
        )
    ),
    *pairs(
        _EXTRA,
        "num>=1 -> num >= 1.0   num>=1 | num>=1   num   num>=2   -   leaf",
    ),
    *pairs(
        _GROUP,
        "num>=1 -> num >= 1.0   num>=1 | num>=1   num   num>=2   -   leaf",
    ),
    *pairs(
        _ROOT,
        "num>=1 -> num >= 1.0   num>=1 | num>=1   num   num>=2   -   leaf",
    ),
)

SPECIFIERS = tuple(
    pairs(
        _NEEDED,
        """
num~=3.8 -> num~=3.8.0   num>=3.8,<4   num>=3.8,==3.*   num>=3.8,<4.dev0   num>=3.8,<4a0   num~=3.08
num~=3.8.0 -> num~=3.8   num>=3.8.0,<3.9   num==3.8.*   num>=3.8,==3.8.*   num~=3.8.0.0
num<1 -> num<1,>=0   num<1,>=0.1   num<1.0   num<=1   num<1.dev0   num<1a0   num<1.post1
num<2 -> num<2,>=1   num<2,>=0.0.1   num<2,>=0a0   num<2,>=0.dev0   num<2,<3   num<2,!=2   num<2,!=5
num>1 -> num>1.0   num>=1   num>1,!=1   num>1.post0   num>=1,!=1   num>1.0.0.0   num>1,>=1.5
num>=1 -> num>=1,!=0.5   num>=1.dev0   num>=1.post0   num>=1a0   num>=0.99999   num>=1,>=0.5
num==1.* -> num==1.0.*   num>=1,<2   num>=1.dev0,<2.dev0   num>=1.dev0,<2   num==1   num~=1.0
num==1 -> num==1.0   num==1.0.0   num===1   num>=1,<=1   num==1.*   num==1,==1.*   num==1,>=0.5
num===1.0 -> num==1.0   num===1   num===1.0.0   num===1.5
num!=1.5 -> num!=1.5.0   num!=1.5.*   num<1.5 | num>1.5   num!=1.5,!=1.5   num!=1.5,!=7   num
num!=1.* -> num!=1   num!=1.*,!=1.5   num!=01.*
num!=1.* -> num!=1.0.*   num!=1.0.0.*   num!=1.5.*   num!=2.*
num!=1.0.* -> num!=1.*
num==1.0.* -> num==1.*   num==1.0.0.*
num==4.* -> num==4.0.*   num==4.0.0.*   num==4.1.*
num!=4.1.* -> num!=4.*   num!=4.1.0.*
num<=2 -> num<2   num<=2.0   num<=2.0.0.1   num<=2,!=2   num<=2.post1
num>=1,<1.9 -> num>=1,<1.9.0   num<1.9   num>=1   num>=1,<1.9,!=1.7   num>=1,<1.9,!=1.9
num -> num>=0   num>=0.dev0   num>=0a0   num!=7   num<9999   num==*   num>=0.0
epoch>=1!2 -> epoch>=1!2.0   epoch>=2   epoch>=1!1   epoch>=0!2   epoch==1!2.*
epoch>=2 -> epoch>=0!2   epoch>=1!2   epoch
local==1.0+cu130 -> local==1.0   local==1.0+CU130   local==1.0+cu.130   local>=1.0   local==1.0.0+cu130
local==1.0 -> local==1.0.0   local===1.0   local==1.0+cu130   local!=1.0+cu130
early>=1.0b1 -> early>=1.0.b1   early>=1.0beta1   early>=1.0-b1   early>=1.0b2   early>=1.0
early==1.0b1 -> early==1.0beta1   early==1b1   early==1.0   early==1.0.0b1
early<2.0a1 -> early<2.0   early<2.0alpha1   early<2.0a2   early<2
num>=1.post1 -> num>=1.0.post1   num>=1-1   num>=1.rev1   num>=1   num>1
""",
    )
)


_WHERE = Slot("solo", ".", 'dependencies = ["leaf"]', 'dependencies = ["num ; @"]', strings=False)
_NOWHERE = "python_version < '3.8'"

MARKERS = (
    *pairs(
        _WHERE,
        r"""
python_version >= '3.11' -> '3.11' <= python_version   (python_version >= '3.11')   python_version>='3.11'
    python_full_version >= '3.11'   python_full_version >= '3.11.0'   python_version > '3.10'
    python_full_version > '3.10'   python_full_version > '3.10.99999'
    python_version >= '3.11' and python_version >= '3.10'   python_version >= '3.11' or python_version >= '3.12'
    python_version >= '3.11.0'   python_version >= '3.11.1'   python_version ~= '3.11'
    python_full_version ~= '3.11'   python_version != '3.10'   python_version not in '3.10'
    python_version in '3.11 3.12 3.13 3.14'   python_version == '3.11'   python_version == '3.*'
    python_version >= '3'   python_version >= '3.9'   implementation_version >= '3.11'
python_version == '3.11' -> python_full_version == '3.11.*'   python_full_version == '3.11'
    python_version == '3.11.*'   python_version >= '3.11' and python_version < '3.12'
    python_full_version >= '3.11' and python_full_version < '3.12'   python_version in '3.11'
    python_version === '3.11'   python_version <= '3.11'
python_version in '3.10 3.11' -> python_version in '3.11 3.10'   python_version in '3.10,3.11'
    python_version == '3.10' or python_version == '3.11'   python_version < '3.12'   python_version in '3.10'
    python_version not in '3.10 3.11'
python_version < '3.12' -> python_version <= '3.11'   python_full_version < '3.12'
    python_full_version < '3.12.0a1'   python_full_version <= '3.12'   not_a_variable < '3.12'
python_version < '3.10' -> python_version < '3.9'   python_version < '3.10' and sys_platform == 'linux'
    python_version > '3.12'   sys_platform == 'linux'
python_version >= '3.10' -> python_version >= '3.8'   python_full_version >= '3.10'   os_name != 'x'
sys_platform == 'linux' -> 'linux' == sys_platform   platform_system == 'Linux'   sys_platform == 'Linux'
    sys_platform == \"linux\"   sys.platform == 'linux'   sys_platform in 'linux'   'linux' in sys_platform
    sys_platform == 'linux' and os_name == 'posix'   sys_platform == 'linux' or sys_platform == 'linux2'
    sys_platform != 'win32'   sys_platform >= 'linux'   sys_platform == 'linux' and sys_platform != 'win32'
    sys_platform != 'win32' and sys_platform == 'linux'
sys_platform == 'win32' -> platform_system == 'Windows'   os_name == 'nt'
    os_name == 'nt' and sys_platform == 'win32'   sys_platform == 'win32' or sys_platform == 'cygwin'
    sys_platform == 'win32' and sys_platform == 'linux'
os_name == 'nt' -> os.name == 'nt'   sys_platform == 'win32'   os_name != 'posix'
    os_name == 'nt' or os_name == 'nt'
sys_platform == 'linux' and platform_machine == 'x86_64' ->
    platform_machine == 'x86_64' and sys_platform == 'linux'
    (sys_platform == 'linux') and (platform_machine == 'x86_64')
    platform.machine == 'x86_64' and sys_platform == 'linux'
    sys_platform == 'linux' or platform_machine == 'x86_64'
    sys_platform == 'linux' and platform_machine == 'aarch64'
""",
        (
            "sys_platform == 'linux' and (platform_machine == 'x86_64' or platform_machine == 'arm64')",
            "sys_platform == 'linux' and platform_machine in 'x86_64 arm64'",
            "sys_platform == 'linux' and platform_machine == 'x86_64' or platform_machine == 'arm64'",
            (
                "sys_platform == 'linux' and platform_machine == 'x86_64'"
                " or sys_platform == 'linux' and platform_machine == 'arm64'"
            ),
        ),
        """
platform_python_implementation == 'CPython' -> python_implementation == 'CPython'
    platform_python_implementation != 'PyPy'   implementation_name == 'cpython'
    platform_python_implementation == 'cpython'
implementation_name == 'cpython' -> implementation_name != 'pypy'   platform_python_implementation == 'CPython'
platform_release >= '5' -> platform_release >= '6'   platform_release > '5'   platform_release == '5'
platform_version == 'x' -> platform_version == 'y'   platform.version == 'x'   'x' in platform_version
'x86' in platform_machine -> 'x86' not in platform_machine   platform_machine in 'x86'
platform_machine not in 'a b' -> platform_machine != 'a' and platform_machine != 'b'
implementation_version >= '3.11' -> implementation_version >= '3.11.0'   implementation_version >= '3.12'
""",
    ),
    *pairs(
        _NEEDED,
        """
num -> num ; os_name == 'nt' | num ; os_name != 'nt'   num ; os_name == 'nt'
    num ; os_name == 'nt' or os_name != 'nt'   num ; python_version < '3.8'
    num | leaf ; python_version < '3.8'   num | num ; python_version < '3.8'   num ; python_version >= '3.10'
    num ; extra == 'x'   num ; extra != 'x'   num ; extra == 'unknown'   num ; 'x' in extras
    num ; 'dev' in dependency_groups   num ; 'a' == 'a'   num ; 'a' == 'b'   num ; python_version >= 'x'
    num ; sys_platform == os_name   num ; 'linux' in sys_platform and 'x' not in sys_platform
num ; os_name == 'nt' | num>=1 ; os_name != 'nt' -> num ; os_name == 'nt' | num ; os_name != 'nt'
    num>=1 ; os_name != 'nt' | num ; os_name == 'nt'   num | num>=1 ; os_name != 'nt'   num>=1
num ; python_version < '3.8' -> num ; python_version < '3.7'   -   num   num>=1 ; python_version < '3.8'
    leaf ; python_version < '3.8'
num ; extra == 'x' -> num   num ; extra == 'y'   -   num ; 'x' == extra
num ; 'a' == 'a' -> num   num ; 'b' == 'b'   num>=1 ; 'a' == 'a'
""",
    ),
)


# --- what cannot be read ---------------------------------------------------------------------------------------------

_REFUSED = (
    "num=>1",
    "num=1",
    "num~=1",
    "num==1; python_verion < '4'",
    "num; sys_platform",
    "num;",
    "num >= 1 <",
    "num[fast",
    "num>=1.x",
    "num==1.*+local",
    "num>=1+local",
    "num !== 1",
    "num 1",
    "num>1 num",
    "num @ ",
    "num @ nowhere",
    "num; (os_name == 'nt'",
    "-num",
    "nüm",
)
"""What uv does not take for a requirement: it asks the build backend then."""

_ODD = (
    "num; 'a' == 'a'",
    "num; 'a' == 'b'",
    "num; python_version < 'x'",
    "num; python_version ~= '3'",
    "num; python_full_version ~= '3'",
    "num; sys_platform ~= 'linux'",
    "num; os_name == sys_platform",
    "num; extra in 'x y'",
    "num; python_version in '3.10 x'",
    "num; python_version == '3.1x'",
    "num; os_name == 'nt' and 'a' == 'a'",
    "num; os_name == 'nt' or python_full_version ~= '3'",
)
"""What uv takes for a requirement, with a warning."""


def _invalid() -> Iterator[Edit]:
    """Yield each such requirement alone and beside a real change of another one, in each place for one."""
    for slot, refused, odd in ((_NEEDED, _REFUSED, _ODD), *((slot, _REFUSED[:3], _ODD[:2]) for slot in SLOTS[1:])):
        for text in (*refused, *odd):
            yield from pairs(slot, ("leaf | num", f"leaf | {text}", f"leaf>=2 | {text}"))
        for text in odd:
            yield from pairs(
                slot, (f"leaf | {text}", f"leaf>=2 | {text}", f"leaf | {text} | early", "leaf | num", "leaf")
            )


INVALID = tuple(_invalid())

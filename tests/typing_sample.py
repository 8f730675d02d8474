"""What a type checker makes of a noxfile: mypy checks it, nobody runs it; each `ignore` is a mistake it must see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wsnox

if TYPE_CHECKING:
    import nox

wsnox.sessions()
wsnox.sessions("..")
wsnox.sessions(3)  # type: ignore[arg-type]


@wsnox.member
def bare(session: nox.Session, member: wsnox.Member) -> int:
    """Keep its own type under the decorator."""
    session.run("mypy", ".", *session.posargs)
    return len(member.path)


@wsnox.member(
    name="types",
    members=["lib-*"],
    exclude=("examples/*",),
    root="..",
    directory="{root}",
    groups=("typing",),
    root_groups=["lint"],
    extras=[["cpu"], ["cuda"]],
    pythons="classifiers",
    editable=False,
    env={"TZ": "UTC"},
    tags=["static"],
    default=False,
    requires=["lint"],
    description="Check types.",
    skip="not today",
)
def full(_session: nox.Session, member: wsnox.Member) -> str:
    """Take every option."""
    return member.name


@wsnox.integration
def everybody(session: nox.Session, members: tuple[wsnox.Member, ...]) -> None:
    """Install all."""
    session.log(" ".join(str(member.directory) for member in members))


@wsnox.integration("project-a", "project-b[cli]", groups=["contracts"], extras={"cpu": ["cpu"]}, pythons=["3.12"])
def contracts(_session: nox.Session, members: tuple[wsnox.Member, ...]) -> int:
    """Install some."""
    return len(members)


@wsnox.integration(packages=[], groups=["lint"])
def lint(session: nox.Session, members: tuple[wsnox.Member, ...]) -> None:
    """Install no member."""
    session.run("ruff", str(len(members)))


def still_typed(session: nox.Session, member: wsnox.Member) -> tuple[int, str, int]:
    """Return what the decorated functions return: their types are their own."""
    everybody(session, member)  # type: ignore[arg-type]
    return bare(session, member), full(session, member), contracts(session, (member,))


@wsnox.member(pythons=3)  # type: ignore[call-overload, untyped-decorator]
def wrong_types(session: nox.Session, member: wsnox.Member) -> None:
    """Give a number for Pythons."""


@wsnox.member(root_group=["lint"])  # type: ignore[call-overload, untyped-decorator]
def wrong_name(session: nox.Session, member: wsnox.Member) -> None:
    """Misspell an option."""


@wsnox.member(commands=["x"])  # type: ignore[call-overload, untyped-decorator]
def no_commands(session: nox.Session, member: wsnox.Member) -> None:
    """Have commands beside a function."""


@wsnox.member()  # type: ignore[type-var]
def wrong_parameters(session: nox.Session) -> None:
    """Take no member."""


@wsnox.integration(3)  # type: ignore[call-overload, untyped-decorator]
def wrong_package(session: nox.Session, members: tuple[wsnox.Member, ...]) -> None:
    """Name a member by number."""

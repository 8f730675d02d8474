"""A workspace whose noxfile has functions alone: to be listed, and to be run."""

from __future__ import annotations

from tests.support.workspaces import MemberSpec

__all__ = ["CONFLICTS", "FUNCTIONS", "MEMBERS"]

_A = MemberSpec(
    "project-a", dependencies=["leaf"], groups={"typing": ["num"]}, extras={"cpu": ["num==1.0"], "gpu": ["num==2.0"]}
)
_B = MemberSpec("Project.B", path="libs/b", dependencies=["pyhumps"])
MEMBERS = (_A, _B, MemberSpec("lib-c"))
CONFLICTS = [
    [{"package": "project-a", "extra": "cpu"}, {"package": "project-a", "extra": "gpu"}],
    [{"package": "project-a", "extra": "cpu"}, {"package": "project-a", "group": "typing"}],
]
FUNCTIONS = '''"""Ours."""

import os

import nox

import wsnox


@wsnox.member(groups=["typing"], env={"MINE": "yes"}, tags=["static"], requires=["project-b:first"], members=["project-*"])
def types(session, member):
    """Check types.

    With all that goes with it.
    """
    session.run("python", "-c", "import os; print('said', os.getcwd(), os.environ['MINE'])")
    print("said", member.name, member.path, session.posargs)


@wsnox.member(name="first", members=["Project_B"], default=False)
def anything(session, member):
    print("said first", type(member) is wsnox.Member)


@wsnox.member(members=["project-a"], extras={"cpu": ["cpu"], "cuda": ["gpu"]}, pythons=None)
def gpu(session, member):
    session.run("python", "-c", "import num; print('said', num.__version__)")


@wsnox.integration
def everything(session, members):
    print("said", [member.name for member in members], os.getcwd())


@wsnox.integration("project-a[cpu]", "lib-*", "project.b", groups=["contracts"], description="Both ways.")
def contracts(session, members):
    """Not this."""


@nox.session
def mine(session):
    """Mine."""
'''

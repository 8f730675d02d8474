"""What a lockfile means: (Lock, Request, Target) -> Closure."""

from __future__ import annotations

from wsnox.closure.model import Closure, ClosurePackage, Reason, Request, Root
from wsnox.closure.request import Selection, lower
from wsnox.closure.resolve import Resolver, resolve
from wsnox.markers.target import Target

__all__ = [
    "Closure",
    "ClosurePackage",
    "Reason",
    "Request",
    "Resolver",
    "Root",
    "Selection",
    "Target",
    "lower",
    "resolve",
]

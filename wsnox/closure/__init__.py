"""What a lockfile means: (Lock, Request, Target) -> Closure."""

from __future__ import annotations

from wsnox.closure.records import Closure, Entry, Reason, Request, Root
from wsnox.closure.selection import Selection, lower
from wsnox.closure.target import Target
from wsnox.closure.walk import Resolver, resolve

__all__ = ["Closure", "Entry", "Reason", "Request", "Resolver", "Root", "Selection", "Target", "lower", "resolve"]

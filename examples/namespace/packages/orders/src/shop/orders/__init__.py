"""An order is a line of text."""

from __future__ import annotations

import humps
from shop.core import euros


def line(thing, cents):
    return f"{humps.camelize(thing)}: {euros(cents)}"

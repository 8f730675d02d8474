"""What money is, to every part of the shop."""

from __future__ import annotations


def euros(cents):
    return f"{cents // 100}.{cents % 100:02} EUR"

"""Greets in camel case."""

from __future__ import annotations

import humps


def greeting():
    return humps.camelize("hello_from_project_b")

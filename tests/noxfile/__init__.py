"""Tests of what a noxfile calls: nothing here starts a process of nox."""

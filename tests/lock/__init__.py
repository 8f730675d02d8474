"""Tests of `wsnox.lock`."""

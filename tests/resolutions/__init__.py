"""Tests of `wsnox.resolutions`."""

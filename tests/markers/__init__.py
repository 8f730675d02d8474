"""Tests of `wsnox.markers`."""

"""Tests of `wsnox.freshness`."""

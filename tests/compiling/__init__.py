"""Tests of `wsnox.compiling`."""

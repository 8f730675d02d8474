"""Tests of what is kept and said of a run."""

"""Tests of what must run again."""

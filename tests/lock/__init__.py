"""Tests of reading a lockfile and of comparing it with the manifests."""

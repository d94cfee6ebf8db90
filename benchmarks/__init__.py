"""Measurements, next to a peer in the same run. No tests: a timed test fails on a busy machine."""

"""Measurements, next to a peer in the same run. Never part of the tests: a timed test fails on a busy machine."""

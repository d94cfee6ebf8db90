"""Durable steps on the main database: work that survives a process that dies at any moment (decision 0052).

`begin` asks for a walk; a worker takes its steps one by one under a lease, and records the effect of a step
in the same transaction as the step itself. Whoever lost its lease meanwhile records nothing.
"""

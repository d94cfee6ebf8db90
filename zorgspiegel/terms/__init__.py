"""The words of the house: shapes, codes, findings, statuses, errors. Nothing here does anything.

Rooms never import each other. What they must agree on stands here, and nowhere else.
"""

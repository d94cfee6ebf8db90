"""Slow, obvious twins of the protection kernels: dense elimination over fractions, and brute force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product


def reduce(vector: Sequence[int], basis: list[list[Fraction]]) -> list[Fraction]:
    """What is left of a vector after taking out everything that the basis (in echelon form) can make."""
    left = [Fraction(x) for x in vector]
    for row in basis:
        lead = next(i for i, x in enumerate(row) if x)
        if left[lead]:
            factor = left[lead] / row[lead]
            left = [a - factor * b for a, b in zip(left, row, strict=True)]
    return left


def basis_of(vectors: Iterable[Sequence[int]]) -> list[list[Fraction]]:
    """An echelon basis of the space that these vectors span."""
    basis: list[list[Fraction]] = []
    for vector in vectors:
        left = reduce(vector, basis)
        if any(left):
            basis.append(left)
    return basis


def derivable(vector: Sequence[int], shown: Iterable[Sequence[int]]) -> bool:
    """Whether a sum of variables is a linear combination of the shown ones."""
    return not any(reduce(vector, basis_of(shown)))


def publish(
    order: Iterable[str],
    vectors: Mapping[str, Sequence[int]],
    primary: Iterable[str],
    known: Iterable[str] = (),
) -> set[str]:
    """Greedy publication: show each cell unless a primary would become derivable."""
    shown = [vectors[cell] for cell in known]
    names = set(known)
    for cell in order:
        basis = basis_of([*shown, vectors[cell]])
        if all(any(reduce(vectors[p], basis)) for p in primary):
            shown.append(vectors[cell])
            names.add(cell)
    return names


def tables(
    vectors: Mapping[str, Sequence[int]], shown: Mapping[str, int], most: int
) -> Iterator[tuple[int, ...]]:
    """Every table of whole numbers from 0 to `most` that agrees with all shown cells."""
    size = len(next(iter(vectors.values())))
    checks = [([i for i, x in enumerate(vectors[cell]) if x], value) for cell, value in shown.items()]

    def extend(start: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        at = len(start)
        if at == size:
            yield start
            return
        for value in range(most + 1):
            so_far = (*start, value)
            fits = True
            for held, total in checks:
                known = sum(so_far[i] for i in held if i <= at)
                if known > total or (held[-1] <= at and known != total):
                    fits = False
                    break
            if fits:
                yield from extend(so_far)

    yield from extend(())


def ranges(
    vectors: Mapping[str, Sequence[int]], shown: Mapping[str, int], most: int
) -> dict[str, tuple[int, int]]:
    """Least and greatest value of each cell over all tables that agree with what is shown."""
    found: dict[str, tuple[int, int]] = {}
    for table in tables(vectors, shown, most):
        for cell, vector in vectors.items():
            value = sum(a * b for a, b in zip(vector, table, strict=True))
            low, high = found.get(cell, (value, value))
            found[cell] = (min(low, value), max(high, value))
    return found


def combinations(*axes: Sequence[str]) -> list[tuple[str, ...]]:
    """All combinations of codes, in order."""
    return list(product(*axes))

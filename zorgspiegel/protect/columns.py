"""Between Arrow columns and the arrays that the kernels work on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]


def coded(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """A text column as numbers, and the texts that the numbers stand for."""
    packed = column.combine_chunks().dictionary_encode()
    if isinstance(packed, pa.ChunkedArray):
        packed = packed.combine_chunks()
    return packed.indices.to_numpy(zero_copy_only=False).astype(np.int64), packed.dictionary.to_pylist()


def integers(column: pa.ChunkedArray) -> Ints:
    """A column of whole numbers; null becomes 0."""
    return np.asarray(pc.fill_null(column.cast(pa.int64()), 0).to_numpy(), dtype=np.int64)


def cents(column: pa.ChunkedArray) -> Ints:
    """A column of euros with two decimals as whole cents, exactly; null becomes 0.

    Arrow keeps a decimal as a 128-bit whole number of hundredths; any amount below 90 million billion euro
    fits in its lower half.
    """
    array = column.cast(pa.decimal128(38, 2)).combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], pa.decimal128(38, 2))
    words = np.frombuffer(array.buffers()[1], np.int64)[::2] if len(array) else np.zeros(0, np.int64)
    found = words[array.offset : array.offset + len(array)].copy()
    found[np.asarray(array.is_null().to_numpy(zero_copy_only=False))] = 0
    return found


def euros(amounts: Ints, missing: npt.NDArray[np.bool_]) -> pa.Array:
    """Whole cents as a column of euros with two decimals; null where missing."""
    words = np.empty((len(amounts), 2), np.int64)
    words[:, 0] = amounts
    words[:, 1] = amounts >> 63
    valid = np.packbits(~missing, bitorder="little")
    buffers = [pa.py_buffer(valid.tobytes()), pa.py_buffer(words.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(amounts), buffers)


def texts(codes: tuple[str, ...], numbers: Ints) -> Any:
    """Numbers back to the texts they stand for, as a plain text column."""
    packed = pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), pa.array(codes, pa.string()))
    return packed.cast(pa.string())

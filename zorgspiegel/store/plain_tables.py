"""Tables of other people, CSV or Parquet, as text and back: nothing is guessed about their types."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from zorgspiegel.store.whole_file import whole_file
from zorgspiegel.terms.errors import CellsError

_PARQUET = b"PAR1"


def read_text(path: Path) -> pa.Table:
    """A CSV (comma, semicolon or tab; UTF-8; may be gzipped) or Parquet file, every column as text.

    An empty field is null. Raises CellsError when the file is missing, cannot be read, or repeats a column.
    """
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError) as error:
        raise CellsError(f"{path.name}: cannot be read ({error}). Give a CSV or Parquet file.") from error
    try:
        table = _parquet(data) if data[:4] == _PARQUET else _csv(data)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise CellsError(f"{path.name}: is no CSV in UTF-8 and no Parquet file ({_first(error)}).") from error
    if len(set(table.column_names)) < table.num_columns:
        raise CellsError(f"{path.name}: two columns have the same name. Give each column its own.")
    return table


def _first(error: Exception) -> str:
    # The first line of Arrow's message says what is wrong; the rest may quote a row of the file.
    return str(error).split(":")[0].splitlines()[0]


def _parquet(data: bytes) -> pa.Table:
    table = pq.read_table(io.BytesIO(data))
    return pa.table({name: table[name].cast(pa.string()) for name in table.column_names})


def _csv(data: bytes) -> pa.Table:
    data = data.removeprefix(b"\xef\xbb\xbf")
    header = data.split(b"\n", 1)[0].decode("utf-8")
    delimiter = max(",;\t", key=header.count)
    names = pa_csv.open_csv(
        io.BytesIO(data), parse_options=pa_csv.ParseOptions(delimiter=delimiter)
    ).schema.names
    return pa_csv.read_csv(
        io.BytesIO(data),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )


def write(table: pa.Table, path: Path) -> None:
    """Write the table, whole or not at all: Parquet when the name ends so, CSV otherwise (null is empty)."""
    with whole_file(path) as file:
        if path.suffix.lower() == ".parquet":
            pq.write_table(table, file)
        else:
            options = pa_csv.WriteOptions(quoting_style="needed")
            pa_csv.write_csv(table, file, write_options=options)

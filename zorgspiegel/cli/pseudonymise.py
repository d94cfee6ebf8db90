"""`zorgspiegel pseudonymise`: BSNs out of a file before it is sent, offline."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer


def pseudonymise(  # noqa: PLR0917 - Typer reads them by name
    file: Annotated[Path | None, typer.Argument(help="The CSV to be delivered.", metavar="FILE")] = None,
    standard: Annotated[str | None, typer.Option(help="Id of its standard, such as gmsd-wmo.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="The file with your key.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where the new file goes.")] = None,
    new_key: Annotated[
        Path | None, typer.Option("--new-key", help="Make a key, in this file, and do nothing else.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Replace every BSN by a keyed pseudonym; nothing else in the file changes. Nothing leaves this
    machine.
    """
    from zorgspiegel.store import pseudonym_keys
    from zorgspiegel.terms.errors import SettingError

    if new_key is not None:
        name = pseudonym_keys.new_key(new_key).name
        _tell(as_json, f"Key {name} stands in {new_key}. Keep it safe and secret.", {"key_name": name})
        return
    if file is None or standard is None or key_file is None or out is None:
        raise SettingError(
            "Give FILE, --standard, --key-file and -o. "
            "Without a key yet: zorgspiegel pseudonymise --new-key FILE."
        )
    from zorgspiegel.store.pseudonyms import pseudonymise_file
    from zorgspiegel.store.standards import load_standard

    key = pseudonym_keys.read_key(key_file)
    done = pseudonymise_file(file, out, standard=load_standard(standard), key=key)
    text = f"{done.replaced} of {done.rows} rows got a pseudonym (key {done.key_name}), in {out}"
    if done.unknown or done.empty:
        text += f"\n{done.unknown} rows have an unknown BSN and {done.empty} none; those stay as they are."
    if done.invalid:
        rows = ", ".join(str(row) for row in done.invalid_rows)
        text += (
            f"\n{done.invalid} rows have a BSN that is none (first rows: {rows}). 000000000 stands there "
            "now, and the check will refuse those rows. Mend them in the original and run this again."
        )
    _tell(as_json, text, dataclasses.asdict(done) | {"out": str(out)})


def _tell(as_json: bool, text: str, data: dict[str, object]) -> None:
    typer.echo(json.dumps(data) if as_json else text)

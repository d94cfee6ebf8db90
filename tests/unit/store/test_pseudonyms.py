"""Pseudonyms: the same person keeps one, nobody is linked across gemeenten, and no other byte changes."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import stat

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zorgspiegel.cli import main
from zorgspiegel.store.pseudonym_keys import PseudonymKey, new_key, pseudonymiser, purpose_of, read_key
from zorgspiegel.store.pseudonyms import (
    INVALID,
    is_bsn,
    persons,
    pseudonymise_batches,
    pseudonymise_file,
)
from zorgspiegel.store.standards import load_standard
from zorgspiegel.terms.errors import RefusedError, SettingError
from zorgspiegel.terms.pseudonym import PATTERN, checksum, is_pseudonym

KEY = PseudonymKey(bytes(range(32)))
OTHER = PseudonymKey(bytes(range(1, 33)))
STANDARD = load_standard("gmsd-wmo")
NAMES = [field.name for field in STANDARD.resources[0].fields]
HEADER = ";".join(NAMES)
INVENTED = [f"{number:09}" for number in range(999900006, 999901000) if is_bsn(f"{number:09}")]


def row(bsn, *, gemeente="0307", rest=""):
    return f"{gemeente};20250801;{bsn};;;;;;02;{rest};;ZIN;20250101;;;;;;;"


def replaced(tmp_path, text, *, key=KEY, standard=STANDARD):
    source, target = tmp_path / "WMO.csv", tmp_path / "uit.csv"
    source.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    done = pseudonymise_file(source, target, standard=standard, key=key)
    return done, target.read_bytes()


def of(bsn, *, gemeente="0307", key=KEY, purpose="gmsd"):
    return pseudonymiser(key, purpose=purpose, gemeente=gemeente).of(f"bsn|{bsn}")


def test_it_is_hmac_sha256_under_a_key_that_hkdf_derives_per_purpose_and_gemeente():
    """Written out from RFC 2104 and RFC 5869, without our code and without the library that we use."""

    def hkdf(secret, info, length):
        extracted = hmac.new(bytes(32), secret, hashlib.sha256).digest()
        return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()[:length]

    form = "zorgspiegel pseudonym key 1"
    derived = hkdf(KEY.secret, f"{form}|persons|gmsd|0307".encode(), 32)
    digest = hmac.new(derived, b"bsn|999900006", hashlib.sha256).digest()[:16]
    letters = str.maketrans("0123456789abcdef", "BCDFGHJKLMNPQRST")
    name = hkdf(KEY.secret, f"{form}|name".encode(), 2).hex().translate(letters)
    start = f"ZP1-{name}-{digest.hex().translate(letters)}"
    assert of("999900006") == f"{start}-{checksum(start)}"


def test_a_person_stays_one_within_a_gemeente_and_nowhere_else():
    assert of("999900006") == of("999900006")
    other = {
        of("999900006"),
        of("999900018"),
        of("999900006", gemeente="0308"),
        of("999900006", key=OTHER),
        of("999900006", purpose="jeugd"),
    }
    assert len(other) == 5
    assert all(is_pseudonym(text) for text in other)
    assert purpose_of("gmsd-wmo") == purpose_of("gmsd-kostenwmo") != purpose_of("jeugd-agg")


def test_costs_get_the_same_pseudonym_as_care(tmp_path):
    costs = load_standard("gmsd-kostenwmo")
    names = [field.name for field in costs.resources[0].fields]
    values = {"Gemeentecode": "0307", "BSN": "999900006"}
    text = ";".join(names) + "\n" + ";".join(values.get(name, "") for name in names) + "\n"
    _, bytes_ = replaced(tmp_path, text, standard=costs)
    assert of("999900006").encode() in bytes_


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [True, False])
def test_only_the_bytes_of_the_bsn_change(tmp_path, end, bom, last):
    rows = [row("999900006"), row('"999900006"', rest='"a;""b"""'), row(" 999900018 "), row("", rest="é")]
    text = bom + end.join([HEADER, *rows]).encode("cp1252") + (end.encode() if last else b"")
    done, out = replaced(tmp_path, text)
    expected = text
    for bsn in ("999900006", "999900018"):
        expected = expected.replace(bsn.encode(), of(bsn).encode())
    assert out == expected
    assert (done.rows, done.replaced, done.empty, done.invalid) == (4, 3, 1, 0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*INVENTED[:40], "999999999", ""]),
            st.text(alphabet='ab;"\n é', max_size=8),
            st.sampled_from(["0307", "0308"]),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_with_the_pseudonyms_put_back_it_is_the_same_file(tmp_path_factory, rows, quoted):
    def cell(text):
        must = any(mark in text for mark in ';"\n') or quoted
        return '"' + text.replace('"', '""') + '"' if must else text

    lines = [HEADER, *(row(cell(bsn), gemeente=g, rest=cell(rest)) for bsn, rest, g in rows)]
    text = "\n".join(lines).encode("utf-8")
    done, out = replaced(tmp_path_factory.mktemp("p"), text)
    back = {of(bsn, gemeente=g).encode(): bsn.encode() for bsn in INVENTED[:40] for g in ("0307", "0308")}
    assert re.sub(PATTERN.encode(), lambda match: back[match[0]], out) == text
    assert not re.search(rb"9999\d{5}(?<!999999999)", out)
    assert done.replaced == sum(bsn not in {"", "999999999"} for bsn, _, _ in rows)


def test_the_unknown_bsn_stays_and_a_wrong_one_never_leaves(tmp_path):
    wrong = ["123456789", "000000000", "12345678", "12345678x", "9999 0000"]
    text = "\n".join([HEADER, row("999999999"), *(row(bsn) for bsn in wrong), row("999900006", gemeente="")])
    done, out = replaced(tmp_path, text)
    cells = [line.split(";")[2] for line in out.decode().split("\n")[1:]]
    assert cells == ["999999999", *[INVALID] * 6]
    assert (done.unknown, done.invalid, done.invalid_rows) == (1, 6, [2, 3, 4, 5, 6, 7])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{HEADER}\n{row('999900006')};extra\n", r"row 1: 21 columns, not 20"),
        (f"{HEADER}\n0307;999900006\n", r"row 1: 2 columns, not 20"),
        (f"{HEADER}\n{row('999900006', rest=chr(34) + 'x')}\n", "a quote .* is opened and never closed"),
        (f"{HEADER}\n{row('999900006', rest='x' + chr(34) * 2 + 'x;' + chr(34) * 2)}\n", "columns, not 20"),
        ("BSN;Naam\n999900006;x\n", "does not have the columns of gmsd-wmo"),
        ("", "does not have the columns"),
        (f"{HEADER}\n{row(of('999900006'))}\n", "row 1: a pseudonym stands here already"),
        (b"PK\x03\x04 zip", "no plain CSV"),
        (HEADER.encode("utf-16"), "no plain CSV"),
    ],
)
def test_what_could_hide_a_bsn_is_refused_and_nothing_is_written(tmp_path, text, told):
    with pytest.raises(RefusedError, match=told) as refused:
        replaced(tmp_path, text)
    assert "9999000" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["WMO.csv"]


def test_a_key_file_is_for_its_owner_only_and_is_never_overwritten(tmp_path):
    path = tmp_path / "sleutel"
    key = new_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == key
    assert key.secret.hex() not in repr(key)
    with pytest.raises(SettingError, match="exists already"):
        new_key(path)
    path.chmod(0o644)
    with pytest.raises(SettingError, match="chmod 600"):
        read_key(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("zorgspiegel pseudonym key 1\nabcd\n", "too short: 2 bytes, not 32"),
        ("zorgspiegel pseudonym key 1\nzz\n", "holds no pseudonym key"),
        ("geheim\n", "holds no pseudonym key"),
        ("", "holds no pseudonym key"),
        ("é", "is not a key file"),
    ],
)
def test_a_file_that_is_no_key_is_refused(tmp_path, content, told):
    path = tmp_path / "sleutel"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(SettingError, match=told):
        read_key(path)
    with pytest.raises(SettingError):
        read_key(tmp_path / "weg")


def test_typed_tables_get_a_person_per_row_and_lose_what_identifies():
    batch = pa.RecordBatch.from_pydict(
        {
            "gemeente": ["0307", "0307", "0308", "0307", "0307", "0307", "0307"],
            "bsn": ["999900006", "999900006", "999900006", "999999999", None, "999999999", of("999900006")],
            "geboortedatum": ["19500101", None, None, "19500000", "19500000", None, None],
            "geslacht": ["1", None, None, "2", "2", "2", None],
            "postcode": ["3811AB", None, None, "3811AB", "3811AB", "3811AB", None],
            "rijnummer": list(range(7)),
        }
    )
    (out,) = pseudonymise_batches([batch], key=OTHER, purpose="gmsd")
    assert out.schema.names == ["persoon", "gemeente", "geboortedatum", "geslacht", "rijnummer"]
    who = out.column("persoon").to_pylist()
    assert who[0] == who[1] == of("999900006", key=OTHER)
    assert who[2] not in {None, who[0]}
    assert who[3] == who[4] != who[0]
    assert who[5] is None
    assert is_pseudonym(who[6])
    assert who[6] not in {who[0], of("999900006")}
    assert "999900006" not in str(out.to_pydict())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(INVENTED), max_size=30))
def test_the_table_says_what_the_file_says(bsns):
    nothing = pa.nulls(len(bsns), pa.string())
    column = pa.array(bsns, pa.string())
    gemeente = pa.array(["0307"] * len(bsns), pa.string())
    who = persons(gemeente, column, nothing, nothing, nothing, key=KEY, purpose="gmsd")
    assert who.to_pylist() == [of(bsn) for bsn in bsns]


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code or 0


def test_as_a_person_calls_it(tmp_path, capsys):
    key, source, out = tmp_path / "sleutel", tmp_path / "WMO_0307_2025H1_v01.csv", tmp_path / "uit.csv"
    source.write_text(f"{HEADER}\n{row('999900006')}\n{row('123456789')}\n", encoding="utf-8")
    assert run("pseudonymise", "--new-key", key) == 0
    words = ["pseudonymise", source, "--standard", "gmsd-wmo", "--key-file", key, "-o", out]
    capsys.readouterr()
    assert run(*words) == 0
    assert "1 rows have a BSN that is none (first rows: 2)" in capsys.readouterr().out
    first = out.read_bytes()
    assert run(*words, "--json") == 0
    assert json.loads(capsys.readouterr().out)["replaced"] == 1
    assert out.read_bytes() == first
    assert run("pseudonymise", source) == 2
    assert (
        run("pseudonymise", out, "--standard", "gmsd-wmo", "--key-file", key, "-o", tmp_path / "2.csv") == 1
    )
    assert run("pseudonymise", source, "--standard", "gmsd-wmo", "--key-file", key, "-o", source) == 1

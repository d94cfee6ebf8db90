"""How a pseudonym of a person looks, so that anyone can tell it from a BSN, and a typing error from neither.

    ZP1-BCDF-BCDFGHJKLMNPQRSTBCDFGHJKLMNPQRST-BC
     |    |                 |                  └ checksum over all that stands before it
     |    |                 └ 128 bits of a keyed hash of the person
     |    └ name of the key: two files with the same name here were made with the same key
     └ form 1

Only sixteen consonants are used. No vowels: no words arise. No digits: nine of them in a row, in a log or a
scan, are then never half a pseudonym. `store/pseudonyms.py` makes them; this module only recognises.
"""

from __future__ import annotations

import operator
import re
from functools import reduce

import ibis
import ibis.expr.types as ir

LETTERS = "BCDFGHJKLMNPQRST"
"""The sixteen digits of our hexadecimal, 0 to 15."""

PATTERN = r"ZP1-[BCDFGHJKLMNPQRST]{4}-[BCDFGHJKLMNPQRST]{32}-[BCDFGHJKLMNPQRST]{2}"
"""The whole value, nothing around it. Valid in Python, DuckDB (RE2), Java and JSON Schema alike."""

LENGTH = 44
KEY_NAME = slice(4, 8)
"""Where the name of the key stands."""

BSN_UNKNOWN = "999999999"
"""By convention: the sender does not know the BSN. Compare with it before the elfproef, which it fails."""

_BODY = LENGTH - 3  # all but the last hyphen and the two check letters
_SUMMED = [place for place in range(_BODY) if place >= 4 and place != 8]  # skips "ZP1-" and the second hyphen
_WEIGHTS = {place: 2 * order + 1 for order, place in enumerate(_SUMMED)}
# Odd weights below 128: one letter changed differs by weight * 1..15, which is never 0 modulo 251 (a prime);
# two neighbours swapped differ by 2 * 1..15, never 0 either (the places around the hyphen too).
_MODULUS = 251
_VALUED = (*_SUMMED, LENGTH - 2, LENGTH - 1)

_WHOLE = re.compile(PATTERN)


def checksum(start: str) -> str:
    """The two check letters that belong after `start`: everything before the last hyphen."""
    assert len(start) == _BODY, "the checksum is over the first 41 characters"
    letters = start[4:8] + start[9:]
    total = sum(map(operator.mul, _WEIGHTS.values(), map(LETTERS.index, letters))) % _MODULUS
    return LETTERS[total // 16] + LETTERS[total % 16]


def is_pseudonym(text: str) -> bool:
    """Whether this text is a well-formed pseudonym with a right checksum."""
    return bool(_WHOLE.fullmatch(text)) and checksum(text[:_BODY]) == text[_BODY + 1 :]


def has_pseudonym_form(column: ir.StringValue) -> ir.BooleanValue:
    """Whether the text has the form; says nothing about the checksum. Null where the text is null."""
    return column.re_search(f"^{PATTERN}$") & (column.length() == LENGTH)


def is_valid_pseudonym(column: ir.StringValue) -> ir.BooleanValue:
    """`is_pseudonym` for a column: form and checksum. Null where the text is null.

    Letters that are none of ours add nothing sensible, but then the form has already said no.
    """
    worth = {place: ibis.literal(LETTERS).find(column.substr(place, 1)).cast("int64") for place in _VALUED}
    total = reduce(operator.add, (worth[place] * weight for place, weight in _WEIGHTS.items())) % _MODULUS
    given = worth[LENGTH - 2] * 16 + worth[LENGTH - 1]
    return has_pseudonym_form(column) & (total == given)


def key_name(pseudonym: str) -> str:
    """The name of the key with which a well-formed pseudonym was made."""
    return pseudonym[KEY_NAME]

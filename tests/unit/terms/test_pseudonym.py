"""The form of a pseudonym: told from a BSN at a glance, and a typing error does not pass."""

from __future__ import annotations

import re

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zorgspiegel.terms import pseudonym as words

START = "ZP1-BCDF-BCDFGHJKLMNPQRSTBCDFGHJKLMNPQRST"
GOOD = f"{START}-QM"
letters = st.text(alphabet=words.LETTERS, min_size=36, max_size=36)
starts = letters.map(lambda drawn: f"ZP1-{drawn[:4]}-{drawn[4:]}")
wholes = starts.map(lambda start: f"{start}-{words.checksum(start)}")


def test_the_drawn_example_is_one():
    assert words.is_pseudonym(GOOD)
    assert len(GOOD) == words.LENGTH
    assert words.key_name(GOOD) == "BCDF"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456782",
        "999999999",
        "000000000",
        GOOD.lower(),
        f" {GOOD}",
        f"{GOOD}\n",
        GOOD[:-1],
        START,
        f"ZP2{GOOD[3:]}",
    ],
)
def test_other_texts_are_not(text):
    assert not words.is_pseudonym(text)


@given(wholes)
def test_it_never_holds_a_digit_besides_the_form(text):
    assert re.findall(r"\d+", text) == ["1"]
    assert words.is_pseudonym(text)


@given(wholes, st.data())
def test_one_wrong_letter_does_not_pass(text, data):
    place = data.draw(st.sampled_from([n for n in range(4, words.LENGTH) if text[n] != "-"]))
    letter = data.draw(st.sampled_from([other for other in words.LETTERS if other != text[place]]))
    assert not words.is_pseudonym(text[:place] + letter + text[place + 1 :])


@given(starts, st.integers(4, 39))
def test_two_neighbours_swapped_do_not_pass(start, place):
    other = place + 1 if start[place + 1] != "-" else place + 2
    if start[place] == "-" or start[place] == start[other]:
        return
    letters = list(start)
    letters[place], letters[other] = letters[other], letters[place]
    assert not words.is_pseudonym(f"{''.join(letters)}-{words.checksum(start)}")


wrong = starts.map(lambda start: f"{start}-BB")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(wholes, wrong, st.just("123456782"), st.none()), min_size=1, max_size=8))
def test_the_columns_say_what_the_texts_say(texts):
    table = ibis.memtable({"tekst": texts}, schema={"tekst": "string"})
    rows = table.select(
        form=words.has_pseudonym_form(table.tekst), valid=words.is_valid_pseudonym(table.tekst)
    ).to_pyarrow()
    matches = [None if text is None else bool(re.fullmatch(words.PATTERN, text)) for text in texts]
    assert rows["form"].to_pylist() == matches
    assert rows["valid"].to_pylist() == [None if text is None else words.is_pseudonym(text) for text in texts]

"""The life of a delivery: which moves exist, and when their guards let them pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from zorgspiegel.terms import delivery_states as states
from zorgspiegel.terms.delivery_states import MOVES, Circumstances, DeliveryState, refusal

S = DeliveryState
OPENS = datetime(2026, 1, 14, 23, tzinfo=UTC)
CLOSES = datetime(2026, 3, 5, 23, tzinfo=UTC)
DURING = Circumstances(OPENS + timedelta(days=1), OPENS, CLOSES, CLOSES, intrekken_open=True)


def test_each_move_stands_in_the_table_once():
    assert len({(move.van, move.naar) for move in MOVES}) == len(MOVES)
    assert all(move.van is not move.naar for move in MOVES)


def test_the_moves_of_the_domain_description_are_there():
    drawn = """
        concept > geupload
        geupload > technisch_afgekeurd technisch_goedgekeurd
        technisch_afgekeurd > geupload
        technisch_goedgekeurd > op_orde_klaar
        op_orde_klaar > bevestigd herlevering ingetrokken vergrendeld
        herlevering > vervangen
        vergrendeld > gepubliceerd
    """
    for line in drawn.strip().splitlines():
        van, _, targets = line.strip().partition(" > ")
        for naar in targets.split():
            assert states.find_move(S(van), S(naar)), f"{van} > {naar}"


def test_nothing_leaves_a_final_state_and_every_state_can_be_reached():
    assert not [move for move in MOVES if move.van in states.FINAL]
    reached, fresh = {S.CONCEPT}, {S.CONCEPT}
    while fresh:
        fresh = {move.naar for move in MOVES if move.van in fresh} - reached
        reached |= fresh
    assert reached == set(S)


def test_content_is_held_from_the_receipt_until_it_is_destroyed():
    assert set(S) - {S.CONCEPT, S.VERVANGEN, S.INGETROKKEN} == states.HOLDS_CONTENT
    for move in MOVES:
        gained = move.naar in states.HOLDS_CONTENT and move.van not in states.HOLDS_CONTENT
        assert not gained or move.van is S.CONCEPT, "content never comes back"


@pytest.mark.parametrize("van", sorted(states.HOLDS_CONTENT - {S.VERGRENDELD, S.GEPUBLICEERD}))
def test_withdrawing_is_possible_to_the_last_microsecond_and_not_after(van):
    last = replace(DURING, now=CLOSES - timedelta(microseconds=1))
    assert refusal(van, S.INGETROKKEN, last) is None
    assert refusal(van, S.INGETROKKEN, replace(DURING, now=CLOSES)) == states.TOO_LATE


def test_a_closed_flag_refuses_with_the_sentence_of_cbs():
    closed = replace(DURING, intrekken_open=False)
    assert refusal(S.OP_ORDE_KLAAR, S.INGETROKKEN, closed) == (
        "Op dit moment kunnen er geen leveringen ingetrokken worden."
    )


def test_locking_waits_for_the_deadline():
    assert refusal(S.BEVESTIGD, S.VERGRENDELD, DURING) == states.TOO_EARLY
    assert refusal(S.BEVESTIGD, S.VERGRENDELD, replace(DURING, now=CLOSES)) is None


@pytest.mark.parametrize(
    ("moment", "allowed"), [(OPENS, True), (CLOSES, False), (OPENS - timedelta(seconds=1), False)]
)
def test_a_file_is_taken_only_while_the_window_is_open(moment, allowed):
    answer = refusal(S.CONCEPT, S.GEUPLOAD, replace(DURING, now=moment))
    assert answer == (None if allowed else states.WINDOW_CLOSED)


def test_reopening_takes_two_different_people():
    for persons, answer in ((set(), states.ONE_PERSON), ({7}, states.ONE_PERSON), ({7, 8}, None)):
        at = replace(DURING, persons=frozenset(persons))
        assert refusal(S.GEPUBLICEERD, S.HERLEVERING, at) == answer


def test_what_is_not_in_the_table_is_refused_whatever_the_moment():
    assert refusal(S.GEPUBLICEERD, S.INGETROKKEN, DURING) == states.NO_SUCH_MOVE
    assert refusal(S.INGETROKKEN, S.GEUPLOAD, DURING) == states.NO_SUCH_MOVE

"""Topic declarations: the real ones hang together, and broken ones say what is wrong."""

from __future__ import annotations

import pytest

from zorgspiegel.store import definitions
from zorgspiegel.terms.errors import DefinitionError
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.topics import Measure, Topic

WORDS = dict.fromkeys(("gebied", "maat", "jaar", "onder", "naast", "dikke_lijn", "categorie"), "woord")
TOPICS = definitions.load_all("topics", Topic)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_a_topic_is_about_declared_indicators_and_its_texts_can_be_filled_in(topic):
    for domain in topic.domeinen:
        indicator = definitions.load("indicators", domain.indicator, Indicator)
        costs = {Measure.KOSTEN, Measure.KOSTEN_PER_PERSOON, Measure.KOSTEN_PER_INWONER}
        assert indicator.has_kosten or not costs & {measure.id for measure in domain.maten}
        for measure in domain.maten:
            assert measure.uitleg.endswith("."), measure.naam
            assert measure.zin.endswith((" was", " waren")), measure.naam
    for text in (topic.inleiding, *(t for f in topic.figuren for t in (f.titel, f.uitleg))):
        assert "{" not in text.format(**WORDS)


def _broken(tmp_path, old: str, new: str) -> None:
    text = (definitions.ROOT / "topics" / "zorggebruik.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "zorggebruik.yaml").write_text(text.replace(old, new), encoding="utf-8")
    definitions.load("topics", "zorggebruik", Topic, root=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: soorten", "id: kaart", "an id is there twice"),
        ("soort: reeks", "soort: taart", "line "),
        ("id: per_1000", "id: per_10000", "'per_1000'"),
        ("inleiding:", "inlijding:", "inlijding"),
    ],
)
def test_a_broken_topic_says_where_and_what(tmp_path, old, new, said):
    with pytest.raises(DefinitionError, match=said):
        _broken(tmp_path, old, new)

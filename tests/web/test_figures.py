"""Figures: what they say is true, in Dutch, and never confuses hidden, none and unknown."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from tests.web import invented
from zorgspiegel.portal import building, drawing, measures, numbers, releases, selection, sentences, topics
from zorgspiegel.portal.ask import Ask, answer_of
from zorgspiegel.portal.figure import FigureData, Row
from zorgspiegel.portal.figures import choropleth, parts, render, svg
from zorgspiegel.portal.measures import Cell
from zorgspiegel.portal.numbers import NOT_APPLICABLE, UNKNOWN, Answer
from zorgspiegel.terms.areas import LAND
from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.topics import FigureKind, Measure, Topic

HIDDEN = Answer(None, CellStatus.GEHEIM)
SMALL = invented.gemeenten()[-1]


def shown(value: str) -> Answer:
    return Answer(Decimal(value), CellStatus.GETOOND)


def figure(
    rows: list[Row],
    *,
    kind=FigureKind.VERGELIJKING,
    measure=Measure.KOSTEN_PER_PERSOON,
    columns=("Kosten",),
    **more,
):
    return FigureData(
        id="proef", kind=kind, title="Proef", subtitle="", explanation="", measure=measure,
        label_columns=("Gebied",), value_columns=columns, rows=tuple(rows), **more,
    )  # fmt: skip


def row(key: str, *answers: Answer, **more) -> Row:
    return Row(key=key, labels=(key,), answers=answers, **more)


@pytest.fixture
def ask(site):
    """Makes the question of a page for an area, with choices."""

    def make(code: str = invented.OWN, domein: str = "zvw", **choices: str) -> Ask:
        release = releases.current_or_none()
        topic = topics.by_id("zorggebruik")
        domain = topic.domain(domein)
        indicator, area = release.indicator(domain.indicator), release.areas[code]
        chosen, _ = selection.read(
            choices, topic=topic, domain=domain, indicator=indicator, area=area, shown=release
        )
        region = release.region_of(area, chosen.vergelijk) if domein == "zvw" else None
        beside = tuple(a for a in (region, release.areas[LAND]) if a and a.code != code)
        return Ask(release, topic, domain, indicator, chosen, area, beside)

    return make


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [
        ("1234.5", 1, "1.234,5"),
        ("0", 0, "0"),
        ("-3", 0, "−3"),
        ("1000000", 0, "1.000.000"),
        ("0.25", 2, "0,25"),
    ],
)
def test_numbers_are_dutch(value, decimals, said):
    assert numbers.dutch(Decimal(value), decimals) == said


def test_half_is_rounded_up_and_not_to_the_even_neighbour():
    assert numbers.rounded(Decimal("2.5"), numbers.UNITS[Measure.AANTAL]) == 3
    assert numbers.rounded(Decimal("0.25"), numbers.UNITS[Measure.PER_1000]) == Decimal("0.3")


@pytest.mark.parametrize(
    ("cell", "measure", "inwoners", "answer"),
    [
        (None, Measure.AANTAL, None, UNKNOWN),
        (Cell(0, Decimal(0), CellStatus.GETOOND), Measure.AANTAL, None, shown("0")),
        (Cell(None, None, CellStatus.GEHEIM), Measure.AANTAL, None, HIDDEN),
        (Cell(None, None, CellStatus.GEHEIM), Measure.PER_1000, 100, HIDDEN),
        (Cell(0, Decimal(0), CellStatus.GETOOND), Measure.KOSTEN_PER_PERSOON, None, NOT_APPLICABLE),
        (Cell(20, None, CellStatus.GETOOND), Measure.KOSTEN, None, UNKNOWN),
        (Cell(20, Decimal(50), CellStatus.GETOOND), Measure.KOSTEN_PER_PERSOON, None, shown("3")),
        (Cell(20, None, CellStatus.GETOOND), Measure.PER_1000, 3000, shown("6.7")),
        (Cell(20, None, CellStatus.GETOOND), Measure.PER_1000, None, UNKNOWN),
        (Cell(0, None, CellStatus.GETOOND), Measure.PER_1000, 3000, shown("0.0")),
        (Cell(20, Decimal(300), CellStatus.GETOOND), Measure.KOSTEN_PER_INWONER, 40, shown("7.50")),
        (Cell(None, None, CellStatus.NIET_VAN_TOEPASSING), Measure.AANTAL, None, NOT_APPLICABLE),
    ],
)
def test_zero_hidden_and_unknown_stay_three_answers(cell, measure, inwoners, answer):
    assert measures.answer(cell, measure, inwoners=inwoners) == answer


def test_the_three_answers_have_three_words():
    unit = numbers.UNITS[Measure.AANTAL]
    words = [numbers.text(answer, unit) for answer in (shown("0"), HIDDEN, UNKNOWN, NOT_APPLICABLE)]
    assert words == ["0", "geheim", "onbekend", "n.v.t."]


@pytest.mark.parametrize(
    ("own", "land", "said"),
    [
        ("110", "100", "Dat is 10% hoger dan in Nederland (€\xa0100)."),
        ("93", "100", "Dat is 7,0% lager dan in Nederland (€\xa0100)."),
        ("1003", "1000", "Dat is ongeveer evenveel als in Nederland (€\xa01.000)."),
        ("110", "0", "Het was €\xa0110 in Eigen (2023)."),
    ],
)
def test_the_comparison_says_what_the_numbers_say(own, land, said):
    made = figure([row("Eigen", shown(own), is_own=True), row("Nederland", shown(land))])
    assert sentences.comparison(made, begin="Het was", period="2023").endswith(said)


def test_the_comparison_is_silent_about_what_is_hidden():
    for own, land in ((HIDDEN, shown("3")), (shown("3"), HIDDEN), (UNKNOWN, shown("3"))):
        made = figure([row("Eigen", own, is_own=True), row("Nederland", land)])
        assert sentences.comparison(made, begin="Het was", period="2023") == ""


def test_no_growth_is_computed_over_a_break():
    rows = [row("2021", shown("100")), row("2022", shown("150"))]
    assert "steeg dit in Eigen met 50,0%" in sentences.series(figure(rows, columns=("Eigen",)))
    assert sentences.series(figure(rows, columns=("Eigen",), breaks={"2022": "anders geteld"})) == ""


def test_a_hidden_year_between_does_not_hide_a_break():
    rows = [row("2020", shown("100")), row("2021", HIDDEN), row("2022", shown("150"))]
    assert sentences.series(figure(rows, columns=("Eigen",), breaks={"2021": "anders geteld"})) == ""


def test_the_highest_area_is_only_named_among_areas_with_a_number():
    rows = [row(name, shown(value)) for name, value in (("A", "1"), ("B", "2"), ("C", "3"))]
    assert sentences.areas(figure(rows), plural="wijken").startswith("Dit is het hoogst in C")
    some = sentences.areas(figure([*rows, row("D", HIDDEN)]), plural="wijken")
    assert some.startswith("Van de wijken met een cijfer is dit het hoogst in C")
    assert sentences.areas(figure([row("A", shown("2"))] * 5), plural="wijken") == ""


def test_the_largest_part_is_only_named_when_no_hidden_part_can_be_larger():
    total = row("Totaal", shown("100"), in_drawing=False)
    two = [row("Farmacie", shown("60")), row("Mondzorg", shown("10"))]
    assert "farmacie: 60%" in sentences.parts(
        figure([*two, row("GGZ", HIDDEN), total]), what_part="de kosten"
    )
    three = [row("Farmacie", shown("30")), row("Mondzorg", shown("10"))]
    assert sentences.parts(figure([*three, row("GGZ", HIDDEN), total]), what_part="de kosten") == ""


def test_acronyms_keep_their_capitals_inside_a_sentence():
    assert sentences.inside("GGZ, consulten") == "GGZ, consulten"
    assert sentences.inside("Mondzorg") == "mondzorg"


def test_every_sentence_on_real_pages_is_true(ask):
    said = []
    for code in (invented.OWN, invented.OTHER, SMALL):
        for care in ("T", "ggz", "farmacie"):
            for made in building.figures(ask(code, categorie=care)):
                check_sentence(made)
                said.append(made.sentence)
    assert len([sentence for sentence in said if sentence]) > 30


def test_the_check_of_sentences_can_fail(ask):
    for name, old, new in (
        ("vergelijking", "lager", "hoger"),
        ("reeks", "steeg", "daalde"),
        ("kaart", "In ", "In 1"),
        ("soorten", "wijkverpleging (verpleging en verzorging)", "farmacie"),
        ("leeftijd", "€\xa0", "€\xa09"),
    ):
        made = building.figure(ask(), name)
        assert old in made.sentence, made.sentence
        with pytest.raises(AssertionError):
            check_sentence(replace(made, sentence=made.sentence.replace(old, new)))


def check_sentence(made: FigureData) -> None:
    """Recompute from the table whatever the sentence claims."""
    said = made.sentence
    numbers_there = {made.text(answer) for r in made.rows for answer in r.answers}
    for euro in re.findall(r"€\xa0[\d.,]*\d", said):
        assert euro in numbers_there, (euro, said)
    if match := re.search(r"([\d,]+)% (hoger|lager)", said):
        own, land = made.own_row.answers[0].value, made.rows[-1].answers[0].value
        change = 100 * (own - land) / land
        assert (change > 0) is (match[2] == "hoger") and abs(abs(change) - _number(match[1])) <= Decimal(
            "0.5"
        )
    if match := re.search(r"(steeg|daalde) dit in .* met ([\d,]+)%", said):
        old, new = (r.answers[0].value for r in made.rows[-2:])
        assert abs(abs(100 * (new - old) / old) - _number(match[2])) <= Decimal("0.05")
        assert (new > old) is (match[1] == "steeg")
    if match := re.search(r"In (\d+) van de (\d+)", said):
        values = [r.answers[0].value for r in made.rows if r.answers[0].shown]
        assert int(match[2]) == len(values)
        assert int(match[1]) == sum(value > made.own_row.answers[0].value for value in values)
    if match := re.search(r"gaat naar (.+): (\d+)%", said):
        parts = {r.labels[0].lower(): r.answers[0].value for r in made.rows if r.in_drawing}
        assert parts[match[1].lower()] == max(v for v in parts.values() if v is not None)


def _number(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def test_the_series_of_ggz_breaks_in_2022_and_says_why(ask):
    made = building.figure(ask(categorie="ggz"), "reeks")
    assert list(made.breaks) == ["2022"]
    assert any("zorgprestatiemodel" in note for note in made.notes)
    assert not building.figure(ask(categorie="farmacie"), "reeks").breaks


def test_a_kind_of_care_that_did_not_exist_is_not_zero(ask):
    made = building.figure(ask(categorie="consulten_ggz"), "reeks")
    assert [r.answers[0].status for r in made.rows][:2] == [CellStatus.NIET_VAN_TOEPASSING] * 2
    assert made.rows[-1].answers[0].shown


def test_clients_per_inhabitant_become_clients_where_inhabitants_are_unknown(ask):
    made = building.figure(ask(domein="wmo", maat="per_1000"), "leeftijd")
    assert made.measure is Measure.AANTAL
    assert made.notes == ("Per inwoner kan hier niet: het aantal inwoners van deze groep is niet bekend.",)


def test_the_land_is_divided_by_the_inhabitants_of_who_delivered(ask, monkeypatch):
    asked = ask(domein="wmo", maat="per_1000")
    land = asked.cell_key(gebiedscode=LAND)
    cells = {land: Cell(1_000, None, CellStatus.GETOOND)}
    for delivering in (invented.gemeenten(), invented.gemeenten()[:3]):
        monkeypatch.setattr(type(asked.shown), "delivering", lambda *_, codes=delivering: tuple(codes))
        people = sum(asked.shown.inwoners(2023, code, "T", "T") for code in delivering)
        said = answer_of(asked, cells, land, Measure.PER_1000).value
        assert abs(said - Decimal(1_000_000) / people) <= Decimal("0.05")


def test_choices_stand_in_the_address_and_come_back_from_it(ask):
    from urllib.parse import parse_qsl

    chosen = ask(categorie="ggz", jaar="2022", maat="kosten", leeftijd="65+", geslacht="V").selection
    again, _ = selection.read(
        dict(parse_qsl(chosen.query)), topic=topics.by_id("zorggebruik"), domain=ask().domain,
        indicator=ask().indicator, area=ask().area, shown=ask().shown,
    )  # fmt: skip
    assert again == chosen


def test_a_choice_that_does_not_exist_is_said_not_hidden(own):
    page = own.get(f"/zorggebruik/{invented.OWN}/?jaar=1990&categorie=onzin").content.decode()
    assert "Van dit jaar zijn er geen cijfers. U ziet 2023." in page
    assert "Deze soort zorg is er niet." in page


def test_a_topic_is_one_declaration(site, tmp_path, monkeypatch, client):
    from shutil import copytree

    from tests.web.accounts import make
    from zorgspiegel.store import definitions

    copytree(definitions.ROOT / "topics", tmp_path / "topics")
    text = (tmp_path / "topics" / "zorggebruik.yaml").read_text(encoding="utf-8")
    (tmp_path / "topics" / "proef.yaml").write_text(
        text.replace("id: zorggebruik", "id: proef").replace("titel: Zorggebruik in", "titel: Een proef in"),
        encoding="utf-8",
    )
    monkeypatch.setattr(
        topics, "all_topics", lambda: tuple(definitions.load_all("topics", Topic, root=tmp_path).values())
    )
    client.force_login(make("onderwerp@zorgspiegel.example", invented.OWN))
    page = client.get(f"/proef/{invented.OWN}/")
    assert page.status_code == 200 and "Een proef in de gemeente" in page.content.decode()


DRAWN = ("kaart", "vergelijking", "reeks", "soorten", "leeftijd")


@pytest.mark.parametrize("name", DRAWN)
def test_every_mark_is_a_labelled_link_and_nothing_breaks_the_policy(ask, name):
    asked = ask(SMALL)
    made = building.figure(asked, name)
    drawn = drawing.for_page(asked, made)
    root = etree.fromstring(drawn.encode())
    links = root.findall(f".//{{{svg.SVG}}}a")
    answers = sum(len(r.answers) if name in {"reeks", "leeftijd"} else 1 for r in made.rows if r.in_drawing)
    assert len(links) == answers
    for link in links:
        assert link.get("href").startswith("/zorggebruik/"), link.get("href")
        assert re.search(r"€|geheim|onbekend", link.get("aria-label")), link.get("aria-label")
    for element in root.iter():
        assert element.tag not in {
            f"{{{svg.SVG}}}style",
            f"{{{svg.SVG}}}script",
            f"{{{svg.SVG}}}foreignObject",
        }
        assert not [key for key in element.attrib if key == "style" or key.startswith("on")]
    assert parts.BASE not in drawn and "http" not in drawn.replace(svg.SVG, "")


def test_the_drawing_has_dutch_numbers(ask):
    asked = ask()
    words = "".join(
        etree.fromstring(drawing.for_page(asked, building.figure(asked, "reeks")).encode()).itertext()
    )
    assert "1.000" in words and "1,000" not in words


def test_hidden_areas_are_hatched_and_named(ask):
    asked = ask(SMALL, leeftijd="90+", geslacht="M")
    made = building.figure(asked, "kaart")
    assert made.hidden == 1
    drawn = drawing.for_page(asked, made)
    assert "url(#kaart-arcering)" in drawn and "geheim" in drawn
    assert f"{invented.name_of(SMALL)}: geheim" in drawn


def test_the_thick_border_is_only_told_about_where_there_is_one(ask):
    assert "De dikke lijn is" in building.figure(ask(), "kaart").explanation
    assert "dikke lijn" not in building.figure(ask(domein="wmo"), "kaart").explanation
    assert building.figure(ask(LAND), "vergelijking") is None


def test_an_area_without_a_border_is_said_to_be_missing(ask, monkeypatch):
    asked = ask()
    borders = asked.shown.borders
    monkeypatch.setattr(asked.shown, "borders", lambda *a: borders(*a).slice(1))
    building.figures.cache_clear()
    made = building.figure(asked, "kaart")
    building.figures.cache_clear()
    name = invented.name_of(invented.OWN)
    assert f"Niet op de kaart, wel in de tabel: {name}. Van dat jaar hebben we de grens niet." in made.notes


def test_map_classes_hold_every_value_once(ask):
    made = building.figure(ask(), "kaart")
    classes = choropleth.Classes(made)
    for r in made.rows:
        low, *high = re.findall(r"[\d.]+", classes.of(r.answers[0]))
        value = r.answers[0].value
        assert _number(low) <= value <= _number(high[0] if high else low)


def test_a_drawing_is_kept_by_release_and_content(site, tmp_path, settings, monkeypatch):
    from zorgspiegel.store.home import Home

    settings.HOME = Home(tmp_path)
    spec = {
        "mark": "bar",
        "data": {"values": [{"a": 1}]},
        "encoding": {"x": {"field": "a", "type": "quantitative"}},
    }
    first = render.svg(spec, digest="sha256:aaaa")
    monkeypatch.setattr(render, "_engine", lambda: pytest.fail("drawn twice"))
    assert render.svg(spec, digest="sha256:aaaa") == first
    with pytest.raises(pytest.fail.Exception):
        render.svg(spec, digest="sha256:bbbb")


def test_a_release_of_somebody_else_is_never_shown_from_the_cache(ask):
    zvw, other = ask(), ask(invented.OTHER)
    assert zvw != other and hash(zvw) != hash(other)
    assert zvw == ask()
    narrower = Ask(zvw.shown, zvw.topic, zvw.domain, zvw.indicator, zvw.selection, zvw.area, ())
    assert narrower != zvw


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Beek", ["Beek"]),
        ("bee", ["Beek", "Beekdal"]),
        ("aldertuin", ["Aldertúín"]),
        ("gravenwoud", ["'s-Gravenwoud"]),
        ("9000", ["Aldertúín"]),
        ("9001 ab", ["Beekdal"]),
        ("9500", ["'s-Gravenwoud", "Aldertúín"]),
        ("9499", []),
        ("", []),
        ("%", []),
    ],
)
def test_a_gemeente_is_found_by_name_or_postcode(site, typed, found):
    from zorgspiegel.portal.search import search

    assert [area.naam for area in search(typed, releases.current_or_none()).areas] == found


def test_a_release_of_before_can_still_be_read(site):
    """Fields that declarations got later are absent in it; fields that they lost are still there."""
    import json

    from zorgspiegel.portal import published
    from zorgspiegel.terms.indicators import Indicator

    release = releases.current_or_none().release
    told = json.loads(release.table("indicatoren").to_pylist()[0]["kenmerken"])
    source = release.table("bronnen").to_pylist()[0]
    older = {k: v for k, v in told.items() if k in {*REQUIRED_OF_OLD}} | {"vergeten_veld": 1}
    with pytest.raises(ValueError):
        Indicator.model_validate(older | {"bron": {}})
    read = published.read(older, source)
    assert read.titel == told["titel"] and read.dimension("leeftijd") is not None


REQUIRED_OF_OLD = ("id", "titel", "teller", "noemer", "dimensies", "niveaus", "definities", "herkomst_soort")

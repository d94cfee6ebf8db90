"""What docs/samenvoegen.md and docs/pseudonimiseren.md promise, word for word."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from zorgspiegel.merge.kernel import NEAR_DAYS
from zorgspiegel.pipeline.merge_input import COLUMNS
from zorgspiegel.terms.pseudonym import PATTERN, is_pseudonym
from zorgspiegel.terms.tables import MERGE_REASONS, VOORZIENINGEN

DOCS = Path(__file__).resolve().parents[3] / "docs"
MERGING = (DOCS / "samenvoegen.md").read_text("utf-8")
PSEUDONYMS = (DOCS / "pseudonimiseren.md").read_text("utf-8")


def test_columns_reasons_and_days_are_those_of_the_code():
    assert f"`{','.join(COLUMNS)}`" in MERGING
    assert f"`{','.join(VOORZIENINGEN.names)}`" in MERGING
    assert all(f"`{reason}`" in MERGING for reason in MERGE_REASONS)
    assert f"{', '.join(MERGE_REASONS)}." in MERGING.replace("\n", " ")
    assert f"0 tot en met {NEAR_DAYS} dagen" in MERGING


def test_the_pseudonym_that_is_shown_is_a_real_one():
    (shown,) = re.findall(PATTERN, PSEUDONYMS)
    assert is_pseudonym(shown)


def test_the_picture_says_in_words_what_it_shows():
    root = ET.parse(DOCS / "images" / "samenvoegen.svg").getroot()
    name = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    texts = {element.get("id"): element.text or "" for element in root if element.get("id")}
    assert set((root.get("aria-labelledby") or "").split()) == set(texts)
    assert "verzonnen" in texts["uitleg"]
    drawn = [element.text for element in root.iter(f"{name}text")]
    assert "a + b + c · 1 januari tot en met 30 juni" in drawn

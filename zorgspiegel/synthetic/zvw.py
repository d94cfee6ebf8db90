"""Invented Zvw figures in the form of the Vektis import, for where the real ones cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.synthetic.chance import generator
from zorgspiegel.synthetic.curves import AGES, ZVW
from zorgspiegel.synthetic.people import CLASSES, SEXES, Counts, Land
from zorgspiegel.terms.indicators import TOTAL, UNKNOWN
from zorgspiegel.terms.tables import FACTS

SMALLEST = 10
"""Groups of fewer insured persons than this go to the rest group without gemeente, as Vektis does."""

NOT_PLACED = 0.02
"""Share of insured persons whose gemeente is not known: they are in the rest group too."""


def facts(land: Land, *, year: int, seed: int, gemeenten: Sequence[str] | None = None) -> ibis.Table:
    """FACTS of the indicator zvw: per gemeente, age class and sex the insured persons, with each care type of
    that year and with the total. Its herkomst begins with "verzonnen"."""
    care = {name: cost for name, cost in ZVW.items() if (cost.vanaf or 0) <= year <= (cost.tot or 9999)}
    curves = np.stack([_per_class(cost.amounts()) for cost in care.values()], axis=-1)
    insured, cents, names = [], [], []
    for gemeente in land.gemeenten(gemeenten, seed=seed):
        chance = generator(seed, "zvw", gemeente.code, year)
        level = generator(seed, "zvw", gemeente.code).lognormal(0, 0.06) * 1.03 ** (year - 2020)
        insured.append(gemeente.inhabitants.sum(axis=0))
        cents.append(_cents(insured[-1], curves * level, chance))
        names.append(gemeente.code)
    return _as_facts(
        np.stack(insured), np.stack(cents), names, list(care), year=year, division=land.indelingsjaar
    )


def _per_class(amounts: np.ndarray) -> np.ndarray:
    """Mean of the single years in each age class of five years."""
    five = np.minimum(AGES // 5, len(CLASSES) - 1)
    width = np.bincount(five, minlength=len(CLASSES))
    sums = np.zeros((len(CLASSES), amounts.shape[1]))
    np.add.at(sums, five, amounts)
    return sums / width[:, None]


def _cents(insured: Counts, eur: np.ndarray, chance: np.random.Generator) -> Counts:
    """Costs per group: few persons cost a lot, so small groups vary much and large ones little."""
    sigma = 1.6 / np.sqrt(np.maximum(insured, 1))[..., None]
    factor = np.exp(sigma * chance.standard_normal(eur.shape) - sigma**2 / 2)
    return np.rint(insured[..., None] * eur * factor * 100).astype(np.int64)


def _as_facts(
    insured: Counts, cents: Counts, names: list[str], care: list[str], *, year: int, division: int
) -> ibis.Table:
    small = insured < SMALLEST
    rest_persons = insured[small].sum() + int(insured.sum() * NOT_PLACED)
    rest = cents[small].sum(axis=0) + (cents.sum(axis=(0, 1, 2)) * NOT_PLACED / 2).astype(np.int64)
    rest = np.append(rest, rest.sum())
    shown = np.nonzero(~small)
    every = np.concatenate([cents[shown], cents[shown].sum(axis=-1, keepdims=True)], axis=-1)
    kinds = len(care) + 1
    rows = len(shown[0])
    places, ages, sexes = (np.repeat(index, kinds) for index in shown)
    columns = {
        "indicator": pa.array(["zvw"] * ((rows + 1) * kinds)),
        "periode": pa.array([str(year)] * ((rows + 1) * kinds)),
        "indelingsjaar": pa.array(np.full((rows + 1) * kinds, division)),
        "gebiedscode": pa.array([*np.array(names)[places].tolist(), *[None] * kinds], pa.string()),
        "categorie": pa.array([*care, TOTAL] * (rows + 1)),
        "leeftijd": pa.array([*np.array(CLASSES)[ages].tolist(), *[UNKNOWN] * kinds]),
        "geslacht": pa.array([*np.array(SEXES)[sexes].tolist(), *[UNKNOWN] * kinds]),
        "aantal_personen": pa.array(
            np.append(np.repeat(insured[shown], kinds), np.full(kinds, rest_persons))
        ),
        "kosten_eur": _euro(np.append(every.ravel(), rest)),
        "herkomst": pa.array([f"verzonnen-zvw.{year}"] * ((rows + 1) * kinds)),
    }
    return ibis.memtable(pa.table({name: columns[name] for name in FACTS.names}), schema=FACTS.schema)


def _euro(cents: Counts) -> pa.Array:
    """Whole cents as euro with two decimals: the same digits, the point in another place."""
    whole = pa.array(cents).cast(pa.decimal128(20, 0)).cast(pa.decimal128(22, 2))
    hundredth = pa.scalar("0.01").cast(pa.decimal128(3, 2))
    return pc.multiply(whole, hundredth).cast(pa.decimal128(18, 2))

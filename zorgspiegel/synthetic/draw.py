"""Draw clients and their costs for one gemeente: skewed as real life is, with many small cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zorgspiegel.synthetic.chance import generator
from zorgspiegel.synthetic.curves import AGES, Use
from zorgspiegel.synthetic.people import CLASSES, Counts, Gemeente

UNKNOWN_WIJK = 0.015
"""Share of clients whose wijk a gemeente does not know (the public series has about 3 % without a place)."""

UNKNOWN_AGE, UNKNOWN_SEX = 0.002, 0.001

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Clients:
    """Clients of one gemeente in one year.

    wijken:   codes of the rows; as a rule the last one stands for "wijk onbekend".
    unique:   wijk x age class (the last: unknown) x sex (0 unknown, 1 man, 2 woman): each client once.
    products: the same x product: clients with that product.
    cents:    the same x product: what it cost.
    """

    wijken: tuple[str, ...]
    unique: Counts
    products: Counts
    cents: Counts


def clients(
    gemeente: Gemeente, uses: Mapping[str, Use], limits: Sequence[int], *, topic: str, year: int, seed: int
) -> Clients:
    """Clients per wijk, age class, sex and product. `limits` are the first ages of the age classes.

    What a gemeente and its wijken are like stays the same from year to year; the draw itself does not.
    """
    character = generator(seed, topic, gemeente.code)
    chance = generator(seed, topic, gemeente.code, year)
    people, expected = _expected(gemeente.inhabitants, uses, limits)
    expected *= (_of_wijken(len(people), character) * _of_gemeente(character, year))[:, None, None, None]
    nowhere = f"WK{gemeente.digits}99"
    # A few gemeenten have a real wijk of that name: they cannot say "wijk onbekend".
    can_be_unknown = bool(gemeente.wijken) and nowhere not in gemeente.wijken
    people, expected = (
        _with_unknown(people, wijk=can_be_unknown),
        _with_unknown(expected, wijk=can_be_unknown),
    )
    people = np.rint(people)
    unique = _unique(people, expected, chance)
    products = _products(unique, people, expected, chance)
    return Clients(
        wijken=(*gemeente.wijken, nowhere) if can_be_unknown else gemeente.wijken or (nowhere,),
        unique=unique,
        products=products,
        cents=_cents(products, list(uses.values()), _of_gemeente(character, year), chance),
    )


def _expected(inhabitants: Counts, uses: Mapping[str, Use], limits: Sequence[int]) -> tuple[Floats, Floats]:
    """People per wijk x class x sex, and expected clients per wijk x class x sex x product."""
    five = np.minimum(AGES // 5, len(CLASSES) - 1)
    width = np.bincount(five, minlength=len(CLASSES))
    in_class = np.searchsorted(np.asarray(limits), AGES, side="right") - 1
    share = np.zeros((len(limits), len(CLASSES)))
    np.add.at(share, (in_class, five), 1 / width[five])
    rate = np.zeros((len(limits), len(CLASSES), 2, len(uses)))
    for number, use in enumerate(uses.values()):
        np.add.at(rate[..., number], (in_class, five), use.rates()[AGES] / width[five][:, None])
    people = np.einsum("wks,ck->wcs", inhabitants, share)
    return people, np.einsum("wks,cksp->wcsp", inhabitants, rate)


def _of_wijken(count: int, character: np.random.Generator) -> Floats:
    """Wijken differ as cities do: the first few have much, the long tail little (Zipf), and some chance."""
    rank = character.permutation(count) + 1
    factor = rank**-0.25 * character.lognormal(0, 0.2, count)
    return factor / factor.mean() if count else factor


def _of_gemeente(character: np.random.Generator, year: int) -> float:
    return float(character.lognormal(0, 0.18) * 1.015 ** (year - 2020))


def _with_unknown(table: Floats, *, wijk: bool) -> Floats:
    """With a row for "wijk onbekend" (where it can be said), a class for unknown age, and a sex 0."""
    if wijk:
        table = np.concatenate([table, table.sum(axis=0, keepdims=True) * UNKNOWN_WIJK])
    table = np.concatenate([table, table.sum(axis=1, keepdims=True) * UNKNOWN_AGE], axis=1)
    return np.concatenate([table.sum(axis=2, keepdims=True) * UNKNOWN_SEX, table], axis=2)


def _any(people: Floats, expected: Floats) -> Floats:
    """The chance that one inhabitant has at least one product."""
    return 1 - np.exp(-expected.sum(axis=-1) / np.maximum(people, 1))


def _unique(people: Floats, expected: Floats, chance: np.random.Generator) -> Counts:
    return chance.binomial(people.astype(np.int64), np.minimum(_any(people, expected), 0.95))


def _products(unique: Counts, people: Floats, expected: Floats, chance: np.random.Generator) -> Counts:
    """Each client has at least one product, so a cell never has fewer products than clients."""
    one = expected / np.maximum(people, 1)[..., None] / np.maximum(_any(people, expected), 1e-12)[..., None]
    products = chance.binomial(unique[..., None], np.minimum(one, 1))
    short = np.maximum(unique - products.sum(axis=-1), 0)
    usual = expected.argmax(axis=-1)[..., None]
    np.put_along_axis(products, usual, np.take_along_axis(products, usual, -1) + short[..., None], -1)
    return products


def _cents(products: Counts, uses: Sequence[Use], level: float, chance: np.random.Generator) -> Counts:
    """The cost of every single client is drawn (lognormal) and added up: one costly client is seen."""
    flat = products.reshape(-1, len(uses))
    cell, product = np.nonzero(flat)
    counts = flat[cell, product]
    each = np.repeat(product, counts)
    mean = np.array([use.mean_eur for use in uses])[each] * level**0.5
    sigma = np.array([use.sigma for use in uses])[each]
    eur = mean * np.exp(sigma * chance.standard_normal(len(each)) - sigma**2 / 2)
    eur[chance.random(len(each)) < 0.01] = 0  # not yet billed
    cents = np.zeros(flat.shape, np.int64)
    if len(each):
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        cents[cell, product] = np.add.reduceat(np.rint(eur * 100).astype(np.int64), starts)
    return cents.reshape(products.shape)

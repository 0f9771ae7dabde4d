"""Draft invoices against an oracle in fractions, written from RATING.md, that shares no code with the SQL."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random

import pytest

from tests.oracle.compare import differences
from tests.oracle.engine import Answer, billed
from tests.oracle.generate import family, shared_rows
from tests.oracle.invoice import cents
from tests.oracle.shrink import shown, shrunk, size
from tests.oracle.world import World, days_of, month_after

SEEDS = range(8)
FAMILIES = 256  # of each seed: 2,048 combinations
# A leap year, years without; clocks change in March, April, September, October and November.
FIRST = (date(2026, 2, 1), date(2028, 2, 1), date(2026, 3, 1), date(2026, 9, 1), date(2026, 10, 1))
KINDS = {
    *("usage", "included", "cost_plus", "percentage", "minimum", "maximum"),
    *("contract", "discount", "commitment"),
}


def families(seed: int, count: int) -> list[World]:
    """Families that share months, billing entities and exchange rates; the last month may be running."""
    rng = Random(seed)
    first = FIRST[seed % len(FIRST)]
    months = tuple(month_after(first, n) for n in range(1 + seed % 3))
    latest = days_of(months[-1])[-1 if seed % 4 else 9]
    shared = shared_rows(rng, months)
    return [family(Random(f"{seed}/{n}"), str(n), shared, months, latest) for n in range(count)]


def found(worlds: list[World], *, at_once: bool) -> dict[str, list[str]]:
    """Where the warehouse and the oracle differ, by family."""
    with billed(worlds, at_once=at_once) as connection:
        answer = Answer(connection)
        return {world.name: found for world in worlds if (found := differences(world, answer))}


def report(seed: int, worlds: list[World], wrong: dict[str, list[str]], *, at_once: bool) -> str:
    """What differs, and the smallest family that does, made smaller still."""

    def fails(world: World) -> bool:
        try:
            return bool(found([world], at_once=at_once))
        except (AssertionError, LookupError, ValueError, StopIteration):  # no world that could be
            return False

    smallest = min((world for world in worlds if world.name in wrong), key=size)
    small = shrunk(smallest, fails) if fails(smallest) else smallest
    return "\n".join(
        [f"seed {seed}: {len(wrong)} of {len(worlds)} families", *wrong[smallest.name], shown(small)]
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_every_invoice_is_what_the_oracle_says(seed: int) -> None:
    """Usage records, exact charges, cents, tax, totals and costs, of families with rates of their own."""
    worlds, at_once = families(seed, FAMILIES), seed % 4 in {2, 3}
    with billed(worlds, at_once=at_once) as connection:
        answer = Answer(connection)
        wrong = {world.name: found for world in worlds if (found := differences(world, answer))}
        drafts, lines = answer.everything("draft"), answer.everything("draft_line")
    assert not wrong, report(seed, worlds, wrong, at_once=at_once)
    # What is compared is worth it.
    assert len(drafts) > FAMILIES // 2
    assert {line["kind"] for line in lines} == KINDS
    assert {draft["currency"] for draft in drafts} == {"EUR", "USD", "JPY", "KWD", "CLF"}
    assert min(draft["net"] for draft in drafts) < 0 < max(draft["net"] for draft in drafts)
    assert {line["tax_category"] for line in lines} >= {"S", "Z", "E", "AE"}
    assert any(draft["cost"] is None for draft in drafts)


def test_oracle_gives_cents_as_by_hand() -> None:
    """0.4 + 0.4 + 0.2 is one cent for the first of the two that are furthest behind; below zero likewise."""
    thirds = [Fraction(4, 10), Fraction(4, 10), Fraction(2, 10)]
    assert cents(thirds, Fraction(1)) == [1, 0, 0]
    assert cents([-third for third in thirds], Fraction(1)) == [-1, 0, 0]
    assert cents([Fraction(7, 2), Fraction(-3, 2)], Fraction(1)) == [4, -2]


def test_family_that_fails_is_made_small() -> None:
    """Of a whole family there is left what makes it fail."""
    (world,) = families(1, 1)
    sku = world.tables["sku"][0]
    small = shrunk(world, lambda world: sku in world.tables["sku"], tries=1000)
    assert size(small) == 1
    assert f"sku={sku['sku']}" in shown(small)

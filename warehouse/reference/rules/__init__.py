"""What must hold between the rows of the reference tables, beyond the type of each cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from warehouse.reference.rows import Mistake, Rows
from warehouse.reference.rules import contracts, customers, metering, prices, structure, taxes, tolerances

Rule = Callable[[Rows], Iterator[Mistake]]

# Each with the tables that must be whole for it to judge.
RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (structure.ends_after_it_begins, ()),
    (structure.key_is_unique, ()),
    (customers.terms_are_complete, ()),
    (customers.nobody_is_above_itself, ("customer",)),
    (customers.prices_are_ours, ("rate_card",)),
    (customers.mapping_says_whose, ()),
    (taxes.only_standard_has_a_percentage, ()),
    (taxes.untaxed_says_why, ()),
    (taxes.always_taxed, ("sku", "tax_rate")),
    (taxes.reverse_charge_has_both_numbers, ("billing_entity", "tax_rate")),
    (metering.changes_with_the_month, ()),
    (metering.numbers_make_sense, ()),
    (metering.sold_meter_is_known, ("meter",)),
    (metering.units_convert, ("meter", "sku")),
    (metering.one_record_one_way, ()),
    (prices.model_has_its_columns, ()),
    (prices.tiers_meet, ("rate",)),
    (prices.one_price_at_a_time, ("rate",)),
    (prices.limits_make_sense, ()),
    (prices.percentage_of_a_price, ("sku", "rate")),
    (prices.side_fits, ("rate_card",)),
    (prices.currencies_differ, ()),
    (contracts.stays_inside_the_contract, ("contract",)),
    (contracts.term_is_whole_months, ()),
    (contracts.names_a_sku, ("sku",)),
    (contracts.discount_is_a_part, ()),
    (tolerances.tolerates_something_known, ()),
)


def mistakes_between(rows: Rows, broken: Collection[str] = ()) -> list[Mistake]:
    """Every rule that the rows break.

    Parameters:
        rows: those that could be read.
        broken: tables with rows that could not; what hangs on those is not judged.
    """
    found = [
        mistake
        for rule, needed in RULES
        if not any(table in broken for table in needed)
        for mistake in rule(rows)
    ]
    return [*found, *structure.what_is_named_is_there(rows, broken)]

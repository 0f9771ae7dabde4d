"""Each thing that can be wrong in the user's tables is named with its place and its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from reference_set import mistakes, write

from warehouse.reference.loader import load_reference

LATER = {"valid_from": "2021-01-01"}
TAX_FREE = {"category": "AE", "percent": "0", "exemption_reason": "Reverse charge"}
PACKAGE = {"model": "package", "unit_price": "5", "package_size": "10"}
PERCENTAGE = {"rate_card": "card", "sku": "fee", "model": "percentage", "unit_price": "", "percent": "3"}

CELLS = [
    ("sku_0", {"name": ""}, "sku.csv line 2, name: is empty. Fill in text."),
    ("sku_0", {"unit": "GBs"},
     "sku.csv line 2, unit: 'GBs' is not a unit. Use one of bytes, KB, KiB,"),
    ("rate_0", {"unit_price": "0,05"},
     "rate.csv line 2, unit_price: '0,05' is not a number with up to 9 decimals."),
    ("rate_1", {"unit_price": "1e-3"}, "rate.csv line 3, unit_price: '1e-3' is not a number"),
    ("rate_card_0", {"currency": "EUX"}, "rate_card.csv line 2, currency: 'EUX' is not an ISO 4217 code."),
    ("billing_entity_0", {"time_zone": "Europe/Nowhere"},
     "billing_entity.csv line 2, time_zone: 'Europe/Nowhere' is not an IANA time"),
    ("billing_entity_0", {"payment_days": "-1"},
     "billing_entity.csv line 2, payment_days: '-1' is not a whole number."),
    ("customer_0", {"valid_from": "2020-02-30"},
     "customer.csv line 2, valid_from: '2020-02-30' is not a date"),
    ("customer_0", {"kind": "friend"}, "customer.csv line 2, kind: 'friend' is not one of `distributor`"),
    ("fx_rate_0", {"rate": "0.000"}, "fx_rate.csv line 2, rate: '0.000' is not a number above 0"),
]  # fmt: skip
TOLERANCES = [
    ("tolerance_0", {"code": "R-99"}, "tolerance.csv line 2, code: 'R-99' is no code of a check."),
    ("tolerance_0", {"amount": ""}, "tolerance.csv line 2: tolerates nothing."),
    ("tolerance_more", {"count": "2"}, "tolerance.csv line 3, currency: R-15 stands on line 2 too."),
]  # fmt: skip
STRUCTURE = [
    ("customer_1", {"valid_to": "2020-01-01"},
     "customer.csv line 3, valid_to: 2020-01-01 is not after valid_from 2020-01-01."),
    ("customer_more", LATER, "customer.csv line 4, customer_id: sub stands on line 3 too on the same"),
    ("sku_more", {"sku": "gb"}, "sku.csv line 5, sku: gb stands on line 2 too. Remove one."),
    ("rate_more", {"rate_card": "card", "sku": "seat"},
     "rate.csv line 6, tier_from: card seat 0 stands on line 4 too on the same days."),
    ("account_mapping_0", {"customer_id": "nobody"},
     "account_mapping.csv line 2, customer_id: 'nobody' is not in customer."),
    ("vendor_terms_0", {"rate_card": "no"}, "vendor_terms.csv line 2, rate_card: 'no' is not in rate_card."),
    ("rate_3", {"customer_id": "no"}, "rate.csv line 5, customer_id: 'no' is not in customer."),
    ("contract_item_0", {"contract_id": "no"},
     "contract_item.csv line 2, contract_id: 'no' is not in contract."),
]  # fmt: skip
CUSTOMERS = [
    ("customer_1", {"parent_customer_id": ""}, "customer.csv line 3, parent_customer_id: is empty"),
    ("customer_0", {"parent_customer_id": "sub"},
     "customer.csv line 2, parent_customer_id: 'top' is its own ancestor."),
    ("customer_0", {"tax_code": ""},
     "customer.csv line 2, tax_code: is empty, but the customer gets its own"),
    ("customer_0", {"rate_card": "cost"}, "customer.csv line 2, rate_card: 'cost' is a cost card."),
    ("account_mapping_0", {"state": "excluded", "valid_to": "2030-01-01"},
     "account_mapping.csv line 2, reason: is empty, but the account is excluded."),
    ("account_mapping_0", {"state": "excluded", "reason": "Ours"},
     "account_mapping.csv line 2, valid_to: is empty, but the account is excluded."),
    ("account_mapping_0", {"customer_id": ""},
     "account_mapping.csv line 2, customer_id: is empty, but the account is mapped."),
]  # fmt: skip
TAXES = [
    ("tax_rate_0", {"valid_to": "2030-01-01"},
     "customer.csv line 2, tax_code: 'vat' has no rate for tax class 'standard' on 2030-01-01, when"),
    ("tax_rate_0", {"tax_class": "books"},
     "customer.csv line 2, tax_code: 'vat' has no rate for tax class 'standard' on 2020-01-01,"),
    ("tax_rate_0", {"category": "AE"}, "tax_rate.csv line 2, percent: 21 in category AE."),
    ("tax_rate_0", {"category": "E", "percent": "0"},
     "tax_rate.csv line 2, exemption_reason: is empty in category E."),
    ("tax_rate_0", TAX_FREE, "customer.csv line 2, tax_id: is empty, but 'vat' is of category AE."),
]  # fmt: skip
METERING = [
    ("sku_0", {"quantity_step": "0"}, "sku.csv line 2, quantity_step: is zero."),
    ("meter_0", {"valid_from": "2020-01-15"}, "meter.csv line 2, valid_from: 2020-01-15 is not the"),
    ("meter_0", {"min_coverage": "101"}, "meter.csv line 2, min_coverage: 101 is more than all"),
    ("meter_0", {"valid_to": "2026-01-01"},
     "sku_mapping.csv line 2, meter: 'protected_bytes' of redstor is not in meter on 2026-01-01."),
    ("meter_0", {"unit": "hosts"}, "sku_mapping.csv line 2, sku: 'gb' is sold in GB, and the meter counts"),
    ("meter_1", {"unit": "users"},
     "sku_mapping.csv line 3, ratio: is empty, but 'seat' is sold in seats, and the meter counts"),
    ("sku_mapping_0", {"valid_to": "2026-01-15"},
     "sku_mapping.csv line 2, valid_to: 2026-01-15 is not the first day of a month."),
    ("sku_mapping_0", {"ratio": "0"}, "sku_mapping.csv line 2, ratio: is zero."),
    ("sku_mapping_0", {"meter": "bytes"}, "sku_mapping.csv line 2, meter: 'bytes' of redstor is not in"),
    ("sku_mapping_0", {"aggregation": "percentile"},
     "sku_mapping.csv line 2, percentile: is empty with percentile. Use 1 to 100."),
    ("sku_mapping_0", {"aggregation": "percentile", "percentile": "101"},
     "sku_mapping.csv line 2, percentile: is 101 with percentile."),
    ("sku_mapping_0", {"aggregation": "high_water", "term_months": "0"},
     "sku_mapping.csv line 2, term_months: is 0 with high_water."),
    ("sku_mapping_more", {"product": "own", "aggregation": "last"},
     "sku_mapping.csv line 4, aggregation: differs from line 3, which sells the same meter as the same"),
    ("sku_mapping_more", {"product": "own", "ratio": "2"}, "sku_mapping.csv line 4, ratio: differs from"),
]  # fmt: skip
PRICES = [
    ("rate_0", {"tier_from": "0.5"}, "rate.csv line 2, tier_from: the first tier does not start at 0."),
    ("rate_1", {"tier_from": "100"}, "rate.csv line 3, tier_from: 100 is not where the tier below ends"),
    ("rate_1", {"tier_to": "200"}, "rate.csv line 3, tier_to: the last tier has an end."),
    ("rate_1", {"model": "volume"}, "rate.csv line 3, model: differs from line 2, another tier of the same"),
    ("rate_1", {"proration": "none"}, "rate.csv line 3, proration: differs from line 2, another tier"),
    ("rate_1", {"included": "5"}, "rate.csv line 3, included: differs from line 2, another tier of"),
    ("rate_more", LATER | {"rate_card": "card", "sku": "gb"},
     "rate.csv line 6, valid_from: the price on line 2 holds on the same days."),
    ("rate_2", {"tier_to": "1"}, "rate.csv line 4, tier_to: the last tier has an end."),
    ("rate_2", {"unit_price": ""}, "rate.csv line 4, unit_price: is empty, but the model is per_unit."),
    ("rate_1", {"unit_price": ""}, "rate.csv line 3, unit_price: is empty, and so is flat_price. Write 0 if"),
    ("rate_2", PACKAGE | {"package_size": ""},
     "rate.csv line 4, package_size: is empty, but the model is package. Fill it in."),
    ("rate_2", PACKAGE | {"package_size": "0"}, "rate.csv line 4, package_size: is zero."),
    ("rate_2", {"percent": "5"},
     "rate.csv line 4, percent: 5 means nothing in per_unit. Leave it empty, or use percentage or"),
    ("rate_2", {"model": "cost_plus", "unit_price": ""},
     "rate.csv line 4, percent: is empty, but the model is cost_plus."),
    ("rate_2", {"minimum": "5.01", "maximum": "5"}, "rate.csv line 4, minimum: 5.01 is more than maximum"),
    ("rate_more", PERCENTAGE, "rate.csv line 6, basis: is empty, but the model is percentage."),
    ("rate_more", PERCENTAGE | {"basis": "tb"}, "rate.csv line 6, basis: 'tb' is not in sku."),
    ("rate_more", PERCENTAGE | {"basis": "fee"}, "rate.csv line 6, basis: 'fee' is itself priced as a"),
    ("rate_3", {"customer_id": "top"},
     "rate.csv line 5, customer_id: 'cost' is a cost card, which has no customers."),
    ("rate_3", {"model": "cost_plus", "unit_price": "", "percent": "3"},
     "rate.csv line 5, model: cost_plus on the cost card 'cost'."),
    ("vendor_terms_0", {"rate_card": "card"}, "vendor_terms.csv line 2, rate_card: 'card' is a sell card."),
    ("fx_rate_0", {"to_currency": "USD"},
     "fx_rate.csv line 2, to_currency: is USD, and so is from_currency."),
]  # fmt: skip
CONTRACTS = [
    ("contract_item_0", {"valid_from": "2024-12-31"},
     "contract_item.csv line 2, valid_from: contract 'k' does not hold on 2024-12-31."),
    ("contract_item_0", {"valid_to": ""},
     "contract_item.csv line 2, valid_to: contract 'k' does not hold on 2026-01-01."),
    ("commitment_0", {"valid_to": ""}, "commitment.csv line 2, valid_to: is empty, but the period is"),
    ("commitment_0", {"valid_from": "2025-01-15"},
     "commitment.csv line 2, valid_from: 2025-01-15 is not the first day of a month."),
    ("commitment_0", {"sku": "tb"}, "commitment.csv line 2, sku: 'tb' is not in sku. Name the SKU, or * for"),
    ("discount_0", {"sku": "tb"}, "discount.csv line 2, sku: 'tb' is not in sku."),
    ("discount_0", {"percent": "100.01"}, "discount.csv line 2, percent: 100.01 is more than all."),
]  # fmt: skip
CASES = [*CELLS, *STRUCTURE, *CUSTOMERS, *TAXES, *METERING, *PRICES, *CONTRACTS, *TOLERANCES]


@pytest.mark.parametrize(("row", "cells", "expected"), CASES)
def test_a_mistake_is_named_with_file_line_column_and_remedy(
    tmp_path: Path, row: str, cells: dict[str, str], expected: str
) -> None:
    """And it keeps the whole reference from being used."""
    found = mistakes(write(tmp_path, **{row: cells}))
    assert any(line.startswith(expected) for line in found), found
    assert all(line.count(". ") >= 1 and line.endswith(".") for line in found)


FINE = {
    "a price for a customer beside the one for all": {"rate_more": {
        "rate_card": "card", "customer_id": "top", "sku": "seat", "unit_price": "1.5"}},
    "a price for a dimension beside the one for all": {"rate_more": {
        "rate_card": "card", "dimension": "asia", "sku": "seat", "unit_price": "1.5"}},
    "a price that changes inside a month": {
        "rate_2": {"valid_to": "2026-03-15"},
        "rate_more": {"rate_card": "card", "sku": "seat", "unit_price": "3", "valid_from": "2026-03-15"}},
    "a tier with a price for itself and none for a unit": {"rate_0": {"unit_price": "", "flat_price": "9"}},
    "a percentage of everything": {"rate_more": PERCENTAGE | {"basis": "*"}},
    "counts of different things, with a ratio": {"meter_1": {"unit": "users"},
                                                 "sku_mapping_1": {"ratio": "1"}},
    "readings counted, whatever their unit": {"meter_1": {"unit": "bytes"},
                                              "sku_mapping_1": {"aggregation": "unique_count"}},
    "one meter sold as two": {"sku_mapping_more": {"sku": "fee", "aggregation": "last", "ratio": "2"}},
    "reverse charge with both numbers": {"tax_rate_0": TAX_FREE, "customer_0": {"tax_id": "DE1"}},
    "a class of its own beside the one for all": {"sku_0": {"tax_class": "books"},
                                                  "tax_rate_more": {"tax_class": "books", "percent": "9"}},
    "an account that is excluded until a day": {"account_mapping_0": {
        "state": "excluded", "customer_id": "", "reason": "Ours", "valid_to": "2030-01-01"}},
    "prices in another currency than the invoice": {"rate_card_0": {"currency": "USD"}},
}  # fmt: skip


@pytest.mark.parametrize("case", FINE)
def test_what_is_right_is_let_through(tmp_path: Path, case: str) -> None:
    """The rules stop mistakes, and nothing else."""
    assert load_reference(write(tmp_path, **FINE[case]))["customer"]


def test_reverse_charge_needs_the_sellers_number_too(tmp_path: Path) -> None:
    """EN 16931, BR-AE-02: it stands on the invoice beside the buyer's."""
    write(
        tmp_path,
        tax_rate_0=TAX_FREE,
        customer_0={"tax_id": "DE1"},
        billing_entity_0={"tax_id": ""},
    )
    (found,) = mistakes(tmp_path)
    assert found == (
        "customer.csv line 2, tax_code: 'vat' is of category AE, and 'us' has no tax_id. "
        "Fill it in in billing_entity, or use another."
    )


def test_a_circle_that_only_a_month_closes_is_found(tmp_path: Path) -> None:
    """Terms that begin inside a month hold for all of it: two that never meet by the day can meet there."""
    write(
        tmp_path,
        customer_0={"valid_from": "2026-03-20", "parent_customer_id": "sub"},
        customer_1={"valid_to": "2026-03-15"},
        account_mapping_0={"customer_id": "top"},
        contract_0={"valid_from": "2025-01-01"},
    )
    assert (
        "customer.csv line 2, parent_customer_id: 'top' is its own ancestor. Break the circle."
        in mistakes(tmp_path)
    )

"""What a line is computed from beside readings: prices, contracts, other charges, what was billed before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from warehouse.audit.metered import Row

PRICES = """
SELECT DISTINCT rate.rate_card, rate.customer_id, rate.sku, rate.dimension, rate.model, rate.tier_from,
    rate.tier_to, rate.unit_price, rate.flat_price, rate.package_size, rate.percent, rate.basis,
    rate.included, rate.minimum, rate.maximum, rate.pooled, rate.proration, rate.valid_from, rate.valid_to
FROM billing.rated_quantity AS rated
INNER JOIN billing.price_in_force AS price
    ON price.price_id = rated.price_id
INNER JOIN reference.rate AS rate
    ON rate.rate_card = price.rate_card
    AND rate.sku = price.sku
    AND rate.customer_id = price.rate_customer_id
    AND rate.dimension = price.rate_dimension
    AND rate.valid_from = price.rate_valid_from
WHERE rated.charge_id = $charge_id
ORDER BY rate.valid_from, rate.tier_from
"""
CONTRACT = """
SELECT contract.contract_id, contract.name, item.item_id, item.sku, item.quantity, item.unit_price,
    item.billed, item.proration, item.valid_from, item.valid_to
FROM reference.contract AS contract
INNER JOIN reference.contract_item AS item
    ON item.contract_id = contract.contract_id
WHERE contract.contract_id = $contract_id
    AND item.sku = $sku
    AND item.valid_from < $service_period_end
    AND (item.valid_to IS NULL OR item.valid_to > $service_period_start)
ORDER BY item.item_id, item.valid_from
"""
DISCOUNTED = """
SELECT customer_id, kind, description, exact_amount
FROM billing.charge
WHERE month = $month AND billed_customer_id = $billed_customer_id AND currency = $currency
    AND sku = $sku AND tax_class = $tax_class AND kind NOT IN ('discount', 'commitment')
ORDER BY customer_id, description
"""
DISCOUNT = """
SELECT discount_id, sku, percent, reason, valid_from, valid_to
FROM reference.discount
WHERE customer_id = $billed_customer_id AND sku IN ('*', $sku)
    AND valid_from <= last_day($month) AND (valid_to IS NULL OR valid_to > last_day($month))
ORDER BY discount_id
"""
COMMITMENT = """
SELECT contract_id, commitment_id, sku, amount, period, valid_from, valid_to
FROM reference.commitment
WHERE contract_id = $contract_id
    AND valid_from <= last_day($month) AND (valid_to IS NULL OR valid_to > $month)
ORDER BY commitment_id
"""
COMMITTED = """
SELECT charge.month, charge.sku, sum(charge.exact_amount) AS exact_amount
FROM reference.commitment AS commitment
INNER JOIN reference.contract AS contract
    ON contract.contract_id = commitment.contract_id
INNER JOIN billing.customer_terms AS terms
    ON terms.customer_id = contract.customer_id
INNER JOIN billing.charge AS charge
    ON charge.month = terms.month AND charge.billed_customer_id = terms.billed_customer_id
    AND charge.currency = terms.currency AND charge.kind <> 'commitment'
    AND commitment.sku IN ('*', charge.sku)
WHERE commitment.contract_id = $contract_id
    AND charge.month <= $month
    AND charge.month >= CASE commitment.period WHEN 'term' THEN commitment.valid_from ELSE $month END
    AND commitment.valid_from <= last_day($month)
    AND (commitment.valid_to IS NULL OR commitment.valid_to > $month)
GROUP BY charge.month, charge.sku
ORDER BY charge.month, charge.sku
"""
BASIS = """
SELECT charge.customer_id, charge.kind, charge.description, charge.exact_amount
FROM billing.rated_quantity AS rated
INNER JOIN billing.price_in_force AS price
    ON price.price_id = rated.price_id AND price.model = 'percentage'
INNER JOIN billing.charge AS charge
    ON charge.month = rated.month AND charge.billed_customer_id = rated.billed_customer_id
    AND charge.currency = rated.currency
    AND (rated.pooled OR charge.customer_id = rated.customer_id)
    AND price.basis IN ('*', charge.sku)
    AND charge.kind IN ('usage', 'included', 'cost_plus', 'minimum', 'maximum')
    AND charge.charge_id <> rated.charge_id
WHERE rated.charge_id = $charge_id
ORDER BY charge.customer_id, charge.description
"""
RATED_NOW = """
SELECT kind, description, rule, quantity, exact_amount
FROM billing.charge
WHERE month = $restates_month AND billing_entity_id = $billing_entity_id
    AND billed_customer_id = $billed_customer_id AND currency = $currency
    AND customer_id = $customer_id AND sku = $sku AND dimension = $dimension AND tax_class = $tax_class
ORDER BY description, rule
"""
BILLED = """
SELECT invoice.number, line.line_no, line.kind, line.description, line.quantity, line.exact_amount
FROM billing.live_invoice AS invoice
INNER JOIN billing.document_line AS line
    ON line.document_id = invoice.document_id
WHERE coalesce(line.restates_month, line.month) = $restates_month AND invoice.seq < $seq
    AND invoice.billing_entity_id = $billing_entity_id AND invoice.billed_customer_id = $billed_customer_id
    AND invoice.currency = $currency AND line.customer_id = $customer_id AND line.sku = $sku
    AND line.dimension = $dimension AND line.tax_class = $tax_class
ORDER BY invoice.number, line.line_no
"""
TAKEN_FROM: dict[str, tuple[tuple[str, str], ...]] = {
    "contract": (("the contract", CONTRACT),),
    "discount": (("the discount", DISCOUNT), ("what it is taken of", DISCOUNTED)),
    "commitment": (("the commitment", COMMITMENT), ("what counts to it", COMMITTED)),
    "percentage": (("what it is taken of", BASIS),),
    "correction": (("the charges as they are known now", RATED_NOW), ("what was billed", BILLED)),
}
"""Beside the price: by the kind of the line, what else it is computed from, and how that is found."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Rows that a line is computed from.

    Attributes:
        what: what they are.
        rows: by column; what is empty is left out.
    """

    what: str
    rows: list[Row]


def basis(connection: duckdb.DuckDBPyConnection, line: Row, charge_id: str | None) -> list[Basis]:
    """What a line is computed from beside readings.

    Parameters:
        connection: a warehouse.
        line: its columns, with those of its invoice: billing_entity_id, billed_customer_id, currency, month;
            and `seq`, the entry that issued it, or one behind the last for a draft.
        charge_id: of the quantity that is priced; None where there is none.
    """
    asked = [("the price", PRICES)] if charge_id else []
    asked += TAKEN_FROM.get(line["kind"], ())
    known = {**line, "charge_id": charge_id}
    return [found for what, sql in asked if (found := Basis(what, _rows(connection, sql, known))).rows]


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, known: dict[str, Any]) -> list[Row]:
    asked = {name: _dated(name, known[name]) for name in re.findall(r"\$(\w+)", sql)}
    result = connection.execute(sql, asked)
    names = [column[0] for column in result.description or ()]
    return [
        {name: cell for name, cell in zip(names, row, strict=True) if cell not in (None, "")}
        for row in result.fetchall()
    ]


def _dated(name: str, value: Any) -> Any:
    """A date of a document is text in the register."""
    is_date = name.endswith(("month", "_start", "_end"))
    return date.fromisoformat(value) if is_date and isinstance(value, str) else value

"""Generated customers, prices, contracts and usage: many cases in one run, each with names of its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

from tests.warehouse.rated import LONG_AGO, Reference

# With the day on which clocks change, in Amsterdam and in New York.
MONTHS = [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)]
CHANGES = [
    *(date(2026, 2, day) for day in (1, 2, 15, 28)),
    *(date(2026, 3, day) for day in (1, 8, 9, 16, 29, 30, 31)),
    *(date(2026, 4, day) for day in (1, 11, 30)),
]
CURRENCIES = ["EUR", "USD", "JPY"]
PRORATIONS = ["actual", "thirty", "exact", "none"]
BOUNDS = [Decimal(text) for text in ("0.5", "10", "33.333333", "100", "2500.000001")]
Row = dict[str, Any]


def decimals(rng: Random, low: int, high: int, places: int) -> Decimal:
    return Decimal(rng.randint(low * 10**places, high * 10**places)).scaleb(-places)


def is_so(rng: Random, chance: float = 0.5) -> bool:
    return rng.random() < chance


def unit_price(rng: Random) -> Decimal:
    return rng.choice(
        [
            decimals(rng, -2, 20, 9),
            decimals(rng, 0, 20, 9),
            decimals(rng, 0, 5, 2),
            Decimal(0),
            Decimal("0.005"),
        ]
    )


def amount(rng: Random) -> Decimal:
    return decimals(rng, 0, 500, 4)


def quantity(rng: Random) -> Decimal | None:
    """Tier bounds exactly hit and just passed, none, huge, negative, unknown."""
    bound = rng.choice(BOUNDS)
    return rng.choice(
        [
            None,
            Decimal(0),
            bound,
            bound,
            bound + Decimal("0.000001"),
            -bound,
            decimals(rng, 0, 3000, 6),
            decimals(rng, 0, 3000, 6),
            decimals(rng, 0, 50, 0),
            decimals(rng, -300, 0, 6),
            decimals(rng, 10**8, 10**9, 6),
        ]
    )


def validities(rng: Random, most: int = 3) -> list[Row]:
    """Consecutive stretches of time; some of them may be left out."""
    changes = sorted(rng.sample(CHANGES, rng.randint(0, most - 1)))
    stretches = [{"valid_from": low, "valid_to": high} for low, high in pairwise([LONG_AGO, *changes, None])]
    return [row for row in stretches if is_so(rng, 0.9)] or stretches[:1]


def price(rng: Random, models: list[str], basis: list[str]) -> list[Row]:
    """One price: its tiers, less whom it is for and when."""
    model = rng.choice(models)
    common: Row = {"model": model, "proration": rng.choice(PRORATIONS)}
    if is_so(rng, 0.25):
        common["pooled"] = "yes"
    for limit in ("minimum", "maximum"):
        if is_so(rng, 0.25):
            common[limit] = amount(rng)
    if model in ("percentage", "cost_plus"):
        common["percent"] = decimals(rng, -20, 200, 4)
        return [common | ({"basis": rng.choice(basis)} if model == "percentage" else {})]
    if model != "flat" and is_so(rng):
        common["included"] = rng.choice([rng.choice(BOUNDS), decimals(rng, 0, 50, 6)])
    if model == "package":
        common["package_size"] = rng.choice([rng.choice(BOUNDS), decimals(rng, 1, 50, 6)])
    if model not in ("graduated", "volume"):
        return [common | {"unit_price": unit_price(rng)}]
    bounds = {rng.choice([rng.choice(BOUNDS), decimals(rng, 1, 2000, 6)]) for _ in range(rng.randint(0, 3))}
    return [
        common
        | {"tier_from": low, "tier_to": high, "unit_price": unit_price(rng)}
        | ({"flat_price": unit_price(rng)} if is_so(rng) else {})
        for low, high in pairwise([Decimal(0), *sorted(bounds), None])
    ]


MODELS = ["flat", "per_unit", "graduated", "volume", "package"]


def rates(rng: Random, card: str, skus: list[str], customer: str = "", *, cost: bool = False) -> list[Row]:
    """The prices of a card; the last SKU may be a percentage of the others."""
    basis = ["*", *skus[:-1]]
    found = []
    for sku in skus:
        models = MODELS if cost else [*MODELS, "cost_plus"]
        if sku == skus[-1]:
            models = ["percentage"] * 4 + models
        for dimension in ("", "eu"):
            if is_so(rng, 0.5 if customer or dimension else 0.05):
                continue
            for stretch in validities(rng):
                which = {"rate_card": card, "sku": sku, "customer_id": customer, "dimension": dimension}
                found += [which | stretch | tier for tier in price(rng, models, basis)]
    return found


def customers(rng: Random, cards: dict[str, str]) -> list[Row]:
    """A tree of up to four customers, some billed with those above them, some without terms for a while."""
    found: list[Row] = []
    for n in range(rng.randint(1, 4)):
        kind: Row = {"customer_id": f"c{n}", "name": f"Customer {n}", "kind": "reseller"}
        if n and is_so(rng):
            above = f"c{rng.randint(0, n - 1)}"
            found.append(kind | {"bill_to": "parent", "parent_customer_id": above})
            continue
        found += [
            kind
            | {"bill_to": "self", "billing_entity_id": "us", "tax_code": "NL"}
            | {"currency": rng.choice(CURRENCIES), "rate_card": rng.choice(sorted(cards))}
            | stretch
            for stretch in validities(rng, 2)
        ]
    return found


def case(rng: Random) -> tuple[Reference, list[Row]]:
    """Reference tables and usage of one case; `named` makes its names its own."""
    skus = ["s0", "s1", "s2"]
    cards = {"card": rng.choice(CURRENCIES), "card2": rng.choice(CURRENCIES)}
    people = customers(rng, cards)
    names = sorted({row["customer_id"] for row in people})
    connections = [("v", "a"), ("v", "b"), ("w", "a")]
    reference: Reference = {
        "billing_entity": [
            {
                "billing_entity_id": "us",
                "name": "Us",
                "country": "NL",
                "currency": "EUR",
                "invoice_prefix": "U",
            }
            | {"time_zone": rng.choice(["Europe/Amsterdam", "America/New_York", "UTC"])}
        ],
        "customer": people,
        "sku": [
            {"sku": sku, "name": sku.upper(), "service": "Backup", "unit": "GB"}
            | {"tax_class": rng.choice(["standard", "reduced"])}
            for sku in skus
        ],
        "rate_card": [
            *({"rate_card": card, "name": card, "currency": currency} for card, currency in cards.items()),
            *(
                {"rate_card": card, "name": card, "side": "cost", "currency": rng.choice(CURRENCIES)}
                for card in ("cost", "cost2")
            ),
        ],
        "rate": [
            *(row for card in cards for row in rates(rng, card, skus)),
            *(row for card in cards for row in rates(rng, card, skus, "c0")),
            *(row for card in ("cost", "cost2") for row in rates(rng, card, skus, cost=True)),
        ],
        "vendor_terms": [
            {"vendor": vendor, "connection": connection, "rate_card": rng.choice(["cost", "cost2"])} | stretch
            for vendor, connection in connections
            if is_so(rng, 0.85)
            for stretch in validities(rng, 2)
        ],
        **contracts(rng, names, skus),
    }
    usage = [
        {
            "usage_record_id": f"u{month.month}-{n}",
            "month": month,
            "customer_id": rng.choice(names),
            "sku": rng.choice(skus),
            "dimension": rng.choice(["", "", "eu"]),
            "quantity": quantity(rng),
            "billable": is_so(rng, 0.85),
            "vendor": vendor,
            "connection": connection,
        }
        for month in MONTHS
        for n in range(rng.randint(0, 8))
        for vendor, connection in [rng.choice(connections)]
    ]
    return reference, usage


def contracts(rng: Random, people: list[str], skus: list[str]) -> Reference:
    """Contracts with items, commitments and discounts."""
    found: Reference = {name: [] for name in ("contract", "contract_item", "commitment", "discount")}
    of = ["*", *skus]
    for n in range(rng.randint(0, 2)):
        begin = rng.choice([LONG_AGO, LONG_AGO, LONG_AGO, *CHANGES[:6]])
        later = [day for day in CHANGES if day > begin]
        middle, end = rng.choice(later), rng.choice([None, None, None, *later])
        edges = [begin, *([middle] if end is None or middle < end else []), end]
        stretches = [{"valid_from": low, "valid_to": high} for low, high in pairwise(edges)]
        whole = [{"valid_from": begin, "valid_to": end}]
        own = {"contract_id": f"k{n}"}
        whose = own | {"customer_id": rng.choice(people)}
        found["contract"] += [
            whose | {"name": f"Care {place}"} | stretch
            for place, stretch in enumerate(rng.choice([whole, stretches]))
        ]
        found["contract_item"] += [
            own
            | {"item_id": f"i{item}", "sku": rng.choice(skus)}
            | {"quantity": decimals(rng, 0, 20, 6), "unit_price": unit_price(rng)}
            | {"billed": rng.choice(["arrears", "advance"]), "proration": rng.choice(PRORATIONS)}
            | stretch
            for item in range(rng.randint(0, 2))
            for stretch in rng.choice([whole, stretches])
        ]
        found["commitment"] += [
            own
            | {"commitment_id": "m", "sku": rng.choice(of), "amount": amount(rng), "period": "month"}
            | stretch
            for stretch in rng.choice([[], whole, stretches])
        ]
        if begin == LONG_AGO and end is None and is_so(rng):
            low, high = rng.choice([(0, 1), (0, 2), (1, 3), (0, 3)])
            term = {"valid_from": MONTHS[low], "valid_to": [*MONTHS, date(2026, 5, 1)][high]}
            found["commitment"].append(
                own
                | {"commitment_id": "t", "sku": rng.choice(of), "amount": decimals(rng, 0, 5000, 4)}
                | {"period": "term"}
                | term
            )
    found["discount"] += [
        {"customer_id": rng.choice(people), "discount_id": f"d{n}", "sku": rng.choice(of)}
        | {"percent": decimals(rng, 0, 100, 4), "reason": "Loyalty"}
        | validities(rng, 2)[0]
        for n in range(rng.randint(0, 2))
    ]
    return found


NAMES = {
    *("billing_entity_id", "customer_id", "parent_customer_id", "sku", "rate_card", "vendor", "basis"),
    *("contract_id", "usage_record_id"),
}


def named(prefix: str, rows: list[Row]) -> list[Row]:
    """The rows with every name in them made the case's own."""
    return [
        {
            column: f"{prefix}{cell}" if column in NAMES and cell and cell != "*" else cell
            for column, cell in row.items()
        }
        for row in rows
    ]


def fx_rates(rng: Random) -> list[Row]:
    """Exchange rates, of which some are missing."""
    return [
        {"fx_set": "s", "from_currency": one, "to_currency": other}
        | {"rate": rng.choice([decimals(rng, 1, 200, 9), Decimal("0.5"), Decimal("0.000000001")])}
        | {"source": "ECB", "quoted_on": MONTHS[0]}
        | stretch
        for one in CURRENCIES
        for other in CURRENCIES
        if one != other and is_so(rng, 0.9)
        for stretch in validities(rng, 2)
    ]


def generated(seed: int, count: int) -> tuple[Reference, list[Row]]:
    """So many cases as one reference and one list of usage records."""
    rng = Random(seed)
    reference: Reference = {"fx_rate": fx_rates(rng)}
    usage: list[Row] = []
    for n in range(count):
        tables, records = case(rng)
        for table, rows in tables.items():
            reference[table] = reference.get(table, []) + named(f"p{n}", rows)
        usage += named(f"p{n}", records)
    return reference, usage

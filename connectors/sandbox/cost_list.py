"""What the vendors of the world charge the distributor, and what a currency was worth in another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from connectors.sandbox.price_list import PER_EURO, Price

CARDS = (  # vendor, currency
    ("infrascale", "USD"),
    ("redstor", "EUR"),
    ("xopero", "EUR"),
    ("resellerclub", "USD"),
    ("revirt365", "EUR"),
)
COSTS = (  # vendor, price in the currency of its card
    ("infrascale", Price("IF-STORAGE", "graduated", (("100000", "0.026"), ("", "0.0024")))),
    ("infrascale", Price("IF-DEVICE", "per_unit", (("", "0.7"),))),
    ("infrascale", Price("IF-MOBILE", "per_unit", (("", "0.2"),))),
    ("infrascale", Price("IF-IMAGE", "per_unit", (("", "4.1"),))),
    ("infrascale", Price("IF-SQL", "per_unit", (("", "7"),))),
    ("infrascale", Price("IF-EXCHANGE", "per_unit", (("", "19"),))),
    ("infrascale", Price("IF-SAAS-SEAT", "volume", (("1000", "1.2"), ("", "0.95")))),
    ("infrascale", Price("IF-SAAS-STORAGE", "graduated", (("100000", "0.018"), ("", "0.0019")))),
    ("infrascale", Price("IF-APPLIANCE", "per_unit", (("", "0.0038"),))),
    ("redstor", Price("RS-M365", "volume", (("1000", "1.05"), ("", "0.9")))),
    ("redstor", Price("RS-GOOGLE", "per_unit", (("", "1"),))),
    ("redstor", Price("RS-ACCOUNTING", "per_unit", (("", "1.5"),))),
    ("redstor", Price("RS-MACHINE", "per_unit", (("", "2.9"),))),
    ("redstor", Price("RS-AZURE", "per_unit", (("", "3.3"),))),
    ("redstor", Price("RS-STORAGE", "graduated", (("100000", "0.019"), ("", "0.0018")),
                      more={"flat_price": "150"})),
    ("redstor", Price("RS-OVERAGE", "per_unit", (("", "0.03"),))),
    ("xopero", Price("XO-STORAGE", "graduated", (("100000", "0.021"), ("", "0.0019")))),
    ("xopero", Price("XO-HOST", "per_unit", (("", "0.45"),))),
    ("resellerclub", Price("RC-STORAGE", "graduated", (("50000", "0.052"), ("", "0.0026")))),
    ("resellerclub", Price("RC-STORAGE", "graduated", (("50000", "0.057"), ("", "0.0029")),
                           dimension="asia")),
    ("revirt365", Price("RV-M365", "volume", (("1000", "1"), ("", "0.8")))),
    ("revirt365", Price("RV-STORAGE", "per_unit", (("", "0.012"),))),
)  # fmt: skip

_DOLLARS_PER_EURO = Decimal("1.16")
_SWINGS = ("1", "1.004", "0.994", "1.002")
"""How the quarters of a year differ."""
_QUARTERS = tuple(date(year, month, 1) for year in range(2024, 2031) for month in (1, 4, 7, 10))


def exchange_rates() -> Iterator[tuple[str, ...]]:
    """The rows of reference.fx_rate: one frozen set a quarter."""
    per_euro = PER_EURO | {"USD": _DOLLARS_PER_EURO}
    pairs = [(a, b) for a in ("EUR", "USD") for b in PER_EURO if a != b]
    for n, (begin, end) in enumerate(pairwise(_QUARTERS)):
        quoted_on = begin - timedelta(days=1)
        for a, b in pairs:
            rate = (per_euro[b] * Decimal(_SWINGS[n % 4]) / per_euro[a]).quantize(Decimal("0.000001"))
            yield (
                f"SANDBOX-{begin:%Y-%m}",
                a,
                b,
                f"{rate.normalize():f}",
                "Central bank of the sandbox",
                f"{quoted_on}",
                f"{begin}",
                f"{end}",
            )

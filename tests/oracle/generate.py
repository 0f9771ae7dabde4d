"""Families of customers by chance: who they are, what they use, and how that is metered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random

from tests.oracle.chance import CURRENCIES, LONG_AGO, amount, quantity, reported, some, spans
from tests.oracle.generate_prices import add_prices
from tests.oracle.world import Reading, Row, Source, World, days_of, holds

ZONES = {"e0": "UTC", "e1": "Europe/Amsterdam", "e2": "America/New_York", "e3": "Pacific/Auckland"}
AGGREGATIONS = (
    "sum",
    "count",
    "unique_count",
    "peak",
    "last",
    "average",
    "time_weighted",
    "percentile",
    "high_water",
)
UNITS = {"storage": (("bytes", "MB", "GiB"), ("GB", "GiB", "MiB")), "seats": (("seats",), ("seats",))}


def shared_rows(rng: Random, months: Sequence[date]) -> dict[str, list[Row]]:
    """Billing entities and exchange rates of all families; a few rates are missing."""
    rates = []
    for source in CURRENCIES:
        for target in CURRENCIES:
            if source != target and rng.random() < 0.95:
                rates += [
                    {
                        "fx_set": "set",
                        "from_currency": source,
                        "to_currency": target,
                        "rate": amount(rng, rng.choice((1, 1, 150)), 9) or Decimal("0.5"),
                        "source": "bank",
                        "quoted_on": LONG_AGO,
                        **valid,
                    }
                    for valid in spans(rng, months)
                ]
    entities = [
        {
            "billing_entity_id": entity,
            "name": "Us",
            "country": "NL",
            "tax_id": "NL1",
            "currency": "EUR",
            "time_zone": zone,
            "invoice_prefix": entity,
        }
        for entity, zone in ZONES.items()
    ]
    return {"billing_entity": entities, "fx_rate": rates}


def family(
    rng: Random, name: str, shared: dict[str, list[Row]], months: tuple[date, ...], latest: date
) -> World:
    """One to four customers with accounts, readings, prices and contracts of their own."""
    world = World(name, months, latest, {**shared}, (), {})
    cards = [
        {"rate_card": f"sell{n}-{name}", "name": "Card", "currency": rng.choice(CURRENCIES)} for n in range(2)
    ]
    world.tables["rate_card"] = cards
    world.tables["customer"] = customers(rng, world)
    meters(rng, world)
    world = readings(rng, world)
    add_prices(rng, world)
    return world


def customers(rng: Random, world: World) -> list[Row]:
    """A tree with one at the top; terms change inside months."""
    found: list[Row] = []
    count = rng.choice((1, 1, 2, 2, 3, 4))
    for n in range(count):
        to_parent = n > 0 and rng.random() < 0.7
        for valid in spans(rng, world.months, 1, gaps=0.1):
            row: Row = {
                "customer_id": f"c{n}-{world.name}",
                "name": "Customer",
                "kind": "reseller",
                "bill_to": "parent" if to_parent else "self",
                "tax_id": "NL2",
                **valid,
            }
            if n > 0:
                row["parent_customer_id"] = f"c{rng.randrange(n)}-{world.name}"
            if not to_parent or rng.random() < 0.5:
                row |= {
                    "billing_entity_id": rng.choice(list(ZONES)),
                    "currency": rng.choice(CURRENCIES),
                    "rate_card": rng.choice(world.tables["rate_card"])["rate_card"],
                    "tax_code": f"tax{rng.randrange(2)}-{world.name}",
                }
            found.append(row)
    return found


def meters(rng: Random, world: World) -> None:
    """Meters, SKUs, and what is sold as what."""
    name, vendor = world.name, f"v-{world.name}"
    skus = [
        {
            "sku": f"s{n}-{name}",
            "name": "Backup",
            "service": "Backup",
            "unit": rng.choice(UNITS["storage" if n else rng.choice(("storage", "seats"))][1]),
            "quantity_step": rng.choice(
                (None, None, Decimal("0.001"), Decimal(1), Decimal(5), Decimal("0.75"))
            ),
            "rounding": rng.choice((None, "half", "up", "down")),
            "tax_class": rng.choice((None, None, "books", "food")),
        }
        for n in range(rng.randint(1, 4))
    ]
    world.tables["sku"] = skus
    world.tables["meter"], world.tables["sku_mapping"] = [], []
    for n in range(rng.choice((1, 1, 2, 3))):
        kind = "seats" if n == 0 and skus[0]["unit"] == "seats" else "storage"
        fitting = [sku for sku in skus if (sku["unit"] == "seats") == (kind == "seats")]
        if not fitting:
            break
        world.tables["meter"] += [
            {
                "vendor": vendor,
                "meter": f"m{n}",
                "unit": rng.choice(UNITS[kind][0]),
                "gap_policy": rng.choice(
                    (None, "carry", "zero", "zero", "interpolate", "interpolate", "fail")
                ),
                "min_coverage": rng.choice((None, None, None, Decimal(10), Decimal("66.6667"))),
                **valid,
            }
            for valid in spans(rng, world.months, 1, whole=True)
        ]
        world.tables["sku_mapping"] += mappings(rng, world, f"m{n}", some(rng, fitting, 2))


def mappings(rng: Random, world: World, meter: str, skus: list[Row]) -> list[Row]:
    """As what one meter is sold: the same for all products, or by product in dimensions."""
    found = []
    for sku in skus:
        for valid in spans(rng, world.months, 1, whole=True):
            aggregation = rng.choice(AGGREGATIONS)
            row = {
                "vendor": f"v-{world.name}",
                "product": "*",
                "meter": meter,
                "sku": sku["sku"],
                "aggregation": aggregation,
                "percentile": rng.choice((1, 50, 95, 99, 100)) if aggregation == "percentile" else None,
                "term_months": rng.choice((1, 2, 3)) if aggregation == "high_water" else None,
                "ratio": rng.choice((None, None, Decimal("0.5"), Decimal("0.333333"), Decimal(12))),
                **valid,
            }
            found.append(row)
            if rng.random() < 0.5:
                found.append({**row, "product": "p1", "dimension": rng.choice((None, "eu"))})
            if rng.random() < 0.3:
                found.append({**row, "product": "p2", "dimension": "us"})
    return found


def readings(rng: Random, world: World) -> World:
    """Accounts with a few resources, whose they are, and what was told of them on which days."""
    vendor, name = f"v-{world.name}", world.name
    days = [day for month in world.months for day in days_of(month) if day <= world.latest]
    sources: list[Source] = [
        (vendor, connection, stream)
        for connection in some(rng, ("one", "two"), 2)
        for stream in some(rng, ("usage", "more"), 2)
    ]
    pulled = {source: frozenset(reported(rng, days)) for source in sources}
    meter_codes = sorted({row["meter"] for row in world.rows("meter")})
    credit = rng.random() < 0.08
    huge = rng.random() < 0.1
    found: dict[tuple[object, ...], Reading] = {}
    accounts: set[tuple[str, str]] = set()
    for _ in range(rng.choice((1, 2, 3, 4, 6)) if meter_codes else 0):
        source = rng.choice(sources)
        account, meter = f"a{rng.randrange(4)}", rng.choice(meter_codes)
        accounts.add((source[1], account))
        resource, product = f"r{rng.randrange(3)}", rng.choice(("p1", "p2", "p3"))
        told = sorted(pulled[source])
        rarely = rng.random() < 0.5
        trial = rng.random() < 0.15
        unit, figure = "", Decimal(0)
        for day in (
            rng.sample(told, k=min(len(told), rng.randint(1, 6))) if rarely else told[:: rng.choice((1, 3))]
        ):
            of_day = next(row["unit"] for row in world.rows("meter", meter=meter) if holds(row, day))
            if of_day != unit or rng.random() < 0.3:
                unit, figure = of_day, quantity(rng, of_day, huge=huge)
            key = (day, source[1], account, resource, product, meter)
            found.setdefault(
                key,
                Reading(
                    day,
                    source,
                    account,
                    resource,
                    product,
                    meter,
                    unit,
                    -figure if credit and rng.random() < 0.7 else figure,
                    trial and rng.choice((True, True, False, None)),
                ),
            )
    world.tables["account_mapping"] = owners(rng, world, sorted(accounts))
    return World(name, world.months, world.latest, world.tables, tuple(found.values()), pulled)


def owners(rng: Random, world: World, accounts: list[tuple[str, str]]) -> list[Row]:
    """Whose accounts are: a customer's, another's later, excluded, or nobody's."""
    ids = sorted({row["customer_id"] for row in world.rows("customer")})
    found = []
    for connection, account in accounts:
        for valid in spans(rng, world.months, 1, gaps=0.3):
            row: Row = {
                "vendor": f"v-{world.name}",
                "connection": connection,
                "account_id": account,
                "state": "mapped",
                "customer_id": rng.choice(ids),
                **valid,
            }
            if rng.random() < 0.07:
                row |= {
                    "state": "excluded",
                    "customer_id": rng.choice((None, row["customer_id"])),
                    "reason": rng.choice(("own use", "demo")),
                    "valid_to": valid["valid_to"] or date(2100, 1, 1),
                }
            found.append(row)
    return found

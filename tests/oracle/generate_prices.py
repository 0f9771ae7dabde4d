"""Prices, contracts and taxes by chance, with bounds that the family's usage hits exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random

from tests.oracle.chance import CURRENCIES, money, percent, price, spans
from tests.oracle.metering import Record, usage_records
from tests.oracle.world import Row, World, month_after

QUANTITY_MODELS = ("per_unit", "per_unit", "graduated", "graduated", "volume", "volume", "package")
PRORATIONS = (None, "actual", "thirty", "exact", "none")
MICRO = Decimal("0.000001")


def add_prices(rng: Random, world: World) -> None:
    """Fill every table of money."""
    records = [record for month in world.months for record in usage_records(world, month)]
    Prices(rng, world, records).add()
    add_taxes(rng, world)
    add_contracts(rng, world)
    add_discounts(rng, world)


class Prices:
    """The rate cards of one family, sell and cost."""

    def __init__(self, rng: Random, world: World, records: Sequence[Record]) -> None:
        self.rng = rng
        self.world = world
        self.quantities: dict[str, list[Decimal]] = {}
        for record in records:
            self._note(record.sku, record.quantity)
        for month_sku in {record.sku for record in records}:
            sums = sum((r.quantity or Fraction(0) for r in records if r.sku == month_sku), Fraction(0))
            self._note(month_sku, sums)

    def _note(self, sku: str, quantity: Fraction | None) -> None:
        if quantity:
            exact = Decimal(abs(quantity).numerator) / Decimal(quantity.denominator)
            self.quantities.setdefault(sku, []).append(exact.quantize(MICRO))

    def add(self) -> None:
        """Fill rate and vendor_terms, and add the cost cards."""
        world, rng = self.world, self.rng
        world.tables["rate"], world.tables["vendor_terms"] = [], []
        skus = [row["sku"] for row in world.rows("sku")]
        self.fees = rng.sample(skus, k=min(len(skus), rng.choice((0, 0, 1, 1, 2))))
        cards = world.tables["rate_card"]
        for card in [*cards]:
            self._card(card["rate_card"], cost=False)
        for connection in ("one", "two"):
            code = f"cost-{connection}-{world.name}"
            cards.append(
                {"rate_card": code, "name": "Cost", "side": "cost", "currency": rng.choice(CURRENCIES)}
            )
            self._card(code, cost=True)
            terms = {"vendor": f"v-{world.name}", "connection": connection, "rate_card": code}
            if rng.random() < 0.93:
                world.tables["vendor_terms"] += [{**terms, **valid} for valid in self._spans(1)]

    def _spans(self, most: int, gaps: float = 0) -> list[Row]:
        return spans(self.rng, self.world.months, most, gaps=gaps)

    def _card(self, card: str, *, cost: bool) -> None:
        rng = self.rng
        for row in self.world.rows("sku"):
            sku = row["sku"]
            if rng.random() < 0.97:
                self._prices(card, sku, "", "", cost=cost)
            for dimension in ("eu", "us"):
                if rng.random() < 0.2:
                    self._prices(card, sku, "", dimension, cost=cost)
            for customer in {row["customer_id"] for row in self.world.rows("customer")} if not cost else ():
                if rng.random() < 0.1:
                    self._prices(card, sku, customer, rng.choice(("", "", "eu")), cost=cost)

    def _prices(self, card: str, sku: str, customer: str, dimension: str, *, cost: bool) -> None:
        """The prices of one thing, one after another in time."""
        rng = self.rng
        pooled = rng.choice(("no", None, None, "yes"))
        for valid in self._spans(2, gaps=0.15 if not customer and not dimension else 0.5):
            common: Row = {
                "rate_card": card,
                "sku": sku,
                "customer_id": customer or None,
                "dimension": dimension or None,
                "proration": rng.choice(PRORATIONS),
                "pooled": pooled if rng.random() < 0.9 else "no",
                **valid,
            }
            if rng.random() < 0.2:
                common["minimum"] = money(rng)
            if rng.random() < 0.2:
                common["maximum"] = money(rng) + common.get("minimum", 0)
            self.world.tables["rate"] += self._tiers(sku, common, cost=cost)

    def _tiers(self, sku: str, common: Row, *, cost: bool) -> list[Row]:
        rng = self.rng
        if sku in self.fees and rng.random() < 0.85:
            others = [row["sku"] for row in self.world.rows("sku") if row["sku"] not in self.fees]
            return [
                {
                    **common,
                    "model": "percentage",
                    "percent": percent(rng) * rng.choice((1, 1, -1)),
                    "basis": rng.choice(["*", *others]),
                }
            ]
        chance = rng.random()
        if chance < 0.1:
            return [{**common, "model": "flat", "unit_price": price(rng)}]
        if chance < 0.2 and not cost:
            return [{**common, "model": "cost_plus", "percent": percent(rng) * rng.choice((1, 1, -1))}]
        model = rng.choice(QUANTITY_MODELS)
        hit = self.quantities.get(sku, [Decimal(100)])
        if rng.random() < 0.35:
            common["included"] = rng.choice((Decimal(1), Decimal(10), rng.choice(hit), Decimal("0.333333")))
        row = {**common, "model": model}
        if model == "package":
            size = rng.choice((Decimal(1), Decimal(10), Decimal("2.25"), max(MICRO, rng.choice(hit))))
            return [{**row, "package_size": size, "unit_price": price(rng)}]
        if model == "per_unit":
            return [{**row, "unit_price": price(rng)}]
        included = common.get("included", Decimal(0))
        bounds = {
            bound
            for bound in (
                rng.choice(hit) - rng.choice((Decimal(0), included)),
                Decimal(rng.randint(1, 2000 * 10**6)).scaleb(-6),
                Decimal(rng.randint(1, 300)),
            )[: rng.randint(0, 3)]
            if bound > 0
        }
        edges = [Decimal(0), *sorted(bounds)]
        return [
            {
                **row,
                "tier_from": begin,
                "tier_to": end,
                "unit_price": price(rng),
                "flat_price": rng.choice((None, None, price(rng))),
            }
            for begin, end in zip(edges, [*edges[1:], None], strict=True)
        ]


def add_taxes(rng: Random, world: World) -> None:
    """Two tax codes, with classes of their own and changes inside months."""
    world.tables["tax_rate"] = []
    for n in range(2):
        for tax_class in (
            "*",
            *(("books",) if rng.random() < 0.6 else ()),
            *(("standard",) if rng.random() < 0.2 else ()),
        ):
            for valid in spans(rng, world.months, 1, gaps=0 if tax_class == "*" else 0.5):
                category = rng.choice(("S", "S", "S", "S", "Z", "E", "AE", "G", "O"))
                rate = rng.choice((Decimal(21), Decimal(9), Decimal("8.1"), Decimal("19.9975")))
                world.tables["tax_rate"].append(
                    {
                        "tax_code": f"tax{n}-{world.name}",
                        "tax_class": None if tax_class == "*" else tax_class,
                        "name": f"Tax {tax_class}",
                        "category": category,
                        "percent": rate if category == "S" else Decimal(0),
                        "exemption_reason": None if category in "SZ" else f"Because {tax_class}",
                        **valid,
                    }
                )


def add_contracts(rng: Random, world: World) -> None:
    """Contracts with items in advance and in arrears, and with commitments by month and term."""
    ids = sorted({row["customer_id"] for row in world.rows("customer")})
    skus = [row["sku"] for row in world.rows("sku")]
    first, last = world.months[0], world.months[-1]
    tables = {name: [] for name in ("contract", "contract_item", "commitment")}
    for n in range(rng.choice((0, 0, 1, 2))):
        contract = f"k{n}-{world.name}"
        tables["contract"] += [
            {"contract_id": contract, "customer_id": rng.choice(ids), "name": "Contract", **valid}
            for valid in spans(rng, world.months, 1)
        ]
        for m in range(rng.choice((0, 1, 1, 2))):
            billed, sku = rng.choice((None, "arrears", "advance", "advance")), rng.choice(skus)
            changes = rng.random() < 0.2
            for valid in spans(rng, world.months, 2, gaps=0.5):
                tables["contract_item"].append(
                    {
                        "contract_id": contract,
                        "item_id": f"i{m}",
                        "sku": sku,
                        "quantity": Decimal(rng.randint(0, 10**7)).scaleb(-rng.choice((0, 4, 6))),
                        "unit_price": price(rng),
                        "billed": rng.choice(("arrears", "advance")) if changes else billed,
                        "proration": rng.choice(PRORATIONS),
                        **valid,
                    }
                )
        for m in range(rng.choice((0, 1, 1, 2))):
            term = rng.random() < 0.5
            common = {"contract_id": contract, "commitment_id": f"t{m}", "sku": rng.choice(["*", *skus])}
            if term:
                begin = rng.choice((month_after(first, -2), *world.months))
                end = month_after(rng.choice([month for month in world.months if month >= begin]))
                valid_rows = [{"valid_from": begin, "valid_to": end}]
            else:
                valid_rows = spans(rng, world.months, 1, whole=rng.random() < 0.7)
                if rng.random() < 0.3:
                    valid_rows = [
                        {
                            "valid_from": first.replace(day=rng.randint(1, 28)),
                            "valid_to": last.replace(day=rng.randint(2, 28)) if last > first else None,
                        }
                    ]
            tables["commitment"] += [
                {**common, "amount": money(rng), "period": "term" if term else "month", **valid}
                for valid in valid_rows
            ]
    world.tables.update(tables)


def add_discounts(rng: Random, world: World) -> None:
    """Off one SKU or all, for the billed and, to no effect, for others."""
    world.tables["discount"] = [
        {
            "customer_id": row["customer_id"],
            "discount_id": f"d{n}-{m}",
            "sku": rng.choice(["*", *(sku["sku"] for sku in world.rows("sku"))]),
            "percent": rng.choice((Decimal(5), Decimal("33.3333"), Decimal(100), Decimal("12.5"))),
            "reason": "Because",
            **rng.choice(spans(rng, world.months, 2)),
        }
        for n, row in enumerate(world.rows("customer"))
        if rng.random() < 0.3
        for m in range(rng.choice((1, 1, 2)))
    ]

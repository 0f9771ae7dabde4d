"""Price lists: product, plan, action and months, nested in that order; every leaf is a price.

Source: LogicBoxes HTTP API, reseller-cost-price and customer-price of the plan products. Actions and
tenures that a plan does not offer are left out, and prices are text or numbers, in one answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
from msgspec import Raw

from connectors.errors import ContractBroken
from connectors.resellerclub import fields
from connectors.resellerclub.parse import products_of
from connectors.resellerclub.values import MONEY, value
from connectors.stream import Exchange, Page, Quarantined, rows_schema
from connectors.transport.json_exact import members_of

Path = tuple[str, ...]
DEEPEST = 4  # plans, plan, action, months


def read_prices(exchange: Exchange) -> Page:
    """One row a price; a leaf that is none, or stands elsewhere, goes to quarantine.

    Raises:
        ContractBroken: a product is not there or not whole, or nothing of it is a price.
    """
    typed: list[dict[str, Any]] = []
    quarantined: list[Quarantined] = []
    for product, members in products_of(exchange):
        before = len(typed)
        try:
            leaves = list(_leaves(members))
        except ValueError as error:
            raise ContractBroken(
                f"{exchange.operation} answered something else than its contract says: {error}"
            ) from None
        for path, leaf in leaves:
            try:
                row = {**_place(path), "price": _price(leaf)}
            except ValueError as error:
                payload = json.dumps({" / ".join((product, *path)): leaf.decode(errors="replace")})
                quarantined.append(Quarantined(str(error), payload))
            else:
                typed.append({**row, "product_key": product, "currency": exchange.context["currency"]})
        if not any(row["action"] == "add" for row in typed[before:]):
            reason = quarantined[-1].reason if quarantined else "it is empty"
            raise ContractBroken(f"{exchange.operation} told no price to order {product} at: {reason}")
    return Page(pa.RecordBatch.from_pylist(typed, rows_schema(fields.PRICES)), tuple(quarantined))


def _leaves(members: Mapping[str, Raw], above: Path = ()) -> Iterator[tuple[Path, bytes]]:
    for name, raw in members.items():
        text, path = bytes(raw), (*above, name)
        # An object without members offers nothing; in place of a price it is none.
        if text.startswith(b"{") and len(path) < DEEPEST:
            yield from _leaves(members_of(text), path)
        else:
            yield path, text


def _place(path: Path) -> dict[str, Any]:
    """What a price is for, by where it stands."""
    match path:
        case ["plans", plan, ("add" | "renew") as action, months]:
            return {"plan_id": _number(plan, "plan"), "action": action, "months": _number(months, "months")}
        case ["addons", addon]:
            return {"action": "addon", "addon": addon}
        case ["addons", addon, months]:
            return {"action": "addon", "addon": addon, "months": _number(months, "months")}
    raise ValueError(f"a price stands where the contract has none: {' / '.join(path)}")


def _number(name: str, what: str) -> int:
    try:
        number: int = value(name or "none", pa.int64())
    except ValueError as error:
        raise ValueError(f"{what} {error}") from None
    return number


def _price(leaf: bytes) -> Decimal:
    told = json.loads(leaf, parse_float=Decimal)
    price: Decimal | None = None if told is None else value(told, MONEY)
    if price is None:
        raise ValueError("the price is null")
    if price < 0:
        raise ValueError(f"the price is {price}")
    return price

"""What each command of the HTTP API answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from connectors.sandbox.resellerclub import answers
from connectors.sandbox.resellerclub.estate import PLANS, REGIONS, RESELLER_ID, Order
from connectors.sandbox.resellerclub.search import Call, Mistake


def _orders(region: str, call: Call) -> object:
    wanted = {name: call.one_of(name) for name in ("order-id", "customer-id", "status")}
    created, expires = call.between("creation-date"), call.between("expiry-date")
    rows = [
        row
        for row in call.state.orders_of_region[region]
        if _in(wanted["order-id"], row.order_id)
        and _in(wanted["customer-id"], row.customer_id)
        and _in(wanted["status"], row.status)
        and created(row.created_at)
        and expires(row.ends_at)
    ]
    return call.found(rows, answers.order_row)


def _in(wanted: set[str], value: object) -> bool:
    return not wanted or str(value) in wanted


def _order(region: str, call: Call) -> object:
    row: Order | None = call.state.orders_by_id.get(call.number("order-id"))
    if row is None or row.plan.region != region:
        raise Mistake(f"No Entity found for Entityid: {call.query['order-id']}")
    return answers.order_details(row)


def _customers(call: Call) -> object:
    ids, statuses = call.one_of("customer-id"), call.one_of("status")
    created = call.between("creation-date")
    rows = [
        row
        for row in call.state.customers
        if _in(ids, row.customer_id) and _in(statuses, row.status) and created(row.joined_at)
    ]
    return call.found(rows, answers.customer_row, least=10)


def _customer(call: Call) -> object:
    asked = call.number("customer-id")
    if asked not in call.state.customers_by_id:
        raise Mistake(f"Customer {asked} not found")
    return answers.customer_details(call.state.customers_by_id[asked])


def _resellers(call: Call) -> object:
    return call.found((), dict, least=10)


def _reseller(call: Call) -> object:
    _own(call, "reseller-id")
    return answers.reseller_details(call.state)


def _own(call: Call, name: str) -> None:
    """Refuse anybody else's id; without one the caller is meant."""
    if call.query.get(name, str(RESELLER_ID)) != str(RESELLER_ID):
        raise Mistake(f"Reseller {call.query[name]} not found")


def _transactions(prefix: str, call: Call) -> object:
    happened, kinds, ids = (
        call.between("transaction-date"),
        call.one_of("transaction-type"),
        call.one_of("transaction-id"),
    )
    rows = [
        row
        for row in call.state.transactions
        if happened(row.at) and _in(kinds, row.kind) and _in(ids, row.transaction_id)
    ]
    return call.found(rows, partial(answers.transaction_row, prefix))


def _nothing(call: Call) -> object:
    return call.found((), dict)


def _balance(call: Call) -> object:
    call.number("reseller-id")
    _own(call, "reseller-id")
    return answers.balance(call.state)


def _plans(call: Call) -> object:
    asked = call.query.get("product-key")
    told = answers.plan_details()
    if asked is not None and asked not in told:
        raise Mistake("Invalid product key", 200)
    return told if asked is None else {asked: told[asked]}


def _costs(call: Call) -> object:
    _own(call, "reseller-id")
    return answers.cost_prices(call.state)


def _sells(call: Call) -> object:
    if "customer-id" in call.query and call.number("customer-id") not in call.state.customers_by_id:
        raise Mistake(f"Customer {call.query['customer-id']} not found")
    return answers.customer_prices()


def _keys(_: Call) -> object:
    return {"backup": sorted({plan.product_key for plan in PLANS}), "hosting": ["vpslinuxus"]}


COMMANDS: Mapping[str, Callable[[Call], object]] = {
    **{f"backup/{region}/search": partial(_orders, region) for region in REGIONS},
    **{
        f"{spelling}/{region}/details": partial(_order, region)
        for region in REGIONS
        for spelling in ("backup", "backups")
    },
    "customers/search": _customers,
    "customers/details-by-id": _customer,
    "resellers/search": _resellers,
    "resellers/details": _reseller,
    "products/plan-details": _plans,
    "products/category-keys-mapping": _keys,
    "products/reseller-cost-price": _costs,
    "products/customer-price": _sells,
    "billing/my-transactions/search": partial(_transactions, "reseller_transaction"),
    "billing/reseller-transactions/search": _nothing,
    "billing/customer-transactions/search": _nothing,
    "billing/reseller-archived-transactions/search": _nothing,
    "billing/customer-archived-transactions/search": _nothing,
    "billing/reseller-balance": _balance,
}

"""ResellerClub's objects as its API tells them: dotted keys in searches, and nearly everything a string."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.sandbox.resellerclub.estate import (
    ACCOUNTING_CURRENCY,
    CURRENCY,
    PLANS,
    RESELLER_ID,
    Customer,
    Order,
    Plan,
    ResellerClubDay,
    Transaction,
    costs_on,
)

Row = dict[str, Any]

_PER_UNIT = Decimal("0.91")
"""What one unit of the selling currency is in the accounting currency."""

_ENTITY_TYPE = {"us": "512", "asia": "513"}


def order_row(row: Order) -> Row:
    """A row of an order search; it says neither the plan nor how much was ordered."""
    return {
        "orders.orderid": str(row.order_id),
        "orders.creationtime": _epoch(row.created_at),
        "orders.creationdt": _epoch(row.created_at),
        "orders.endtime": _epoch(row.ends_at),
        "orders.timestamp": f"{row.created_at:%Y-%m-%d %H:%M:%S}.123456+00",
        "orders.autorenew": _flag(row.auto_renew),
        "orders.resellerlock": "false",
        "orders.customerlock": "false",
        "orders.transferlock": "false",
        "entity.entityid": str(row.order_id),
        "entity.customerid": str(row.customer_id),
        "entity.entitytypeid": _ENTITY_TYPE[row.plan.region],
        "entity.description": row.plan.name,
        "entity.currentstatus": row.status,
        "entitytype.entitytypekey": row.plan.product_key,
        "entitytype.entitytypename": f"Acronis Backup {row.plan.region.upper()}",
    }


def order_details(row: Order) -> Row:
    """The details of an order. Its money figures are no price source; some ids are numbers."""
    loose = row.order_id % 2 == 0
    return {
        "orderid": str(row.order_id),
        "entityid": row.order_id if loose else str(row.order_id),
        "eaqid": "0",
        "entitytypeid": _ENTITY_TYPE[row.plan.region],
        "customerid": str(row.customer_id),
        "parentkey": f"999999999_999999998_{RESELLER_ID}",
        "productkey": row.plan.product_key,
        "productcategory": "backup",
        "description": row.plan.name,
        "domainname": "",
        "currentstatus": row.status,
        "orderstatus": [],
        "creationtime": _epoch(row.created_at),
        "endtime": _epoch(row.ends_at),
        "recurring": _flag(row.auto_renew),
        "paused": "false",
        "isDeletionRequest": "false",
        "isImmediateReseller": "true",
        "orderSuspendedByParent": "false",
        "isOrderSuspendedUponExpiry": "false",
        "allowdeletion": "true",
        "moneybackperiod": "30",
        "customercost": "0.0",
        "resellercost": "0",
        "currentOrderPrice": 0.0,
        "jumpConditions": [],
        "actioncompleted": "0",
        "planid": row.plan.plan_id if loose else str(row.plan.plan_id),
        "storagesizegb": row.gib if loose else str(row.gib),
        "months": str(row.months),
    }


def customer_row(row: Customer) -> Row:
    """A row of customers/search."""
    return {
        "customer.customerid": str(row.customer_id),
        "customer.username": row.username,
        "customer.name": row.contact,
        "customer.company": row.company,
        "customer.city": row.city,
        "customer.country": row.country,
        "customer.telnocc": "44",
        "customer.telno": row.phone,
        "customer.resellerid": str(RESELLER_ID),
        "customer.customerstatus": row.status,
        "customer.websitecount": "0",
        "customer.totalreceipts": "0.000",
    }


def customer_details(row: Customer) -> Row:
    """Customer details: undotted, and with the PIN."""
    return {
        **{name.partition(".")[2]: value for name, value in customer_row(row).items()},
        "creationdt": _epoch(row.joined_at),
        "pin": row.pin,
    }


def reseller_details(state: ResellerClubDay) -> Row:
    """The caller's own details: currencies, and secrets nobody should keep."""
    return {
        "resellerid": str(RESELLER_ID),
        "parentid": "999999998",
        "resellerstatus": "Active",
        "creationdt": "1388534400",
        "totalreceipts": "0.000",
        "sellingcurrencysymbol": CURRENCY,
        "accountingcurrencysymbol": ACCOUNTING_CURRENCY,
        "isDominicanTaxConfiguredByParent": False,
        "password": state.reseller_password,
        "pin": state.reseller_pin,
    }


def transaction_row(prefix: str, row: Transaction) -> Row:
    """A row of a transaction search; every amount twice, in the selling and the accounting currency."""
    told = {
        "transid": str(row.transaction_id),
        "transactiondate": _epoch(row.at),
        "type": row.kind,
        "description": row.description,
        "resellerid": str(RESELLER_ID),
        "sellingcurrencysymbol": CURRENCY,
        "sellingamount": f"{row.amount:.3f}",
        "unutilisedsellingamount": "0.000",
        "accountingcurrencysymbol": ACCOUNTING_CURRENCY,
        "accountingamount": f"{row.amount * _PER_UNIT:.3f}",
        "unutilisedaccountingamount": "0.000",
        "greedy": "false",
    }
    if row.order_id is not None:
        told |= {"orderid": str(row.order_id), "key": str(row.product_key)}
    return {f"{prefix}.{name}": value for name, value in told.items()}


def balance(state: ResellerClubDay) -> Row:
    """What is left of the money paid in."""
    return {
        "sellingcurrencysymbol": CURRENCY,
        "sellingcurrencybalance": f"{state.balance:.3f}",
        "sellingcurrencylockedbalance": "0.000",
    }


def plan_details() -> Row:
    """Plans of Acronis Backup beside those of another product."""
    told: Row = {"vpslinuxus": {"1001": {"plan_name": "VPS 1", "plan_status": "Active"}}}
    for plan in PLANS:
        plans = told.setdefault(plan.product_key, {})
        plans[str(plan.plan_id)] = {"plan_name": plan.name, "plan_status": plan.status}
    return told


def cost_prices(state: ResellerClubDay) -> Row:
    """What ResellerClub charges: strings for some products and numbers for others, all products in one."""
    others: Row = {
        "domcno": {"addnewdomain": {"1": "10.505", "2": "21.010"}, "renewdomain": {"1": "10.505"}},
        "vpslinuxus": {"plans": {"1001": {"add": {"1": 9.99}, "renew": {"1": 9.99}}}},
        "sslcert": {"sslcert": {"0": {"pricing": {"1": "8.75"}, "description": "any"}}},
    }
    return others | _plan_prices([(plan, costs_on(plan, state.day)) for plan in PLANS], as_text="us")


def customer_prices() -> Row:
    """What the reseller charges its customers."""
    others: Row = {"domcno": {"addnewdomain": {"1": 14.99}}}
    return others | _plan_prices([(plan, plan.sells) for plan in PLANS], as_text="")


def _plan_prices(prices: Iterable[tuple[Plan, Mapping[int, Decimal]]], as_text: str) -> Row:
    told: Row = {}
    for plan, by_months in prices:
        figures = {
            str(months): str(price) if plan.region == as_text else price
            for months, price in by_months.items()
        }
        actions = {"add": figures, "renew": {str(m): figures[str(m)] for m in plan.renews}}
        plans = told.setdefault(plan.product_key, {"plans": {}})["plans"]
        plans[str(plan.plan_id)] = {action: by_term for action, by_term in actions.items() if by_term}
    return told


def _epoch(at: datetime) -> str:
    return str(int(at.timestamp()))


def _flag(value: bool) -> str:
    return "true" if value else "false"

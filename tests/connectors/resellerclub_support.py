"""What the tests of the ResellerClub connector share: a stub shop, and a client on it."""

import json
from contextlib import contextmanager
from datetime import date
from zoneinfo import ZoneInfo

from stub_vendor import Answer, Asked, StubVendor

from connectors.resellerclub import VENDOR
from connectors.resellerclub.client import open_client
from connectors.resellerclub.connection import ResellerClubConnection
from connectors.stream import Evidence, Role, UsageDay

USERID, KEY = "528210", "N0tInAnyL0g/orFile=1"
DAY = UsageDay(date(2026, 11, 1), ZoneInfo("Europe/Berlin"))
WALL = (
    b"<!DOCTYPE html><html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked</html>"
)


def told(body, status=200):
    """A JSON answer."""
    return Answer(status, json.dumps(body).encode(), {"content-type": "application/json"})


def raw(text, status=200):
    return Answer(status, text if isinstance(text, bytes) else text.encode())


def error(message="Order not found", status=500):
    return told({"status": "ERROR", "message": message}, status)


def found(rows, total=None):
    """A page of a search."""
    numbered = {str(number): row for number, row in enumerate(rows, 1)}
    return told(
        {"recsonpage": str(len(rows)), "recsindb": str(len(rows) if total is None else total), **numbered}
    )


def paged(asked: Asked, rows):
    """The page of a search that was asked for."""
    size, number = int(asked.query["no-of-records"]), int(asked.query["page-no"])
    return found(rows[(number - 1) * size : number * size], len(rows))


def listed(order_id):
    return {"orders.orderid": str(order_id), "orders.timestamp": "2026-03-02 10:00:00.123456+00"}


def details(order_id, region="us", **changes):
    return {
        "orderid": str(order_id),
        "customerid": "17",
        "productkey": f"acronisbackup{region}",
        "planid": "1188",
        "storagesizegb": "250",
        "currentstatus": "Active",
        "creationtime": "1772445600",  # 2026-03-02 10:00 UTC
        "endtime": "1803981600",  # 2027-03-02 10:00 UTC
        "description": "Acronis Backup",
        "orderstatus": [],
        "allowdeletion": "true",
        "paused": False,
        "customercost": "0.0",
        "currentOrderPrice": 0.0,
    } | changes


def customer(customer_id, **changes):
    return {
        "customer.customerid": str(customer_id),
        "customer.username": f"c{customer_id}@example.com",
        "customer.name": "Ada",
        "customer.company": f"Company {customer_id}",
        "customer.city": "Pune",
        "customer.country": "IN",
        "customer.telnocc": "91",
        "customer.telno": "2012345678",
        "customer.resellerid": USERID,
        "customer.customerstatus": "Active",
        "customer.websitecount": "0",
        "customer.totalreceipts": "1234.500",
    } | changes


def transaction(trans_id, at="1793530800", table="reseller_transaction", **changes):
    row = {
        "transid": str(trans_id),
        "transactiondate": at,
        "type": "invoice",
        "description": "Acronis Backup for 12 months",
        "resellerid": USERID,
        "sellingcurrencysymbol": "USD",
        "sellingamount": "-90.540",
        "accountingcurrencysymbol": "INR",
        "accountingamount": "-7524.123",
    } | changes
    return {f"{table}.{name}": value for name, value in row.items()}


BALANCE = {
    "sellingcurrencysymbol": "USD",
    "sellingcurrencybalance": "1045.250",
    "sellingcurrencylockedbalance": 0.0,
}


@contextmanager
def connected(answer, **settings):
    """An open client on a vendor that answers so; yields (client, vendor)."""
    with StubVendor(answer) as vendor:
        connection = ResellerClubConnection(
            base_url=vendor.url,
            auth_userid=USERID,
            api_key=KEY,
            **{"requests_per_second": 10_000, "timeout_seconds": 5, **settings},
        )
        with open_client(connection, None) as client:
            yield client, vendor


def routes(**by_path):
    """Answers by path: `billing_reseller_balance=...` is /api/billing/reseller-balance.json."""

    def answer(asked):
        name = asked.path.removeprefix("/api/").removesuffix(".json").replace("/", "_").replace("-", "_")
        known = by_path.get(name, raw("<html>no such page</html>", 404))
        return known(asked) if callable(known) else known

    return answer


def pull(client, name, day=DAY):
    """Every exchange of one pull, its typed rows, and its proof made; returns (exchanges, rows)."""
    stream = VENDOR.stream(name)
    exchanges, rows, evidence = [], [], Evidence()
    keys = {}
    for exchange in stream.fetch(client, day):
        exchanges.append(exchange)
        page = stream.parse(exchange)
        if page.vendor_total is not None and page.vendor_total not in evidence.totals:
            evidence.totals.append(page.vendor_total)
        if exchange.role is Role.ROWS:
            evidence.pages += 1
            evidence.quarantined += len(page.quarantined)
            evidence.unknown_fields |= page.unknown_fields
            for row in page.rows.to_pylist():
                key = tuple(row[column] for column in stream.key)
                evidence.conflicting += keys.get(key, row) != row
                if key not in keys:
                    rows.append(row)
                keys[key] = row
    evidence.rows = len(rows)
    stream.prove(evidence)
    return exchanges, rows

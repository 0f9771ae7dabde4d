"""What the tests of the Xopero connector share: a brand of a few lines, and a client on it."""

from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from stub_vendor import Answer, StubVendor

from connectors.stream import UsageDay
from connectors.xopero.client import open_client
from connectors.xopero.connection import XoperoConnection

LOGIN, PASSWORD, API_KEY = "john.snow@example.com", "zaq1@WSX-0815", "key-4711-0815"
DAY = UsageDay(date(2026, 11, 1), ZoneInfo("UTC"))
IN_WINDOW = "2026-11-02T01:00:00+00:00"
GIB = 2**30


def told(body, status=200):
    """A JSON answer."""
    return Answer(status, json.dumps(body).encode(), {"content-type": "application/json"})


def success(data):
    return told({"success": True, "data": data})


def failure(error, status=200):
    return told({"success": False, "error": error}, status)


def in_minutes(minutes):
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def customer(number, reseller=1, **changes):
    """A row of GetCustomers as the vendor's document shows it."""
    return {
        "id": number,
        "resellerId": reseller,
        "name": f"login-{number}",
        "email": f"MAIL-{number}@example.com",
        "status": "ACTIVATED",
        "subscription": {
            "id": 4000 + number,
            "name": "XCE100GB",
            "number": f"4-2026-{number}",
            "status": "ORDER_STATUS_CURRENT",
            "type": "PRODUCT_TYPE_FULL",
        },
        "customText": None,
        "shortNote": None,
        "parameters": {
            "hosts": 2147483647,
            "capacity": str(100 * GIB),
            "users": 25,
            "status": "ACTIVE",
            "name": "XCE100GB",
            "type": "PRODUCT_VERSION_STD",
            "isTrial": False,
            "hasBriefcase": True,
            "validFrom": "2026-04-22T08:40:32+02:00",
            "validTo": "2027-04-22T08:40:32+02:00",
        },
        "personalData": {
            "name": "FIRM Ltd",
            "firstName": "FIRSTNAME",
            "lastName": "LASTNAME",
            "isCompany": False,
            "street": "STREET 7",
            "vatIn": "VATIN-123",
            "bank": {"name": "BANKNAME", "accountNumber": "PL61109010140000071219812874"},
            "country": {"id": 179, "code": "PL", "name": "Poland"},
        },
        "children": [{"id": number + 5000, "name": f"user-{number}"}],
    } | changes


def usage(number, *accounts, **changes):
    """GetCustomerUsage: accounts as (id, used bytes, assigned bytes); one of 3 of 10 GiB by default."""
    accounts = accounts or ((number, 3 * GIB, 10 * GIB),)
    return {
        "account": [
            {"id": n, "name": f"login-{n}", "capacity": str(assigned), "usedSpace": str(used)}
            for n, used, assigned in accounts
        ],
        "assignedCapacity": str(sum(assigned for _, _, assigned in accounts)),
        "capacity": str(100 * GIB),
        "usedSpace": str(sum(used for _, used, _ in accounts)),
    } | changes


def subscription(number, **changes):
    return {
        "id": 4314,
        "number": number,
        "product": {
            "id": 115,
            "name": "XCE100GB",
            "type": "PRODUCT_VERSION_STD",
            "hosts": 2147483647,
            "users": 25,
            "capacity": str(100 * GIB),
        },
        "status": "CURRENT",
        "period": "1Y",
        "validFrom": "2026-05-15T08:48:33+02:00",
        "validTo": "2027-05-15T08:48:33+02:00",
        "subscriptions": [{"number": number, "status": "CURRENT"}],
    } | changes


def available(price="299.00", **changes):
    variant = {
        "id": 115,
        "capacity": str(100 * GIB),
        "hosts": "10",
        "name": "XCE100GB",
        "price": price,
        "users": 5,
    }
    item = {
        "name": "Endpoint",
        "description": "for workstations",
        "product_version": 10,
        "business_group": "endpoint",
        "variants": [variant | changes],
    }
    return [{"class": "business", "items": [item]}]


@dataclass
class Brand:
    """A stand-in of the vendor's API; `overrule(function, data)` answers in its place, or gives None.

    Attributes:
        customers: rows by reseller; None is the login's own.
        partners: rows of GetPartners by filters.resellerId; None without filter.
        calls: function and data of every request to /endpoint, in order.
        logins: bodies of the requests to /token.
        tokens: those that were sent.
    """

    customers: dict = field(default_factory=lambda: {None: [customer(1), customer(2), customer(3)]})
    partners: dict = field(default_factory=dict)
    overrule: object = lambda _function, _data: None
    grant: object = None
    calls: list = field(default_factory=list)
    logins: list = field(default_factory=list)
    tokens: list = field(default_factory=list)
    url: str = ""

    def __call__(self, asked):
        body = json.loads(asked.body)
        assert (asked.method, asked.headers["content-type"]) == ("POST", "application/json")
        if asked.path == "/api/v2/token":
            self.logins.append(body)
            if self.grant:
                return self.grant(body)
            return success({"token": f"TOKEN-{len(self.logins)}-abcdef", "validTo": in_minutes(15)})
        assert asked.path == "/api/v2/endpoint"
        function, data = body["function"], body.get("data")
        self.calls.append((function, data))
        self.tokens.append(body["token"])
        return self.overrule(function, data) or success(self._answer(function, data, body["token"]))

    def _answer(self, function, data, token):
        match function:
            case "GetVersion":
                return 20509
            case "RefreshToken":
                return {"token": token, "validTo": in_minutes(15)}
            case "ForgetToken":
                return True
            case "GetPartners" | "GetCustomers":
                of = (self.partners if function == "GetPartners" else self.customers).get(
                    data.get("filters", {}).get("resellerId"), []
                )
                return of[data["offset"] : data["offset"] + data["limit"]]
            case "GetCustomerUsage":
                return usage(data)
            case "GetSubscription":
                return subscription(data)
            case "GetCustomerAvailableProducts":
                return available()
        raise AssertionError(function)

    @property
    def asked_functions(self):
        """Every function that was called, in order."""
        return [function for function, _ in self.calls]

    def asked(self, function):
        """What a function was asked, in order."""
        return [data for name, data in self.calls if name == function]


@contextmanager
def served(brand):
    """The brand at one address for several clients."""
    with StubVendor(brand) as vendor:
        brand.url = vendor.url
        try:
            yield brand
        finally:
            brand.url = ""


@contextmanager
def connected(brand, tmp_path, **settings):
    """An open client on that brand, which is served for it alone unless it is already."""
    with nullcontext() if brand.url else served(brand):
        connection = XoperoConnection(
            base_url=f"{brand.url}/api/v2", **{"login": LOGIN, "password": PASSWORD, **settings}
        )
        with open_client(connection, tmp_path) as client:
            yield client

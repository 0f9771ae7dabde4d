"""What each read function of WebAPI 2.0 answers, and with which code it fails.

`data` is an object, a bare number, a string or absent, by function; anything else is a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from connectors.sandbox.faults import Faults
from connectors.sandbox.xopero import answers
from connectors.sandbox.xopero.estate import OWNER_ID, PACKAGES, Account, Customer, XoperoDay

LARGEST = 100
_DEFAULT_CUSTOMERS = 20  # the manual does not say; a client has to send its own


class Failure(Exception):
    """`success: false`. `code` is None where the manual documents none."""

    def __init__(self, code: int | None, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one function, and the estate at that instant; `data` is None when it is absent."""

    function: str
    data: Any
    estate: XoperoDay
    faults: Faults

    def number(self, code: int) -> int:
        """`data` as the bare number that it has to be."""
        if type(self.data) is not int:
            raise Failure(code, 'The value entered in the "data" field must be numeric.')
        return self.data

    def options(self, allowed: Mapping[str, type], code: int | None = None) -> dict[str, Any]:
        """`data` as an object with some of the allowed members."""
        given = {} if self.data is None else self.data
        if not isinstance(given, dict) or not all(
            type(value) is allowed.get(name) for name, value in given.items()
        ):
            raise Failure(code, 'Incorrect "date" field format.')
        return given

    def customer(self, not_found: int, not_a_customer: int, numeric: int) -> Customer:
        """The customer asked for by its bare id."""
        asked = self.number(numeric)
        if asked in self.estate.holders:
            raise Failure(not_a_customer, "The indicated account is not a customer.")
        if asked not in self.estate.by_id:
            raise Failure(not_found, "The customer was not found.")
        return self.estate.by_id[asked]


def _customers(call: Call) -> object:
    options = call.options({"filters": dict, "offset": int, "limit": int})
    wanted = dict(options.get("filters", {}))
    rows: Sequence[Customer] = call.estate.by_reseller.get(wanted.pop("resellerId", OWNER_ID), ())
    for name, pattern in wanted.items():
        if name not in {"name", "email", "status"} or not isinstance(pattern, str):
            raise Failure(None, 'Incorrect "date" field format.')
        rows = [row for row in rows if getattr(row, name) == pattern]
    return [answers.customer(row) for row in _paged(call, options, rows, _DEFAULT_CUSTOMERS, 0)]


def _partners(call: Call) -> object:
    options = call.options({"filters": dict, "offset": int, "limit": int})
    rows = list(call.estate.partners)
    for name, wanted in options.get("filters", {}).items():
        if name == "resellerId":
            rows = [row for row in rows if wanted == OWNER_ID]
        elif name in {"name", "email", "status"} and isinstance(wanted, str):
            rows = [row for row in rows if fnmatchcase(getattr(row, name), wanted.replace("%", "*"))]
        else:
            raise Failure(None, 'Incorrect "date" field format.')
    return [answers.partner(row) for row in _paged(call, options, rows, LARGEST, 1)]


def _paged(
    call: Call, options: Mapping[str, Any], rows: Sequence[Any], default: int, least: int
) -> list[Any]:
    offset, limit = options.get("offset", 0), options.get("limit", default)
    if offset < 0 or not least <= limit <= LARGEST:
        raise Failure(None, 'Incorrect "date" field format.')
    return call.faults.page("xopero", call.function, rows, offset, limit)


def _customer(call: Call) -> object:
    return answers.customer(call.customer(0x5002, 0x5003, 0x5000))


def _usage(call: Call) -> object:
    row = call.customer(0x7002, 0x7003, 0x7000)
    if row.is_deleted:
        raise Failure(0x7002, "The customer was not found.")
    told = answers.usage(row)
    told["account"] = call.faults.page("xopero", call.function, told["account"], 0, len(told["account"]))
    return told


def _user(call: Call) -> object:
    asked = call.number(0x9000)
    holder = call.estate.by_id.get(asked) or call.estate.holders.get(asked)
    if holder is None:
        raise Failure(0x9002, "The customer was not found.")
    found: Account = next(a for a in holder.accounts if a.account_id == asked)
    return answers.user(holder, found)


def _subscription(call: Call) -> object:
    holder, held = (
        call.estate.by_number.get(call.data, (None, None)) if type(call.data) is str else (None, None)
    )
    if holder is None or held is None or holder.is_deleted or holder.subscription is None:
        raise Failure(0xA000, "The subscription was not found.")
    return answers.subscription(held, [holder.subscription, *holder.former])


def _available_products(call: Call) -> object:
    row = call.customer(0x6002, 0x6003, 0x6000)
    if row.is_deleted:
        raise Failure(0x6002, "Account not found.")
    if row.personal is None:
        raise Failure(0x6005, "The account billing data is missing.")
    rows = answers.price_list()
    return call.faults.page("xopero", call.function, rows, 0, len(rows))


def _find_product(call: Call) -> object:
    bounds = {f"{end}_{what}": int for end in ("min", "max") for what in ("hosts", "users", "capacity")}
    wanted = call.options({"resellerId": int, "id": int, "name": str, "versionId": int, **bounds})
    rows = list(PACKAGES)
    for name, value in wanted.items():
        end, _, what = name.partition("_")
        if end == "min":
            rows = [row for row in rows if getattr(row, what) >= value]
        elif end == "max":
            rows = [row for row in rows if getattr(row, what) <= value]
        elif name == "name":
            rows = [row for row in rows if fnmatchcase(row.name, value.replace("%", "*"))]
        elif name in {"id", "versionId"}:
            rows = [row for row in rows if value == (row.package_id if name == "id" else row.version_id)]
    return [answers.product(row) for row in rows]


def _version(call: Call) -> object:
    call.options({})
    return 20_509


def _countries(call: Call) -> object:
    call.options({})
    return [{"id": 179, "code": "PL", "name": "Poland"}, {"id": 57, "code": "DE", "name": "Germany"}]


FUNCTIONS: Mapping[str, Callable[[Call], object]] = {
    "GetVersion": _version,
    "GetCountries": _countries,
    "GetPartners": _partners,
    "GetCustomers": _customers,
    "GetCustomer": _customer,
    "GetCustomerUsage": _usage,
    "GetCustomerAvailableProducts": _available_products,
    "GetSubscription": _subscription,
    "GetUser": _user,
    "FindProduct": _find_product,
}

OUT_OF_REACH = {
    "GetCustomer": 0x5004,
    "GetCustomerAvailableProducts": 0x6004,
    "GetCustomerUsage": 0x7004,
    "GetUser": 0x9003,
    "GetSubscription": 0xA002,
}

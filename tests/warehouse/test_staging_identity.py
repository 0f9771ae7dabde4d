"""By what vendor accounts are known again: our numbers and domains as they are, addresses as their md5."""

from __future__ import annotations

from datetime import date
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
from landed import land

from warehouse.build import create, fill, record_pulls
from warehouse.landing import Landing
from warehouse.models import models
from warehouse.raw import define_for_days

D1 = date(2026, 11, 1)


def identities(home: Path) -> list[tuple[Any, ...]]:
    """What the table holds of the landed rows, which no other table is filled with."""
    (model,) = (one for one in models() if one.name == "staging.vendor_account_identity")
    with duckdb.connect() as connection:
        create(connection, None)
        record_pulls(connection, Landing(home / "raw"), [D1], {})
        define_for_days(connection, home, model.reads, [D1])
        fill(connection, model, [D1])
        return connection.execute(
            f"SELECT vendor, account_id, kind, value FROM {model.name} ORDER BY ALL"
        ).fetchall()


def hashed(address: str) -> str:
    return md5(address.encode()).hexdigest()


def test_each_vendor_tells_what_it_has(tmp_path: Path) -> None:
    """In lower case and without blanks, once however often it is told; what is empty is none."""
    home = tmp_path / "home"
    land(
        home,
        "infrascale/entities",
        D1,
        [
            {"entity_id": 5, "connectwise_company_id": " CW-9 "},
            {"entity_id": 6, "connectwise_company_id": " "},
        ],
    )
    accounts = ("ann@Amber.example", "bob@amber.example", "Not set", None)
    land(
        home,
        "infrascale/accounts",
        D1,
        [{"entity_id": 5, "username": str(n), "email": email} for n, email in enumerate(accounts)],
    )
    land(
        home,
        "resellerclub/customers",
        D1,
        [
            {"customer_id": 17, "username": "Office@amber.example", "status": "Active"},
            {"customer_id": 18, "username": "nobody", "status": "Active"},
        ],
    )
    orders = [(17, "amber.example", 1), (17, "Amber.example", 2), (18, "birch.example", 3), (18, None, 4)]
    land(
        home,
        "resellerclub/orders",
        D1,
        [
            {"customer_id": owner, "domain_name": name, "order_id": n, "region": "us"}
            for owner, name, n in orders
        ],
    )
    land(
        home,
        "revirt365/customers",
        D1,
        [{"account_id": "t1", "external_number": "C-7", "po_number": "PO 1"}, {"account_id": "t2"}],
    )
    land(
        home,
        "xopero/customers",
        D1,
        [
            {
                "customer_id": 3,
                "login": "info@amber.example",
                "custom_text": "C-000001",
                "status": "ACTIVATED",
            },
            {"customer_id": 4, "login": "birch", "status": "ACTIVATED"},
        ],
    )
    assert identities(home) == [
        ("infrascale", "5", "domain", "amber.example"),
        ("infrascale", "5", "reference", "cw-9"),
        ("resellerclub", "17", "domain", "amber.example"),
        ("resellerclub", "17", "email", hashed("office@amber.example")),
        ("resellerclub", "18", "domain", "birch.example"),
        ("revirt365", "t1", "reference", "c-7"),
        ("revirt365", "t1", "reference", "po 1"),
        ("xopero", "3", "domain", "amber.example"),
        ("xopero", "3", "email", hashed("info@amber.example")),
        ("xopero", "3", "reference", "c-000001"),
    ]

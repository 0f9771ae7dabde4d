"""Fields of objects within a JSON row: named by a path; a missing object is told from a missing field."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from connectors.errors import ContractBroken
from connectors.stream import Exchange, Field, Presence
from connectors.transport.json_rows import JsonRows

ROWS = JsonRows(
    (
        Field("id", "id", pa.int64()),
        Field("plan", "order/name", pa.string(), Presence.NULLABLE),
        Field("quantity", "order/quantity", pa.int64(), Presence.NULLABLE),
        Field("note", "order/note", pa.string(), Presence.OPTIONAL),
    )
)


def read(*rows):
    body = json.dumps(rows).encode()
    return ROWS.read(
        Exchange("List", "GET https://acme.test", 200, "application/json", body, datetime.now(UTC))
    )


def order(**members):
    return {"name": "gold", "quantity": 3} | members


def test_a_path_names_a_member_of_an_object():
    """`order/name` is the name of the order."""
    assert read({"id": 1, "order": order()}).rows.to_pylist() == [
        {"id": 1, "plan": "gold", "quantity": 3, "note": None, "extra": None}
    ]


@pytest.mark.parametrize("row", [{"id": 2}, {"id": 2, "order": None}])
def test_a_row_may_lack_the_object(row):
    """Its fields are null then: there is nothing to tell."""
    page = read({"id": 1, "order": order()}, row)
    assert page.rows["plan"].to_pylist() == ["gold", None]
    assert not page.quarantined


def test_an_object_that_lacks_a_field_is_quarantined():
    """An order without quantity is not one of none."""
    page = read({"id": 1, "order": order()}, {"id": 2, "order": {"name": "gold"}})
    assert [row.reason for row in page.quarantined] == ["order/quantity is missing"]


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("gold", "order is text, not an object"),
        (order(quantity="3"), "order/quantity is text, not a whole number"),
    ],
)
def test_a_mistake_within_is_named_by_its_path(inner, reason):
    """The sentence says where it stands."""
    page = read({"id": 1, "order": order()}, {"id": 2, "order": inner})
    assert [row.reason for row in page.quarantined] == [reason]


def test_a_field_twice_within_is_quarantined():
    """Of two figures nobody knows which."""
    body = b'[{"id":1},{"id":2,"order":{"name":"a","quantity":1,"quantity":1}}]'
    page = ROWS.read(Exchange("List", "", 200, "", body, datetime.now(UTC)))
    assert [row.reason for row in page.quarantined] == ["quantity appears twice"]


def test_unknown_members_within_are_kept_by_their_path():
    """In the vendor's own spelling, and reported."""
    page = read({"id": 1, "order": order(rate="1.50"), "new": [1]})
    assert page.rows["extra"].to_pylist() == ['{"new": [1], "order/rate": "1.50"}']
    assert page.unknown_fields == {"new", "order/rate"}


def test_a_field_renamed_within_breaks_the_contract():
    """Missing from every object while the objects are there."""
    with pytest.raises(ContractBroken, match=r"order/quantity is missing from every row.*order/amount"):
        read({"id": 1, "order": {"name": "gold", "amount": 3}}, {"id": 2})


def test_a_renamed_object_breaks_the_contract():
    """It may be missing from every row, but not while an object nobody knows has come."""
    with pytest.raises(ContractBroken, match=r"order is missing; was it renamed to one of: purchase"):
        read({"id": 1, "purchase": order()})
    assert read({"id": 1, "colour": "red"}).unknown_fields == {"colour"}

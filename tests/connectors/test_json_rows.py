"""JSON pages to rows: exactly what the vendor wrote, or quarantine, or an error; never another figure."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ContractBroken
from connectors.stream import Exchange, Field, Presence, rows_schema
from connectors.transport.json_rows import OBJECT, JsonRows

FIELDS = (
    Field("company_id", "companyId", pa.string()),
    Field("used_bytes", "usedBytes", pa.int64(), unit="bytes"),
    Field("seats", "seats", pa.int64(), Presence.NULLABLE, unit="seats"),
    Field("is_trial", "isTrial", pa.bool_()),
    Field("sku", "sku", pa.string(), Presence.OPTIONAL),
)
ROW = {"companyId": "ABC-1", "usedBytes": 2**53 + 1, "seats": None, "isTrial": False, "sku": ""}
LIST = JsonRows(FIELDS, "results", beside=frozenset({"next", "total"}), total_at="total")
BARE = JsonRows(FIELDS)


def answered(body, **context):
    text = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    return Exchange("List", "GET /list", 200, "application/json", text, datetime.now(UTC), context)


def rows(page):
    return page.rows.to_pylist()


def landed(**changes):
    row = {"company_id": "ABC-1", "used_bytes": 2**53 + 1, "seats": None, "is_trial": False, "sku": ""}
    return row | {"extra": None} | changes


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (LIST, {"results": [ROW], "next": "t", "total": 7}),
        (LIST, {"total": 7, "results": [ROW]}),
        (BARE, [ROW]),
        (JsonRows(FIELDS, OBJECT), ROW),
    ],
    ids=["list", "list, members in another order", "bare array", "single object"],
)
def test_a_page_that_fits_becomes_rows_of_the_declared_schema(shape, body):
    """Figures beyond 2^53, null, false and the empty string arrive as they are."""
    page = shape.read(answered(body))
    assert rows(page) == [landed()]
    assert page.rows.schema.equals(rows_schema(FIELDS), check_metadata=True)
    assert (page.quarantined, page.unknown_fields) == ((), frozenset())
    assert page.vendor_total == (7 if shape is LIST else None)


@pytest.mark.parametrize(
    ("shape", "body"), [(LIST, {"results": []}), (BARE, []), (LIST, {"results": [], "total": 7})]
)
def test_an_empty_page_has_no_rows(shape, body):
    """What the total beside it means is for the proof to judge."""
    page = shape.read(answered(body))
    assert page.rows.num_rows == 0
    assert page.rows.schema == rows_schema(FIELDS)


@pytest.mark.parametrize(
    "pretty", [json.dumps([ROW], indent=2), json.dumps([ROW, ROW]), ' [ {"sku" :"a : b",']
)
def test_white_space_changes_nothing(pretty):
    """The exact path reads what the fast one leaves to it."""
    if pretty.endswith(","):
        pretty += (
            json.dumps(ROW | {"sku": None}).replace('"sku": null, ', "").replace(', "sku": null', "")[1:]
            + "]"
        )
    page = BARE.read(answered(pretty.encode()))
    assert rows(page)[0] | {"sku": ""} == landed()


def test_an_optional_field_may_be_left_out():
    """Left out and null are both no figure."""
    without = {name: value for name, value in ROW.items() if name != "sku"}
    page = BARE.read(answered([ROW, without, ROW | {"sku": None}]))
    assert [row["sku"] for row in rows(page)] == ["", None, None]


def test_what_the_answer_leaves_out_comes_from_the_request():
    """An answer about one company does not repeat which."""
    shape = JsonRows(FIELDS, given=frozenset({"company_id"}))
    told = [{name: value for name, value in ROW.items() if name != "companyId"}] * 2
    page = shape.read(answered(told, company_id="asked-for"))
    assert [row["company_id"] for row in rows(page)] == ["asked-for"] * 2


def test_another_version_has_other_names_and_leaves_columns_out():
    """The columns stay the same whatever the version calls them."""
    shape = JsonRows(FIELDS, sources={"used_bytes": "totalBytes", "seats": None})
    told = {"companyId": "ABC-1", "totalBytes": 5, "isTrial": True}
    assert rows(shape.read(answered([told]))) == [landed(used_bytes=5, seats=None, is_trial=True, sku=None)]


def test_guids_are_lower_cased():
    """One vendor spells one id in two cases."""
    shape = JsonRows(FIELDS, guids=frozenset({"company_id"}))
    assert rows(shape.read(answered([ROW])))[0]["company_id"] == "abc-1"


def test_nested_json_is_kept_as_the_vendor_wrote_it():
    """No number in it passes through a float."""
    shape = JsonRows(FIELDS, verbatim=frozenset({"sku"}))
    body = json.dumps([ROW]).replace('"sku": ""', '"sku": [{"n": 1.10, "big": 1e400}]')
    assert rows(shape.read(answered(body.encode())))[0]["sku"] == '[{"n": 1.10, "big": 1e400}]'


def test_unknown_fields_are_kept_and_reported():
    """A new field is no reason to lose a night, nor to lose the field."""
    body = json.dumps({"results": [ROW, ROW], "new": 1}).replace('"sku"', '"price": 0.10, "sku"', 1)
    page = LIST.read(answered(body.encode()))
    assert rows(page) == [landed(extra='{"price": 0.10}'), landed()]
    assert page.unknown_fields == {"price", "new"}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('"usedBytes": "1"', "usedBytes is text, not a whole number"),
        ('"usedBytes": 1.0', "usedBytes is a fraction, not a whole number"),
        ('"usedBytes": 1e3', "usedBytes is a fraction, not a whole number"),
        ('"usedBytes": true', "usedBytes is true or false, not a whole number"),
        ('"usedBytes": null', "usedBytes is null"),
        ('"usedBytes": [1]', "usedBytes is a list, not a whole number"),
        ('"usedBytes": {"value": 1}', "usedBytes is an object, not a whole number"),
        ('"usedBytes": 9223372036854775808', "usedBytes does not fit 64 bits"),
        ('"usedBytes": -9223372036854775809', "usedBytes does not fit 64 bits"),
        ('"usedBytes": 1, "usedBytes": 2', "usedBytes appears twice"),
        ('"usedBytes": 1, "used\\u0042ytes": 1', "usedBytes appears twice"),
        ('"usedBytes": 1, "new": {"a": 1, "a": 2}', "a appears twice"),
        ('"used": 1', "usedBytes is missing"),
        ('"usedBytes": 1, "sku": "\xff"', "codec can't decode"),
    ],
)
def test_a_row_that_cannot_be_typed_goes_to_quarantine(broken, reason):
    """The row beside it is landed; the payload is the vendor's own text."""
    bad = f'{{"companyId":"b","seats":1,"isTrial":true,{broken}}}'.encode("latin-1")
    page = BARE.read(answered(b"[" + json.dumps(ROW).encode() + b"," + bad + b"]"))
    assert rows(page) == [landed()]
    (quarantined,) = page.quarantined
    assert reason in quarantined.reason
    assert quarantined.payload == bad.decode(errors="replace")


@pytest.mark.parametrize(
    ("row", "what"), [("null", "null"), ("7", "a whole number"), ('"x"', "text"), ("[]", "a list")]
)
def test_what_is_no_object_is_no_row(row, what):
    """A list can hold anything; only objects are rows."""
    page = BARE.read(answered(f"[{row},{json.dumps(ROW)}]".encode()))
    assert (rows(page), page.quarantined[0].reason) == ([landed()], f"the row is {what}, not an object")


@pytest.mark.parametrize(
    ("shape", "body", "sentence"),
    [
        (BARE, [ROW | {"usedBytes": "a lot"}], "none of 1 rows can be typed: usedBytes is text"),
        (
            BARE,
            [{"x" + n: v for n, v in ROW.items()}],
            "companyId, isTrial, seats, usedBytes is missing from every",
        ),
        (
            BARE,
            [{("seat" if n == "seats" else n): v for n, v in ROW.items()}] * 2,
            "renamed to one of: seat?",
        ),
        (BARE, [{}], "none of 1 rows can be typed"),
        (BARE, [None], "none of 1 rows can be typed: the row is null"),
        (BARE, {"results": [ROW]}, "Expected `array`, got `object`"),
        (LIST, [ROW], "Expected `object`, got `array`"),
        (LIST, {"rows": [ROW]}, "it has no results"),
        (LIST, {"results": None}, "Expected `array`, got `null`"),
        (LIST, {"results": [ROW], "total": "1"}, "its total is text, not a whole number"),
        (LIST, {"results": [ROW], "total": 1.5}, "its total is a fraction"),
        (LIST, b'{"results":[],"results":[]}', "a member appears twice"),
        (LIST, b'{"results":[],"total":0,"total":5}', "a member appears twice"),
        (LIST, b"", "truncated"),
        (LIST, b'{"results":[', "truncated"),
        (BARE, b"<html></html>", "malformed"),
        (BARE, b'[{"usedBytes": NaN}]', "malformed"),
        (BARE, b'[{"companyId": "\\ud800 and more"}]', "malformed"),
        (BARE, b'[{"\\udfff": 1}]', "surrogate"),
        (BARE, b"[" * 100_000, "recursion"),
    ],
)
def test_an_answer_of_another_shape_is_an_error(shape, body, sentence):
    """A renamed field, an error page, the other version's shape: never zero rows, never zero."""
    with pytest.raises(ContractBroken) as caught:
        shape.read(answered(body))
    assert str(caught.value).startswith("List")
    assert sentence in str(caught.value)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
    st.lists(st.integers(0, 1), max_size=1),
)
GOOD = st.fixed_dictionaries(
    {
        "companyId": st.text(max_size=5),
        "usedBytes": st.integers(-(2**63), 2**63 - 1),
        "seats": st.none() | st.integers(0, 9),
        "isTrial": st.booleans(),
    },
    optional={"sku": st.none() | st.text(max_size=3)},
)
ANY = st.dictionaries(st.sampled_from([*ROW, "usedbytes", "new"]), VALUES, max_size=6)
PAGES = st.lists(GOOD | st.builds(lambda good, other: good | other, GOOD, ANY) | ANY, max_size=4)


@settings(max_examples=300, deadline=None)
@given(told=PAGES, indent=st.sampled_from([None, 1]), ascii_only=st.booleans(), doubled=st.booleans())
def test_every_row_is_exact_or_quarantined_or_the_page_is_an_error(told, indent, ascii_only, doubled):
    """Whatever is renamed, retyped, left out or told twice, no figure is ever another one."""
    texts = [json.dumps(row, indent=indent, ensure_ascii=ascii_only) for row in told]
    if doubled and texts and told[0]:
        name, value = next(iter(told[0].items()))
        texts[0] = f"{{{json.dumps(name)}: {json.dumps(value)}, {texts[0].lstrip()[1:]}"
    try:
        page = BARE.read(answered(f"[{','.join(texts)}]".encode()))
    except ContractBroken:
        assert any(not _fits(row) for row in told) or doubled
        return
    good = [row for n, row in enumerate(told) if _fits(row) and not (doubled and n == 0 and row)]
    assert [{n: v for n, v in row.items() if n != "extra"} for row in rows(page)] == [
        {f.column: row.get(f.source) for f in FIELDS} for row in good
    ]
    assert page.rows.num_rows + len(page.quarantined) == len(told)
    for landed_row, row in zip(rows(page), good, strict=True):
        unknown = {name: row[name] for name in row if name not in ROW}
        assert json.loads(landed_row["extra"] or "{}") == unknown
    assert page.unknown_fields >= {name for row in good for name in row if name not in ROW}


def _fits(row):
    return (
        isinstance(row.get("companyId"), str)
        and type(row.get("usedBytes")) is int
        and -(2**63) <= row["usedBytes"] < 2**63
        and "seats" in row
        and (row["seats"] is None or (type(row["seats"]) is int and abs(row["seats"]) < 2**63))
        and type(row.get("isTrial")) is bool
        and (row.get("sku") is None or isinstance(row["sku"], str))
    )

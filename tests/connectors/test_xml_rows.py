"""Rows of a SOAP page: the fast path and the exact one say the same, and neither loses or invents."""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ContractBroken
from connectors.stream import Field, Page, Presence
from connectors.transport.xml_answer import count_pair
from connectors.transport.xml_rows import XmlRows

FIELDS = (
    Field("name", "Name", pa.string()),
    Field("label", "Label", pa.string(), Presence.OPTIONAL),
    Field("used_kb", "UsedKB", pa.int64()),
    Field("seats", "Seats", pa.int64(), Presence.NULLABLE),
    Field("is_active", "IsActive", pa.bool_(), Presence.NULLABLE),
    Field("seen", "Seen", pa.timestamp("us"), Presence.NULLABLE),
)
ROWS = XmlRows(FIELDS, "GetResponse/GetResult/Items/Item", frozenset({"Result", "Total"}))
NIL = ' xsi:nil="true" />'


def page(
    *rows: str, before: str = "<Result><Code>Success</Code></Result>", after: str = "<Total>1</Total>"
) -> bytes:
    items = "".join(rows)
    return (
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body><GetResponse xmlns="acme.com">'
        f"<GetResult>{before}<Items>{items}</Items>{after}</GetResult></GetResponse></soap:Body></soap:Envelope>\n"
    ).encode()


def item(**cells: str | None) -> str:
    """A row as the contract has it; a cell is its XML, None leaves the element out."""
    usual: dict[str, str | None] = {
        "Name": "<Name>a</Name>",
        "Label": None,
        "UsedKB": "<UsedKB>7</UsedKB>",
        "Seats": f"<Seats{NIL}",
        "IsActive": "<IsActive>true</IsActive>",
        "Seen": "<Seen>2026-11-01T08:00:00.5</Seen>",
    }
    return "<Item>" + "".join(cell for cell in (usual | cells).values() if cell) + "</Item>"


def only(parsed: Page) -> dict[str, object]:
    (row,) = parsed.rows.to_pylist()
    return row


def outcome(parse, body: bytes) -> object:
    try:
        parsed = parse(body)
    except ContractBroken as error:
        return str(error)
    return parsed.rows.schema, parsed.rows.to_pylist(), parsed.quarantined, parsed.unknown_fields


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t <&>'\""), max_size=6
)
NUMBERS = st.integers(-(2**64), 2**64).map(str) | st.sampled_from(
    ["0", "+5", " 7 ", "12.0", "", "1e3", "0x1"]
)
FLAGS = st.sampled_from(["true", "false", "1", "0", "yes", "TRUE", ""])
TIMES = st.one_of(
    st.datetimes(datetime(1, 1, 1)).map(datetime.isoformat),
    st.datetimes().map(lambda time: f"{time.isoformat()}Z"),
    st.sampled_from(
        [
            "0001-01-01T00:00:00",
            "2026-11-01T08:00:00.1234567+03:00",
            "2026-11-01T08:00:08.8",
            "2026-02-30T00:00:00",
        ]
    ),
)


def cell(name: str, texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = texts.map(lambda text: f"<{name}>{escape(text)}</{name}>")
    odd = st.sampled_from(
        [
            "",
            f"<{name} />",
            f"<{name}></{name}>",
            f"<{name}{NIL}",
            f'<{name} xsi:nil="false">1</{name}>',
            f"<x:{name} xmlns:x='y'>1</x:{name}>",
        ]
    )
    return st.one_of(plain, plain, plain, odd)


CELLS = st.tuples(
    cell("Name", TEXTS),
    cell("Label", TEXTS),
    cell("UsedKB", NUMBERS),
    cell("Seats", NUMBERS),
    cell("IsActive", FLAGS),
    cell("Seen", TIMES),
)
STRANGERS = st.sampled_from(
    [
        "",
        "",
        "",
        "<New>1</New>",
        "<New />",
        f"<Seats2{NIL}",
        "<!-- note -->",
        "<Name>twice</Name>",
        "<![CDATA[x]]>",
        "<New><Deep>1</Deep></New>",
    ]
)
ANY_ROW = st.tuples(CELLS.flatmap(st.permutations), STRANGERS).map(
    lambda row: f"<Item>{''.join(row[0])}{row[1]}</Item>"
)
GOOD_ROW = st.builds(
    item,
    Name=TEXTS.map(lambda text: f"<Name>{escape(text)}</Name>"),
    Label=st.none() | st.just("<Label />") | TEXTS.map(lambda text: f"<Label>{escape(text)}</Label>"),
    Seats=st.just(f"<Seats{NIL}") | st.integers(-(2**63), 2**63 - 1).map(lambda n: f"<Seats>{n}</Seats>"),
)


AMONG_ROWS = st.sampled_from(
    [f"<Item{NIL}", "<Item />", "<Other />", "<Other><Name>a</Name></Other>", "<!-- x -->"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY_ROW | GOOD_ROW | AMONG_ROWS, max_size=4))
def test_both_paths_say_the_same_of_any_page(rows):
    """Whatever stands in a page, the fast path gives exactly what reading row by row gives."""
    body = page(*rows)
    assert outcome(ROWS.parse, body) == outcome(ROWS.parse_exactly, body)


@settings(max_examples=50, deadline=None)
@given(st.lists(GOOD_ROW, min_size=1, max_size=6))
def test_both_paths_say_the_same_of_a_page_that_fits(rows):
    """Pages that fit the contract are equal on both paths, empty and absent texts included."""
    body = page(*rows)
    assert outcome(ROWS.parse, body) == outcome(ROWS.parse_exactly, body)
    assert ROWS.parse(body).rows.num_rows == len(rows)


def test_a_page_that_fits_takes_the_fast_path(monkeypatch):
    """Values, nil marks, entities, any order and empty texts need no reading row by row."""
    monkeypatch.delattr(XmlRows, "parse_exactly")
    swapped = (
        '<Item><Seen xsi:nil="true"/><UsedKB>9007199254740993</UsedKB><Seats>3</Seats>'
        "<IsActive>0</IsActive><Name>R&amp;D &#233;</Name><Label /></Item>"
    )
    parsed = ROWS.parse(page(item(Label="<Label></Label>"), swapped, item(Label="<Label/>")))
    assert parsed.rows.to_pylist()[1] == {
        "name": "R&D é",
        "label": "",
        "used_kb": 9007199254740993,
        "seats": 3,
        "is_active": False,
        "seen": None,
        "extra": None,
    }
    assert parsed.rows["label"].to_pylist() == ["", "", ""]


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"Label": None}, "label", None),
        ({"Label": "<Label />"}, "label", ""),
        ({"Label": f"<Label{NIL}"}, "label", None),
        ({"Name": "<Name />"}, "name", ""),
        ({"Name": "<Name><![CDATA[<b> & c]]></Name>"}, "name", "<b> & c"),
        ({"Name": "<Name>a<!-- not told -->b</Name>"}, "name", "ab"),
        ({"Name": "<Name>a&#x2;b&#31;</Name>"}, "name", "ab"),
        ({"Name": "<Name><![CDATA[&#x2;]]></Name>"}, "name", "&#x2;"),
        ({"Name": "<Name>a\r\nb&#xD;</Name>"}, "name", "a\nb\r"),
        ({"Name": "<Name> a </Name>"}, "name", " a "),
        ({"Seats": "<Seats>-9223372036854775808</Seats>"}, "seats", -(2**63)),
        ({"IsActive": f"<IsActive{NIL}"}, "is_active", None),
        ({"IsActive": "<IsActive>1</IsActive>"}, "is_active", True),
        (
            {"Seen": "<Seen>2026-11-01T08:00:00.1234567</Seen>"},
            "seen",
            datetime(2026, 11, 1, 8, 0, 0, 123456),
        ),
        ({"Seen": "<Seen>2026-11-01T08:00:08.8</Seen>"}, "seen", datetime(2026, 11, 1, 8, 0, 8, 800000)),
        ({"Seen": "<Seen>2026-11-01T08:00:00Z</Seen>"}, "seen", datetime(2026, 11, 1, 8)),
        (
            {"Seen": "<Seen>2026-11-01T08:00:00.25+03:00</Seen>"},
            "seen",
            datetime(2026, 11, 1, 8, 0, 0, 250000),
        ),
        ({"Seen": "<Seen>0001-01-01T00:00:00</Seen>"}, "seen", None),
    ],
)
def test_what_a_cell_is_worth(cells, column, expected):
    """Nil, absent and empty differ; texts are kept to the letter; times keep the clock as written."""
    body = page(item(**cells))
    assert only(ROWS.parse(body))[column] == expected
    assert only(ROWS.parse_exactly(body))[column] == expected


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"UsedKB": "<UsedKB>12.0</UsedKB>"}, "UsedKB: '12.0' is not a whole number of 64 bits"),
        ({"UsedKB": "<UsedKB>9223372036854775808</UsedKB>"}, "UsedKB: '9223372036854775808' is not"),
        ({"UsedKB": "<UsedKB />"}, "UsedKB: '' is not a whole number"),
        ({"UsedKB": None}, "UsedKB is absent"),
        ({"UsedKB": f"<UsedKB{NIL}"}, "UsedKB has no value"),
        ({"Seats": None}, "Seats is absent"),
        ({"Seats": "<Seats><A>1</A></Seats>"}, "Seats holds elements"),
        ({"IsActive": "<IsActive>yes</IsActive>"}, "IsActive: 'yes' is not true or false"),
        ({"Seen": "<Seen>01/11/2026</Seen>"}, "Seen: '01/11/2026' is not a date and time"),
        ({"Name": "<Name>a</Name><Name>b</Name>"}, "Name appears more than once"),
    ],
)
def test_a_row_that_cannot_be_typed_is_quarantined(cells, reason):
    """The row goes to quarantine with its reason and its XML; its neighbours are typed."""
    parsed = ROWS.parse(page(item(), item(**cells), item()))
    (quarantined,) = parsed.quarantined
    assert quarantined.reason.startswith(reason)
    assert "<Item" in quarantined.payload
    assert parsed.rows.num_rows == 2


@pytest.mark.parametrize(
    "stranger", [f"<Item{NIL}", "<Item />", "<Other><Name>a</Name></Other>", "<Other />"]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_is_no_row_among_rows_is_quarantined(stranger, place):
    """A nil row and an element of another name are not passed over in silence, wherever they stand."""
    rows = [item(), item()]
    rows.insert(place, stranger)
    parsed = ROWS.parse(page(*rows))
    assert (parsed.rows.num_rows, len(parsed.quarantined)) == (2, 1)


def test_unknown_elements_are_kept_and_reported():
    """A field the contract does not have goes to extra, with what is in it; its name is reported."""
    parsed = ROWS.parse(
        page(item(Label="<New><A>1</A><A>2</A></New>"), item(), after="<Total>2</Total><Hint>x</Hint>")
    )
    assert parsed.rows["extra"].to_pylist() == ['{"New": {"A": ["1", "2"]}}', None]
    assert parsed.unknown_fields == {"New", "Hint"}


@pytest.mark.parametrize("old", ["UsedKB", "Seats", "Name"])
@pytest.mark.parametrize("value", ["5", None])
def test_a_renamed_field_breaks_the_contract(old, value):
    """A field missing from every row under its name is never taken for zero, nil rows included."""
    renamed = f"<{old}2{NIL}" if value is None else f"<{old}2>{value}</{old}2>"
    with pytest.raises(ContractBroken, match=f"2 times: {old} is absent"):
        ROWS.parse(page(item(**{old: renamed}), item(**{old: renamed})))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (page(item())[:-30], "does not end in the Envelope"),
        (page("<Item><Name>a</Item>"), "not well-formed"),
        (page(item()).replace(b"?>", b"?><!DOCTYPE Envelope>", 1), "document type"),
        (page(item()).replace(b"Items>", b"Things>"), "holds Things instead of"),
        (page().replace(b"GetResult>", b"OtherResult>"), "lacks what should hold Items"),
        (page(item(), after=f"<Items>{item()}</Items>"), "holds Items more than once"),
    ],
    ids=["cut", "broken", "doctype", "renamed list", "renamed result", "two lists"],
)
def test_an_answer_without_its_shape_breaks_the_contract(body, sentence):
    """A cut, broken or renamed answer is an error, never an empty list."""
    with pytest.raises(ContractBroken, match=sentence):
        ROWS.parse(body)


@pytest.mark.parametrize(
    "body",
    [page(), page().replace(b"<Items></Items>", b""), page().replace(b"<Items></Items>", b"<Items />")],
)
def test_an_empty_list_is_no_rows(body):
    """No rows is a page without rows; whether that can be is for the proof of completeness to say."""
    assert ROWS.parse(body).rows.num_rows == 0


def test_other_encodings_and_prefixes_are_read():
    """ISO-8859-1 and prefixed elements take the exact path, to the same rows."""
    latin = (
        page(item(Name="<Name>caf\u00e9</Name>")).decode().replace("utf-8", "ISO-8859-1").encode("latin-1")
    )
    prefixed = (
        page(item()).replace(b"<Item>", b"<v:Item xmlns:v='acme.com'>").replace(b"</Item>", b"</v:Item>")
    )
    assert only(ROWS.parse(latin))["name"] == "caf\u00e9"
    assert only(ROWS.parse(prefixed)) == only(ROWS.parse(page(item())))


def test_nested_elements_are_read_by_their_path():
    """A source A/B is the B of the row's A; a list below is kept as JSON; what is unknown keeps its path."""
    nested = XmlRows(
        (
            Field("id", "Primary/Id", pa.string()),
            Field("messages", "Primary/Status/Messages", pa.string(), Presence.OPTIONAL),
            Field("copy_id", "Secondary/Id", pa.string(), Presence.OPTIONAL),
        ),
        ROWS.path,
        ROWS.beside,
        verbatim=frozenset({"messages"}),
    )
    with_list = (
        "<Item><Primary><Id>a</Id><Status><Messages><M>x</M><M>y</M></Messages></Status></Primary></Item>"
    )
    unknown = f"<Item><Secondary{NIL}<Primary><Id>b</Id><New>1</New></Primary></Item>"
    parsed = nested.parse(page(with_list, unknown))
    assert parsed.rows.to_pylist() == [
        {"id": "a", "messages": '{"M": ["x", "y"]}', "copy_id": None, "extra": None},
        {"id": "b", "messages": None, "copy_id": None, "extra": '{"Primary/New": "1"}'},
    ]
    assert parsed.unknown_fields == {"Primary/New"}


@pytest.mark.parametrize("padding", ["", "x"])
def test_pairs_are_counted_across_blocks(padding):
    """The count that vouches for a page is exact where a pair lies across two blocks."""
    text = (padding + "</" * 100_000 + "<").encode()
    assert count_pair(np.frombuffer(text, np.uint8), "</") == text.count(b"</")
    assert count_pair(np.frombuffer(b"<", np.uint8), "</") == 0


def test_a_large_page_that_fits_takes_the_fast_path(monkeypatch):
    """Megabytes of rows are vouched for as a few are."""
    monkeypatch.delattr(XmlRows, "parse_exactly")
    assert (
        ROWS.parse(page(*[item(Name=f"<Name>n{number}</Name>") for number in range(3000)])).rows.num_rows
        == 3000
    )

"""From a line to the vendor's bytes."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from audited import GAP, OCTOBER, build, land, readings, set_now

from warehouse.audit.explain import explain, to_json
from warehouse.build import FILE
from warehouse.invoicing.refusal import Refused
from warehouse.landing import RawDamaged
from warehouse.publish import read

TOP, SOLO = "US-2026-000004", "US-2026-000003"


def test_a_line_leads_to_the_bytes_of_the_vendors_answer(issued_home: Path) -> None:
    """Each reading has its raw row, and each row the answer it stands in, with its SHA-256."""
    found = explain(issued_home, SOLO)
    line = next(line for line in found.lines if line.line["sku"] == "seat")
    (usage,) = line.usage
    assert (usage.quantity, usage.days_reported, usage.days_expected) == (Decimal(4), 30, 31)
    assert [day.usage_date for day in usage.days] == [OCTOBER + timedelta(days=n) for n in range(31)]
    for day in usage.days:
        if day.usage_date == GAP:
            assert day.how == f"not reported, repeats {GAP - timedelta(days=1)}"
            assert (day.quantity, day.readings) == (4, [])
            continue
        (reading,) = day.readings
        assert (day.how, day.quantity, reading.quality) == ("reported", 4, "manual")
        row = found.raw.rows[reading.pull_id, reading.row_no]
        assert (row.stream, row.cells["account_id"], row.cells["quantity"]) == ("files/usage", "cc", 4)
        answer = found.raw.response_of(reading.pull_id, reading.row_no)
        (stored,) = pq.read_table(issued_home / answer.file).to_pylist()
        assert answer.sha256 == stored["sha256"]
        assert b"cc,server,123456789012,4" in stored["body"]
        assert "file.csv" in answer.request


def test_what_is_not_from_readings_says_what_it_is_from(issued_home: Path) -> None:
    """A contract names its item, a commitment what counts to it, a pooled price its tiers."""
    found = {line.line["kind"]: line for line in explain(issued_home, TOP).lines}
    assert found["contract"].basis[0].rows[0]["unit_price"] == Decimal("9.5")
    counted = {basis.what: basis.rows for basis in found["commitment"].basis}
    assert [row["month"] for row in counted["what counts to it"]] == [date(2026, 9, 1), OCTOBER]
    assert counted["the commitment"][0]["amount"] == 40
    pooled = found["included"]
    assert {usage.customer_id for usage in pooled.usage} == {"sub", "top"}
    assert [row["unit_price"] for row in pooled.basis[0].rows] == [Decimal("0.05"), Decimal("0.04")]


def test_the_highest_day_of_a_term_tells_the_months_before(issued_home: Path) -> None:
    """Its days are those of both months that there are."""
    line = next(line for line in explain(issued_home, SOLO).lines if line.line["sku"] == "peak")
    assert [len(usage.days) for usage in line.usage] == [30 + 31]


def test_an_issued_line_is_explained_as_it_was_known(issued_home: Path) -> None:
    """What a vendor tells later is not in it."""
    before = to_json(explain(issued_home, SOLO))
    set_now(date(2026, 11, 3))
    day = date(2026, 10, 20)
    land(issued_home, day, [(*row[:3], 9) for row in readings(day)])
    build(issued_home, [day])
    with read(issued_home / FILE) as tables:
        sql = "SELECT max(quantity) FROM billing.usage_record WHERE month = ? AND sku = 'seat'"
        assert tables.execute(sql, [OCTOBER]).fetchall() == [(Decimal(18),)]
    assert to_json(explain(issued_home, SOLO)) == before


def test_a_draft_and_a_line_of_it_are_explained_by_their_ids(issued_home: Path) -> None:
    """A correction leads to the readings as they are now, and to what was billed."""
    set_now(date(2026, 11, 3))
    day = date(2026, 10, 20)
    land(issued_home, day, [(*row[:3], 9) for row in readings(day)])
    november = date(2026, 11, 1)
    set_now(november + timedelta(days=1), 4)
    land(issued_home, november, readings(november))
    build(issued_home, [day, november])
    with read(issued_home / FILE) as tables:
        sql = (
            "SELECT invoice_id, invoice_line_id FROM billing.draft_line "
            "WHERE billed_customer_id = 'solo' AND kind = 'correction' AND sku = 'seat'"
        )
        ((draft, line),) = tables.execute(sql).fetchall()
    assert len(explain(issued_home, draft).lines) > 1
    (only,) = explain(issued_home, line).lines
    assert only.line["invoice_line_id"] == line
    assert {usage.quantity for usage in only.usage} == {Decimal(9)}
    told = {basis.what: basis.rows for basis in only.basis}
    assert [row["exact_amount"] for row in told["the charges as they are known now"]] == [18]
    assert [(row["number"], row["exact_amount"]) for row in told["what was billed"]] == [(SOLO, 8)]


def test_machines_get_the_same_as_json(issued_home: Path) -> None:
    """Lines with their usage, rows and answers, decimals as text."""
    document = json.loads(to_json(explain(issued_home, SOLO)))
    assert document["document"]["number"] == SOLO
    line = next(line for line in document["lines"] if line["usage"])
    reading = line["usage"][0]["days"][0]["readings"][0]
    rows = {(row["pull_id"], row["row_no"]): row for row in document["rows"]}
    row = rows[reading["pull_id"], reading["row_no"]]
    answers = {(answer["pull_id"], answer["response_no"]) for answer in document["answers"]}
    assert (row["pull_id"], row["response_no"]) in answers
    assert isinstance(reading["quantity"], str)


def test_what_cannot_be_explained_is_refused_in_a_sentence(issued_home: Path) -> None:
    """An unknown id, and raw data that are gone."""
    with pytest.raises(Refused, match="'US-2026-000099' is neither the number of a document nor the id"):
        explain(issued_home, "US-2026-000099")
    next((issued_home / "raw/files/usage/usage_date=2026-10-03").glob("*.responses.parquet")).unlink()
    with pytest.raises(RawDamaged, match=r"responses\.parquet is missing: restore it from a backup"):
        explain(issued_home, SOLO)

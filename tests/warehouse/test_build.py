"""The warehouse is a function of what was landed, in whichever order and however often it is built."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from landed import account, consumption, land

from tests.warehouse.emptied import emptied
from warehouse import invariants, publish
from warehouse.build import FILE, build_days, rebuild
from warehouse.calendar import set_months
from warehouse.invariants import InvariantBroken
from warehouse.models import models
from warehouse.query import QueryRefused, invoice_summary, query

D1, D2, D3 = (date(2026, 10, n) for n in (1, 2, 3))
NIGHTS = [date(2026, 9, 28) + timedelta(days=n) for n in range(7)]  # over the end of a month

REFERENCE = {
    "billing_entity": "billing_entity_id,name,country,tax_id,currency,time_zone,invoice_prefix\n"
    "us,Us B.V.,NL,,EUR,Europe/Amsterdam,US\n",
    "rate_card": "rate_card,name,currency\ncard,Card,EUR\n",
    "customer": "customer_id,name,kind,parent_customer_id,bill_to,billing_entity_id,currency,rate_card,"
    "tax_code,country,tax_id,valid_from,valid_to\n"
    "top,Top,reseller,,self,us,EUR,card,vat,,,2020-01-01,\n"
    "sub,Sub,end_customer,top,parent,,,,,,,2020-01-01,\n",
    "tax_rate": "tax_code,name,category,percent,exemption_reason,valid_from,valid_to\n"
    "vat,VAT,S,21,,2020-01-01,\n",
    "sku": "sku,name,service,unit,quantity_step\nseat,Seat,Backup,seats,1\ngb,Storage,Backup,GB,0.001\n",
    "meter": "vendor,meter,unit,valid_from\n"
    "redstor,active_seats,seats,2020-01-01\ninfrascale,used_bytes,bytes,2020-01-01\n",
    "sku_mapping": "vendor,product,meter,sku,aggregation,valid_from\n"
    "redstor,*,active_seats,seat,peak,2020-01-01\ninfrascale,backup,used_bytes,gb,average,2020-01-01\n",
    "rate": "rate_card,sku,model,tier_from,tier_to,unit_price,valid_from,valid_to\n"
    "card,seat,per_unit,0,,1.5,2020-01-01,\ncard,gb,per_unit,0,,0.1,2020-01-01,\n",
    "account_mapping": "vendor,connection,account_id,state,customer_id,reason,valid_from,valid_to\n"
    "redstor,default,aa,mapped,sub,,2020-01-01,\n"
    "redstor,default,demo,excluded,,Demonstration,2020-01-01,2030-01-01\n"
    "infrascale,default,5,mapped,top,,2020-01-01,\n",
}


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return write_reference(tmp_path / "reference")


def write_reference(folder: Path) -> Path:
    folder.mkdir()
    for name, text in REFERENCE.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    return query(home / "warehouse.duckdb", sql).rows


def contents(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table and view, rows in one order; what the latest build touched is no content."""
    names = [model.name for model in models() if model.name not in {"ops.build_month", "ops.calendar"}]
    with publish.read(home / FILE) as connection:
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in names}


def land_nights(home: Path) -> None:
    for n, night in enumerate(NIGHTS):
        seats = [
            consumption("aa", active_seats=n),
            consumption("demo", active_seats=5),
            consumption("new", active_seats=1),
        ]
        land(home, "redstor/consumption", night, seats, unknown_fields=("colour",))
        land(
            home,
            "infrascale/accounts",
            night,
            [account(5, "ann", used_space_kb=n * 10**7)],
            quarantined=("<a/>",),
        )
        land(home, "infrascale/history_events", night, [])


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose nights were landed and built at once."""
    folder = tmp_path_factory.mktemp("rebuilt")
    land_nights(folder / "home")
    rebuild(folder / "home", write_reference(folder / "reference"))
    return folder / "home"


@pytest.fixture
def nights(rebuilt: Path, home: Path) -> None:
    """The nights landed and built in the home of the test."""
    shutil.copytree(rebuilt, home)


@pytest.mark.usefixtures("nights")
def test_built_night_by_night_backwards_or_at_once_it_is_the_same(home: Path, reference: Path) -> None:
    """Incremental, out of order, twice over, rebuilt, and rebuilt after the file was lost."""
    wanted = contents(home)
    assert len(wanted["billing.invoice"]) == 2
    for order in (NIGHTS[::-1], NIGHTS[2:4]):
        for night in order:
            build_days(home, reference, [night])
        assert contents(home) == wanted
    (home / "warehouse.duckdb").unlink()
    build_days(home, reference, [NIGHTS[-1]])
    assert contents(home) == wanted


@pytest.mark.usefixtures("nights")
def test_a_restated_day_changes_its_month_and_nothing_else(home: Path, reference: Path) -> None:
    """The higher version counts; the one before it leaves no row, in staging or in the raw view."""
    before = contents(home)
    land(home, "redstor/consumption", NIGHTS[5], [consumption("aa", active_seats=40)], version=2)
    build_days(home, reference, [NIGHTS[5]])
    september, october = date(2026, 9, 1), date(2026, 10, 1)
    lines = ask(
        home, "SELECT month, sku, quantity FROM billing.invoice_line WHERE sku = 'seat' ORDER BY month"
    )
    assert lines == [(september, "seat", 2), (october, "seat", 40)]
    after = contents(home)
    for name in ("billing.invoice_line", "billing.invoice"):
        assert [r for r in after[name] if september in r] == [r for r in before[name] if september in r]
    day = f"usage_date = '{NIGHTS[5]}'"
    assert ask(home, f"SELECT active_seats FROM raw.redstor_consumption WHERE {day}") == [(40,)]
    assert ask(home, f"SELECT quantity FROM staging.usage_snapshot WHERE vendor = 'redstor' AND {day}") == [
        (40,)
    ]


@pytest.mark.usefixtures("nights")
def test_a_day_that_vanished_from_raw_vanishes_from_the_tables(home: Path, reference: Path) -> None:
    """Nothing derived outlives what it was derived from."""
    for manifest in (home / "raw/redstor/consumption" / f"usage_date={NIGHTS[-1]}").glob("*.pull.json"):
        manifest.unlink()
    build_days(home, reference, [NIGHTS[-1]])
    assert max(ask(home, "SELECT usage_date FROM staging.usage_snapshot WHERE vendor = 'redstor'")) == (
        NIGHTS[-2],
    )


def test_what_is_excluded_or_on_trial_is_metered_and_not_charged(home: Path, reference: Path) -> None:
    """Usage records say why they are not billable; no invoice line comes of them."""
    land(
        home,
        "redstor/consumption",
        D1,
        [
            consumption("aa", active_seats=2),
            consumption("aa", subscription_id="t", active_seats=3, is_trial=True),
            consumption("demo", active_seats=5),
        ],
    )
    build_days(home, reference, [D1])
    assert ask(
        home,
        "SELECT customer_id, quantity, not_billable_reason, days_expected, days_reported "
        "FROM billing.usage_record ORDER BY quantity",
    ) == [("sub", 2, None, 1, 1), ("sub", 3, "trial", 1, 1), (None, 5, "excluded: Demonstration", 1, 1)]
    assert ask(
        home, "SELECT billed_customer_id, customer_id, amount, description FROM billing.invoice_line"
    ) == [("top", "sub", Decimal("3.0000"), "Seat, Sub, highest day, 1 of 1 days")]
    assert invoice_summary(home / "warehouse.duckdb", D3).rows == [
        ("top", "Top", "draft", 1, "EUR", Decimal("3.00"), Decimal("0.63"), Decimal("3.63"))
    ]


def test_a_missing_day_is_no_zero_in_the_mean(home: Path, reference: Path) -> None:
    """A failed pull's day repeats the day before it; an account the vendor lists no more counts as none."""
    land(home, "infrascale/accounts", D1, [account(5, "ann", used_space_kb=10**9)])
    land(home, "infrascale/accounts", D2, None, reason="The vendor was down.")
    land(home, "infrascale/accounts", D3, [])
    build_days(home, reference, [D1, D2, D3])
    assert ask(home, "SELECT quantity, days_reported FROM billing.usage_record") == [(Decimal("682.667"), 2)]


def problems(home: Path) -> dict[tuple[date, str], str]:
    rows = ask(home, "SELECT usage_date, kind, sentence FROM ops.open_problem")
    found = {(day, kind): sentence for day, kind, sentence in rows}
    assert len(found) == len(rows)
    return found


def test_open_problems_speak_plainly_until_they_are_mended(home: Path, reference: Path) -> None:
    """Failed, missing, quarantined and drifted each have a sentence."""
    land(
        home,
        "infrascale/accounts",
        D1,
        [account(5, "ann", used_space_kb=10**9)],
        quarantined=("<a/>", "<b/>"),
    )
    land(home, "infrascale/accounts", D3, None, reason="The vendor was down.")
    land(home, "redstor/consumption", D1, [consumption("new", active_seats=1)], unknown_fields=("colour",))
    land(home, "redstor/consumption", D2, [], unknown_fields=("colour",))
    land(home, "redstor/consumption", D3, [])
    build_days(home, reference, [D1, D2, D3])
    assert problems(home) == {
        (D1, "rows quarantined"): "infrascale/accounts has 2 rows that could not be read, on 1 day, "
        "2026-10-01: see ops.quarantine for why.",
        (D1, "schema drift"): "redstor/consumption has sent the field colour since 2026-10-01, which is not "
        "declared: it is kept in raw, in the column extra.",
        (D2, "pull missing"): "infrascale/accounts was never pulled on 1 day, 2026-10-02 (connection "
        "default): run those nights again where the vendor can still tell them.",
        (D3, "pull failed"): "The vendor was down.",
    }
    assert ask(home, "SELECT row_no, payload FROM ops.quarantine ORDER BY ALL") == [(0, "<a/>"), (1, "<b/>")]
    for day in (D2, D3):
        land(home, "infrascale/accounts", day, [account(5, "ann")])
    build_days(home, reference, [D2, D3])
    assert {kind for _, kind in problems(home)} == {"rows quarantined", "schema drift"}


def test_what_repeats_for_one_cause_is_one_problem_a_month(home: Path, reference: Path) -> None:
    """Its first day, and on how many; another cause and another month are problems of their own."""
    october = [date(2026, 10, 29), date(2026, 10, 30), date(2026, 10, 31)]
    days = [*october, date(2026, 11, 1)]
    for day, bad in zip(days, ("a", "bc", "d", "e"), strict=True):
        land(home, "xopero/available_products", day, [], quarantined=tuple(bad))
    for day, why in zip(days, ("Down for {}.", "Down for {}.", "Renamed.", "Down for {}."), strict=True):
        land(home, "redstor/consumption", day, None, reason=why.format(day))
    build_days(home, reference, days)
    assert problems(home) == {
        (october[0], "rows quarantined"): "xopero/available_products has 4 rows that could not be read, on 3 "
        "days between 2026-10-29 and 2026-10-31: see ops.quarantine for why.",
        (days[-1], "rows quarantined"): "xopero/available_products has 1 row that could not be read, on 1 "
        "day, 2026-11-01: see ops.quarantine for why.",
        (october[0], "pull failed"): "On 2 days between 2026-10-29 and 2026-10-30, for example: Down for "
        "2026-10-29.",
        (october[2], "pull failed"): "Renamed.",
        (days[-1], "pull failed"): "Down for 2026-11-01.",
    }


def test_without_a_reference_everything_is_staged_and_unmapped(home: Path) -> None:
    """No file of the user's is needed to look at usage."""
    land(home, "redstor/consumption", D1, [consumption("aa", active_seats=2)])
    build_days(home, None, [D1])
    assert ask(home, "SELECT quantity FROM staging.usage_snapshot") == [(2,)]
    assert ask(home, "SELECT DISTINCT account_id FROM billing.unmapped_account") == [("aa",)]
    assert ("account unmapped",) in ask(home, "SELECT kind FROM billing.blocker")


@pytest.mark.usefixtures("nights")
def test_a_changed_reference_bills_every_month_again(home: Path, reference: Path) -> None:
    """Another price changes its lines of all months, whichever day is built, and only that."""
    staged = contents(home)["staging.usage_snapshot"]
    (reference / "rate.csv").write_text(REFERENCE["rate"].replace("1.5", "2.25"))
    build_days(home, reference, [NIGHTS[-1]])
    prices = ask(
        home, "SELECT DISTINCT month, unit_price FROM billing.invoice_line WHERE sku = 'seat' ORDER BY 1"
    )
    assert prices == [(date(2026, 9, 1), Decimal("2.25")), (date(2026, 10, 1), Decimal("2.25"))]
    incremental = contents(home)
    assert incremental["staging.usage_snapshot"] == staged
    rebuild(home, reference)
    assert contents(home) == incremental


@pytest.mark.usefixtures("nights")
def test_other_sql_builds_everything_anew(
    home: Path, reference: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables of two versions of the SQL never stand side by side."""
    monkeypatch.setattr("warehouse.build.version", lambda: "another")
    reports = {report.table: report for report in build_days(home, reference, [NIGHTS[-1]])}
    assert reports["staging.usage_snapshot"].rows == 56


def test_a_product_of_its_own_comes_before_any_product(home: Path, reference: Path) -> None:
    """A row for the product replaces the row for `*`, and leaves the other products to it."""
    (reference / "sku.csv").write_text(REFERENCE["sku"] + "own,Own seat,Backup,seats,1\n")
    (reference / "sku_mapping.csv").write_text(
        REFERENCE["sku_mapping"] + "redstor,RS-OWN,active_seats,own,last,2020-01-01\n"
    )
    seats = [
        consumption("aa", active_seats=2),
        consumption("aa", subscription_id="o", sku="RS-OWN", active_seats=7),
    ]
    land(home, "redstor/consumption", D1, seats)
    build_days(home, reference, [D1])
    found = ask(home, "SELECT sku, quantity FROM billing.usage_record ORDER BY sku")
    assert found == [("own", 7), ("seat", 2)]


def test_a_broken_invariant_publishes_nothing(home: Path, reference: Path) -> None:
    """Two readings under one key stop the build, with the key in the message."""
    land(home, "redstor/consumption", D1, [consumption("aa", active_seats=2)])
    build_days(home, reference, [D1])
    land(home, "redstor/consumption", D2, [consumption("aa", active_seats=2)] * 2)
    with pytest.raises(
        InvariantBroken, match=r"staging.usage_snapshot has several rows.*account_id aa.*active_seats"
    ):
        build_days(home, reference, [D2])
    assert ask(home, "SELECT DISTINCT usage_date FROM staging.usage_snapshot") == [(D1,)]


STAGED = [model.name for model in models() if model.name.startswith("staging.") and model.selects]
SOME = {"VARCHAR": "''", "DATE": f"DATE '{D1}'", "TIMESTAMP": f"TIMESTAMP '{D1}'"}


@pytest.mark.parametrize("table", STAGED)
def test_what_is_staged_is_of_a_pull_that_counts(table: str) -> None:
    """A row of a pull that nobody knows, in each table."""
    with emptied() as connection:
        set_months(connection, [D1], D3)
        columns = connection.execute(f"DESCRIBE {table}").fetchall()
        cells = ", ".join(SOME.get(kind.split(" ")[0], "0") for _, kind, *_ in columns)
        connection.execute(f"INSERT INTO {table} VALUES ({cells})")
        with pytest.raises(InvariantBroken, match="A staged row comes from a pull that is not"):
            invariants.verify(connection, [D1])


def test_a_column_a_stream_gained_is_null_in_older_files(home: Path) -> None:
    """One raw view reads files of every age."""
    land(home, "redstor/consumption", D1, [consumption("aa")], leave_out=("licensed_users",))
    land(home, "redstor/consumption", D2, [consumption("aa", licensed_users=3)])
    rebuild(home, None)
    rows = ask(home, "SELECT usage_date, licensed_users FROM raw.redstor_consumption ORDER BY 1")
    assert rows == [(D1, None), (D2, 3)]


@pytest.mark.usefixtures("nights")
def test_a_report_tells_what_was_built(home: Path, reference: Path) -> None:
    """Every model that is shown has one, with rows of this build, rows in all, columns and a look inside."""
    reports = {report.table: report for report in build_days(home, reference, [NIGHTS[0]])}
    assert list(reports) == [model.name for model in models() if model.is_shown]
    staged = reports["staging.usage_snapshot"]
    assert (staged.rows, staged.total_rows) == (8, 56)
    assert ("quantity", "DECIMAL(28,9)") in staged.columns
    assert staged.preview.startswith("| vendor | connection |")


@pytest.mark.usefixtures("nights")
def test_a_query_never_turns_money_into_a_float(home: Path) -> None:
    """Decimals stay decimals; a bad query is refused in one line."""
    answer = query(
        home / "warehouse.duckdb", "SELECT billed_customer_id, amount FROM billing.invoice_line LIMIT 1"
    )
    assert answer.columns == ("billed_customer_id", "amount")
    assert answer.numeric == (False, True)
    assert isinstance(answer.rows[0][1], Decimal)
    with pytest.raises(QueryRefused, match="nowhere"):
        query(home / "warehouse.duckdb", "SELECT * FROM nowhere")
    with pytest.raises(QueryRefused, match="read-only"):
        query(home / "warehouse.duckdb", "DELETE FROM billing.charge")
    with pytest.raises(QueryRefused, match="there is no warehouse"):
        query(home / "elsewhere.duckdb", "SELECT 1")


@pytest.mark.usefixtures("nights")
def test_a_day_without_a_pull_is_not_landed_by_being_built(home: Path, reference: Path) -> None:
    """A build that is asked for because something was decided finds what was landed, and no more days."""
    before = contents(home)
    for later in (NIGHTS[-1] + timedelta(days=2), NIGHTS[-1] + timedelta(days=40)):
        build_days(home, reference, {later})
        assert contents(home) == before
        assert ask(home, "SELECT max(metered_until) FROM ops.build_month") == [(NIGHTS[-1],)]


def test_without_any_pull_nothing_is_billed(home: Path, reference: Path) -> None:
    """The tables are there, and empty."""
    build_days(home, reference, {D1})
    assert ask(home, "SELECT count(*) FROM billing.draft") == [(0,)]


@pytest.mark.usefixtures("nights")
def test_days_that_a_changed_reference_writes_again_are_checked(
    home: Path, reference: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them, whichever day was landed."""
    checked: list[date] = []
    monkeypatch.setattr(invariants, "verify", lambda _, days: checked.extend(days))
    (reference / "customer.csv").write_text(REFERENCE["customer"].replace("Top", "Topmost"))
    build_days(home, reference, {NIGHTS[-1]})
    assert {*checked} == {*NIGHTS, date(2026, 9, 1), D1}

"""Which requests make up each pull, and which rows come of them."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from resellerclub_support import (
    BALANCE,
    DAY,
    USERID,
    connected,
    customer,
    details,
    error,
    found,
    listed,
    paged,
    pull,
    raw,
    routes,
    told,
    transaction,
)

from connectors.errors import ContractBroken, IncompletePull, RequestRefused
from connectors.resellerclub import VENDOR
from connectors.stream import AsOf, Role

NOT_HERE = raw("<html>404</html>", 404)


def region_of(orders, region="us", size=None):
    """Routes of one region's list and details, under the spelling `backup`."""

    def one(asked):
        order_id = asked.query["order-id"]
        return orders.get(order_id) or error(f"Order {order_id} not found")

    lists = [listed(order_id) for order_id in orders]
    return {
        f"backup_{region}_search": lambda asked: paged(asked, lists),
        f"backup_{region}_details": one,
    }


def orders_of(*ids, region="us", **changes):
    return region_of({str(order_id): told(details(order_id, region, **changes)) for order_id in ids}, region)


def asked_paths(vendor):
    return [asked.path.removeprefix("/api/") for asked in vendor.asked]


# orders


def test_orders_are_each_regions_list_and_then_each_orders_details():
    """Two regions are two lists; an order belongs to one."""
    shop = routes(**orders_of(11, 12), **orders_of(21, region="asia"))
    with connected(shop) as (client, vendor):
        exchanges, rows = pull(client, "orders")
    assert [(row["region"], row["order_id"], row["product_key"]) for row in rows] == [
        ("us", 11, "acronisbackupus"),
        ("us", 12, "acronisbackupus"),
        ("asia", 21, "acronisbackupasia"),
    ]
    assert [exchange.role for exchange in exchanges] == [Role.CONTROL] * 2 + [Role.ROWS] * 3
    assert asked_paths(vendor)[:2] == ["backup/us/search.json", "backup/asia/search.json"]


def test_only_the_configured_regions_are_read():
    """A region that is not ours answers with errors."""
    with connected(routes(**orders_of(21, region="asia")), regions="asia") as (client, _):
        assert [row["order_id"] for row in pull(client, "orders")[1]] == [21]


def test_an_order_is_typed_from_text():
    """Instants in UTC, dates in the billing zone, sizes whole, flags true or false, money exact."""
    with connected(routes(**orders_of(11, creationtime="1772406000")), regions="us") as (client, _):
        (row,) = pull(client, "orders")[1]
    assert row["created_at"] == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert (row["started_on"], row["ends_on"]) == (date(2026, 3, 2), date(2027, 3, 2))
    assert (row["customer_id"], row["plan_id"], row["storage_gib"]) == (17, 1188, 250)
    assert (row["allows_deletion"], row["is_paused"]) == (True, False)
    assert (row["customer_cost"], row["current_order_price"]) == (Decimal("0.0"), Decimal("0.0"))
    assert (row["order_status"], row["extra"]) == ("[]", None)


def test_the_spelling_of_the_details_path_is_probed_once_and_remembered():
    """Three are in the manual; what the others answered is kept beside the first order."""
    with connected(routes(**orders_of(11, 12, 13)), regions="us") as (client, vendor):
        exchanges, _ = pull(client, "orders")
        pull(client, "orders")
        paths = [path for path in asked_paths(vendor) if "details" in path]
    assert paths == ["backups/us/details.json"] + ["backup/us/details.json"] * 6
    first = exchanges[1]
    assert [(attempt.status, attempt.role) for attempt in first.rejected] == [(404, Role.REJECTED)]
    assert exchanges[2].rejected == ()


def test_the_next_region_tries_the_known_spelling_first():
    """What holds for one region probably holds for the other."""
    with connected(routes(**orders_of(11), **orders_of(21, region="asia"))) as (client, vendor):
        pull(client, "orders")
        paths = [path for path in asked_paths(vendor) if "details" in path]
    assert paths == ["backups/us/details.json", "backup/us/details.json", "backup/asia/details.json"]


def test_asia_may_be_answered_under_the_path_of_the_us():
    """As the manual prints it under the heading Asia."""
    shop = routes(backup_asia_search=found([listed(21)]), backups_us_details=told(details(21, "asia")))
    with connected(shop, regions="asia") as (client, _):
        assert [row["order_id"] for row in pull(client, "orders")[1]] == [21]


@pytest.mark.parametrize(
    "wrong", [error("No such method", 200), error("not found", 500), NOT_HERE, told(details(99)), told({})]
)
def test_a_spelling_counts_only_when_it_answers_with_that_order(wrong):
    """What a wrong path answers no page says, so it may be anything."""
    shop = routes(**orders_of(11), backups_us_details=wrong)
    with connected(shop, regions="us") as (client, _):
        assert [row["order_id"] for row in pull(client, "orders")[1]] == [11]


def test_a_busy_server_is_no_wrong_spelling():
    """The probe waits it out; otherwise a moment's failure would decide for the whole night."""
    answers = [raw("<html>busy</html>", 503), told(details(11))]
    shop = routes(backup_us_search=found([listed(11)]), backups_us_details=lambda _: answers.pop(0))
    with connected(shop, regions="us") as (client, vendor):
        pull(client, "orders")
        assert asked_paths(vendor)[1:] == ["backups/us/details.json"] * 2


def test_when_no_spelling_answers_every_answer_is_evidence():
    """The failed pull shows what was tried."""
    shop = routes(backup_us_search=found([listed(11)]))
    with connected(shop, regions="us") as (client, _), pytest.raises(RequestRefused) as refused:
        pull(client, "orders")
    assert len(refused.value.exchanges) == 2


def test_an_order_that_went_between_list_and_details_calls_for_another_look():
    """It was listed, so leaving it out would be a guess."""
    shop = routes(**region_of({"11": told(details(11)), "12": error("Order 12 not found")}))
    with connected(shop, regions="us") as (client, _), pytest.raises(IncompletePull, match="12 was listed"):
        pull(client, "orders")


def test_a_list_of_several_pages_is_read_to_its_total():
    """Rows are numbered afresh on every page."""
    shop = routes(**orders_of(*range(1000, 1230)))
    with connected(shop, regions="us") as (client, vendor):
        _, rows = pull(client, "orders")
        searches = [asked.query for asked in vendor.asked if "search" in asked.path]
    assert [row["order_id"] for row in rows] == list(range(1000, 1230))
    assert [(query["page-no"], query["no-of-records"]) for query in searches] == [
        ("1", "100"),
        ("2", "100"),
        ("3", "100"),
    ]


def test_a_list_with_fewer_or_repeated_orders_is_incomplete():
    """Pages shift when an order comes or goes; unique ids must be as many as recsindb says."""
    for rows in ([listed(11)], [listed(11), listed(11)]):
        shop = routes(**orders_of(11) | {"backup_us_search": lambda _, rows=rows: found(rows, 2)})
        with connected(shop, regions="us") as (client, _), pytest.raises(IncompletePull):
            pull(client, "orders")


def test_an_order_that_went_between_two_pages_takes_no_living_one_with_it():
    """The second page begins one order late, and the total it states is the smaller one."""
    ids = list(range(1, 151))

    def search(asked):
        if asked.query["page-no"] == "2":
            ids.remove(5)
        return paged(asked, [listed(order_id) for order_id in ids])

    shop = routes(**orders_of(*ids) | {"backup_us_search": search})
    with (
        connected(shop, regions="us") as (client, vendor),
        pytest.raises(IncompletePull, match="search of us: the vendor's total was 150 and is 149 on page 2"),
    ):
        pull(client, "orders")
    assert {asked.query["order-by"] for asked in vendor.asked} == {"orderid"}


def test_a_server_that_ignores_the_page_number_is_noticed():
    """Its first page comes for ever."""
    rows = [listed(number) for number in range(100)]
    with connected(routes(backup_us_search=found(rows, 100_000)), regions="us") as (client, vendor):
        with pytest.raises(IncompletePull, match="page 2 is page 1 once more"):
            pull(client, "orders")
        assert len(vendor.asked) == 2


def test_no_order_is_a_claim_of_every_region():
    """An empty region is told by recsindb 0; an error is none."""
    with connected(routes(backup_us_search=found([]), backup_asia_search=found([]))) as (client, _):
        assert pull(client, "orders")[1] == []
    shop = routes(backup_us_search=found([]), backup_asia_search=error("No Entity found"))
    with connected(shop) as (client, _), pytest.raises(RequestRefused, match="No Entity found"):
        pull(client, "orders")


@pytest.mark.parametrize(
    "changes",
    [
        {"storagesizegb": None},
        {"storagesizegb": "250.5"},
        {"storagesizegb": "many"},
        {"endtime": "0"},
        {"endtime": ""},
        {"creationtime": "2026-03-02 10:00:00"},
        {"allowdeletion": "maybe"},
    ],
)
def test_an_order_that_cannot_be_typed_is_quarantined(changes):
    """The others are billed: it is no reason to land nobody's."""
    shop = routes(**region_of({"11": told(details(11, **changes)), "12": told(details(12))}))
    with connected(shop, regions="us") as (client, _):
        exchanges, rows = pull(client, "orders")
    assert [row["order_id"] for row in rows] == [12]
    (quarantined,) = VENDOR.stream("orders").parse(exchanges[1]).quarantined
    assert next(iter(changes)) in quarantined.reason
    assert json.loads(quarantined.payload)["orderid"] == "11"


def test_orders_of_which_none_can_be_typed_break_the_contract():
    """That is no accident of one order; the sentence says what is wrong with them."""
    with (
        connected(routes(**orders_of(11, 12, storagesizegb="many")), regions="us") as (client, _),
        pytest.raises(ContractBroken, match=r"none of 2 orders can be typed.*storagesizegb is 'many'"),
    ):
        pull(client, "orders")


@pytest.mark.parametrize("field", ["storagesizegb", "planid", "endtime", "currentstatus"])
def test_a_renamed_field_of_an_order_breaks_the_contract(field):
    """It never becomes an order of nothing."""
    order = details(11)
    order[f"x{field}"] = order.pop(field)
    shop = routes(**region_of({"11": told(order)}))
    with connected(shop, regions="us") as (client, _), pytest.raises(ContractBroken, match=f"x{field}"):
        pull(client, "orders")


def test_plan_and_size_may_have_other_names():
    """No public page names them, so a setting can."""
    order = details(11)
    order |= {"plan-id": order.pop("planid"), "disk": order.pop("storagesizegb")}
    shop = routes(**region_of({"11": told(order)}))
    with connected(shop, regions="us", plan_field="plan-id", storage_field="disk") as (client, _):
        (row,) = pull(client, "orders")[1]
    assert (row["plan_id"], row["storage_gib"], row["extra"]) == (1188, 250, None)


def test_an_unknown_field_of_an_order_is_kept():
    """In the vendor's own spelling."""
    order = raw(json.dumps(details(11))[:-1] + ', "newField": 1.50}')
    with connected(routes(**region_of({"11": order})), regions="us") as (client, _):
        assert pull(client, "orders")[1][0]["extra"] == '{"newField": 1.50}'


# customers


def test_customers_come_with_the_total_of_the_search():
    """Numbered rows with dotted names; recsindb speaks of all pages."""
    shop = routes(customers_search=lambda asked: paged(asked, [customer(number) for number in range(130)]))
    with connected(shop) as (client, _):
        exchanges, rows = pull(client, "customers")
    assert len(rows) == 130
    assert rows[129]["company"] == "Company 129"
    assert rows[0]["total_receipts"] == Decimal("1234.500")
    assert VENDOR.stream("customers").parse(exchanges[0]).vendor_total == 130


def test_numbered_rows_are_in_the_order_of_their_numbers():
    """Not of the text: 10 comes after 9."""
    rows = [customer(number) for number in range(1, 13)]
    body = json.loads(found(rows).body)
    shuffled = dict(sorted(body.items()))
    assert list(shuffled)[:3] == ["1", "10", "11"]
    with connected(routes(customers_search=told(shuffled))) as (client, _):
        assert [row["customer_id"] for row in pull(client, "customers")[1]] == list(range(1, 13))


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (found([customer(1)], 3), IncompletePull),
        (found([], 3), IncompletePull),
        (found([customer(1), customer(2)], 0), IncompletePull),
        (found([customer(1), customer(1, **{"customer.name": "Bob"})]), IncompletePull),
        (told({"recsonpage": "1", "1": customer(1)}), ContractBroken),
        (told({"recsonpage": "0", "recsindb": "1", "1": customer(1)}), ContractBroken),
        (told({"recsonpage": "1", "recsindb": "one", "1": customer(1)}), ContractBroken),
        (told({"recsonpage": "1", "recsindb": "1", "1": "customer"}), ContractBroken),
        (raw('{"recsonpage":"1","recsindb":"1","1":{},"1":{}}'), ContractBroken),
        (told([customer(1)]), ContractBroken),
    ],
)
def test_a_search_that_does_not_add_up_lands_nothing(answer, mistake):
    """Zero and fewer are claims that need a proof."""
    with connected(routes(customers_search=answer)) as (client, _), pytest.raises(mistake):
        pull(client, "customers")


def test_ids_may_come_as_numbers():
    """On some calls they do; text or number, it is the same id."""
    shop = routes(customers_search=found([customer(1, **{"customer.customerid": 1})]))
    with connected(shop) as (client, _):
        assert pull(client, "customers")[1][0]["customer_id"] == 1


def test_a_customer_that_cannot_be_typed_is_quarantined():
    """The others are landed, and all of them together are the vendor's total."""
    rows = [customer(1), customer(2, **{"customer.totalreceipts": "much"})]
    with connected(routes(customers_search=found(rows))) as (client, _):
        exchanges, typed = pull(client, "customers")
    assert [row["customer_id"] for row in typed] == [1]
    (quarantined,) = VENDOR.stream("customers").parse(exchanges[0]).quarantined
    assert quarantined.reason == "customer.totalreceipts is 'much', not an amount"


# catalogue and prices


def prices(**products):
    return routes(
        billing_reseller_balance=told(BALANCE),
        products_reseller_cost_price=raw(json.dumps(products).replace('"#', "").replace('#"', "")),
    )


def test_a_price_list_is_one_row_a_leaf():
    """Plan, action and months stand in its nesting; what a plan does not offer is left out."""
    us = {
        "plans": {"1188": {"add": {"1": "4.50", "12": "#48.10#"}, "renew": {"12": 47}}},
        "addons": {"storage": "0.055"},
    }
    asia = {"plans": {"1190": {"add": {"12": "52.000000001"}}}}
    with connected(prices(acronisbackupus=us, acronisbackupasia=asia, dotcom={"x": {"y": "1"}})) as (
        client,
        _,
    ):
        exchanges, rows = pull(client, "cost_prices")
    assert [tuple(row.values()) for row in rows] == [
        ("acronisbackupus", 1188, "add", None, 1, Decimal("4.50"), "USD", None),
        ("acronisbackupus", 1188, "add", None, 12, Decimal("48.10"), "USD", None),
        ("acronisbackupus", 1188, "renew", None, 12, Decimal(47), "USD", None),
        ("acronisbackupus", None, "addon", "storage", None, Decimal("0.055"), "USD", None),
        ("acronisbackupasia", 1190, "add", None, 12, Decimal("52.000000001"), "USD", None),
    ]
    assert [exchange.role for exchange in exchanges] == [Role.CONTROL, Role.ROWS]


def test_a_price_keeps_every_digit_the_vendor_wrote():
    """A number with a fraction is no float: 0.1 and 1234567890.123456789 stay what they are."""
    us = {"plans": {"1": {"add": {"1": "#0.1#", "2": "#1234567890.123456789#", "3": "#1e2#"}}}}
    with connected(prices(acronisbackupus=us), regions="us") as (client, _):
        rows = pull(client, "cost_prices")[1]
    assert [row["price"] for row in rows] == [
        Decimal("0.1"),
        Decimal("1234567890.123456789"),
        Decimal(100),
    ]
    assert pa.types.is_decimal128(VENDOR.stream("cost_prices").schema.field("price").type)


def test_a_leaf_that_is_no_price_is_quarantined():
    """Beside prices that are."""
    us = {
        "plans": {
            "1": {"add": {"1": "9", "2": "free", "x": "9", "3": None, "4": "-1"}, "gift": {"1": "0"}},
        }
    }
    with connected(prices(acronisbackupus=us), regions="us") as (client, _):
        exchanges, rows = pull(client, "cost_prices")
    assert [row["months"] for row in rows] == [1]
    assert [row.reason for row in VENDOR.stream("cost_prices").parse(exchanges[1]).quarantined] == [
        "is 'free', not an amount",
        "months is 'x', not a whole number",
        "the price is null",
        "the price is -1",
        "a price stands where the contract has none: plans / 1 / gift / 1",
    ]


@pytest.mark.parametrize(
    "products",
    [
        {"acronisbackupus": {"plans": {"1": {"add": {"1": "9"}}}}},
        {"acronisbackupus": {"plans": {"1": {"add": {"1": "9"}}}}, "acronisbackupasia": {}},
        {
            "acronisbackupus": {"plans": {"1": {"add": {"1": "9"}}}},
            "acronisbackupasia": {"tariff": {"1": "9"}},
        },
        {"acronisbackupus": {"plans": {"1": {"add": {"1": "9"}}}}, "acronisbackupasia": "none"},
    ],
)
def test_a_product_without_a_price_is_no_free_product(products):
    """It is missing, renamed or empty, and the price list is not landed."""
    with (
        connected(prices(**products)) as (client, _),
        pytest.raises(ContractBroken, match="reseller-cost-price"),
    ):
        pull(client, "cost_prices")


def test_customer_prices_are_another_list():
    """What the shop asks of customers is not what we pay."""
    us = {"acronisbackupus": {"plans": {"1": {"add": {"1": 9.99}}}}}
    shop = routes(billing_reseller_balance=told(BALANCE), products_customer_price=told(us))
    with connected(shop, regions="us") as (client, vendor):
        assert pull(client, "customer_prices")[1][0]["price"] == Decimal("9.99")
        assert asked_paths(vendor)[-1] == "products/customer-price.json"


def test_plans_are_one_row_each_with_what_is_unknown_kept():
    """The answer holds every product; the backup ones are rows."""
    plans = {
        "acronisbackupus": {"1188": {"plan_name": "Starter", "plan_status": "Active", "ram": 2}},
        "acronisbackupasia": {"1190": {"plan_name": "Starter"}},
        "vpslinuxus": {"1": {"plan_name": "VPS"}},
    }
    with connected(routes(products_plan_details=told(plans))) as (client, _):
        rows = pull(client, "plans")[1]
    assert [tuple(row.values()) for row in rows] == [
        ("acronisbackupus", 1188, "Starter", "Active", '{"ram": 2}'),
        ("acronisbackupasia", 1190, "Starter", None, None),
    ]


@pytest.mark.parametrize(
    "plans", [{}, {"acronisbackupus": {}}, {"acronisbackupus": {"1": {"name": "Starter"}}}]
)
def test_no_plan_is_no_catalogue(plans):
    """A product without plans cannot have been ordered."""
    shop = routes(products_plan_details=told(plans))
    with connected(shop, regions="us") as (client, _), pytest.raises(ContractBroken, match="plan"):
        pull(client, "plans")


# transactions and balance


def test_transactions_are_asked_a_second_early_because_bounds_are_exclusive():
    """The billing day of 1 November 2026 in Berlin is 00:00 to 24:00 of its own clock."""
    with connected(routes(billing_my_transactions_search=found([]))) as (client, vendor):
        assert pull(client, "transactions")[1] == []
        query = vendor.asked[0].query
    assert int(query["transaction-date-start"]) == int(DAY.starts_at.timestamp()) - 1
    assert int(query["transaction-date-end"]) == int(DAY.ends_at.timestamp())
    assert VENDOR.stream("transactions").as_of is AsOf.DATED


@pytest.mark.parametrize("table", ["reseller_transaction", "my_transaction", "x"])
def test_a_transaction_is_read_whatever_its_table_is_called(table):
    """Which prefix one's own account has no page says."""
    shop = routes(billing_my_transactions_search=found([transaction(1, table=table)]))
    with connected(shop) as (client, _):
        (row,) = pull(client, "transactions")[1]
    assert (row["transaction_id"], row["kind"]) == (1, "invoice")
    assert row["occurred_at"] == datetime(2026, 11, 1, 11, tzinfo=UTC)
    assert row["occurred_on"] == date(2026, 11, 1)
    assert (row["selling_currency"], row["selling_amount"]) == ("USD", Decimal("-90.540"))
    assert (row["accounting_currency"], row["accounting_amount"]) == ("INR", Decimal("-7524.123"))


def test_a_transaction_of_the_neighbouring_day_is_landed_under_its_own_date():
    """If a bound turns out to be inclusive, staging leaves the stranger to its own day."""
    start, end = int(DAY.starts_at.timestamp()), int(DAY.ends_at.timestamp())
    rows = [transaction(number, str(at)) for number, at in enumerate((start - 1, start, end - 1, end))]
    with connected(routes(billing_my_transactions_search=found(rows))) as (client, _):
        dates = [row["occurred_on"].day for row in pull(client, "transactions")[1]]
    assert dates == [31, 1, 1, 2]


@pytest.mark.parametrize(
    ("now", "older", "requests"),
    [
        ("2026-11-20T00:00:00+00:00", [], 1),
        ("2027-03-01T00:00:00+00:00", [transaction(9, "1793000000")], 2),
        ("2027-03-01T00:00:00+00:00", [], 2),
    ],
)
def test_no_transaction_on_an_old_day_is_believed_while_the_search_holds_older_ones(
    monkeypatch, now, older, requests
):
    """Old ones leave for an archive, and what left is not nothing."""
    monkeypatch.setenv("BACKUP_BILLING_NOW", now)
    shop = routes(
        billing_my_transactions_search=lambda asked: found(
            [] if "transaction-date-start" in asked.query else older
        )
    )
    with connected(shop) as (client, vendor):
        if older or requests == 1:
            assert pull(client, "transactions")[1] == []
        else:
            with pytest.raises(IncompletePull, match="archived"):
                pull(client, "transactions")
        assert len(vendor.asked) == requests


def test_a_balance_is_one_row():
    """Amounts come as text or number."""
    with connected(routes(billing_reseller_balance=told(BALANCE))) as (client, _):
        (row,) = pull(client, "balance")[1]
    assert tuple(row.values()) == (int(USERID), "USD", Decimal("1045.250"), Decimal("0.0"), None)


# the whole


def test_requests_are_made_one_after_the_other_over_one_connection():
    """The vendor drops further connections from an address, and blocks who opens many."""
    shop = routes(**orders_of(*range(1, 20)), **orders_of(*range(30, 40), region="asia"))
    with connected(shop) as (client, vendor):
        pull(client, "orders")
        assert len(vendor.asked) > 30
        assert vendor.connections == 1


def test_stored_answers_give_the_same_rows_offline():
    """Parsing needs the exchange alone."""
    with connected(routes(**orders_of(11), **orders_of(21, region="asia"))) as (client, _):
        exchanges, rows = pull(client, "orders")
    parse = VENDOR.stream("orders").parse
    again = [row for exchange in exchanges for row in parse(replace(exchange)).rows.to_pylist()]
    assert again == rows

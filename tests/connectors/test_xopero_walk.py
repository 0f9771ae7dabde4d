"""Partners and customers: lists without total or order, proven by a second look in other pages."""

import pytest
from xopero_support import Brand, connected, customer, success

from connectors.errors import ContractBroken, IncompletePull
from connectors.stream import Role
from connectors.transport.concurrency import gathered
from connectors.xopero import walk


def ids(found):
    return [one.id for one in found]


def many(count, reseller=1, start=1):
    return [customer(number, reseller) for number in range(start, start + count)]


@pytest.mark.parametrize("count", [1, 83, 99, 100, 101, 166, 200, 250])
def test_every_customer_is_found_whatever_the_number(tmp_path, count):
    """Full last pages included: a walk ends at an empty page, for no total says where."""
    brand = Brand(customers={None: many(count)})
    with connected(brand, tmp_path) as client:
        exchanges, found = gathered(walk.customers(client, walk.LANDED))
    assert ids(found) == list(range(1, count + 1))
    first = [data["offset"] for data in brand.asked("GetCustomers") if data["limit"] == 100]
    assert first == [*range(0, count, 100), count]
    assert {exchange.role for exchange in exchanges} == {Role.ROWS, Role.SECOND_LOOK, Role.CONTROL}


def test_limits_are_those_the_vendor_allows(tmp_path):
    """1 to 100; what 0 means is not published, and nothing is left to a default."""
    brand = Brand(customers={None: many(120)}, partners={None: [{"id": 7}]})
    with connected(brand, tmp_path) as client:
        gathered(walk.customers(client, walk.LANDED))
    asked = brand.asked("GetCustomers") + brand.asked("GetPartners")
    assert all(1 <= data["limit"] <= 100 and "offset" in data for data in asked)


def test_a_server_with_smaller_pages_is_walked_to_its_end(tmp_path):
    """A short page is no proof of the end: the offset moves by the rows that came."""
    rows = many(120)

    def half(function, data):
        return success(rows[data["offset"] : data["offset"] + 30]) if function == "GetCustomers" else None

    with connected(Brand(overrule=half), tmp_path) as client:
        assert len(gathered(walk.customers(client, walk.LANDED))[1]) == 120


def test_rows_missed_at_every_border_are_found_out(tmp_path):
    """The second look has other borders, so that no row hides at one."""
    rows = many(250)

    def shifted(function, data):
        if function != "GetCustomers":
            return None
        start = data["offset"] + (1 if data["offset"] else 0)
        return success(rows[start : start + data["limit"]])

    with (
        connected(Brand(overrule=shifted), tmp_path) as client,
        pytest.raises(IncompletePull, match="two looks showed different rows"),
    ):
        gathered(walk.customers(client, walk.LANDED))


def test_an_offset_that_is_not_heeded_ends_the_walk(tmp_path):
    """The same page for ever is no endless walk, and no list."""
    rows = many(100)

    def stuck(function, data):
        return success(rows[: data["limit"]]) if function == "GetCustomers" else None

    with (
        connected(Brand(overrule=stuck), tmp_path) as client,
        pytest.raises(IncompletePull, match="from 100 on told nothing but what it had told before"),
    ):
        gathered(walk.customers(client, walk.LANDED))


def test_nobody_at_all_is_no_proof_that_there_is_nobody(tmp_path):
    """An empty list is not zero customers."""
    with (
        connected(Brand(customers={}), tmp_path) as client,
        pytest.raises(IncompletePull, match="no proof that there are none"),
    ):
        gathered(walk.customers(client, walk.LANDED))


def test_each_partners_customers_need_their_own_call(tmp_path):
    """The unfiltered list shows the login's own only; partners without customers are fine."""
    brand = Brand(
        customers={None: many(2), 7: many(3, 7, 100), 8: []},
        partners={None: [{"id": 7}, {"id": 8}]},
    )
    with connected(brand, tmp_path) as client:
        exchanges, found = gathered(walk.customers(client, walk.LANDED))
    assert sorted(ids(found)) == [1, 2, 100, 101, 102]
    told = {
        exchange.context.get("reseller_id") for exchange in exchanges if exchange.operation == "GetCustomers"
    }
    assert told == {None, "7", "8"}


def test_partners_below_partners_are_found(tmp_path):
    """Each level is asked of the one above, and a partner told twice is one."""
    brand = Brand(
        customers={None: many(1), 9: many(1, 9, 50)},
        partners={None: [{"id": 7}, {"id": 8}], 7: [{"id": 9}, {"id": 8}], 9: [{"id": 7}]},
    )
    with connected(brand, tmp_path) as client:
        assert ids(gathered(walk.partners(client, walk.LANDED))[1]) == [7, 8, 9]
        assert sorted(ids(gathered(walk.customers(client, walk.LANDED))[1])) == [1, 50]


def test_a_filter_that_only_finds_the_partner_itself_ends_the_walk(tmp_path):
    """What `filters.resellerId` of GetPartners means is not clear: both readings end."""
    brand = Brand(partners={None: [{"id": 7}, {"id": 8}], 7: [{"id": 7}], 8: [{"id": 8}]})
    with connected(brand, tmp_path) as client:
        assert ids(gathered(walk.partners(client, walk.LANDED))[1]) == [7, 8]


def test_a_filter_that_is_ignored_breaks_the_contract(tmp_path):
    """Somebody else's customers in a partner's list: the partner's own would be missing."""
    brand = Brand(customers={None: many(2), 7: many(2)}, partners={None: [{"id": 7}]})
    with (
        connected(brand, tmp_path) as client,
        pytest.raises(ContractBroken, match="asked for partner 7 told other partners' customers only"),
    ):
        gathered(walk.customers(client, walk.LANDED))


@pytest.mark.parametrize("reseller", [7, "7"])
def test_a_partner_may_be_named_by_text(tmp_path, reseller):
    """As other numbers may be; a row beside it that names nobody is for the stream of customers to report."""
    rows = [customer(100, reseller), customer(101, {"id": 7})]
    brand = Brand(customers={None: many(1), 7: rows}, partners={None: [{"id": 7}]})
    with connected(brand, tmp_path) as client:
        assert sorted(ids(gathered(walk.customers(client, walk.LANDED))[1])) == [1, 100, 101]


@pytest.mark.parametrize("reseller", [{"id": 7}, [7], None])
def test_a_list_that_names_no_partner_breaks_the_contract(tmp_path, reseller):
    """Whose customers they are cannot be told then."""
    brand = Brand(customers={None: many(1), 7: many(2, reseller, 100)}, partners={None: [{"id": 7}]})
    with (
        connected(brand, tmp_path) as client,
        pytest.raises(ContractBroken, match="asked for partner 7 told a resellerId that is no id"),
    ):
        gathered(walk.customers(client, walk.LANDED))


def test_a_list_without_ids_breaks_the_contract(tmp_path):
    """Nobody can be asked about a row without one."""
    rows = [{key: value for key, value in customer(1).items() if key != "id"}]
    with (
        connected(Brand(customers={None: rows}), tmp_path) as client,
        pytest.raises(ContractBroken, match="id"),
    ):
        gathered(walk.customers(client, walk.LANDED))


def test_an_id_may_come_as_text(tmp_path):
    """As other numbers do; it is asked about as the number it is."""
    with connected(Brand(customers={None: [customer(17) | {"id": "17"}]}), tmp_path) as client:
        assert ids(gathered(walk.customers(client, walk.LANDED))[1]) == [17]

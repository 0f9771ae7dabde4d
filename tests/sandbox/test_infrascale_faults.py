"""The ways in which the Infrascale stand-in fails when it is told to."""

from __future__ import annotations

import httpx
import pytest
from infrascale_support import NS, names_of, request, result_of
from lxml import etree

ENTITIES, OPERATION = "EntityManagementService", "GetEntityAccounts"


def page(index=1, size=5):
    return request(TargetEntityID=0, PageSize=size, PageIndex=index)


def names(vendor, index=1, size=5):
    answer = vendor.call(ENTITIES, OPERATION, page(index, size))
    return [element.text for element in answer.iter(f"{NS}Username")]


def test_503_is_a_page_for_people(vendor):
    """HTML with HTTP 503, once; the next call is served."""
    vendor.faults.switch_on("503_html", "infrascale", OPERATION, times=1)
    response = vendor.post(ENTITIES, OPERATION, page())
    assert (response.status_code, response.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert vendor.post(ENTITIES, OPERATION, page()).status_code == 200


def test_429_says_when_to_come_back(vendor):
    """Retry-After in seconds."""
    vendor.faults.switch_on("429", "infrascale", retry_after=7)
    response = vendor.post(ENTITIES, OPERATION, page())
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")


def test_the_wsdl_can_fail_too(vendor):
    """A fault for every operation hits the WSDL as well."""
    vendor.faults.switch_on("503_html", "infrascale", times=1)
    assert vendor.http.get(f"{vendor.base}/{ENTITIES}.asmx?WSDL").status_code == 503


def test_a_reset_breaks_off_in_the_body(vendor):
    """The client sees a protocol error, not a short answer."""
    vendor.faults.switch_on("reset_mid_body", "infrascale", OPERATION)
    with pytest.raises(httpx.RemoteProtocolError):
        vendor.post(ENTITIES, OPERATION, page())


def test_a_truncated_body_is_http_200_and_no_xml(vendor):
    """The HTTP message is whole, the document is not."""
    vendor.faults.switch_on("truncated_body", "infrascale", OPERATION)
    response = vendor.post(ENTITIES, OPERATION, page())
    assert response.status_code == 200
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(response.content)


@pytest.mark.parametrize(
    ("mode", "status"),
    [("result_1", ("1", "UnexpectedError")), ("result_3", ("3", "InvalidSoapCredentials"))],
)
def test_a_result_that_is_no_success_has_no_payload(vendor, mode, status):
    """HTTP 200, an error in the Result object, the total 0 and no rows."""
    vendor.faults.switch_on(mode, "infrascale", OPERATION, times=1)
    answer = vendor.call(ENTITIES, OPERATION, page())
    assert result_of(answer) == status
    assert names_of(answer) == ["Result", "AccountsTotal"]
    assert result_of(vendor.call(ENTITIES, OPERATION, page())) == ("0", "Success")


def test_a_page_shift_loses_a_row(vendor):
    """From the second page on, rows have moved up by one: the walk misses a row under the same total."""
    whole = names(vendor, size=11)
    vendor.faults.switch_on("page_shift", "infrascale", OPERATION)
    assert names(vendor, 1) + names(vendor, 2) == whole[:5] + whole[6:11]


def test_duplicate_rows_stand_at_the_end_of_a_page(vendor):
    """The last row comes twice."""
    vendor.faults.switch_on("duplicate_rows", "infrascale", OPERATION, times=1)
    page_names = names(vendor)
    assert len(page_names) == 6
    assert page_names[-1] == page_names[-2]


def test_an_empty_list_stands_beside_the_total(vendor):
    """No rows, and the total as ever."""
    vendor.faults.switch_on("empty_list", "infrascale", OPERATION)
    answer = vendor.call(ENTITIES, OPERATION, page())
    assert len(answer.find(f"{NS}Accounts")) == 0
    assert answer.findtext(f"{NS}AccountsTotal") == str(len(vendor.day.accounts))


@pytest.mark.parametrize(
    ("mode", "there", "gone"),
    [
        ("renamed_field", "UsedSpaceKBRenamed", "UsedSpaceKB"),
        ("unknown_field", "SomethingNew", "UsedSpaceKBRenamed"),
    ],
)
def test_drift_changes_every_row(vendor, mode, there, gone):
    """A field with another name, or one that nobody knows, in each row of the page."""
    vendor.faults.switch_on(mode, "infrascale", OPERATION, field="UsedSpaceKB")
    answer = vendor.call(ENTITIES, OPERATION, page())
    assert len(list(answer.iter(NS + there))) == 5
    assert not list(answer.iter(NS + gone))


def test_a_wrong_type_is_words_in_one_row(vendor):
    """The first figure is text; the others are figures."""
    vendor.faults.switch_on("wrong_type", "infrascale", OPERATION, field="UsedSpaceKB")
    figures = [e.text for e in vendor.call(ENTITIES, OPERATION, page()).iter(f"{NS}UsedSpaceKB")]
    assert figures[0] == "a lot"
    assert all(figure.isdigit() for figure in figures[1:])


def test_a_fault_of_another_operation_does_not_touch_this_one(vendor):
    """Faults are aimed."""
    vendor.faults.switch_on("503_html", "infrascale", "GetHistoryEvents")
    assert vendor.post(ENTITIES, OPERATION, page()).status_code == 200

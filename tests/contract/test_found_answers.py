"""Answers that once landed something else than the truth, each by its name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import count

import pytest

from connectors.errors import ContractBroken, IncompletePull

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # zeep's, of a WSDL that is answered broken

TRUTH = None
HIERARCHY = "GetEntityHierarchy"
WALK = "companies/*/customers"


def swap(pattern, text, times=0):
    """An edit: where the pattern matches, everywhere or so many times, stands the text."""
    return lambda body: re.sub(pattern, text, body, count=times, flags=re.DOTALL)


def empty(name):
    """An edit of a SOAP answer: its list is empty."""
    return swap(rb"<(%b)>.*</%b>" % (name, name), rb"<\1 />")


def pulled(subject, operation, edit, first_only):
    """The true pull, and the one whose answers of an operation are edited."""
    truth, edited = subject.record(), count()

    def change(question, _times, answer):
        if question.operation != operation or (body := edit(answer.body)) == answer.body:
            return answer
        return answer if next(edited) and first_only else replace(answer, body=body)

    got = subject.pull(change)
    assert next(edited), f"no answer of {operation} was edited"
    return truth, got


@pytest.mark.parametrize(
    ("stream", "operation", "edit", "reason"),
    [
        pytest.param(
            "infrascale/appliances",
            HIERARCHY,
            swap(rb"<IsActive>true</IsActive>", rb"<IsActive>yes, it is</IsActive>"),
            "whom to ask",
            id="an entity that cannot be read would not be asked for",
        ),
        pytest.param(
            "infrascale/used_space",
            HIERARCHY,
            swap(rb"<ParentEntityID>1</ParentEntityID>", rb"<ParentEntityID />"),
            "whom to ask",
            id="an entity that cannot be read was the root, and another one taken for it",
        ),
        pytest.param(
            "infrascale/companies",
            "GetCompaniesSummary",
            empty(b"CompaniesSummary"),
            "active companies of the hierarchy are missing",
            id="an empty list of companies beside a hierarchy that has some",
        ),
        pytest.param(
            "infrascale/used_space",
            "GetUsedSpaceForAllAccounts",
            empty(b"AccountsSpace"),
            "there are 10 active accounts, 0 rows arrived",
            id="no used space beside accounts",
        ),
        pytest.param(
            "infrascale/appliances",
            "GetEntityAppliances",
            swap(rb"(</?)Secondary>", rb"\1SecondaryAppliance>"),
            "Secondary is missing from every row.*SecondaryAppliance",
            id="an element that holds figures has another name",
        ),
        pytest.param(
            "infrascale/entities",
            HIERARCHY,
            swap(rb"<EntityType>(\w+)<", rb"<EntityType>\1<Unit>B</Unit><"),
            "EntityType holds elements",
            id="elements within a text took its place",
        ),
        pytest.param(
            "redstor/consumption@2.0",
            WALK,
            swap(rb'"parentCompanyId"', rb'"parentId"'),
            "without the company that it is below",
            id="a company below another one does not name it",
        ),
        pytest.param(
            "redstor/consumption@2.0",
            "companies",
            swap(rb'"companyName":', rb'"companyName":null,\g<0>'),
            "appears twice",
            id="a member of the company is told twice",
        ),
        pytest.param(
            "resellerclub/plans",
            "api/products/plan-details.json",
            swap(rb'"acronisbackupus":\{.*?\}\}', rb'"acronisbackupus":{}'),
            "told no plan of acronisbackupus",
            id="a product without plans",
        ),
        pytest.param(
            "resellerclub/cost_prices",
            "api/products/reseller-cost-price.json",
            swap(rb'"8101":\{"add":', rb'"8101":{"add":{},"add":'),
            "a member appears twice",
            id="an action is told twice",
        ),
        pytest.param(
            "resellerclub/cost_prices",
            "api/products/reseller-cost-price.json",
            swap(rb'"renew"', b'"ren\xffew"'),
            "something else than its contract says",
            id="an action is no text",
        ),
        pytest.param(
            "revirt365/usage",
            "v1/reseller/usage",
            swap(rb'"protectedBytes"', rb'"protectedData"'),
            "no protectedBytes but protectedData",
            id="a figure that may be left out has another name",
        ),
        pytest.param(
            "revirt365/sessions",
            "v1/reseller/customers/*/jobs",
            swap(rb'"jobs":\[.*\]', rb'"jobs":[]'),
            "nobody to ask about",
            id="no customer has a job to be asked about",
        ),
        pytest.param(
            "xopero/customer_usage",
            "token",
            swap(rb'"token":"', b'"token":"\xff'),
            "without a token",
            id="a token is no text",
        ),
    ],
)
def test_an_answer_that_is_not_to_be_believed_fails_the_pull(subjects, stream, operation, edit, reason):
    """On every look: with the reason, and nothing landed."""
    _, got = pulled(subjects[stream], operation, edit, first_only=False)
    assert isinstance(got.error, ContractBroken | IncompletePull), got
    assert re.search(reason, str(got.error))


@pytest.mark.parametrize(
    ("stream", "operation", "edit"),
    [
        pytest.param(
            "infrascale/entities",
            HIERARCHY,
            swap(rb"<EntityInHierarchy>((?!<EntityInH).)*</Entities>", b"</Entities>"),
            id="a company is missing from the hierarchy",
        ),
        pytest.param(
            "infrascale/appliances",
            HIERARCHY,
            swap(rb"<IsActive>true</IsActive>(?=.{90,130}1000001)", rb"<IsActive>false</IsActive>"),
            id="some entities are said to be inactive",
        ),
        pytest.param(
            "infrascale/appliances",
            "GetEntityAppliances",
            empty(b"AppliancesPacks"),
            id="an entity shows no appliance",
        ),
        pytest.param(
            "redstor/products@1",
            "products",
            lambda body: json.dumps(json.loads(body)[1:]).encode(),
            id="a product is missing",
        ),
        pytest.param(
            "redstor/consumption@1",
            "companies/*/consumption/company",
            swap(rb".+", b"[]"),
            id="the root has no consumption of its own",
        ),
        pytest.param(
            "redstor/companies@1",
            "companies/*/customers/transitive",
            swap(rb'(\{"results":\[\{.*?\}).*', rb"\1]}"),
            id="one page without a total",
        ),
        pytest.param(
            "infrascale/accounts",
            "WSDL",
            swap(rb"<wsdl:part [^>]*>", b""),
            id="a WSDL that does not tell the messages",
        ),
    ],
)
def test_what_is_wrong_once_is_looked_at_again(subjects, stream, operation, edit):
    """The next look, or the last WSDL that was good, has the truth."""
    truth, got = pulled(subjects[stream], operation, edit, first_only=True)
    assert not got.error
    assert sorted(map(str, got.rows)) == sorted(map(str, truth.rows))


@pytest.mark.parametrize(
    ("stream", "operation", "edit", "reason"),
    [
        pytest.param(
            "xopero/customer_usage",
            "GetCustomers",
            swap(rb'"hosts":\s*\d+', b'"hosts":1.5', times=1),
            "hosts is a fraction",
            id="the list of customers tells a half host",
        ),
        pytest.param(
            "xopero/subscriptions",
            "GetCustomers",
            swap(rb'"subscription":', rb'"licence":', times=1),
            "subscription is missing; was it renamed to one of: licence",
            id="a customer's subscription has another name",
        ),
        pytest.param(
            "xopero/subscriptions",
            "GetSubscription",
            swap(rb'"product":', rb'"produkt":'),
            "product is missing; was it renamed to one of: produkt",
            id="a subscription's product has another name",
        ),
        pytest.param(
            "xopero/subscriptions",
            "GetSubscription",
            swap(rb'"product":\{.*?\}', rb'"product":{}'),
            "product/id is missing",
            id="a subscription's product is empty",
        ),
        pytest.param(
            "resellerclub/cost_prices",
            "api/products/reseller-cost-price.json",
            swap(rb'"renew":\{"1":"[\d.]+"', rb'"renew":{"1":{}'),
            "an object, not an amount",
            id="an empty object in place of a price",
        ),
    ],
)
def test_a_row_that_is_not_to_be_believed_is_quarantined(subjects, stream, operation, edit, reason):
    """Missing and counted, with the reason; the other rows are landed."""
    truth, got = pulled(subjects[stream], operation, edit, first_only=True)
    assert not got.error
    assert 0 < len(got.rows) < len(truth.rows)
    assert {*map(str, got.rows)} < {*map(str, truth.rows)}
    assert got.quarantined
    assert all(re.search(reason, sentence) for sentence in got.quarantined)


@pytest.mark.parametrize(
    ("stream", "operation"),
    [("redstor/consumption@2.0", "consumption"), ("xopero/customer_usage", "GetCustomerUsage")],
)
def test_what_one_customer_uses_is_not_booked_for_another(subjects, stream, operation):
    """No two customers have the same subscription or account."""
    subject = subjects[stream]
    subject.record()
    answers = subject.sandbox.tape.answers
    told = {q: a for q, a in answers.items() if q.operation == operation and b"sed" in a.body}
    one, other = sorted(told, key=lambda question: (len(told[question].body), str(question)))[-2:]
    got = subject.pull(lambda question, _, answer: told[other] if question == one else answer)
    assert isinstance(got.error, ContractBroken | IncompletePull), got


def test_a_partner_is_not_shown_with_the_customers_of_another(subjects):
    """Whoever the rows are below has to be the one asked for."""
    subject = subjects["redstor/companies@2.0"]
    subject.record()
    answers = {q: a for q, a in subject.sandbox.tape.answers.items() if q.operation == WALK}
    full = max(answers, key=lambda question: len(answers[question].body))
    got = subject.pull(lambda question, _, answer: answers[full] if question in answers else answer)
    assert isinstance(got.error, ContractBroken)
    assert "other companies' customers only" in str(got.error)

"""Which requests make up a pull of each stream."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from connectors.errors import CredentialsRefused, OutOfScope, VendorError
from connectors.stream import Exchange, Role, UsageDay
from connectors.transport.concurrency import ordered_map
from connectors.xopero import walk
from connectors.xopero.client import CUSTOMERS, PRODUCTS, SUBSCRIPTION, USAGE, XoperoClient
from connectors.xopero.parse import CUSTOMER_FACTS, products, subscription, usage
from connectors.xopero.walk import Customer, Partner, Walked

IN_A_ROW = 5
"""So many customers in a row that cannot be read, for no reason the vendor names, are no accident."""


@dataclass(frozen=True)
class Question:
    """What is asked about one customer.

    Attributes:
        data: the function's argument.
        context: what the rows say of the customer.
    """

    customer: Customer
    data: Any
    context: Mapping[str, str] = field(default_factory=dict)


def fetch_customers(client: XoperoClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001  # the present only
    """Every customer, in two looks of its own."""
    yield from walk.customers(client, walk.LANDED)


def fetch_partners(client: XoperoClient, day: UsageDay) -> Iterator[Exchange]:  # noqa: ARG001
    """Every partner below the login, in two looks."""
    yield from walk.partners(client, walk.LANDED)


def fetch_usage(client: XoperoClient, day: UsageDay, answered: Iterable[Exchange] = ()) -> Iterator[Exchange]:
    """One call a customer."""
    customers = yield from _walk(client, day)
    questions = [Question(customer, customer.id, customer.facts) for customer in customers]
    yield from _each(client, USAGE, questions, usage, _still_true(answered, day))


def fetch_products(
    client: XoperoClient, day: UsageDay, answered: Iterable[Exchange] = ()
) -> Iterator[Exchange]:
    """One call a customer; nothing can be sold to a deleted one."""
    customers = yield from _walk(client, day)
    questions = [
        Question(customer, customer.id, {"customer_id": str(customer.id)})
        for customer in customers
        if not customer.is_deleted
    ]
    yield from _each(client, PRODUCTS, questions, products, _still_true(answered, day))


def fetch_subscriptions(
    client: XoperoClient, day: UsageDay, answered: Iterable[Exchange] = ()
) -> Iterator[Exchange]:
    """One call a customer that has a subscription, by its number."""
    customers = yield from _walk(client, day)
    questions = [
        Question(customer, customer.number, {**customer.facts, "number": customer.number})
        for customer in customers
        if customer.number
    ]
    yield from _each(client, SUBSCRIPTION, questions, subscription, _still_true(answered, day))


def _walk(client: XoperoClient, day: UsageDay) -> Generator[Exchange, None, Sequence[Customer]]:
    """Whom to ask; walked once a client and day, and shown to every stream as what it went by.

    A customer whose row in the list cannot be read is handed out with the reason, for the quarantine.

    Raises:
        ContractBroken: no row of a page can be read, as after a renamed field.
    """
    walked: Walked | None = client.walked
    if walked and walked.day == day:
        yield from walked.pages
        yield from walked.doubtful
        return walked.customers
    pages: list[Exchange] = []
    walking = walk.customers(client, walk.ASKED)
    while True:
        try:
            pages.append(next(walking))
        except StopIteration as end:
            customers: list[Customer] = end.value
            break
        yield pages[-1]
    doubtful = _doubtful(pages)
    readable = [customer for customer in customers if customer.id not in doubtful]
    client.walked = walked = Walked(day, pages, list(doubtful.values()), readable)
    yield from walked.doubtful
    return walked.customers


def _doubtful(pages: Sequence[Exchange]) -> dict[int, Exchange]:
    """By customer, the row of the list in which what later questions need cannot be typed."""
    found = {}
    for page in pages:
        if page.operation == CUSTOMERS:
            for row in CUSTOMER_FACTS.read(page).quarantined:
                customer = msgspec.json.decode(row.payload, type=Partner, strict=False).id
                found[customer] = replace(
                    page,
                    role=Role.ROWS,
                    body=row.payload.encode(),
                    reason=f"its row in the list of customers cannot be read: {row.reason}",
                    context={"customer_id": str(customer)},
                )
    return found


def _each(
    client: XoperoClient,
    function: str,
    questions: Sequence[Question],
    read: Callable[[Exchange], object],
    answered: Mapping[str, Exchange],
) -> Iterator[Exchange]:
    """Every customer's answer, in the order of the walk and `max_in_flight` at once.

    A customer that cannot be read is handed out with the reason, for the quarantine, and stops nobody
    else. That the vendor shows nothing of a deleted one is expected, and only kept as evidence.

    Parameters:
        read: raises `ContractBroken` for an answer that cannot be booked.
        answered: by `Exchange.request`, what need not be asked again.

    Raises:
        CredentialsRefused: at once.
        VendorError: customers in a row could not be read, or not one could.
    """

    def ask(question: Question) -> tuple[Exchange, VendorError | None]:
        before = answered.get(client.request(function, question.data))
        if before and _facts(before) == question.context:
            return before, None
        try:
            exchange, _ = client.call(function, question.data, read, context=question.context)
        except CredentialsRefused:
            raise
        except VendorError as error:
            *attempts, last = error.exchanges
            return replace(last, role=Role.ROWS, reason=str(error), rejected=tuple(attempts)), error
        return exchange, None

    in_a_row, has_read = 0, False
    failure: VendorError | None = None
    with closing(ordered_map(ask, questions, client.connection.max_in_flight)) as answers:
        for question, (exchange, error) in zip(questions, answers, strict=True):
            if error is None:
                in_a_row, has_read = 0, True
            elif not isinstance(error, OutOfScope):
                failure = error
                in_a_row += 1
            else:
                in_a_row = 0
                if question.customer.is_deleted:
                    exchange = replace(exchange, role=Role.CONTROL)  # noqa: PLW2901
            yield exchange
            if failure and in_a_row == IN_A_ROW:
                raise type(failure)(f"{in_a_row} customers in a row could not be read, the last: {failure}")
    if failure and not has_read:
        raise type(failure)(f"none of {len(questions)} customers could be read, the last: {failure}")


def _still_true(answered: Iterable[Exchange], day: UsageDay) -> dict[str, Exchange]:
    """By request, the answers that were received while the present still stood for the day."""
    return {
        exchange.request: exchange
        for exchange in answered
        if not exchange.reason and day.ends_at <= exchange.received_at < day.snapshot_closes_at
    }


def _facts(exchange: Exchange) -> dict[str, str]:
    return {name: fact for name, fact in exchange.context.items() if name != "withheld"}

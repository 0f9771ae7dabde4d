"""Issue: a second person turns the reviewed drafts of a month into documents with numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.invoicing.days import day_of
from warehouse.invoicing.document import Contents, does_not_add_up
from warehouse.invoicing.drafts import Drafts, drafts_of, key, name
from warehouse.invoicing.evidence import Evidence
from warehouse.invoicing.people import person, same
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import Row, adding, is_closed, tables_of
from warehouse.register import Entry, Kind, Transaction


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of the drafts of a month.

    Attributes:
        entries: of the invoices that were issued, in the order of their numbers.
        refused: why a draft was not, a sentence each.
    """

    entries: list[Entry]
    refused: list[str]


def issue(home: Path, month: date, by: str, customers: Collection[str] = ()) -> Issued:
    """Issue the drafts of a month that somebody else has reviewed, all in one transaction.

    Numbers are `<invoice_prefix>-<year>-<6 digits>`, without gaps for each prefix and year of issue in
    the billing entity's time zone. They are taken here, so that a command that fails takes none.

    Parameters:
        home: data directory.
        month: first day; it must have ended.
        by: who issues.
        customers: only these billed customers; empty for all.

    Raises:
        Refused: nothing can be issued at all.
        RegisterBroken: the register is not what was written.
    """
    who = person(by)
    issued, refused = list[Entry](), list[str]()
    with adding(home) as transaction, tables_of(home, transaction) as tables:
        drafts = drafts_of(tables, month, customers)
        _one_prefix_each(drafts)
        contents, evidence = Contents(tables, month), Evidence(tables)
        for draft in drafts.rows:
            if why := drafts.stopped(draft, transaction.at) or _not_to_be(draft, who, transaction):
                refused += why
                continue
            entity = drafts.entities[draft["billing_entity_id"]]
            number = next_number(transaction, entity["invoice_prefix"], entity["time_zone"])
            document = contents.invoice(draft, entity, number, transaction.at)
            if wrong := does_not_add_up(document):
                refused.append(f"{name(draft)}: {wrong}")
                continue
            signed = {
                "prepared_by": _reviews(draft, who, transaction)[-1].by_person,
                "issued_by": who,
                "evidence": evidence.of(contents.months(draft)),
            }
            issued.append(
                transaction.append(Kind.ISSUE, number, who, document | signed, refers_to=key(draft))
            )
    return Issued(issued, refused)


def next_number(transaction: Transaction, prefix: str, time_zone: str) -> str:
    """The number behind the last one of a prefix, in the year of issue."""
    series = f"{prefix}-{day_of(transaction.at, time_zone).year}"
    return f"{series}-{transaction.numbers(series) + 1:06}"


def _not_to_be(draft: Row, who: str, transaction: Transaction) -> list[str]:
    """Why a draft that is ready is not issued by this person now."""
    whose, month = name(draft), f"{draft['month']:%Y-%m}"
    for standing in transaction.standing(key(draft), Kind.ISSUE):
        return [f"{whose}: {month} is issued already, as {standing.subject}"]
    if is_closed(transaction, draft["billing_entity_id"], draft["month"]):
        return [f"{whose}: {month} is closed"]
    reviews = transaction.about(draft["invoice_id"], Kind.REVIEW)
    if not reviews:
        return [f"{whose}: nobody has reviewed it; somebody else than {who} prepares {month}"]
    if all(review.refers_to != draft["content_sha256"] for review in reviews):
        return [f"{whose}: it has changed since {reviews[-1].by_person} reviewed it; prepare {month} again"]
    if not _reviews(draft, who, transaction):
        return [f"{whose}: {who} has reviewed it, so somebody else must issue it"]
    return []


def _reviews(draft: Row, who: str, transaction: Transaction) -> list[Entry]:
    """The reviews of exactly this content by somebody else."""
    return [
        review
        for review in transaction.about(draft["invoice_id"], Kind.REVIEW)
        if review.refers_to == draft["content_sha256"] and not same(review.by_person, who)
    ]


def _one_prefix_each(drafts: Drafts) -> None:
    """Refuse entities whose numbers could not be told apart."""
    prefixes = Counter(entity["invoice_prefix"] for entity in drafts.entities.values())
    if shared := sorted(prefix for prefix, entities in prefixes.items() if entities > 1):
        raise Refused(
            f"billing_entity.csv has the invoice_prefix {shared[0]} twice: each entity needs its own"
        )

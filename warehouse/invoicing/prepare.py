"""Review: somebody vouches for the content of each draft of a month, as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.invoicing.drafts import drafts_of
from warehouse.invoicing.people import person, same
from warehouse.invoicing.refusal import Refused
from warehouse.invoicing.session import Row, adding, tables_of
from warehouse.register import Kind


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a review found.

    Attributes:
        drafts: rows of `billing.draft`, all that the person vouches for.
        stopped: what stands in the way of issuing them, a sentence each.
    """

    drafts: list[Row]
    stopped: list[str]


def prepare(home: Path, month: date, by: str) -> Prepared:
    """Record that a person has reviewed the drafts of a month.

    A draft that changes afterwards needs another review.

    Parameters:
        home: data directory.
        month: first day; it must have ended.
        by: who; somebody else issues.

    Raises:
        Refused: there is nothing to review, or it cannot be told what.
        RegisterBroken: the register is not what was written.
    """
    who = person(by)
    with adding(home) as transaction, tables_of(home, transaction) as tables:
        drafts = drafts_of(tables, month)
        if not drafts.rows:
            raise Refused(f"{month:%Y-%m} has no drafts: nothing is to be billed, or all of it is issued")
        for draft in drafts.rows:
            digest = draft["content_sha256"]
            before = transaction.about(draft["invoice_id"], Kind.REVIEW)
            if not any(review.refers_to == digest and same(review.by_person, who) for review in before):
                content = {
                    column: draft[column]
                    for column in (
                        "invoice_id",
                        "billing_entity_id",
                        "billed_customer_id",
                        "currency",
                        "month",
                        "net",
                        "tax",
                        "total",
                        "content_sha256",
                    )
                }
                transaction.append(Kind.REVIEW, draft["invoice_id"], who, content, refers_to=digest)
        stopped = [line for draft in drafts.rows for line in drafts.stopped(draft, transaction.at)]
    return Prepared(drafts.rows, stopped)

"""The proofs of completeness a stream can name. Each is a plain function over the evidence."""

from __future__ import annotations

from connectors.errors import IncompletePull
from connectors.stream import Evidence


def unique_keys(evidence: Evidence) -> None:
    """No key stands for two different rows.

    Raises:
        IncompletePull: some do; pages shifted while they were read, or the key is wrong.
    """
    if evidence.conflicting:
        raise IncompletePull(
            f"{evidence.conflicting} rows share a key with another row of different content: "
            "the pages shifted while they were read"
        )


def equals_total(evidence: Evidence) -> None:
    """The rows are as many as the vendor says, on every page that says so.

    Raises:
        IncompletePull: no total, two totals, or another number of rows.
    """
    unique_keys(evidence)
    if not evidence.totals:
        raise IncompletePull("the vendor stated no total, so the rows cannot be proven complete")
    if len(evidence.totals) > 1:
        raise IncompletePull(f"the vendor's total changed during the pull: {evidence.totals}")
    received = evidence.rows + evidence.quarantined
    if received != evidence.totals[0]:
        raise IncompletePull(f"the vendor's total is {evidence.totals[0]}, {received} rows arrived")


def all_pages(evidence: Evidence) -> None:
    """As many pages were read as the vendor says there are.

    Raises:
        IncompletePull: no page count, two counts, or another number of pages.
    """
    unique_keys(evidence)
    if len(evidence.page_counts) != 1:
        raise IncompletePull(f"the vendor's page count is not one number: {evidence.page_counts}")
    # A vendor with nothing to show states 0 or 1 pages and answers one empty page.
    if evidence.pages != max(1, evidence.page_counts[0]):
        raise IncompletePull(f"{evidence.pages} of {evidence.page_counts[0]} pages were read")


def total_or_second_look(evidence: Evidence) -> None:
    """As `equals_total` where the vendor states a total, else two walks showed the same keys.

    Raises:
        IncompletePull: neither holds.
    """
    if evidence.totals:
        equals_total(evidence)
        return
    unique_keys(evidence)
    if evidence.second_look is None:
        raise IncompletePull("the vendor stated no total and the pages were read only once")
    if not evidence.second_look:
        raise IncompletePull("two walks over the pages showed different rows")

"""Whose a vendor account without a mapping may be: customers with score and reasons, for people to judge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse.query import query
from warehouse.reconciliation.evidence import Account, Candidate, Known

ACCOUNTS = """
WITH
latest AS (
    SELECT vendor, connection, max(usage_date) AS usage_date FROM staging.vendor_account GROUP BY ALL
),
listed AS (
    SELECT account.*
    FROM staging.vendor_account AS account
    INNER JOIN latest USING (vendor, connection, usage_date)
),
used AS (
    SELECT vendor, connection, account_id, max(name) AS name, min(first_day) AS first_day, max(month) AS month
    FROM billing.unmapped_account
    GROUP BY ALL
),
known AS (
    SELECT
        vendor,
        connection,
        account_id,
        coalesce(listed.name, used.name, '') AS name,
        coalesce(listed.parent_account_id, '') AS parent_account_id,
        coalesce(listed.usage_date, last_day(used.month)) AS usage_date,
        coalesce(used.first_day, listed.usage_date) AS first_day,
        used.month IS NOT NULL AS is_used
    FROM listed
    FULL JOIN used USING (vendor, connection, account_id)
    WHERE used.month IS NOT NULL OR listed.is_active IS DISTINCT FROM false
)
SELECT known.* EXCLUDE (usage_date), mapping.state IS NOT NULL AS is_decided, mapping.customer_id
FROM known
LEFT JOIN reference.account_mapping AS mapping
    ON mapping.vendor = known.vendor
    AND mapping.connection = known.connection
    AND mapping.account_id = known.account_id
    AND mapping.valid_from <= known.usage_date
    AND (mapping.valid_to IS NULL OR mapping.valid_to > known.usage_date)
ORDER BY ALL
"""
IDENTITIES = """
SELECT identity.vendor, identity.connection, identity.account_id, identity.kind, identity.value
FROM staging.vendor_account_identity AS identity
INNER JOIN (
    SELECT vendor, connection, max(usage_date) AS usage_date FROM staging.vendor_account GROUP BY ALL
) AS latest USING (vendor, connection, usage_date)
ORDER BY ALL
"""
CUSTOMERS = """
SELECT customer_id, name, coalesce(parent_customer_id, ''), coalesce(tax_id, ''), coalesce(po_number, '')
FROM reference.customer
WHERE valid_to IS NULL
    OR valid_to > (SELECT max(usage_date) FROM ops.pull)
QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY valid_from DESC) = 1
ORDER BY customer_id
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An account without a mapping, with the customers that it may be of, the likeliest first."""

    account: Account
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        """The likeliest, unless another is as likely."""
        first, *others = (*self.candidates, None)
        return first if first and not (others[0] and others[0].score == first.score) else None


def proposals(warehouse: Path, vendor: str | None = None) -> list[Proposal]:
    """Candidates for every account that no row of account_mapping covers; those with usage first.

    Parameters:
        warehouse: the published file.
        vendor: only its accounts; None for all.

    Raises:
        QueryRefused: nothing is published yet.
    """
    accounts = {
        (str(row[0]), str(row[1]), str(row[2])): Account(tuple(row[:3]), *row[3:])
        for row in query(warehouse, ACCOUNTS).rows
    }
    for *key, kind, value in query(warehouse, IDENTITIES).rows:
        if account := accounts.get((key[0], key[1], key[2])):
            account.identities[kind].add(value)
    known = Known(query(warehouse, CUSTOMERS).rows, accounts.values())
    open_ones = [
        account
        for account in accounts.values()
        if not account.is_decided and vendor in (None, account.key[0])
    ]
    found = [Proposal(account, known.candidates(account)) for account in open_ones]
    return sorted(found, key=lambda each: (not each.account.is_used, each.account.key))

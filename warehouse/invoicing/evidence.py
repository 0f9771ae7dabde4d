"""By what a document can be computed again: which SQL, reference, register and pulls it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date
from functools import cached_property

from warehouse.invoicing.session import Row, Tables

PULLS = """
SELECT pull_id FROM ops.current_pull
WHERE date_trunc('month', usage_date) = ?
ORDER BY pull_id
"""


class Evidence:
    """What the published tables were made from.

    Parameters:
        tables: the published warehouse.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._pulls: dict[date, str] = {}

    def of(self, months: Collection[date]) -> Row:
        """The evidence of a document.

        Parameters:
            months: those whose usage it charges.

        Returns:
            `models_sha256` of the SQL, `reference_sha256` of the reference, `register_seq` of the last
            entry that the tables knew, `known_at` of the last pull, and for each month the SHA-256 over
            the ids of the pulls in use, one a line in their order.
        """
        return {**self._common, "pulls": {f"{month:%Y-%m}": self.pulls(month) for month in sorted(months)}}

    def pulls(self, month: date) -> str:
        """Hex SHA-256 over the ids of the pulls that are in use for a month."""
        if month not in self._pulls:
            ids = [row["pull_id"] for row in self._tables.rows(PULLS, month)]
            self._pulls[month] = hashlib.sha256("\n".join(ids).encode()).hexdigest()
        return self._pulls[month]

    @cached_property
    def _common(self) -> Row:
        (row,) = self._tables.rows(
            "SELECT (SELECT sha256 FROM ops.model_version) AS models_sha256, "
            "(SELECT sha256 FROM reference.version ORDER BY known_from DESC LIMIT 1) AS reference_sha256, "
            "(SELECT coalesce(max(seq), 0) FROM billing.register_entry) AS register_seq, "
            "(SELECT max(finished_at) FROM ops.pull) AS known_at"
        )
        return row

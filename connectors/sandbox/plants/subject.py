"""The customer of a plant: its own ids at every vendor, and its rows in the reference."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from connectors.sandbox.chance import guid
from connectors.sandbox.plants.plant import Tables
from connectors.sandbox.price_list import SINCE
from connectors.sandbox.rate_cards import sell_card

_SPREAD = 50_000_000


@dataclass(frozen=True)
class Subject:
    """A direct customer of ours in the Netherlands, billed in euro by NW-EU.

    Its ids at the vendors lie beyond those of every world, and it is told last.

    Attributes:
        kind: of its plant, or of that and more where a plant has several customers.
    """

    kind: str

    @property
    def customer_id(self) -> str:
        """Its id in our own tables."""
        return f"P-{self.kind}"

    @property
    def name(self) -> str:
        """As vendors and invoices call it."""
        return f"{self.kind.replace('-', ' ').title()} B.V."

    @property
    def number(self) -> int:
        """Stands for it among all subjects, below 50 million."""
        return int(hashlib.sha256(self.kind.encode()).hexdigest(), 16) % _SPREAD

    @property
    def infrascale(self) -> int:
        """Its entity at Infrascale, a company."""
        return 1_500_000_000 + self.number

    @property
    def redstor(self) -> str:
        """Its company at Redstor."""
        return guid(70, self.number)

    @property
    def xopero(self) -> int:
        """Its customer at Xopero; its users have the ids that follow."""
        return 100_000_000 + 20 * self.number

    @property
    def resellerclub(self) -> int:
        """Its customer at ResellerClub."""
        return 500_000_000 + self.number

    @property
    def revirt365(self) -> str:
        """Its customer at ReVirt365."""
        return guid(71, self.number)

    def of(self, *vendors: str) -> Callable[[Tables], None]:
        """Adds it to the reference, with its accounts at these vendors mapped to it."""

        def join(tables: Tables) -> None:
            self.sign_up(tables)
            for vendor in vendors:
                self.map(tables, vendor)

        return join

    def sign_up(self, tables: Tables, **cells: str) -> None:
        """Add the customer alone; `cells` of the row that are to be others."""
        add(
            tables,
            "customer",
            **{
                "customer_id": self.customer_id,
                "name": self.name,
                "kind": "end_customer",
                "bill_to": "self",
                "billing_entity_id": "NW-EU",
                "currency": "EUR",
                "rate_card": sell_card("EUR"),
                "tax_code": "NL-HIGH",
                "country": "NL",
                "tax_id": f"NL{self.number:09}B01",
                "valid_from": SINCE,
                **cells,
            },
        )

    def map(self, tables: Tables, vendor: str, **cells: str) -> None:
        """Map its account at one vendor to it; `cells` of the row that are to be others."""
        add(
            tables,
            "account_mapping",
            **{
                "vendor": vendor,
                "connection": "default",
                "account_id": str(getattr(self, vendor)),
                "state": "mapped",
                "customer_id": self.customer_id,
                "valid_from": SINCE,
                **cells,
            },
        )


def add(tables: Tables, table: str, **cells: str) -> None:
    """Add a row to a reference table; cells that are left out are empty."""
    rows = tables[table]
    rows.append(dict.fromkeys(rows[0], "") | cells)

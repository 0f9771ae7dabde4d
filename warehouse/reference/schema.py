"""The reference tables: one CSV file each, declared once.

The loader, the warehouse's DDL and the dictionary page (README.md beside this file) all come from
`TABLES`. Validity is half-open everywhere: a row holds on `valid_from` and on every day before
`valid_to`; an empty `valid_to` means until further notice.
"""

from __future__ import annotations

from dataclasses import dataclass

CODE = r"[A-Za-z0-9][A-Za-z0-9._-]*"


@dataclass(frozen=True, slots=True)
class Type:
    """How a cell is read.

    Attributes:
        sql: DuckDB type of the column.
        words: what a cell looks like, for people.
        pattern: what the whole cell must match.
    """

    sql: str
    words: str
    pattern: str


TEXT = Type("VARCHAR", "text", r".+")
IDENTIFIER = Type("VARCHAR", "letters, digits, `.`, `_` and `-`", CODE)
DATE = Type("DATE", "date as YYYY-MM-DD", r"\d{4}-\d{2}-\d{2}")
CURRENCY = Type("VARCHAR", "ISO 4217 code", r"[A-Z]{3}")
COUNTRY = Type("VARCHAR", "ISO 3166 code of two letters", r"[A-Z]{2}")
ZONE = Type("VARCHAR", "IANA time zone, as Europe/Amsterdam", r"[A-Za-z0-9_+/-]+")
DIVISOR = Type("BIGINT", "whole number above 0, without separators", r"[1-9]\d{0,17}")
QUANTITY = Type("DECIMAL(20,6)", "number with up to 6 decimals", r"\d{1,14}(\.\d{1,6})?")
PRICE = Type("DECIMAL(17,9)", "number with up to 9 decimals", r"-?\d{1,8}(\.\d{1,9})?")
PERCENT = Type("DECIMAL(7,4)", "number with up to 4 decimals", r"\d{1,3}(\.\d{1,4})?")


def choice(*values: str) -> Type:
    """A cell that is one of `values`."""
    return Type("VARCHAR", "one of " + ", ".join(f"`{value}`" for value in values), "|".join(values))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a reference file.

    Attributes:
        name: header of the CSV column and name in the warehouse.
        type: how its cells are read.
        meaning: one sentence for the dictionary.
        required: whether a cell may be empty (NULL in the warehouse).
        refers_to: `table.column` that must hold the value; empty for none.
    """

    name: str
    type: Type
    meaning: str
    required: bool = True
    refers_to: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One reference file.

    Attributes:
        name: `<name>.csv`, and the table `reference.<name>`.
        meaning: what one row says.
        key: columns of which no two rows valid on the same day share the values.
        columns: the header, in order.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def is_dated(self) -> bool:
        """Whether its rows hold for a time only."""
        return any(column.name == "valid_from" for column in self.columns)


VALIDITY = (
    Column("valid_from", DATE, "First day on which the row holds."),
    Column(
        "valid_to",
        DATE,
        "First day on which it no longer holds; empty: until further notice.",
        required=False,
    ),
)

TABLES = (
    Table(
        "billing_entity",
        "One legal entity of ours that issues invoices.",
        ("billing_entity_id",),
        (
            Column("billing_entity_id", IDENTIFIER, "Our code for it."),
            Column("name", TEXT, "Registered name, as on the invoice."),
            Column("country", COUNTRY, "Where it is registered."),
            Column("tax_id", TEXT, "VAT or sales tax number, as on the invoice.", required=False),
            Column("currency", CURRENCY, "Currency of its books."),
            Column("time_zone", ZONE, "In which its billing months begin and end."),
            Column("invoice_prefix", IDENTIFIER, "What its invoice numbers start with."),
        ),
    ),
    Table(
        "customer",
        "One party we sell to, and its terms. The latest that hold in a month hold for all of it.",
        ("customer_id",),
        (
            Column("customer_id", IDENTIFIER, "Our code for it."),
            Column("name", TEXT, "As on the invoice."),
            Column("kind", choice("distributor", "reseller", "end_customer"), "Its place in the chain."),
            Column(
                "parent_customer_id",
                IDENTIFIER,
                "The distributor or reseller above it; empty at the top.",
                required=False,
                refers_to="customer.customer_id",
            ),
            Column(
                "bill_to",
                choice("self", "parent"),
                "Who gets the invoice for its usage: itself, or whoever its parent's usage is billed to.",
            ),
            Column(
                "billing_entity_id",
                IDENTIFIER,
                "Which of our entities invoices it; needed when `bill_to` is `self`.",
                required=False,
                refers_to="billing_entity.billing_entity_id",
            ),
            Column("currency", CURRENCY, "Of its invoices; needed when `bill_to` is `self`.", required=False),
            Column(
                "rate_card",
                IDENTIFIER,
                "Its prices, in the same currency; needed when `bill_to` is `self`.",
                required=False,
                refers_to="rate_card.rate_card",
            ),
            Column(
                "tax_code",
                IDENTIFIER,
                "How its invoices are taxed; needed when `bill_to` is `self`.",
                required=False,
                refers_to="tax_rate.tax_code",
            ),
            Column("country", COUNTRY, "Where it is registered.", required=False),
            Column("tax_id", TEXT, "Its VAT or sales tax number.", required=False),
            *VALIDITY,
        ),
    ),
    Table(
        "account_mapping",
        "Whose usage a vendor account is. An account with usage and without a row is reported as unmapped.",
        ("vendor", "connection", "account_id"),
        (
            Column("vendor", IDENTIFIER, "As in the asset key: `infrascale`, `redstor`, ..."),
            Column("connection", IDENTIFIER, "Name of the set of credentials; `default` where there is one."),
            Column(
                "account_id", TEXT, "The vendor's id: Infrascale EntityID, Redstor companyId in lower case."
            ),
            Column(
                "state", choice("mapped", "excluded"), "Excluded: metered, never billed (own use, a demo)."
            ),
            Column(
                "customer_id",
                IDENTIFIER,
                "Needed when mapped.",
                required=False,
                refers_to="customer.customer_id",
            ),
            Column("reason", TEXT, "Why it is excluded; needed then.", required=False),
            *VALIDITY,
        ),
    ),
    Table(
        "sku",
        "One thing we sell.",
        ("sku",),
        (
            Column("sku", IDENTIFIER, "Our code for it."),
            Column("name", TEXT, "As on the invoice line."),
            Column("service", TEXT, "Product family, for reports: `Infrascale Cloud Backup`."),
            Column("unit", TEXT, "What one of it is, as on the invoice line: GB, GiB, seat, device."),
        ),
    ),
    Table(
        "meter",
        "What a vendor counts, and the SKU it is sold as, from the first day of a month. A vendor's meter "
        "without a row is not billed.",
        ("vendor", "product", "meter", "sku"),
        (
            Column("vendor", IDENTIFIER, "As in the asset key."),
            Column(
                "product", TEXT, "The vendor's product, or `*` for every product without a row of its own."
            ),
            Column("meter", IDENTIFIER, "Meter code: `used_bytes`, `active_seats`, ..."),
            Column("sku", IDENTIFIER, "Sold as.", refers_to="sku.sku"),
            Column(
                "aggregation",
                choice("peak", "average", "last"),
                "From the daily sums of a month to its quantity: the highest, the mean over the reported "
                "days, or the one of the last reported day.",
            ),
            Column(
                "divisor",
                DIVISOR,
                "From the metered unit to the SKU's: 1000000000 for GB, 1073741824 for GiB.",
            ),
            Column(
                "quantity_step",
                QUANTITY,
                "The quantity is rounded to a multiple of it, halves away from zero.",
            ),
            *VALIDITY,
        ),
    ),
    Table(
        "rate_card",
        "One price list.",
        ("rate_card",),
        (
            Column("rate_card", IDENTIFIER, "Our code for it."),
            Column("name", TEXT, "For people."),
            Column("currency", CURRENCY, "Of every price on it."),
        ),
    ),
    Table(
        "rate",
        "One price, or one tier of it, from the first day of a month.",
        ("rate_card", "sku", "tier_from"),
        (
            Column("rate_card", IDENTIFIER, "The price list.", refers_to="rate_card.rate_card"),
            Column("sku", IDENTIFIER, "What is sold.", refers_to="sku.sku"),
            Column(
                "model",
                choice("flat", "per_unit", "graduated", "volume"),
                "Flat: one price a month, whatever the quantity. Per unit: price times quantity. Graduated: "
                "each tier's price for the units inside it. Volume: every unit at the price of the tier "
                "that the quantity reaches.",
            ),
            Column(
                "tier_from",
                QUANTITY,
                "The tier holds quantities above this; 0 in the first and in a single one.",
            ),
            Column("tier_to", QUANTITY, "Up to and including this; empty in the last tier.", required=False),
            Column("unit_price", PRICE, "For one unit, or for the month when flat; below 0 is a rebate."),
            *VALIDITY,
        ),
    ),
    Table(
        "tax_rate",
        "One way to tax an invoice. The latest rate that holds in a month holds for all of it.",
        ("tax_code",),
        (
            Column("tax_code", IDENTIFIER, "Our code for it: NL-HIGH, EU-REVERSE, ..."),
            Column("name", TEXT, "As on the invoice."),
            Column(
                "category",
                choice("S", "Z", "E", "AE", "K", "G", "O"),
                "EN 16931: S standard, Z zero, E exempt, AE reverse charge, K EU goods, G export, O none.",
            ),
            Column("percent", PERCENT, "21 for 21 %; 0 in every category but S."),
            Column(
                "exemption_reason", TEXT, "As on the invoice; needed for E, AE, K, G and O.", required=False
            ),
            *VALIDITY,
        ),
    ),
)

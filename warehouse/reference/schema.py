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
UNIT = Type("VARCHAR", "unit", r"[A-Za-z]+")
WHOLE = Type("BIGINT", "whole number", r"\d{1,9}")
QUANTITY = Type("DECIMAL(20,6)", "number with up to 6 decimals", r"\d{1,14}(\.\d{1,6})?")
PRICE = Type("DECIMAL(17,9)", "number with up to 9 decimals", r"-?\d{1,8}(\.\d{1,9})?")
PERCENT = Type("DECIMAL(7,4)", "number with up to 4 decimals", r"\d{1,3}(\.\d{1,4})?")
SIGNED_PERCENT = Type("DECIMAL(7,4)", "number with up to 4 decimals", r"-?\d{1,3}(\.\d{1,4})?")
RATE = Type("DECIMAL(17,9)", "number above 0 with up to 9 decimals", r"(?=.*[1-9])\d{1,8}(\.\d{1,9})?")
AMOUNT = Type("DECIMAL(18,4)", "number with up to 4 decimals", r"\d{1,14}(\.\d{1,4})?")


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
        required: whether each cell must be filled in. A column that is not required may be left out of
            the file.
        default: what an empty cell of a column that is not required stands for; None for NULL.
        refers_to: `table.column` that must hold the value; empty for none.
    """

    name: str
    type: Type
    meaning: str
    required: bool = True
    default: str | None = None
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
PRORATION = choice("actual", "thirty", "exact", "none")

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
            Column("time_zone", ZONE, "In which its days have their hours."),
            Column("invoice_prefix", IDENTIFIER, "What its invoice numbers start with."),
            Column("payment_days", WHOLE, "Days from issue to the due date.", required=False, default="30"),
            Column(
                "margin_floor",
                SIGNED_PERCENT,
                "Invoices whose margin is a smaller percentage of their net are not issued; empty: no floor.",
                required=False,
            ),
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
                "Its prices; needed when `bill_to` is `self`.",
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
            Column("tax_id", TEXT, "Its VAT or sales tax number; needed for reverse charge.", required=False),
            Column("po_number", TEXT, "Its order number, as on the invoice.", required=False),
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
            Column("reason", TEXT, "Why it is excluded; needed then, and so is `valid_to`.", required=False),
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
            Column("unit", UNIT, "What its quantity counts, as on the invoice line."),
            Column(
                "quantity_step",
                QUANTITY,
                "Usage is rounded to a multiple of it.",
                required=False,
                default="0.000001",
            ),
            Column(
                "rounding",
                choice("half", "up", "down"),
                "How: half away from zero, up or down.",
                required=False,
                default="half",
            ),
            Column("tax_class", IDENTIFIER, "Which tax applies to it.", required=False, default="standard"),
        ),
    ),
    Table(
        "meter",
        "What a vendor counts, and what a day without a complete pull means. From the first day of a month.",
        ("vendor", "meter"),
        (
            Column("vendor", IDENTIFIER, "As in the asset key."),
            Column("meter", IDENTIFIER, "Meter code: `used_bytes`, `active_seats`, ..."),
            Column("unit", UNIT, "Of the staged quantities."),
            Column(
                "gap_policy",
                choice("fail", "carry", "zero", "interpolate"),
                "What stands for a day that was not reported.",
                required=False,
                default="carry",
            ),
            Column(
                "min_coverage",
                PERCENT,
                "Percent of the days that must be reported; below it there is no quantity.",
                required=False,
                default="0",
            ),
            *VALIDITY,
        ),
    ),
    Table(
        "sku_mapping",
        "As what a vendor's meter is sold, from the first day of a month. A meter without a row is not "
        "billed.",
        ("vendor", "product", "meter", "sku"),
        (
            Column("vendor", IDENTIFIER, "As in the asset key."),
            Column(
                "product", TEXT, "The vendor's product, or `*` for every product without a row of its own."
            ),
            Column("meter", IDENTIFIER, "The meter that is sold."),
            Column("sku", IDENTIFIER, "Sold as.", refers_to="sku.sku"),
            Column(
                "dimension",
                IDENTIFIER,
                "What a matrix price tells apart: a region, an edition.",
                required=False,
                default="",
            ),
            Column(
                "aggregation",
                choice(
                    "sum",
                    "count",
                    "unique_count",
                    "peak",
                    "last",
                    "average",
                    "time_weighted",
                    "percentile",
                    "high_water",
                ),
                "From the days of a month to its quantity.",
            ),
            Column("percentile", WHOLE, "1 to 100; needed for `percentile`.", required=False),
            Column("term_months", WHOLE, "1 or more; needed for `high_water`.", required=False),
            Column(
                "ratio",
                QUANTITY,
                "SKU units for one metered unit, beside the conversion of units; needed where the two count "
                "different things.",
                required=False,
                default="1",
            ),
            *VALIDITY,
        ),
    ),
    Table(
        "rate_card",
        "One price list: what we charge (`sell`), or what a vendor charges us (`cost`).",
        ("rate_card",),
        (
            Column("rate_card", IDENTIFIER, "Our code for it."),
            Column("name", TEXT, "For people."),
            Column("side", choice("sell", "cost"), "Whose prices they are.", required=False, default="sell"),
            Column("currency", CURRENCY, "Of every price on it."),
        ),
    ),
    Table(
        "rate",
        "One price, or one tier of it. All tiers of a price agree in everything but the tier and its prices.",
        ("rate_card", "customer_id", "sku", "dimension", "tier_from"),
        (
            Column("rate_card", IDENTIFIER, "The price list.", refers_to="rate_card.rate_card"),
            Column(
                "customer_id",
                IDENTIFIER,
                "Only for this billed customer, in place of the price that names none.",
                required=False,
                default="",
                refers_to="customer.customer_id",
            ),
            Column("sku", IDENTIFIER, "What is sold.", refers_to="sku.sku"),
            Column(
                "dimension",
                IDENTIFIER,
                "Only for this dimension of `sku_mapping`, in place of the price that names none.",
                required=False,
                default="",
            ),
            Column(
                "model",
                choice("flat", "per_unit", "graduated", "volume", "package", "percentage", "cost_plus"),
                "How the quantity becomes an amount.",
            ),
            Column(
                "tier_from",
                QUANTITY,
                "The tier holds quantities above this; 0 in the first and in a single one.",
                required=False,
                default="0",
            ),
            Column("tier_to", QUANTITY, "Up to and including this; empty in the last tier.", required=False),
            Column(
                "unit_price",
                PRICE,
                "For one unit, for a package, or for the month when flat; below 0 is a rebate.",
                required=False,
                default="0",
            ),
            Column(
                "flat_price",
                PRICE,
                "Once for the tier, in `graduated` and `volume`.",
                required=False,
                default="0",
            ),
            Column("package_size", QUANTITY, "Units in a package; needed for `package`.", required=False),
            Column("percent", SIGNED_PERCENT, "Needed for `percentage` and `cost_plus`.", required=False),
            Column("basis", TEXT, "The SKU that `percentage` is taken of, or `*` for all.", required=False),
            Column("included", QUANTITY, "Units that cost nothing.", required=False, default="0"),
            Column(
                "pooled",
                choice("no", "yes"),
                "Whether quantities and included units count together for all on one invoice.",
                required=False,
                default="no",
            ),
            Column("minimum", AMOUNT, "The least that a month costs.", required=False),
            Column("maximum", AMOUNT, "The most that a month costs.", required=False),
            Column(
                "proration",
                PRORATION,
                "How a price that changes inside a month is weighted.",
                required=False,
                default="actual",
            ),
            *VALIDITY,
        ),
    ),
    Table(
        "vendor_terms",
        "What a vendor charges us.",
        ("vendor", "connection"),
        (
            Column("vendor", IDENTIFIER, "As in the asset key."),
            Column("connection", IDENTIFIER, "Name of the set of credentials."),
            Column("rate_card", IDENTIFIER, "Its cost card.", refers_to="rate_card.rate_card"),
            *VALIDITY,
        ),
    ),
    Table(
        "contract",
        "One agreement with a customer, beside its usage.",
        ("contract_id",),
        (
            Column("contract_id", IDENTIFIER, "Our code for it."),
            Column("customer_id", IDENTIFIER, "With whom.", refers_to="customer.customer_id"),
            Column("name", TEXT, "As on the invoice line."),
            *VALIDITY,
        ),
    ),
    Table(
        "contract_item",
        "What a contract charges each month, whatever is used.",
        ("contract_id", "item_id"),
        (
            Column("contract_id", IDENTIFIER, "The contract.", refers_to="contract.contract_id"),
            Column("item_id", IDENTIFIER, "Our code for it inside the contract."),
            Column("sku", IDENTIFIER, "What is sold.", refers_to="sku.sku"),
            Column("quantity", QUANTITY, "How many."),
            Column("unit_price", PRICE, "For one, a month, in the currency of the invoice."),
            Column(
                "billed",
                choice("arrears", "advance"),
                "On the invoice of the month itself, or of the month before.",
                required=False,
                default="arrears",
            ),
            Column(
                "proration",
                PRORATION,
                "How a month that it holds only in part is charged.",
                required=False,
                default="actual",
            ),
            *VALIDITY,
        ),
    ),
    Table(
        "commitment",
        "The least that a contract is worth, in a month or over a term; what is missing is charged.",
        ("contract_id", "commitment_id"),
        (
            Column("contract_id", IDENTIFIER, "The contract.", refers_to="contract.contract_id"),
            Column("commitment_id", IDENTIFIER, "Our code for it inside the contract."),
            Column("sku", TEXT, "The SKU whose charges count, or `*` for all."),
            Column("amount", AMOUNT, "In the currency of the invoice."),
            Column(
                "period",
                choice("month", "term"),
                "Due each month, or once for the time in which the row holds; a term begins and ends with "
                "months and needs `valid_to`.",
            ),
            *VALIDITY,
        ),
    ),
    Table(
        "discount",
        "A percentage off a customer's charges.",
        ("customer_id", "discount_id"),
        (
            Column("customer_id", IDENTIFIER, "The billed customer.", refers_to="customer.customer_id"),
            Column("discount_id", IDENTIFIER, "Our code for it."),
            Column("sku", TEXT, "The SKU it is taken off, or `*` for all."),
            Column("percent", PERCENT, "10 for 10 %."),
            Column("reason", TEXT, "As on the invoice line."),
            *VALIDITY,
        ),
    ),
    Table(
        "tax_rate",
        "One way to tax a line. The latest rate that holds in a month holds for all of it.",
        ("tax_code", "tax_class"),
        (
            Column("tax_code", IDENTIFIER, "Our code for it: NL, EU-REVERSE, ..."),
            Column(
                "tax_class",
                TEXT,
                "Of the SKU, or `*` for every class without a row of its own.",
                required=False,
                default="*",
            ),
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
    Table(
        "fx_rate",
        "What one unit of a currency is worth in another, frozen for the months in which the row holds.",
        ("from_currency", "to_currency"),
        (
            Column("fx_set", IDENTIFIER, "Name of the set it belongs to: `ECB-2026-10`."),
            Column("from_currency", CURRENCY, "One unit of this ..."),
            Column("to_currency", CURRENCY, "... is worth `rate` of this."),
            Column("rate", RATE, "How many."),
            Column("source", TEXT, "Who published it."),
            Column("quoted_on", DATE, "When."),
            *VALIDITY,
        ),
    ),
    Table(
        "tolerance",
        "Up to where a difference is no finding, in place of what the check itself allows. Within one of the "
        "three is enough; 0 allows nothing.",
        ("code", "currency"),
        (
            Column("code", IDENTIFIER, "Of the check: `R-15`."),
            Column(
                "currency",
                CURRENCY,
                "Only for findings in it, in place of the row that names none.",
                required=False,
                default="",
            ),
            Column("amount", AMOUNT, "Of money at risk; empty: as the check has it.", required=False),
            Column("percent", PERCENT, "Of what was expected; empty: as the check has it.", required=False),
            Column("count", QUANTITY, "In the finding's unit; empty: as the check has it.", required=False),
        ),
    ),
)

# Units of the same kind convert into each other; how many of the smallest of its kind a unit is.
# Decimal and binary storage are different units: GB is 10^9 bytes, GiB 2^30.
UNITS = {
    **{
        name: ("storage", size)
        for n, letter in enumerate(["", "K", "M", "G", "T", "P"])
        for name, size in (
            [("bytes", 1)] if not n else [(f"{letter}B", 10 ** (3 * n)), (f"{letter}iB", 2 ** (10 * n))]
        )
    },
    **{
        name: (name, 1)
        for name in ("seats", "devices", "licenses", "users", "workloads", "hosts", "accounts", "months")
    },
}

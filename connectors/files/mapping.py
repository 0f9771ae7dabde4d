"""The mapping: what the columns of one kind of file mean (see README.md)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connectors.errors import NotConfigured

USAGE_COLUMNS = frozenset({"account_id", "resource_id", "resource_name", "product", "is_trial", "period"})
INVOICE_COLUMNS = frozenset(
    {
        *("invoice_number", "occurred_on", "amount", "currency", "tax_amount", "transaction_id", "order_id"),
        *("description", "category", "account_id", "product", "quantity", "unit", "unit_price"),
        *("service_month", "service_start", "service_end"),
    }
)
READY = Path(__file__).parent / "mappings"
SOLD_AS = r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?"
REQUIRED = {
    "usage": ("account_id", "product"),
    "invoice": ("invoice_number", "occurred_on", "amount", "currency"),
}

BYTES = {
    "bytes": 1,
    **{unit: 1000**power for power, unit in enumerate(("KB", "MB", "GB", "TB", "PB"), start=1)},
    **{unit: 1024**power for power, unit in enumerate(("KiB", "MiB", "GiB", "TiB", "PiB"), start=1)},
}
"""How many bytes one of a unit is."""


class Part(BaseModel):
    """A table of the mapping: nothing in it is unknown, and no value of it is bent to fit."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Csv(Part):
    """How a CSV file is written."""

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("has the same sign for decimal and thousands")
        return self


class Layout(Part):
    """Where the table is in the file, how it ends, and what stands before it."""

    sheet: str = ""
    header_row: int = Field(default=1, ge=1)
    date_format: str = ""
    total_label: str = ""
    count_label: str = ""


class Invoice(Part):
    """How an invoice writes its charges and its periods."""

    charges: Literal["positive", "negative"] = "positive"
    service_end: Literal["last day", "day after"] = "last day"


class Meter(Part):
    """A column of readings."""

    column: str
    unit: str = Field(min_length=1)
    fractions: bool = False
    may_be_empty: bool = False


class Control(Part):
    """What is added up to prove the file whole."""

    sum_of: str = ""


class Mapping(Part):
    """One kind of file.

    Attributes:
        skus: our SKU, or SKU/dimension, of what an invoice calls a product.
        units: our unit of what an invoice calls one.
    """

    kind: Literal["usage", "invoice"]
    name: str = Field(pattern=r"^[a-z0-9_-]+$")
    vendor: str = Field(pattern=r"^[a-z0-9_-]+$")
    connection: str = Field(default="default", pattern=r"^[a-z0-9_-]+$")
    period: Literal["day", "month"] = "day"
    stands_in_for: str = ""
    csv: Csv = Csv()
    table: Layout = Layout()
    invoice: Invoice = Invoice()
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    meters: dict[str, Meter] = Field(default_factory=dict)
    skus: dict[str, Annotated[str, Field(pattern=f"^{SOLD_AS}$")]] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)
    control: Control = Control()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ours = USAGE_COLUMNS if self.kind == "usage" else INVOICE_COLUMNS
        if unknown := sorted((self.columns.keys() | self.constants.keys()) - ours):
            raise ValueError(f"{', '.join(unknown)}: there is no such column of {self.kind}")
        if twice := sorted(self.columns.keys() & self.constants.keys()):
            raise ValueError(f"{', '.join(twice)}: a column and a constant at once")
        if missing := [c for c in REQUIRED[self.kind] if c not in {*self.columns, *self.constants}]:
            raise ValueError(f"{', '.join(missing)}: neither a column nor a constant")
        if "amount" in self.constants or "period" in self.constants:
            raise ValueError("amount and period cannot be constants")
        if (self.kind == "usage") != bool(self.meters):
            raise ValueError("[meters] are needed for usage, and for nothing else")
        if self.kind == "invoice" and (self.period == "month" or self.stands_in_for):
            raise ValueError("an invoice has no period and stands in for no stream")
        if self.kind == "usage" and (self.skus or self.units or self.invoice != Invoice()):
            raise ValueError("[invoice], [skus] and [units] are for invoices")
        told = self.columns.keys() | self.constants.keys()
        if "service_month" in told and told & {"service_start", "service_end"}:
            raise ValueError("a period is service_month, or service_start and service_end")
        if len(told & {"service_start", "service_end"}) == 1:
            raise ValueError("service_start and service_end go together")
        for code, meter in self.meters.items():
            if code.endswith("_bytes") and meter.unit not in BYTES:
                raise ValueError(f"meters.{code}: unit must be one of {', '.join(BYTES)}")
        return self


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file; what it does not say itself is as in the ready one that it is `based_on`.

    Raises:
        NotConfigured: it is not there or has mistakes; one line for each.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        if base := document.pop("based_on", None):
            document = _merged(_base(base), document)
        return Mapping.model_validate(document)
    except OSError as error:
        raise NotConfigured(f"the mapping {path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotConfigured(f"{path.name} is not TOML: {error}") from None
    except ValidationError as error:
        raise NotConfigured("\n".join(f"{path.name}: {_said(e)}" for e in error.errors())) from None


def ready(name: str) -> Path | None:
    """The ready mapping of that name; None when there is none."""
    return next((path for path in READY.glob("*.toml") if path.stem == name), None)


def _base(name: object) -> dict[str, Any]:
    path = ready(str(name))
    if path is None:
        there_are = ", ".join(sorted(path.stem for path in READY.glob("*.toml")))
        raise NotConfigured(f"based_on is {name!r}, no ready mapping; there are {there_are}")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Table by table; what is a column here is no constant there."""
    merged = {**base, **own}
    for name, table in base.items():
        if isinstance(table, dict) and isinstance(own.get(name), dict):
            merged[name] = {**table, **own[name]}
    for name, other in (("columns", "constants"), ("constants", "columns")):
        merged[name] = {
            ours: told for ours, told in merged.get(name, {}).items() if ours not in own.get(other, {})
        }
    return merged


def _said(error: Any) -> str:
    place = ".".join(map(str, error["loc"]))
    plain = {"missing": "is missing", "extra_forbidden": "is not part of a mapping"}
    said = plain.get(error["type"], error["msg"].removeprefix("Value error, "))
    return f"{place} {said}" if place else said

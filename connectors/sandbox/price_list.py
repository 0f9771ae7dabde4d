"""What the distributor of the world sells, as what it is metered, at what prices, and how it is taxed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from connectors.sandbox.resellerclub.estate import PLANS

SINCE = "2024-01-01"
RAISE = "2026-07-01"
"""From here on Microsoft 365 seats cost more."""

ENTITIES = (
    ("NW-EU", "Northwind Backup Distribution B.V.", "NL", "NL004495445B01", "EUR", "Europe/Amsterdam", "NWE",
     "30", ""),
    ("NW-UK", "Northwind Backup Distribution Ltd", "GB", "GB980780684", "GBP", "Europe/London", "NWU",
     "14", "5"),
)  # fmt: skip
MARKETS = (  # billing entity, currency, tax code, country
    ("NW-EU", "EUR", "NL-HIGH", "NL"),
    ("NW-EU", "EUR", "EU-REVERSE", "DE"),
    ("NW-UK", "GBP", "UK-STANDARD", "GB"),
    ("NW-EU", "JPY", "EXPORT", "JP"),
    ("NW-EU", "KWD", "EXPORT", "KW"),
)
PER_EURO = {"EUR": Decimal(1), "GBP": Decimal("0.87"), "JPY": Decimal(171), "KWD": Decimal("0.36")}
TAXES = (
    ("NL-HIGH", "*", "VAT 21 %", "S", "21", ""),
    ("NL-HIGH", "books", "VAT 9 %", "S", "9", ""),
    ("UK-STANDARD", "*", "VAT 20 %", "S", "20", ""),
    ("UK-STANDARD", "books", "VAT zero rated", "Z", "0", ""),
    ("EU-REVERSE", "*", "VAT reverse charged", "AE", "0",
     "Reverse charge, article 196 of Directive 2006/112/EC"),
    ("EXPORT", "*", "Outside the scope of EU VAT", "O", "0", "Service supplied outside the EU"),
)  # fmt: skip
_CLOUD, _PROTECT, _XOPERO = "Infrascale Cloud Backup", "Redstor Backup", "Xopero Backup"
_SERVICES = "Services"
SKUS = (  # sku, name, service, unit, step, rounding, tax class
    ("IF-STORAGE", "Cloud backup storage", _CLOUD, "GB", "0.001", "half", "standard"),
    ("IF-DEVICE", "Protected computer", _CLOUD, "devices", "1", "half", "standard"),
    ("IF-MOBILE", "Protected phone or tablet", _CLOUD, "devices", "0.01", "half", "standard"),
    ("IF-IMAGE", "Disk image licence", _CLOUD, "licenses", "1", "half", "standard"),
    ("IF-SQL", "SQL Server licence", _CLOUD, "licenses", "1", "half", "standard"),
    ("IF-EXCHANGE", "Exchange option", _CLOUD, "months", "1", "half", "standard"),
    ("IF-SAAS-SEAT", "Cloud application seat", "Infrascale Cloud Application Backup", "seats", "1", "half",
     "standard"),
    ("IF-SAAS-STORAGE", "Cloud application storage", "Infrascale Cloud Application Backup", "GB", "0.001",
     "half", "standard"),
    ("IF-APPLIANCE", "Appliance storage", "Infrascale Backup & Disaster Recovery", "GB", "1", "half",
     "standard"),
    ("RS-M365", "Microsoft 365 seat", _PROTECT, "seats", "1", "half", "standard"),
    ("RS-GOOGLE", "Google Workspace seat", _PROTECT, "seats", "1", "half", "standard"),
    ("RS-ACCOUNTING", "QuickBooks & Xero seat", _PROTECT, "seats", "1", "half", "standard"),
    ("RS-MACHINE", "Machine", _PROTECT, "workloads", "1", "half", "standard"),
    ("RS-AZURE", "Azure VM", _PROTECT, "workloads", "1", "half", "standard"),
    ("RS-STORAGE", "Protected data of machines", _PROTECT, "GiB", "0.001", "half", "standard"),
    ("RS-OVERAGE", "Data beyond fair use", _PROTECT, "GB", "0.01", "half", "standard"),
    ("XO-STORAGE", "Endpoint and server backup storage", _XOPERO, "GiB", "0.001", "half", "standard"),
    ("XO-HOST", "Protected host", _XOPERO, "devices", "1", "half", "standard"),
    ("RC-STORAGE", "Ordered backup storage", "Acronis Backup", "GiB", "0.001", "half", "standard"),
    ("RV-M365", "Microsoft 365 user", "ReVirt365", "seats", "1", "half", "standard"),
    ("RV-STORAGE", "Microsoft 365 data", "ReVirt365", "GiB", "1", "up", "standard"),
    ("SUPPORT", "Priority support", _SERVICES, "months", "1", "half", "standard"),
    ("SERVICE-DESK", "Service desk", _SERVICES, "months", "1", "half", "standard"),
    ("RESERVED-STORAGE", "Reserved storage", _SERVICES, "TB", "1", "half", "standard"),
    ("HANDBOOK", "Printed restore handbook, subscription", _SERVICES, "months", "1", "half", "books"),
)  # fmt: skip
METERS = (  # vendor, meter, unit, gap policy, minimum coverage
    ("infrascale", "used_bytes", "bytes", "carry", "0"),
    ("infrascale", "windows_devices", "devices", "carry", "0"),
    ("infrascale", "mac_devices", "devices", "carry", "0"),
    ("infrascale", "android_devices", "devices", "zero", "0"),
    ("infrascale", "licenses", "licenses", "carry", "0"),
    ("infrascale", "cloud_accounts", "seats", "carry", "0"),
    ("infrascale", "cloud_bytes", "bytes", "interpolate", "0"),
    ("redstor", "active_seats", "seats", "carry", "0"),
    ("redstor", "active_workloads", "workloads", "carry", "0"),
    ("redstor", "protected_bytes", "bytes", "interpolate", "0"),
    # What is charged on top of a subscription is charged on proof.
    ("redstor", "overage_bytes", "bytes", "fail", "100"),
    ("xopero", "used_bytes", "bytes", "interpolate", "0"),
    ("xopero", "hosts", "devices", "carry", "0"),
    ("resellerclub", "ordered_gib", "GiB", "carry", "0"),
    ("revirt365", "active_seats", "seats", "carry", "0"),
    ("revirt365", "protected_bytes", "bytes", "carry", "50"),
)
SOLD_AS = (  # vendor, product, meter, sku, dimension, aggregation, percentile, months of the term, ratio
    ("infrascale", "backup", "used_bytes", "IF-STORAGE", "", "average", "", "", ""),
    ("infrascale", "backup", "windows_devices", "IF-DEVICE", "", "peak", "", "", ""),
    ("infrascale", "backup", "mac_devices", "IF-DEVICE", "", "peak", "", "", ""),
    ("infrascale", "backup", "android_devices", "IF-MOBILE", "", "time_weighted", "", "", ""),
    ("infrascale", "SkraftDiskImageV5", "licenses", "IF-IMAGE", "", "peak", "", "", ""),
    ("infrascale", "SqlBackup", "licenses", "IF-SQL", "", "peak", "", "", ""),
    ("infrascale", "ExchangeBackup", "licenses", "IF-EXCHANGE", "", "peak", "", "", "1"),
    ("infrascale", "*", "cloud_accounts", "IF-SAAS-SEAT", "", "peak", "", "", ""),
    ("infrascale", "*", "cloud_bytes", "IF-SAAS-STORAGE", "", "average", "", "", ""),
    ("infrascale", "appliance", "used_bytes", "IF-APPLIANCE", "", "last", "", "", ""),
    ("redstor", "RS-M365-SEAT", "active_seats", "RS-M365", "", "peak", "", "", ""),
    ("redstor", "RS-GWS-SEAT", "active_seats", "RS-GOOGLE", "", "peak", "", "", ""),
    ("redstor", "product-57", "active_seats", "RS-ACCOUNTING", "", "peak", "", "", ""),
    ("redstor", "RS-MACHINE", "active_workloads", "RS-MACHINE", "", "peak", "", "", ""),
    ("redstor", "RS-AZURE-VM", "active_workloads", "RS-AZURE", "", "peak", "", "", ""),
    ("redstor", "RS-MACHINE", "protected_bytes", "RS-STORAGE", "", "average", "", "", ""),
    ("redstor", "RS-AZURE-VM", "protected_bytes", "RS-STORAGE", "", "average", "", "", ""),
    ("redstor", "*", "overage_bytes", "RS-OVERAGE", "", "peak", "", "", ""),
    ("xopero", "backup", "used_bytes", "XO-STORAGE", "", "average", "", "", ""),
    ("xopero", "backup", "hosts", "XO-HOST", "", "high_water", "", "3", ""),
    *(
        ("resellerclub", str(plan.plan_id), "ordered_gib", "RC-STORAGE", plan.region, "average", "", "", "")
        for plan in PLANS
    ),
    ("resellerclub", "*", "ordered_gib", "RC-STORAGE", "", "average", "", "", ""),
    ("revirt365", "*", "active_seats", "RV-M365", "", "peak", "", "", ""),
    ("revirt365", "*", "protected_bytes", "RV-STORAGE", "", "percentile", "95", "", ""),
)


class Price(NamedTuple):
    """A price in euro; it stands on the card of every currency unless it is one customer's.

    Attributes:
        tiers: (up to, price of a unit), the last up to "".
        more: further columns of reference.rate.
        card: the one that it stands on; empty for that of every currency.
    """

    sku: str
    model: str
    tiers: tuple[tuple[str, str], ...]
    since: str = SINCE
    until: str = ""
    dimension: str = ""
    customer: str = ""
    card: str = ""
    more: Mapping[str, str] = MappingProxyType({})


_BY_SEATS = (("100", "1.8"), ("500", "1.55"), ("", "1.3"))
_RAISED = (("100", "1.9"), ("500", "1.65"), ("", "1.4"))
PRICES = (
    Price("IF-STORAGE", "graduated", (("10000", "0.049"), ("100000", "0.031"), ("", "0.0045"))),
    Price("IF-DEVICE", "per_unit", (("", "1.25"),)),
    Price("IF-MOBILE", "per_unit", (("", "0.4"),), more={"maximum": "60"}),
    Price("IF-IMAGE", "per_unit", (("", "6.9"),)),
    Price("IF-SQL", "per_unit", (("", "11.5"),)),
    Price("IF-EXCHANGE", "flat", (("", "49"),)),
    Price("IF-SAAS-SEAT", "volume", (("100", "1.95"), ("500", "1.7"), ("", "1.45"))),
    Price("IF-SAAS-STORAGE", "graduated", (("10000", "0.04"), ("100000", "0.02"), ("", "0.0035"))),
    Price("IF-APPLIANCE", "per_unit", (("", "0.0065"),)),
    Price("RS-M365", "volume", _BY_SEATS, until=RAISE),
    Price("RS-M365", "volume", _RAISED, RAISE),
    Price("RS-GOOGLE", "per_unit", (("", "1.6"),)),
    Price("RS-GOOGLE", "per_unit", (("", "1.45"),), customer="R-0001", card="EUR-2024"),
    Price("RS-ACCOUNTING", "per_unit", (("", "2.4"),)),
    Price("RS-MACHINE", "per_unit", (("", "4.75"),)),
    Price("RS-AZURE", "per_unit", (("", "5.2"),)),
    Price("RS-STORAGE", "graduated", (("5000", "0.035"), ("100000", "0.024"), ("", "0.003"))),
    Price("RS-OVERAGE", "per_unit", (("", "0.055"),)),
    Price("XO-STORAGE", "graduated", (("5000", "0.042"), ("100000", "0.028"), ("", "0.0031"))),
    Price("XO-HOST", "per_unit", (("", "0.9"),), more={"minimum": "2.5"}),
    Price("RV-M365", "volume", (("100", "1.75"), ("500", "1.5"), ("", "1.2"))),
    Price("RV-STORAGE", "package", (("", "3.5"),),
          more={"package_size": "100", "included": "50", "pooled": "yes"}),
    Price("RC-STORAGE", "graduated", (("1000", "0.11"), ("50000", "0.08"), ("", "0.0042"))),
    Price("RC-STORAGE", "graduated", (("1000", "0.121"), ("50000", "0.088"), ("", "0.0046")),
          dimension="asia"),
    Price("RC-STORAGE", "cost_plus", (("", ""),), customer="R-0002", card="EUR-2024", more={"percent": "18"}),
    Price("SUPPORT", "percentage", (("", ""),), customer="R-0002", card="EUR-2024",
          more={"percent": "3", "basis": "*"}),
)  # fmt: skip

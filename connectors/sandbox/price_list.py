"""What the distributor of the world sells, at what prices, and how it is taxed."""

from __future__ import annotations

from decimal import Decimal

SINCE = "2024-01-01"
RAISE = "2026-07-01"
"""From here on Microsoft 365 seats cost more."""

ENTITIES = (
    ("NW-EU", "Northwind Backup Distribution B.V.", "NL", "NL004495445B01", "EUR", "Europe/Amsterdam", "NWE"),
    ("NW-UK", "Northwind Backup Distribution Ltd", "GB", "GB980780684", "GBP", "Europe/London", "NWU"),
)
MARKETS = (  # billing entity, currency, tax code, country
    ("NW-EU", "EUR", "NL-HIGH", "NL"),
    ("NW-EU", "EUR", "EU-REVERSE", "DE"),
    ("NW-UK", "GBP", "UK-STANDARD", "GB"),
    ("NW-EU", "JPY", "EXPORT", "JP"),
    ("NW-EU", "KWD", "EXPORT", "KW"),
)
PER_EURO = {"EUR": Decimal(1), "GBP": Decimal("0.87"), "JPY": Decimal(171), "KWD": Decimal("0.36")}
TAXES = (
    ("NL-HIGH", "VAT 21 %", "S", "21", ""),
    ("UK-STANDARD", "VAT 20 %", "S", "20", ""),
    ("EU-REVERSE", "VAT reverse charged", "AE", "0", "Reverse charge, article 196 of Directive 2006/112/EC"),
    ("EXPORT", "Outside the scope of EU VAT", "O", "0", "Service supplied outside the EU"),
)
_GB, _GIB, _ONE = "1000000000", "1073741824", "1"
_CLOUD, _PROTECT, _XOPERO = "Infrascale Cloud Backup", "Redstor Backup", "Xopero Backup"
SKUS = (
    ("IF-STORAGE", "Cloud backup storage", _CLOUD, "GB"),
    ("IF-DEVICE", "Protected computer", _CLOUD, "device"),
    ("IF-IMAGE", "Disk image licence", _CLOUD, "licence"),
    ("IF-SQL", "SQL Server licence", _CLOUD, "licence"),
    ("IF-EXCHANGE", "Exchange option", _CLOUD, "month"),
    ("IF-SAAS-SEAT", "Cloud application seat", "Infrascale Cloud Application Backup", "seat"),
    ("IF-SAAS-STORAGE", "Cloud application storage", "Infrascale Cloud Application Backup", "GB"),
    ("IF-APPLIANCE", "Appliance storage", "Infrascale Backup & Disaster Recovery", "GB"),
    ("RS-M365", "Microsoft 365 seat", _PROTECT, "seat"),
    ("RS-GOOGLE", "Google Workspace seat", _PROTECT, "seat"),
    ("RS-ACCOUNTING", "QuickBooks & Xero seat", _PROTECT, "seat"),
    ("RS-MACHINE", "Machine", _PROTECT, "workload"),
    ("RS-AZURE", "Azure VM", _PROTECT, "workload"),
    ("RS-STORAGE", "Protected data of machines", _PROTECT, "GiB"),
    ("RS-OVERAGE", "Data beyond fair use", _PROTECT, "GB"),
    ("XO-STORAGE", "Endpoint and server backup storage", _XOPERO, "GiB"),
    ("RC-STORAGE", "Ordered backup storage", "Acronis Backup", "GiB"),
    ("RV-M365", "Microsoft 365 user", "ReVirt365", "seat"),
)
METERS = (
    ("infrascale", "backup", "used_bytes", "IF-STORAGE", "average", _GB, "0.001"),
    ("infrascale", "backup", "windows_devices", "IF-DEVICE", "peak", _ONE, "1"),
    ("infrascale", "backup", "mac_devices", "IF-DEVICE", "peak", _ONE, "1"),
    ("infrascale", "SkraftDiskImageV5", "licenses", "IF-IMAGE", "peak", _ONE, "1"),
    ("infrascale", "SqlBackup", "licenses", "IF-SQL", "peak", _ONE, "1"),
    ("infrascale", "ExchangeBackup", "licenses", "IF-EXCHANGE", "peak", _ONE, "1"),
    ("infrascale", "*", "cloud_accounts", "IF-SAAS-SEAT", "peak", _ONE, "1"),
    ("infrascale", "*", "cloud_bytes", "IF-SAAS-STORAGE", "average", _GB, "0.001"),
    ("infrascale", "appliance", "used_bytes", "IF-APPLIANCE", "last", _GB, "1"),
    ("redstor", "RS-M365-SEAT", "active_seats", "RS-M365", "peak", _ONE, "1"),
    ("redstor", "RS-GWS-SEAT", "active_seats", "RS-GOOGLE", "peak", _ONE, "1"),
    ("redstor", "product-57", "active_seats", "RS-ACCOUNTING", "peak", _ONE, "1"),
    ("redstor", "RS-MACHINE", "active_workloads", "RS-MACHINE", "peak", _ONE, "1"),
    ("redstor", "RS-AZURE-VM", "active_workloads", "RS-AZURE", "peak", _ONE, "1"),
    ("redstor", "RS-MACHINE", "protected_bytes", "RS-STORAGE", "average", _GIB, "0.001"),
    ("redstor", "RS-AZURE-VM", "protected_bytes", "RS-STORAGE", "average", _GIB, "0.001"),
    ("redstor", "*", "overage_bytes", "RS-OVERAGE", "peak", _GB, "0.01"),
    ("xopero", "backup", "used_bytes", "XO-STORAGE", "average", _GIB, "0.001"),
    ("revirt365", "*", "active_seats", "RV-M365", "peak", _ONE, "1"),
    ("resellerclub", "*", "ordered_gib", "RC-STORAGE", "average", _ONE, "0.001"),
)
PRICES = (  # sku, model, ((up to, price in euro), ...), valid from, valid to
    ("IF-STORAGE", "graduated", (("10000", "0.049"), ("100000", "0.031"), ("", "0.0045")), SINCE, ""),
    ("IF-DEVICE", "per_unit", (("", "1.25"),), SINCE, ""),
    ("IF-IMAGE", "per_unit", (("", "6.9"),), SINCE, ""),
    ("IF-SQL", "per_unit", (("", "11.5"),), SINCE, ""),
    ("IF-EXCHANGE", "flat", (("", "49"),), SINCE, ""),
    ("IF-SAAS-SEAT", "volume", (("100", "1.95"), ("500", "1.7"), ("", "1.45")), SINCE, ""),
    ("IF-SAAS-STORAGE", "graduated", (("10000", "0.04"), ("100000", "0.02"), ("", "0.0035")), SINCE, ""),
    ("IF-APPLIANCE", "per_unit", (("", "0.0065"),), SINCE, ""),
    ("RS-M365", "volume", (("100", "1.8"), ("500", "1.55"), ("", "1.3")), SINCE, RAISE),
    ("RS-M365", "volume", (("100", "1.9"), ("500", "1.65"), ("", "1.4")), RAISE, ""),
    ("RS-GOOGLE", "per_unit", (("", "1.6"),), SINCE, ""),
    ("RS-ACCOUNTING", "per_unit", (("", "2.4"),), SINCE, ""),
    ("RS-MACHINE", "per_unit", (("", "4.75"),), SINCE, ""),
    ("RS-AZURE", "per_unit", (("", "5.2"),), SINCE, ""),
    ("RS-STORAGE", "graduated", (("5000", "0.035"), ("100000", "0.024"), ("", "0.003")), SINCE, ""),
    ("RS-OVERAGE", "per_unit", (("", "0.055"),), SINCE, ""),
    ("XO-STORAGE", "graduated", (("5000", "0.042"), ("100000", "0.028"), ("", "0.0031")), SINCE, ""),
    ("RV-M365", "volume", (("100", "1.75"), ("500", "1.5"), ("", "1.2")), SINCE, ""),
    ("RC-STORAGE", "graduated", (("1000", "0.11"), ("50000", "0.08"), ("", "0.0042")), SINCE, ""),
)

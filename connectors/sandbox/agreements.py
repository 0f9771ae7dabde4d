"""What the distributor of the world has agreed with its resellers, beside prices."""

from __future__ import annotations

CONTRACTS = (  # contract, customer, name, valid from, valid to
    ("K-1001", "R-0001", "Managed backup agreement", "2025-01-01", ""),
    ("K-1002", "R-0002", "Growth agreement", "2025-01-15", "2029-01-01"),
)
ITEMS = (  # contract, item, sku, quantity, unit price, billed, proration, valid from, valid to
    ("K-1001", "desk", "SERVICE-DESK", "1", "95", "arrears", "thirty", "2025-01-01", ""),
    ("K-1001", "reserve", "RESERVED-STORAGE", "2", "18.5", "advance", "actual", "2025-01-01", ""),
    ("K-1001", "handbook", "HANDBOOK", "3", "4.9", "arrears", "none", "2025-01-01", ""),
    ("K-1002", "desk", "SERVICE-DESK", "1", "60", "advance", "actual", "2025-01-15", "2029-01-01"),
)
COMMITMENTS = (  # contract, commitment, sku, amount, period, valid from, valid to
    ("K-1001", "storage", "IF-STORAGE", "250", "month", "2025-01-01", ""),
    ("K-1002", "2026", "*", "24000", "term", "2026-01-01", "2027-01-01"),
)
DISCOUNTS = (  # customer, discount, sku, percent, reason, valid from, valid to
    ("R-0001", "loyalty", "*", "5", "Loyalty discount", "2025-01-01", ""),
    ("R-0002", "launch", "XO-STORAGE", "10", "Launch discount", "2026-01-01", "2027-01-01"),
)
ORDER_NUMBERS = {"R-0001": "PO-2025-0417", "R-0002": "4500098213"}
"""Those that resellers want on their invoices."""

"""The columns of each ReVirt365 stream; what the vendor calls them stands in the contract file."""

from __future__ import annotations

import pyarrow as pa

from connectors.stream import Field, Presence

OPTIONAL = Presence.OPTIONAL
TEXT, WHOLE, FLAG = pa.string(), pa.int64(), pa.bool_()

CUSTOMERS = (
    Field("account_id", "", TEXT),
    Field("name", "", TEXT, OPTIONAL),
    Field("parent_account_id", "", TEXT, OPTIONAL),
    Field("status", "", TEXT, OPTIONAL),
    Field("is_active", "", FLAG, OPTIONAL),
    Field("external_number", "", TEXT, OPTIONAL, note="the reseller's own number of the customer"),
    Field("po_number", "", TEXT, OPTIONAL, note="purchase order"),
)

USAGE = (
    Field("account_id", "", TEXT),
    Field("active_seats", "", WHOLE, unit="seats"),
    Field("inactive_seats", "", WHOLE, OPTIONAL, unit="seats"),
    Field("shared_seats", "", WHOLE, OPTIONAL, unit="seats"),
    Field("protected_bytes", "", WHOLE, OPTIONAL, unit="bytes"),
    Field("resource_id", "", TEXT, OPTIONAL),
    Field("resource_name", "", TEXT, OPTIONAL),
    Field("product", "", TEXT, OPTIONAL),
    Field("is_trial", "", FLAG, OPTIONAL),
)

SESSIONS = (
    Field("session_id", "", TEXT),
    Field("account_id", "", TEXT),
    Field("job_id", "", TEXT, OPTIONAL),
    Field("event_type", "", TEXT, OPTIONAL),
    Field("status", "", TEXT, OPTIONAL),
    Field("occurred_at", "", TEXT, OPTIONAL, note="ISO 8601, as the vendor writes it"),
    Field("uploaded_bytes", "", WHOLE, OPTIONAL, unit="bytes"),
    Field("duration_seconds", "", WHOLE, OPTIONAL, unit="seconds"),
)

COLUMNS = {"customers": CUSTOMERS, "usage": USAGE, "sessions": SESSIONS}
"""By stream."""

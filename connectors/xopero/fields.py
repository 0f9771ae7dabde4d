"""The columns of each Xopero stream; a source `a/b` is the member b of the object a.

Numbers come as text in places ("107374182400") where the document says int; both are read everywhere.
"""

from __future__ import annotations

import pyarrow as pa

from connectors.stream import Field, Presence

NULLABLE, OPTIONAL = Presence.NULLABLE, Presence.OPTIONAL
TEXT, WHOLE, FLAG = pa.string(), pa.int64(), pa.bool_()

_UNLIMITED = "2147483647 means unlimited"

CUSTOMERS = (
    Field("customer_id", "id", WHOLE),
    Field("reseller_id", "resellerId", WHOLE, note="the partner who owns the customer"),
    Field("login", "name", TEXT, note="unique in the whole system"),
    Field("status", "status", TEXT, note="DELETED, IS_DISABLED, ACTIVATED, NOT_ACTIVATED"),
    Field("subscription_id", "subscription/id", WHOLE, NULLABLE),
    Field("subscription_name", "subscription/name", TEXT, NULLABLE),
    Field("subscription_number", "subscription/number", TEXT, NULLABLE),
    Field("subscription_status", "subscription/status", TEXT, NULLABLE, note="ORDER_STATUS_..."),
    Field("subscription_type", "subscription/type", TEXT, NULLABLE, note="PRODUCT_TYPE_FREE, _TRIAL, _FULL"),
    Field("hosts", "parameters/hosts", WHOLE, NULLABLE, unit="devices", note=_UNLIMITED),
    Field("users", "parameters/users", WHOLE, NULLABLE, unit="users", note=_UNLIMITED),
    Field("capacity_bytes", "parameters/capacity", WHOLE, NULLABLE, unit="bytes"),
    Field("parameters_status", "parameters/status", TEXT, NULLABLE, note="ACTIVE, DISABLED"),
    Field("product_name", "parameters/name", TEXT, NULLABLE),
    Field("product_version", "parameters/type", TEXT, NULLABLE, note="PRODUCT_VERSION_..."),
    Field("is_trial", "parameters/isTrial", FLAG, NULLABLE, note="subscription_type overrules it"),
    Field("has_briefcase", "parameters/hasBriefcase", FLAG, NULLABLE),
    Field("valid_from", "parameters/validFrom", TEXT, NULLABLE, note="ISO 8601 with offset"),
    Field("valid_to", "parameters/validTo", TEXT, NULLABLE, note="ISO 8601 with offset"),
    Field("custom_text", "customText", TEXT, OPTIONAL),
    Field("short_note", "shortNote", TEXT, OPTIONAL),
    Field("children", "children", TEXT, OPTIONAL, note="JSON; the user accounts, id and name"),
)

FACTS = frozenset(
    {
        "customer_id",
        "status",
        "subscription_number",
        "subscription_type",
        "is_trial",
        "product_name",
        "hosts",
        "users",
    }
)
"""What is asked about a customer, and what rows say of it, goes by these columns of the list."""

PARTNERS = (
    Field("partner_id", "id", WHOLE),
    Field("reseller_id", "resellerId", WHOLE, OPTIONAL, note="the partner above"),
    Field("login", "name", TEXT, OPTIONAL),
    Field("username", "username", TEXT, OPTIONAL),
    Field("status", "status", TEXT, OPTIONAL, note="CREATED, ACTIVATED, DISABLED, DELETED"),
)
"""The document names no field of a partner but the filters' own; whatever else comes is in `extra`."""

_OF_CUSTOMER = (
    Field("customer_id", "", WHOLE, note="the customer asked for"),
    Field("subscription_type", "", TEXT, NULLABLE, note="as the list of customers told it before"),
    Field("is_trial", "", FLAG, NULLABLE, note="as the list told it; subscription_type overrules it"),
)

USED = (
    Field("used_bytes", "usedSpace", WHOLE, unit="bytes"),
    Field("assigned_bytes", "assignedCapacity", WHOLE, unit="bytes"),
    Field("capacity_bytes", "capacity", WHOLE, NULLABLE, unit="bytes"),
)
"""The vendor's sums over a customer's accounts, and the capacity of its subscription."""

ACCOUNT = (
    Field("account_id", "id", WHOLE),
    Field("account_name", "name", TEXT, NULLABLE),
    Field("used_bytes", "usedSpace", WHOLE, unit="bytes"),
    Field("assigned_bytes", "capacity", WHOLE, unit="bytes"),
)
"""One account of the customer: its own, or of one of its users."""

CUSTOMER_USAGE = (
    *_OF_CUSTOMER,
    Field("hosts", "", WHOLE, NULLABLE, unit="devices", note=f"limit, as the list told it; {_UNLIMITED}"),
    Field("users", "", WHOLE, NULLABLE, unit="users", note=f"limit, as the list told it; {_UNLIMITED}"),
    Field("product_name", "", TEXT, NULLABLE, note="as the list told it"),
    Field("scope", "", TEXT, note="customer (the vendor's own sums) or account"),
    *ACCOUNT[:2],
    *USED,
    Field("read_at", "", pa.timestamp("us", "UTC"), note="when it was received: the answer has no time"),
)

SUBSCRIPTIONS = (
    *_OF_CUSTOMER,
    Field("subscription_id", "id", WHOLE),
    Field("number", "number", TEXT),
    Field("product_id", "product/id", WHOLE, NULLABLE),
    Field("product_name", "product/name", TEXT, NULLABLE),
    Field("product_version", "product/type", TEXT, NULLABLE, note="PRODUCT_VERSION_..."),
    Field("hosts", "product/hosts", WHOLE, NULLABLE, unit="devices", note=_UNLIMITED),
    Field("users", "product/users", WHOLE, NULLABLE, unit="users", note=_UNLIMITED),
    Field("capacity_bytes", "product/capacity", WHOLE, NULLABLE, unit="bytes"),
    Field("status", "status", TEXT, note="CURRENT, CANCELLED ...: without the prefix of the list"),
    Field("period", "period", TEXT, note="1Y, 2Y, 3Y"),
    Field("valid_from", "validFrom", TEXT, OPTIONAL, note="ISO 8601 with offset"),
    Field("valid_to", "validTo", TEXT, OPTIONAL, note="ISO 8601 with offset"),
    Field(
        "subscriptions",
        "subscriptions",
        TEXT,
        OPTIONAL,
        note="JSON; all of the customer's, number and status",
    ),
)

PRODUCT_CLASS = (Field("product_class", "class", TEXT, note="business, personal"),)

PRODUCT = (
    Field("product_name", "name", TEXT),
    Field("description", "description", TEXT, OPTIONAL),
    Field(
        "version_id", "product_version", WHOLE, OPTIONAL, note="1 SOHO, 5 Personal, 10 Endpoint, 20 & Server"
    ),
    Field("business_group", "business_group", TEXT, OPTIONAL, note="personal, endpoint, endpoint-server"),
)

VARIANT = (
    Field("variant_id", "id", WHOLE),
    Field("variant_name", "name", TEXT),
    Field("capacity_bytes", "capacity", WHOLE, unit="bytes"),
    Field("hosts", "hosts", TEXT),
    Field("users", "users", TEXT),
    Field("price", "price", TEXT, NULLABLE, note="as told; no currency, tax or period is"),
)

AVAILABLE_PRODUCTS = (
    Field("customer_id", "", WHOLE, note="the customer asked for: the prices are his"),
    *PRODUCT_CLASS,
    *PRODUCT,
    *VARIANT,
)

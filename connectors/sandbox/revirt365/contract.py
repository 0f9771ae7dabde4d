"""Describes the stand-in the way a customer describes the real API.

contract()     the connector's contract file (connectors/revirt365/README.md)
collection()   a Postman collection, v2.1, from which one can be drafted
"""

from __future__ import annotations

import json
from typing import Any

_CONTRACT = """\
version = 1

[token]
path = "/v1/token"
send_as = "json"
key_name = "appkey"
secret_name = "appsecret"
token_at = "/token"
expires_in_at = "/expiresIn"

[streams.customers]
path = "/v1/reseller/customers"
rows_at = "/customers"
total_at = "/totalCount"
other_fields = ["portalPageTitle"]

[streams.customers.paging]
kind = "page"
parameter = "page"
size_parameter = "pageSize"
size = 100

[streams.customers.fields]
account_id = "id"
name = "dbaName"
parent_account_id = "resellerId"
is_active = { source = "isActive", presence = "required" }
external_number = "CustomerExternalNumber"
po_number = "CustomerPoNumber"

[streams.usage]
path = "/v1/reseller/usage"
query = { date = "{date}" }
rows_at = "/usage"
total_at = "/totalCount"

[streams.usage.paging]
kind = "token"
parameter = "pageToken"
next_at = "/nextPageToken"

[streams.usage.fields]
account_id = "customerId"
resource_id = { source = "subscriptionId", presence = "required" }
resource_name = "subscriptionName"
product = "product"
active_seats = "activeSeats"
inactive_seats = "inactiveSeats"
protected_bytes = "protectedBytes"
is_trial = { source = "isTrial", presence = "required" }

[lists.job_id]
path = "/v1/reseller/customers/{account_id}/jobs"
rows_at = "/jobs"
value = "id"

[streams.sessions]
path = "/v1/reseller/jobs/{job_id}/sessions"
query = { from = "{starts_at}", to = "{ends_at}" }
rows_at = "/sessions"
total_at = "/totalCount"

[streams.sessions.paging]
kind = "offset"
parameter = "skip"
size_parameter = "take"
size = 100

[streams.sessions.fields]
session_id = "id"
job_id = "jobId"
event_type = "type"
status = "status"
occurred_at = "startedAt"
uploaded_bytes = "transferredBytes"
duration_seconds = "durationSeconds"
"""

_TRACE = {"traceId": "0a1b2c3d4e5f"}
_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
_ANSWERS: dict[str, dict[str, Any]] = {
    "customers": {
        "customers": [
            {
                "id": _ID,
                "dbaName": "Contoso",
                "resellerId": _ID,
                "isActive": True,
                "CustomerExternalNumber": "C-1",
                "CustomerPoNumber": None,
                "portalPageTitle": "ReVirt365 Backup Portal",
            }
        ],
        "totalCount": 1,
    },
    "usage": {
        "usage": [
            {
                "subscriptionId": _ID,
                "customerId": _ID,
                "subscriptionName": "Users of Contoso",
                "product": "M365 Backup",
                "activeSeats": 12,
                "inactiveSeats": 1,
                "protectedBytes": 123456789,
                "isTrial": False,
            }
        ],
        "totalCount": 1,
        "nextPageToken": None,
    },
    "jobs": {"jobs": [{"id": _ID, "name": "Mail"}]},
    "sessions": {
        "sessions": [
            {
                "id": _ID,
                "jobId": _ID,
                "type": "backup",
                "status": "Success",
                "startedAt": "2026-10-31T01:02:03Z",
                "durationSeconds": 61,
                "transferredBytes": 1024,
            }
        ],
        "totalCount": 1,
    },
}


def contract() -> str:
    """The contract file of the stand-in, TOML."""
    return _CONTRACT


def collection() -> str:
    """The stand-in's endpoints as Postman exports a collection, JSON."""
    reads: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        ("Get customers", "/v1/reseller/customers", "customers", {"page": "1", "pageSize": "100"}),
        ("Get usage", "/v1/reseller/usage", "usage", {"date": "2026-10-31", "pageToken": ""}),
        ("Get jobs of a customer", "/v1/reseller/customers/{{customerId}}/jobs", "jobs", {}),
        (
            "Get sessions of a job",
            "/v1/reseller/jobs/{{jobId}}/sessions",
            "sessions",
            {"from": "2026-10-31T00:00:00Z", "to": "2026-11-01T00:00:00Z", "skip": "0", "take": "100"},
        ),
    )
    token = _item(
        "Get bearer token",
        _request("POST", "/v1/token", {}, {"appkey": "{{appkey}}", "appsecret": "{{appsecret}}"}),
        {"token": "eyJ0b2tlbiI6", "expiresIn": 3600},
    )
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    described = {
        "info": {"name": "api.revirt365.com", "schema": schema},
        "item": [
            {"name": "1. Bearer Token", "item": [token]},
            {
                "name": "3. Reseller",
                "item": [
                    _item(name, _request("GET", path, query, None), _ANSWERS[answer])
                    for name, path, answer, query in reads
                ],
            },
        ],
    }
    return json.dumps(described, indent=2)


def _request(method: str, path: str, query: dict[str, str], body: dict[str, str] | None) -> dict[str, Any]:
    url: dict[str, Any] = {
        "raw": "{{protocol}}://{{domainName}}" + path + ("?" if query else "") + _joined(query),
        "protocol": "{{protocol}}",
        "host": ["{{domainName}}"],
        "path": path.strip("/").split("/"),
    }
    if query:
        url["query"] = [{"key": key, "value": value} for key, value in query.items()]
    told: dict[str, Any] = {"method": method, "header": [], "url": url}
    if body is None:
        told["auth"] = {
            "type": "bearer",
            "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}],
        }
    else:
        told["header"] = [{"key": "Content-Type", "value": "application/json"}]
        told["body"] = {"mode": "raw", "raw": json.dumps(body), "options": {"raw": {"language": "json"}}}
    return told


def _joined(query: dict[str, str]) -> str:
    return "&".join(f"{key}={value}" for key, value in query.items())


def _item(name: str, request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    example = {
        "name": "OK",
        "originalRequest": request,
        "status": "OK",
        "code": 200,
        "header": [{"key": "Content-Type", "value": "application/json"}],
        "body": json.dumps(_TRACE | answer),
    }
    return {"name": name, "request": request, "response": [example]}

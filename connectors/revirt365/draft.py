"""A draft of the contract file from the user's Postman collection; what it does not tell is marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from connectors.revirt365.collection import Call
from connectors.revirt365.contract_file import FILL_IN
from connectors.revirt365.fields import COLUMNS
from connectors.stream import Field, Presence

_SAVES_TOKEN = re.compile(
    r"""\.set\(\s*['"]token['"]\s*,\s*[\w$.]*?(?:\([^)]*\))*((?:\.[A-Za-z_$][\w$]*)+)\s*\)"""
)
# The published names of variables: customerId, jobId, sessionId, dbaName, CustomerExternalNumber ...
_PLACEHOLDERS = {"customerid": "account_id", "jobid": "job_id"}
_KNOWN_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "customers": {
        "account_id": ("id", "customerid"),
        "name": ("dbaname",),
        "external_number": ("externalnumber",),
        "po_number": ("ponumber",),
    },
    "usage": {"account_id": ("customerid",)},
    "sessions": {"session_id": ("sessionid", "id"), "account_id": ("customerid",), "job_id": ("jobid",)},
}
_TYPES = {str: "text", int: "number", bool: "flag"}
_OURS = {pa.string(): "text", pa.int64(): "number", pa.bool_(): "flag"}


def draft(calls: Sequence[Call], section: str = "") -> str:
    """The text of a contract file.

    Parameters:
        calls: of the whole collection.
        section: word in the name of the outermost folder whose requests are meant; the vendor's app
            keys open one section only. Empty: all.
    """
    reads = [
        call for call in calls if call.method == "GET" and section.lower() in (*call.folders, "")[0].lower()
    ]
    chosen = {stream: _only([call for call in reads if _lists(call, stream)]) for stream in COLUMNS}
    lines = [
        "# The contract of the ReVirt365 API, drafted from a Postman collection.",
        f"# Say what is marked {FILL_IN}; connectors/revirt365/README.md explains each word.",
        "#",
        "# The collection's GETs:",
        *(f"#   {_placed(call.path)}    {call.title}" for call in reads),
        "",
        "version = 1",
        "",
        *_token(calls),
    ]
    for stream in COLUMNS:
        lines += ["", *_stream(stream, chosen[stream])]
    if any(call and "{job_id}" in _placed(call.path) for call in chosen.values()):
        lines += ["", *_jobs(_only([call for call in reads if _lists(call, "jobs")]))]
    return "\n".join(lines) + "\n"


def _lists(call: Call, what: str) -> bool:
    """Whether the path ends with the word: a list, and not one thing of it."""
    return call.path.rstrip("/").rpartition("/")[2].lower() == what


def _only(calls: Sequence[Call]) -> Call | None:
    return calls[0] if len(calls) == 1 else None


def _placed(path: str) -> str:
    """The path with the published variables as our placeholders."""
    return re.sub(
        r"\{([\w.-]+)\}", lambda found: f"{{{_PLACEHOLDERS.get(found[1].lower(), found[1])}}}", path
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _ask(question: str) -> str:
    return _quoted(f"{FILL_IN}: {question}")


def _token(calls: Sequence[Call]) -> Iterator[str]:
    yield "[token]"
    call = next((call for call in calls if _exchanges_secrets(call)), None)
    if call is None:
        yield f"path = {_ask('the request that exchanges app key and app secret')}"
        yield f"send_as = {_ask('json, form, headers, query or basic')}"
        yield f"key_name = {_ask('what carries the app key')}"
        yield f"secret_name = {_ask('what carries the app secret')}"
        yield f"token_at = {_ask('JSON pointer to the token')}"
        return
    yield f"# {call.title}"
    yield f"method = {_quoted(call.method)}"
    yield f"path = {_quoted(_placed(call.path))}"
    send_as, pairs = _carrier(call)
    yield f"send_as = {_quoted(send_as)}"
    if send_as != "basic":
        names = {variable: name for name, value in pairs.items() for variable in _variables(value)}
        yield f"key_name = {_quoted(names['appkey'])}"
        yield f"secret_name = {_quoted(names['appsecret'])}"
    saved = _SAVES_TOKEN.search(call.script)
    if saved:
        yield f"token_at = {_quoted(saved[1].replace('.', '/'))}"
    elif any(
        isinstance(example, dict) and isinstance(example.get("token"), str) for example in call.examples
    ):
        yield 'token_at = "/token"'
    else:
        yield f"token_at = {_ask('JSON pointer to the token')}"


def _variables(text: str) -> list[str]:
    return [name.lower() for name in re.findall(r"\{\{\s*([\w.-]+)\s*\}\}", text)]


def _carriers(call: Call) -> Iterator[tuple[str, Mapping[str, str]]]:
    try:
        body = json.loads(call.body or "{}")
    except ValueError:
        body = {}
    yield "json", {name: value for name, value in body.items() if isinstance(value, str)}
    yield "form", call.form
    yield "headers", call.headers
    yield "query", call.query
    yield "basic", call.basic


def _carrier(call: Call) -> tuple[str, Mapping[str, str]]:
    """What carries the app key and the app secret, as the collection's published variables."""
    return next(
        (kind, pairs)
        for kind, pairs in _carriers(call)
        if {"appkey", "appsecret"} <= {name for value in pairs.values() for name in _variables(value)}
    )


def _exchanges_secrets(call: Call) -> bool:
    try:
        _carrier(call)
    except (StopIteration, AttributeError):
        return False
    return call.method in ("GET", "POST")


def _stream(stream: str, call: Call | None) -> Iterator[str]:
    yield f"[streams.{stream}]"
    required = [f.column for f in COLUMNS[stream] if f.presence is Presence.REQUIRED]
    if call is None:
        instead = "" if stream == "customers" else "; or offered = false in place of all this"
        yield f"path = {_ask(f'one of the GETs above{instead}')}"
        yield f"rows_at = {_ask('JSON pointer to the list')}"
        yield ""
        yield f"[streams.{stream}.fields]"
        yield from (f"{column} = {_ask('the name of it')}" for column in required)
        return
    yield from _listing(call)
    rows = _rows_of(call)
    yield from _other_fields(stream, rows)
    yield ""
    yield f"[streams.{stream}.fields]"
    for f in COLUMNS[stream]:
        line = _field(stream, f, rows, asked=f"{{{f.column}}}" in _placed(call.path))
        if line:
            yield f"{f.column} = {line}"


def _listing(call: Call) -> Iterator[str]:
    yield f"# {call.title}"
    yield f"path = {_quoted(_placed(call.path))}"
    if call.query:
        names = ", ".join(call.query)
        yield f"query = {_ask(f'a table of those that are always sent, without those of paging: {names}')}"
        yield f"paging = {_ask('how it is paged; leave this line out if it is not')}"
    places = list(dict.fromkeys(place for example in call.examples for place, _ in _lists_in(example, "")))
    choice = f", one of {', '.join(places)}" if places else ""
    yield f"rows_at = {_quoted(places[0]) if len(places) == 1 else _ask(f'JSON pointer to the list{choice}')}"
    totals = [name for example in call.examples for name in _numbers_in(example)]
    if totals:
        yield f"# total_at: is one of {', '.join(dict.fromkeys(totals))} the number of rows on all pages?"


def _jobs(call: Call | None) -> Iterator[str]:
    yield "[lists.job_id]"
    if call is None:
        yield f"path = {_ask('the GET that lists the jobs')}"
        yield f"rows_at = {_ask('JSON pointer to the list')}"
        yield f"value = {_ask('the name of the id of a job')}"
        return
    yield from _listing(call)
    ids = [name for name in ("id", "jobId") if any(name in row for row in _rows_of(call))]
    yield f"value = {_quoted(ids[0]) if len(ids) == 1 else _ask('the name of the id of a job')}"


def _lists_in(value: Any, place: str) -> Iterator[tuple[str, list[Any]]]:
    """The lists of objects in an example, by JSON pointer; not those within a list."""
    if isinstance(value, list):
        if all(isinstance(row, dict) for row in value):
            yield place, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lists_in(inner, f"{place}/{name}")


def _numbers_in(example: Any) -> list[str]:
    if not isinstance(example, dict):
        return []
    return [f"/{name}" for name, value in example.items() if type(value) is int]


def _rows_of(call: Call) -> list[dict[str, Any]]:
    return [row for example in call.examples for _, rows in _lists_in(example, "") for row in rows]


def _members(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Every member the example rows show, those of objects as JSON pointers, with a value if there is one."""
    found: dict[str, Any] = {}
    for row in rows:
        for name, value in row.items():
            inner = value.items() if isinstance(value, dict) else ()
            for member, told in ((name, value),) if not inner else ((f"/{name}/{n}", v) for n, v in inner):
                if found.get(member) is None:
                    found[member] = told
    return found


def _matches(stream: str, column: str, members: Mapping[str, Any]) -> list[str]:
    names = _KNOWN_NAMES[stream].get(column, ())
    by_name = {re.sub(r"[^a-z]", "", member.lower()): member for member in members}
    of_customer = {
        name.removeprefix("customer"): member for name, member in by_name.items() if name != "customerid"
    }
    for name in names:
        if name in by_name or (stream == "customers" and name in of_customer):
            return [by_name.get(name) or of_customer[name]]
    return []


def _field(stream: str, f: Field, rows: Sequence[Mapping[str, Any]], *, asked: bool) -> str:
    """The value of one column's line; empty where there is nothing to say."""
    members = _members(rows)
    for source in _matches(stream, f.column, members):
        kind = _TYPES.get(type(members[source]), _OURS[f.type])
        if kind == _OURS[f.type]:
            return _quoted(source)
        return f"{{ source = {_quoted(source)}, type = {_quoted(kind)} }}"
    if f.presence is not Presence.REQUIRED or asked:
        return ""
    fitting = [name for name, value in members.items() if type(value) in (int, str, type(None))]
    return _ask("the name of it" + (f", one of {', '.join(fitting)}" if fitting else ""))


def _other_fields(stream: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    members = _members(rows)
    used = {source for f in COLUMNS[stream] for source in _matches(stream, f.column, members)}
    others = dict.fromkeys(name for row in rows for name in row if name not in used)
    if others:
        yield f"other_fields = [{', '.join(map(_quoted, others))}]"

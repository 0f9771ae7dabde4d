"""A Postman collection as its owner exports it (format 2.1 or 2.0): its requests, with their examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_BASE = re.compile(r"^(\{\{[^}]*\}\}|[a-z]+)://(\{\{[^}]*\}\}|[^/{]+)|^\{\{[^}]*\}\}(?=/)")


class NoCollection(Exception):
    """The file is not a Postman collection; one sentence says why."""


@dataclass(frozen=True)
class Call:
    """One request of a collection.

    Attributes:
        folders: the folders it is in, outermost first.
        name: as its author calls it.
        method: HTTP method, upper-cased.
        path: without host; variables as `{name}`.
        query, headers: the enabled ones, name to value, variables as `{{name}}`.
        body: raw text of a raw body; empty otherwise.
        form: the enabled fields of an urlencoded body.
        basic: whether it logs in with HTTP basic authentication.
        script: what runs after it, as text.
        examples: the JSON bodies of its saved answers with a 2xx status.
    """

    folders: tuple[str, ...]
    name: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    form: Mapping[str, str]
    basic: Mapping[str, str]
    script: str
    examples: tuple[Any, ...]

    @property
    def title(self) -> str:
        """Where the author put it, on one line."""
        return " ".join(" / ".join((*self.folders, self.name)).split())


def read_collection(content: bytes) -> list[Call]:
    """Every request of a collection, in its order.

    Raises:
        NoCollection: the file is something else.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NoCollection(f"is not JSON: {error}") from None
    if isinstance(document, dict) and isinstance(document.get("collection"), dict):
        document = document["collection"]
    if not isinstance(document, dict) or not isinstance(document.get("item"), list):
        raise NoCollection("is no Postman collection with requests; export it as Collection v2.1")
    schema = str(_dict(document.get("info")).get("schema", ""))
    if not re.search(r"/v2\.[01]\.", schema):
        raise NoCollection(f"has the schema {schema or 'of no name'}; export it as Collection v2.1")
    return list(_calls(document["item"], (), _dict(document.get("auth"))))


def _calls(items: Any, folders: tuple[str, ...], auth: Mapping[str, Any]) -> Iterator[Call]:
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        name = str(item.get("name", ""))
        if "item" in item:
            yield from _calls(item["item"], (*folders, name), _dict(item.get("auth")) or auth)
        elif isinstance(item.get("request"), dict):
            yield _call(item, name, folders, auth)


def _call(item: Mapping[str, Any], name: str, folders: tuple[str, ...], inherited: Mapping[str, Any]) -> Call:
    request = item["request"]
    path, query = _address(request.get("url"))
    body = _dict(request.get("body"))
    auth = _dict(request.get("auth")) or inherited
    return Call(
        folders=folders,
        name=name,
        method=str(request.get("method", "GET")).upper(),
        path=path,
        query=query,
        headers=_pairs(request.get("header")),
        body=str(body.get("raw", "")) if body.get("mode") == "raw" else "",
        form=_pairs(body.get("urlencoded")) if body.get("mode") == "urlencoded" else {},
        basic=_pairs(auth.get("basic")) if auth.get("type") == "basic" else {},
        script="\n".join(_scripts(item.get("event"))),
        examples=tuple(_examples(item.get("response"))),
    )


def _address(url: Any) -> tuple[str, dict[str, str]]:
    """Path and query of a request's URL, which is text or an object."""
    parts = _dict(url)
    raw, _, after = str(parts.get("raw", "") if parts else url or "").partition("?")
    if isinstance(parts.get("path"), list):
        path = "/" + "/".join(
            str(step.get("value", "") if isinstance(step, dict) else step) for step in parts["path"]
        )
    else:
        path = _BASE.sub("", raw)
    path = re.sub(r"/:([\w.-]+)", r"/{\1}", _VARIABLE.sub(r"{\1}", path))
    if isinstance(parts.get("query"), list):
        return path, _pairs(parts["query"])
    return path, dict(pair.partition("=")[::2] for pair in after.split("&") if pair)


def _pairs(listed: Any) -> dict[str, str]:
    """Name to value of what Postman keeps as `[{key, value, disabled}]`, or in 2.0 as an object."""
    if isinstance(listed, dict):
        return {str(key): str(value) for key, value in listed.items()}
    return {
        str(pair["key"]): str(pair.get("value") or "")
        for pair in (listed if isinstance(listed, list) else [])
        if isinstance(pair, dict) and pair.get("key") and not pair.get("disabled")
    }


def _scripts(events: Any) -> Iterator[str]:
    for event in events if isinstance(events, list) else []:
        if isinstance(event, dict) and event.get("listen") == "test":
            lines = _dict(event.get("script")).get("exec", "")
            yield "\n".join(map(str, lines)) if isinstance(lines, list) else str(lines)


def _examples(responses: Any) -> Iterator[Any]:
    for response in responses if isinstance(responses, list) else []:
        answer = _dict(response)
        if 200 <= int(answer.get("code") or 200) < 300:
            try:
                yield json.loads(str(answer.get("body") or ""))
            except ValueError:
                continue  # an example without a body, or shortened by its author, tells nothing


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

"""What can happen to an answer of any format on its way: cut, garbled, replaced, of another status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from lxml import etree

from tests.contract import json_changes
from tests.contract.tape import Answer

Change = Callable[[Random, Answer], Answer | None]
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Please wait.</p></body></html>"
EMPTY_ENVELOPE = (
    b'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/'
    b'envelope/"><soap:Body></soap:Body></soap:Envelope>'
)


def well_formed(answer: Answer) -> bool:
    try:
        if answer.is_xml:
            etree.fromstring(answer.body)
        else:
            json_changes.decode(answer.body)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True


def truncate(chance: Random, answer: Answer) -> Answer | None:
    return replace(answer, body=answer.body[: chance.randrange(len(answer.body))])


def truncate_at_a_tag(chance: Random, answer: Answer) -> Answer | None:
    ends = [place + 1 for place, byte in enumerate(answer.body[:-1]) if byte in b">}],"]
    return replace(answer, body=answer.body[: chance.choice(ends)]) if ends else None


def break_off(chance: Random, answer: Answer) -> Answer | None:
    """The connection ends before the announced length is there."""
    return replace(answer, body=answer.body[: chance.randrange(len(answer.body))], cut=True)


def garble(chance: Random, answer: Answer) -> Answer | None:
    """One mark of punctuation is missing or another one, so that it is no JSON or XML any more."""
    marks = [place for place, byte in enumerate(answer.body) if byte in b'{}[]":,<>/']
    for place in chance.sample(marks, min(8, len(marks))):
        mark = chance.choice([b"", b"?", b"\x00", b"<"])
        broken = replace(answer, body=answer.body[:place] + mark + answer.body[place + 1 :])
        if not well_formed(broken):
            return broken
    return None


def not_utf8(chance: Random, answer: Answer) -> Answer | None:
    place = chance.randrange(len(answer.body))
    return replace(answer, body=answer.body[:place] + b"\xff\xfe" + answer.body[place:])


def another_encoding(chance: Random, answer: Answer) -> Answer | None:
    text = answer.body.decode().replace('encoding="utf-8"', 'encoding="utf-16"')
    encoding = chance.choice(["utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
    return replace(answer, body=text.encode(encoding))


def append(chance: Random, answer: Answer) -> Answer | None:
    after = chance.choice([b"\r\n \n", answer.body, b"}", b"<br/>", b"null", b"\x00", HTML])
    return replace(answer, body=answer.body + after)


def empty(chance: Random, answer: Answer) -> Answer | None:
    return replace(answer, body=chance.choice([b"", b" ", b"\r\n", b"null", b"{}", b"[]", b'""', b"0"]))


def html(chance: Random, answer: Answer) -> Answer | None:
    kind = chance.choice(
        [b"text/html; charset=utf-8", *([value for name, value in answer.headers if name == b"content-type"])]
    )
    return replace(answer, headers=((b"content-type", kind),), body=chance.choice([HTML, EMPTY_ENVELOPE]))


def another_status(chance: Random, answer: Answer) -> Answer | None:
    status = chance.choice([201, 202, 206, 301, 304, 400, 401, 403, 409, 418, 429, 500, 502, 503])
    return _with_status(chance, answer, status)


def not_found(chance: Random, answer: Answer) -> Answer | None:
    return _with_status(chance, answer, chance.choice([404, 410, 422]))


def no_content(chance: Random, answer: Answer) -> Answer | None:
    return replace(answer, status=204, body=b"")


def _with_status(chance: Random, answer: Answer, status: int) -> Answer:
    body = answer.body if chance.random() < 0.5 else chance.choice([b"", HTML, b'{"error": "It is broken."}'])
    return replace(answer, status=status, body=b"" if status == 304 else body)


def another_content_type(chance: Random, answer: Answer) -> Answer | None:
    kind = chance.choice([b"text/plain", b"application/octet-stream", b"text/html", b""])
    return replace(answer, headers=((b"content-type", kind),) if kind else ())


CHANGES: dict[str, Change] = {
    change.__name__.replace("_", " "): change
    for change in (
        truncate,
        truncate_at_a_tag,
        break_off,
        garble,
        not_utf8,
        another_encoding,
        append,
        empty,
        html,
        another_status,
        not_found,
        no_content,
        another_content_type,
    )
}

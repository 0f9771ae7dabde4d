"""One SOAP answer as elements: whole, or only its frame, which is all but the rows.

The frame holds what decides about an answer (result, fault, totals) in a few hundred bytes, so that
a page of megabytes is judged without being parsed.
"""

from __future__ import annotations

import re

import numpy as np
from lxml import etree

from connectors.errors import ContractBroken

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_BLOCK = 1 << 16
_END = re.compile(rb"</(?:[\w.-]+:)?Envelope\s*>\s*\Z")
# A CDATA section comes first, so that a reference written inside one stays the text it is.
_REFERENCE = re.compile(rb"<!\[CDATA\[.*?\]\]>|&#(?:x([0-9A-Fa-f]+)|([0-9]+));", re.DOTALL)


def is_whole(body: bytes) -> bool:
    """Whether the answer ends in the Envelope's end tag; one that was cut off does not."""
    return _END.search(body, max(0, len(body) - 200)) is not None


def readable(body: bytes) -> bytes:
    """`body` as an XML parser reads it: line ends as LF, references to forbidden characters dropped.

    .NET writes a control character as a reference (`&#x2;`) which XML 1.0 forbids; one of them would
    cost the whole page. It is dropped from the value; the raw bytes keep it.
    """
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if count_pair(np.frombuffer(body, np.uint8), "&#"):
        body = _REFERENCE.sub(_allowed, body)
    return body


def _allowed(match: re.Match[bytes]) -> bytes:
    hexadecimal, decimal = match.groups()
    if hexadecimal is None and decimal is None:
        return match[0]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    fits = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD
    return match[0] if fits or 0x10000 <= code <= 0x10FFFF else b""


def count_pair(text: np.ndarray[tuple[int], np.dtype[np.uint8]], pair: str) -> int:
    """How often two characters stand side by side; many times faster than `bytes.count` on markup."""
    first, second = pair.encode()
    count = 0
    # In blocks that stay in the processor's cache: fresh memory for a whole page costs five times more.
    for start in range(0, len(text) - 1, _BLOCK):
        block = text[start : start + _BLOCK + 1]
        count += int(np.count_nonzero((block[:-1] == first) & (block[1:] == second)))
    return count


def envelope(body: bytes) -> etree._Element:
    """The whole answer, strictly parsed; comments and processing instructions left out.

    Raises:
        ContractBroken: not well-formed, not an Envelope, or it brings a document type.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ContractBroken(f"the answer is not well-formed XML: {error.msg}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ContractBroken("the answer brings a document type, which no SOAP message may")
    if local_name(root) != "Envelope":
        raise ContractBroken(f"the answer is a <{local_name(root)}>, not a SOAP Envelope")
    return root


def frame(body: bytes, row: str) -> etree._Element:
    """The answer without its rows where they can be cut out by their name, else the whole answer.

    Parameters:
        row: local name of the row element.

    Raises:
        ContractBroken: as `envelope`.
    """
    if region := rows_region(body, row):
        start, end = region
        try:
            return envelope(readable(body[:start] + body[end:]))
        except ContractBroken:
            pass  # the row's name stands elsewhere too: only the whole answer tells
    return envelope(readable(body))


def rows_region(body: bytes, row: str) -> tuple[int, int] | None:
    """Where the first row starts and the last one ends, in bytes; None when there is no row."""
    if not (first := re.search(rb"<((?:[\w.-]+:)?%s)[\s/>]" % re.escape(row.encode()), body)):
        return None
    closing = b"</" + first[1] + b">"
    last = body.rfind(closing)
    return (first.start(), last + len(closing)) if last > first.start() else None


def local_name(element: etree._Element) -> str:
    """The element's name without namespace; the vendors' namespaces carry no meaning."""
    return str(element.tag).rpartition("}")[2]


def at(root: etree._Element, path: str) -> etree._Element | None:
    """The element at `path` below the Body, by local names; None when a step is missing."""
    element = child(root, "Body")
    for step in path.split("/"):
        if element is None:
            return None
        element = child(element, step)
    return element


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of that local name; `A|B` takes either."""
    names = name.split("|")
    return next((found for found in element if local_name(found) in names), None)


def text_at(root: etree._Element, path: str) -> str | None:
    """The text at `path` below the Body; None when it is missing, nil or empty."""
    element = at(root, path)
    return ((element.text or "").strip() or None) if element is not None else None

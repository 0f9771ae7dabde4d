"""A service's own description: the live WSDL, else the last one kept, else the one we bring along.

A description is the WSDL and all it imports, by location relative to the vendor's base address.
Nothing is loaded from anywhere else, and no document may bring a document type or entities.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree

from connectors.errors import ContractBroken, TemporaryFailure
from connectors.stream import Exchange, Role
from connectors.transport.http import HttpTransport, judge_status

OPERATION = "WSDL"
"""What fetching a description is called on the allow-list."""

ATTEMPTS = 2  # there are descriptions to fall back on
_LINKS = {"import": ("schemaLocation", "location"), "include": ("schemaLocation",)}


@dataclass(frozen=True, eq=False)
class Wsdl:
    """One service's description; two are equal when their documents are.

    Attributes:
        main: location of the WSDL itself among `documents`.
        documents: relative location -> bytes.
        origin: live, kept or bundled.
    """

    main: str
    documents: Mapping[str, bytes]
    origin: str

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 over the documents and their locations."""
        digest = hashlib.sha256()
        for location, content in sorted(self.documents.items()):
            digest.update(f"{location}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Wsdl) and other.sha256 == self.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)


class WsdlShelf:
    """Where a vendor's descriptions come from.

    Parameters:
        http: of the connection; must allow `OPERATION`.
        base_url: nothing outside is loaded.
        kept: directory of the descriptions fetched before.
        bundled: directory with a `<service>.wsdl` each.
    """

    def __init__(self, http: HttpTransport, base_url: str, kept: Path, bundled: Path) -> None:
        self._http = http
        self._base = base_url + "/"
        self._kept = kept
        self._bundled = bundled

    def live(self, address: str) -> Wsdl:
        """What the service says of itself now, at `<address>?WSDL`.

        Raises:
            VendorError: it cannot be fetched, is none, or imports from elsewhere.
        """
        main = relative(f"{address}?WSDL", self._base)
        return Wsdl(main, self._fetch(main), "live")

    def bundled(self, service: str) -> Wsdl:
        """The description we bring along: our reading of the vendor's pages."""
        name = f"{service}.wsdl"
        return Wsdl(name, {name: (self._bundled / name).read_bytes()}, "bundled")

    def last(self, service: str) -> Wsdl | None:
        """The live description seen last; None when there was none."""
        places = sorted((self._kept / service).glob("[0-9a-f]*"), key=lambda place: place.stat().st_mtime)
        if not places:
            return None
        documents = {unquote(file.name): file.read_bytes() for file in places[-1].iterdir()}
        main = next(location for location in documents if location.lower().endswith("?wsdl"))
        return Wsdl(main, documents, "kept")

    def keep(self, service: str, wsdl: Wsdl) -> None:
        """Remember a live description that proved usable."""
        shelf = self._kept / service
        place = shelf / wsdl.sha256
        if place.is_dir():
            os.utime(place)  # the last one seen is the one to fall back on
            return
        shelf.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=shelf, prefix="."))
        for location, content in wsdl.documents.items():
            (draft / quote(location, safe="")).write_bytes(content)
        try:
            draft.replace(place)
        except OSError:  # another process kept the same one meanwhile
            shutil.rmtree(draft)

    def _fetch(self, main: str) -> dict[str, bytes]:
        documents: dict[str, bytes] = {}
        wanted = [main]
        while wanted:
            location = wanted.pop()
            if location in documents:
                continue
            exchange = self._http.send(
                OPERATION, "GET", self._base + location, role=Role.CONTROL, judge=_judge, attempts=ATTEMPTS
            )
            documents[location] = exchange.body
            here = self._base + location
            wanted += [relative(urljoin(here, link), self._base) for link in _links(exchange.body)]
        return documents


def relative(url: str, base: str) -> str:
    """`url` below `base`; http counts as https, since servers behind a proxy write the wrong one.

    Raises:
        ContractBroken: it is elsewhere.
    """
    asked, ours = urlsplit(url), urlsplit(base)
    if asked.netloc.lower() != ours.netloc.lower() or not asked.path.startswith(ours.path):
        raise ContractBroken(f"the service's description imports {url}, which is not below {base}")
    return asked.path.removeprefix(ours.path) + (f"?{asked.query}" if asked.query else "")


def _judge(exchange: Exchange) -> None:
    """Accept a WSDL or schema; a page of HTML with HTTP 200 is none."""
    judge_status(exchange)
    try:
        root = _tree(exchange.body)
    except etree.XMLSyntaxError:
        raise TemporaryFailure("the answer to ?WSDL is not XML") from None
    if etree.QName(root).localname not in ("definitions", "schema"):
        raise TemporaryFailure(f"the answer to ?WSDL is a <{etree.QName(root).localname}>")
    if root.getroottree().docinfo.internalDTD is not None:
        raise ContractBroken("the service's description brings a document type")


def _links(content: bytes) -> list[str]:
    return [
        str(element.attrib[name])
        for element in _tree(content).iter("{*}import", "{*}include")
        for name in _LINKS[etree.QName(element).localname]
        if name in element.attrib
    ]


def _tree(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))

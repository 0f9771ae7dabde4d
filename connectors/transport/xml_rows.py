"""SOAP pages to Arrow rows: the fast path for pages that fit the contract to the letter, else the exact one.

The fast path is xml2arrow (Rust). It takes what it does not know in silence, so its page counts only
when every `<` between the first row and the last is accounted for: by a row, by a cell with a value,
by a cell marked nil. An unknown, renamed, missing, repeated, commented or CDATA element breaks the sum.
Facts about xml2arrow 0.19: names are local names, order is free, a repeated element and a bad number
are errors, empty and absent and nil are all null (hence the extra columns for the nil marks), booleans
include `yes` (hence read as text), a body cut at a tag boundary is no error.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from xml2arrow import XmlToArrowParser

from connectors.errors import ContractBroken
from connectors.stream import EXTRA, Field, Page, Presence, rows_schema
from connectors.transport.xml_answer import count_pair, envelope, frame, is_whole, readable, rows_region
from connectors.transport.xml_exact import array_of, read_rows
from connectors.transport.xml_values import INT64, STRING, NotPlain, column

_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["'](?!utf-8["'])""", re.IGNORECASE)
_NIL = "@nil"


@dataclass(frozen=True)
class XmlRows:
    """How one operation's answer holds the rows of a stream.

    Attributes:
        fields: the columns, of type string, int64, bool or timestamp[us]; a source `A/B` is the
            element B in the row's element A.
        path: local names from below the Body to the row, `A/B/C`; a step `A|B` is either name.
        beside: local names the answer is known to have beside the way to the rows.
        verbatim: text columns that keep elements within theirs, as JSON.
    """

    fields: tuple[Field, ...]
    path: str
    beside: frozenset[str] = frozenset()
    verbatim: frozenset[str] = frozenset()

    def parse(self, body: bytes) -> Page:
        """Type the rows of one answer.

        Returns:
            The rows; no total, which stands in another element.

        Raises:
            ContractBroken: not whole, not well-formed, something else stands where the rows should
                be, or there are rows and none can be typed.
        """
        if not is_whole(body):
            raise ContractBroken("the answer does not end in the Envelope's end tag")
        text = readable(body)
        try:
            return Page(self._fast(text), unknown_fields=self._beside(text))
        except NotPlain:
            return self.parse_exactly(text)

    def parse_exactly(self, body: bytes) -> Page:
        """As `parse`, row by row whatever the page looks like."""
        array, unknown = array_of(envelope(readable(body)), self.path, self.beside)
        page = read_rows(array, self._row, self.fields, self.verbatim)
        return replace(page, unknown_fields=page.unknown_fields | unknown)

    @property
    def _row(self) -> str:
        return self.path.rpartition("/")[2]

    def _beside(self, body: bytes) -> frozenset[str]:
        """The unknown names beside the rows, when nothing but rows is among them.

        Raises:
            NotPlain: something is.
        """
        array, unknown = array_of(frame(body, self._row), self.path, self.beside)
        if array is None or len(array):
            raise NotPlain("something stands before the first row or after the last")
        return unknown

    def _fast(self, body: bytes) -> pa.RecordBatch:
        """The typed rows, when every `<` of them is accounted for.

        Raises:
            NotPlain: it is not.
        """
        region = rows_region(body, self._row)
        if region is None or self._parser is None or _OTHER_ENCODING.match(body[:200]):
            raise NotPlain("no rows, nested fields or another encoding")
        try:
            found = self._parser.parse(body)["rows"]
        except Exception as error:  # noqa: BLE001  # TypeError included; the exact path says what is wrong
            raise NotPlain(str(error)) from None
        text = np.frombuffer(body, np.uint8)[slice(*region)]
        # What opens or is empty in itself: every `<` but those of end tags.
        unexplained = int(np.count_nonzero(text == ord("<"))) - count_pair(text, "</") - found.num_rows
        empty: dict[str, int] = {}
        for field in self.fields:
            missing = found[field.column].null_count
            nils = _nils(found, field) if field.presence is not Presence.REQUIRED else 0
            unexplained -= found.num_rows - missing + nils
            if missing > nils:
                empty[field.column] = missing - nils
        if unexplained:
            unexplained -= self._empty_texts(body[slice(*region)], empty)
        if unexplained:
            raise NotPlain(f"{unexplained} elements more than the contract explains")
        columns = [self._column(found, field, empty) for field in self.fields]
        extra = pa.nulls(found.num_rows, EXTRA.type)
        return pa.RecordBatch.from_arrays([*columns, extra], schema=rows_schema(self.fields))

    def _empty_texts(self, rows: bytes, empty: dict[str, int]) -> int:
        """How many elements are empty texts, in columns where that is all that is missing.

        Those columns are set to 0 in `empty`; what it keeps are absent elements.
        """
        explained = 0
        for field in self.fields:
            if field.type == STRING and field.column in empty:
                name = field.source.encode()
                written = sum(rows.count(b"<" + name + end) for end in (b" />", b"/>", b"></" + name + b">"))
                if written == empty[field.column]:
                    explained += written
                    empty[field.column] = 0
        return explained

    def _column(self, found: pa.RecordBatch, field: Field, empty: dict[str, int]) -> pa.Array:
        values = column(found[field.column], field.type)
        gaps = empty.get(field.column)
        if gaps == 0:
            texts = pc.fill_null(values, "")
            return texts if field.presence is Presence.REQUIRED else _keep_nil(texts, found, field)
        if gaps and field.presence is not Presence.OPTIONAL:
            raise NotPlain(f"{field.source} is absent from {gaps} rows")
        if values.null_count and field.presence is Presence.REQUIRED:
            raise NotPlain(f"{field.source} has no value in {values.null_count} rows")
        return values

    @cached_property
    def _parser(self) -> XmlToArrowParser | None:
        """xml2arrow set to this path and these fields; None where its rules do not fit."""
        if any("/" in field.source for field in self.fields) or "|" in self.path:
            return None
        row = f"/Envelope/Body/{self.path}"
        columns, marks = [], []
        for field in self.fields:
            place = f"{row}/{field.source}"
            kind = "Int64" if field.type == INT64 else "Utf8"
            columns.append(_config(field.column, place, kind))
            if field.presence is not Presence.REQUIRED:
                marks.append(_config(field.column + _NIL, f"{place}/{_NIL}", "Utf8"))
        table = {"name": "rows", "xml_path": row.rpartition("/")[0], "levels": [], "fields": columns + marks}
        with TemporaryDirectory() as folder:
            config = Path(folder, "rows.yaml")
            config.write_text(json.dumps({"tables": [table]}))  # JSON is YAML
            return XmlToArrowParser(config)


def _config(name: str, path: str, kind: str) -> dict[str, object]:
    return {"name": name, "xml_path": path, "data_type": kind, "nullable": True}


def _nils(found: pa.RecordBatch, field: Field) -> int:
    marks = found[field.column + _NIL]
    nils = int(pc.sum(pc.is_in(marks, value_set=pa.array(["true", "1"]))).as_py() or 0)
    if nils != len(marks) - marks.null_count:
        raise NotPlain(f"{field.source} bears a nil mark that is not true")
    return nils


def _keep_nil(texts: pa.Array, found: pa.RecordBatch, field: Field) -> pa.Array:
    is_nil = pc.is_valid(found[field.column + _NIL])
    return pc.if_else(is_nil, pa.scalar(None, STRING), texts)

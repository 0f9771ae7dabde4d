"""Rules of meters, of SKUs, and of what is sold as what."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from warehouse.reference.rows import Mistake, Row, Rows
from warehouse.reference.rules.time import both_hold, grouped, overlaps, uncovered
from warehouse.reference.schema import UNITS

ALL = Decimal(100)
CHANGE_WITH_MONTHS = ("meter", "sku_mapping")
# Of the rows that feed one usage record.
ALIKE = ("aggregation", "percentile", "term_months", "ratio")
COUNTED = ("count", "unique_count")


def changes_with_the_month(rows: Rows) -> Iterator[Mistake]:
    """How usage is metered is the same for all of a month."""
    for table in CHANGE_WITH_MONTHS:
        for row in rows[table]:
            for column in ("valid_from", "valid_to"):
                if row[column] and row[column].day != 1:
                    what = f"{row[column]} is not the first day of a month"
                    yield row.mistake(column, what, "Let the change wait for the next billing month")


def numbers_make_sense(rows: Rows) -> Iterator[Mistake]:
    """A step to round to, a share of the days, a place in the order, a number of months."""
    for row in rows["sku"]:
        if not row["quantity_step"]:
            yield row.mistake("quantity_step", "is zero", "Use 1 for whole units, 0.000001 for the finest")
    for row in rows["meter"]:
        if row["min_coverage"] > ALL:
            what = f"{row['min_coverage']} is more than all days"
            yield row.mistake("min_coverage", what, "Use a percentage up to 100")
    for row in rows["sku_mapping"]:
        if not row["ratio"]:
            yield row.mistake("ratio", "is zero", "Use 1 for one SKU unit for each metered unit")
        if row["aggregation"] == "percentile" and not 1 <= (row["percentile"] or 0) <= ALL:
            yield row.mistake("percentile", f"{_shown(row, 'percentile')} with percentile", "Use 1 to 100")
        if row["aggregation"] == "high_water" and not row["term_months"]:
            what = f"{_shown(row, 'term_months')} with high_water"
            yield row.mistake("term_months", what, "Use the number of months that the highest day is of")


def _shown(row: Row, column: str) -> str:
    return "is empty" if row[column] is None else f"is {row[column]}"


def sold_meter_is_known(rows: Rows) -> Iterator[Mistake]:
    """Every meter that is sold has its unit and gap policy for as long as it is sold."""
    meters = grouped(rows["meter"], "vendor", "meter")
    for row in rows["sku_mapping"]:
        if day := uncovered(meters.get((row["vendor"], row["meter"]), ()), row):
            what = f"{row['meter']!r} of {row['vendor']} is not in meter on {day}"
            yield row.mistake("meter", what, "Add it there, correct it here, or end the row with valid_to")


def units_convert(rows: Rows) -> Iterator[Mistake]:
    """The meter's unit becomes the SKU's, unless only readings are counted or a ratio says how."""
    meters = grouped(rows["meter"], "vendor", "meter")
    units = {row["sku"]: row["unit"] for row in rows["sku"]}
    for row in rows["sku_mapping"]:
        sold = units.get(row["sku"])
        for meter in meters.get((row["vendor"], row["meter"]), ()):
            if sold is None or row["aggregation"] in COUNTED or not both_hold(meter, row):
                continue
            kinds = {UNITS[unit][0] for unit in (meter["unit"], sold)}
            what = f"{row['sku']!r} is sold in {sold}, and the meter counts {meter['unit']}"
            if len(kinds) == 1:
                continue
            if "storage" in kinds:
                yield row.mistake("sku", what, "Choose units of one kind, or another SKU")
            elif "ratio" in row.empty:
                yield row.mistake("ratio", f"is empty, but {what}", f"Say how many {sold} one of them is")
            break


def one_record_one_way(rows: Rows) -> Iterator[Mistake]:
    """All products of a meter that are sold as the same are metered alike."""
    for _, row, other in overlaps(rows["sku_mapping"], ("vendor", "meter", "sku", "dimension")):
        for column in ALIKE:
            if row[column] != other[column]:
                what = f"differs from {other.place}, which sells the same meter as the same SKU"
                yield row.mistake(column, what, "Make them equal, or use another SKU or dimension")

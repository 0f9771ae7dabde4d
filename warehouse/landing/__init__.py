"""Pulls to Parquet: the vendor's exact bytes, the rows parsed from them, and proof that all are there.

    raw/<vendor>/<stream>/usage_date=YYYY-MM-DD/
        <pull_id>.responses.parquet    every request and answer, rejected attempts included
        <pull_id>.rows.parquet         the rows, typed; only of a pull that proved itself complete
        <pull_id>.quarantine.parquet   rows that could not be typed; only where there are some
        <pull_id>.pull.json            the manifest, written last: without it the pull does not exist

Nothing here changes once its manifest exists.
"""

from warehouse.landing.landing import Landing, refusal
from warehouse.landing.pull import Pull, Status
from warehouse.landing.responses import RawDamaged

__all__ = ["Landing", "Pull", "RawDamaged", "Status", "refusal"]

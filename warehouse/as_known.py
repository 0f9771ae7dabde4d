"""A warehouse as it was known at an instant: the pulls, reference and register of then, the SQL of now."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from warehouse import invariants, publish, raw
from warehouse.build import Batch, build_month, fill, make_schemas, make_tables, reconcile, record_pulls
from warehouse.calendar import set_months
from warehouse.landing import Landing, Pull
from warehouse.models import literals, models
from warehouse.reference import archive
from warehouse.reference.install import install_archived
from warehouse.register import Register, load

log = logging.getLogger(__name__)

DECIDED = ("billing.correction", "billing.draft_line", "billing.draft_tax", "billing.draft")
"""What other entries of the register make other rows of."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was known.

    Attributes:
        pulled_until: pulls that were finished by then.
        reference_sha256: names the set of reference tables in the archive.
        register_seq: the last entry of the register.
    """

    pulled_until: datetime
    reference_sha256: str
    register_seq: int


def known_at(home: Path, instant: datetime) -> Known:
    """What was known at an instant.

    Raises:
        ArchiveUnusable: no reference tables were known yet.
        RegisterBroken: the register cannot be read.
    """
    versions = [version for version in archive.versions(home) if version.known_from <= instant]
    if not versions:
        raise archive.ArchiveUnusable(f"no reference tables were known at {instant.isoformat()}")
    entries = [entry.seq for entry in Register(home).entries() if entry.instant <= instant]
    return Known(instant, versions[-1].sha256, max(entries, default=0))


def rebuild_as_known(home: Path, instant: datetime, to: Path) -> None:
    """Write a warehouse file as it was known at an instant, beside the published one.

    Parameters:
        home: data directory.
        instant: what came later is left out.
        to: the file; one that is there is replaced.

    Raises:
        ArchiveUnusable: the reference tables of then cannot be had.
        RegisterBroken: the register is not what was written.
        InvariantBroken: the tables contradict each other; nothing was written.
    """
    known = known_at(home, instant)
    with publish.rewrite(to, fresh=True) as connection:
        build_as_known(connection, home, known)
        days = landed_days(home, known)
        for month in sorted({day.replace(day=1) for day in days}):
            set_months(connection, [month], days[-1])
            reconcile(connection, month, {})
            invariants.verify(connection, [day for day in days if day.replace(day=1) == month])


def build_as_known(
    connection: duckdb.DuckDBPyConnection, home: Path, known: Known, months: Collection[date] | None = None
) -> None:
    """Fill an empty warehouse with what was known.

    Parameters:
        connection: to it, time zone UTC.
        home: data directory.
        known: what was known.
        months: first days of the months that are wanted; None for all. Of the others there are only the
            pulls: what was issued for them is left out, so that nothing of them seems to be restated.

    Raises:
        ArchiveUnusable: the reference tables of then cannot be had.
        RegisterBroken: the register is not what was written.
    """
    landing = LandingAsKnown(home / "raw", known.pulled_until)
    rows = archive.load_archived(home, known.reference_sha256)
    make_schemas(connection)
    install_archived(connection, rows, _versions(home, known))
    make_tables(connection)
    days = landed_days(home, known)
    landed = {day.replace(day=1) for day in days}
    wanted = sorted(landed if months is None else landed & {*months})
    written: dict[str, int] = {}
    if others := [day for day in days if day.replace(day=1) not in wanted]:
        record_pulls(connection, landing, others, written)
    decide_as_known(connection, home, known.register_seq, months)
    for month in wanted:
        fresh = [day for day in days if day.replace(day=1) == month]
        connection.begin()
        build_month(connection, landing, Batch(month, fresh, days, reference_changed=True), written)
        connection.commit()
        log.info("built %s as known at %s", month.strftime("%Y-%m"), known.pulled_until.isoformat())
    raw.define_for_all(connection, home)


def decide_as_known(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    register_seq: int,
    months: Collection[date] | None,
    drafts_of: date | None = None,
) -> None:
    """Go on to a later entry of the register.

    Parameters:
        connection: a warehouse of `build_as_known`.
        home: data directory.
        register_seq: the entry.
        months: as `build_as_known`.
        drafts_of: the month whose drafts are to be made anew; None for none.
    """
    load(connection, home, register_seq)
    if months is not None:
        kept = literals(months)
        connection.execute(
            f"DELETE FROM billing.document_line WHERE coalesce(restates_month, month) NOT IN ({kept})"  # noqa: S608  # dates
        )
        connection.execute(
            f"DELETE FROM billing.register_entry WHERE kind = 'waive' AND month NOT IN ({kept})"  # noqa: S608
        )
    if drafts_of:
        (latest,) = connection.execute("SELECT max(usage_date) FROM ops.pull").fetchone() or (drafts_of,)
        set_months(connection, [drafts_of], latest)
        for model in models():
            if model.name in DECIDED:
                fill(connection, model, [drafts_of])


def landed_days(home: Path, known: Known) -> list[date]:
    """Every day that a pull was made for by then, in order."""
    return sorted({pull.usage_date for pull in LandingAsKnown(home / "raw", known.pulled_until).pulls()})


class LandingAsKnown(Landing):
    """A landing in which there is nothing yet of what came later.

    Parameters:
        root: `<home>/raw`.
        instant: pulls that were finished after it are left out.
    """

    def __init__(self, root: Path, instant: datetime) -> None:
        super().__init__(root)
        self._instant = instant

    def pulls(
        self, days: Collection[date] | None = None, *, vendor: str = "*", stream: str = "*"
    ) -> Iterator[Pull]:
        """As in every landing."""
        found = super().pulls(days, vendor=vendor, stream=stream)
        return (pull for pull in found if pull.finished_at <= self._instant)


def _versions(home: Path, known: Known) -> list[archive.Version]:
    """The versions of the reference up to the one in use, which may have come after the last pull."""
    found = archive.versions(home)
    places = [n for n, version in enumerate(found) if version.sha256 == known.reference_sha256]
    then = [n for n in places if found[n].known_from <= known.pulled_until]
    return found[: max(then or places[:1]) + 1]

"""Lands pulls: asks, keeps the bytes, parses, proves, and commits with the manifest as the last word."""

from __future__ import annotations

import filecmp
import logging
from collections.abc import Callable, Collection, Iterator
from datetime import date
from pathlib import Path

from connectors import clock
from connectors.errors import IncompletePull
from connectors.stream import AsOf, Exchange, Role, Stream, UsageDay
from warehouse.landing.folder import Folder
from warehouse.landing.look import Look
from warehouse.landing.pull import Pull, Status, schema_fingerprint
from warehouse.landing.reading import Reading
from warehouse.landing.responses import RawDamaged, read_responses

log = logging.getLogger(__name__)

LOOKS = 3  # pages that shift while they are read have settled by the third look, or something is wrong


class Landing:
    """The raw folder of a home directory.

    Parameters:
        root: `<home>/raw`; made when the first pull is landed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root.parent

    def land(
        self, stream: Stream, connection: str, day: UsageDay, fetch: Callable[[], Iterator[Exchange]]
    ) -> Pull:
        """Read a stream for one day, prove it complete and keep it.

        The same answers as those of the current pull are that pull, and nothing is written. A pull
        that does not add up is kept as failed and asked for again, three looks in all.

        Parameters:
            connection: name of the credentials, part of the pull's identity.
            fetch: sends the requests; called once a look, and not at all when the day cannot be read.

        Returns:
            The current pull. Where the day cannot be read any more, the one that stands.

        Raises:
            OutsideSnapshotWindow: the day cannot be read now, and no pull of it stands.
            VendorError: the pull failed; `pull` of the error is the record of it.
        """
        folder = Folder(self.root, stream.vendor, stream.name, day.date)
        with folder.locked():
            current = folder.current().get(connection)
            look = Look(folder, stream, connection, day, current)
            if sentence := refusal(stream, day):
                if current:
                    log.warning("%s Its pull %s stands.", sentence, current.pull_id)
                    return current
                raise look.refuse(sentence)
            for number in range(1, LOOKS):
                try:
                    return look.take(fetch)
                except IncompletePull as error:
                    log.warning("%s for %s, look %d of %d: %s", stream.id, day.date, number, LOOKS, error)
            return look.take(fetch)

    def answered(self, stream: Stream, connection: str, day: UsageDay) -> Iterator[Exchange]:
        """The answers with rows that the day's pulls received and failed to land, oldest first.

        Only pulls that failed since the current one was landed: what is landed is read anew.
        """
        pulls = Folder(self.root, stream.vendor, stream.name, day.date).pulls()
        failed: list[Pull] = []
        for pull in pulls:
            if pull.connection == connection:
                failed = [] if pull.status is Status.OK else [*failed, pull]
        for pull in failed:
            if pull.responses_path:
                for _, exchange in read_responses(self.home / pull.responses_path):
                    if exchange.role is Role.ROWS:
                        yield exchange

    def replay(self, stream: Stream, pull: Pull) -> Pull:
        """Rebuild rows and quarantine of a pull from its stored answers, offline.

        A file that is missing is put back; one that is there must be equal to the byte.

        Raises:
            RawDamaged: a stored answer is not the one received, or a file is not what the answers
                give; the sentence names the file.
            ValueError: the pull has no rows, being failed or refused.
        """
        if pull.status is not Status.OK or pull.responses_path is None:
            raise ValueError(
                f"pull {pull.pull_id} of {stream.id} is {pull.status}: it has no rows to rebuild"
            )
        responses = self.home / pull.responses_path
        if pull.schema != schema_fingerprint(stream):
            raise RawDamaged(
                f"{responses} was landed when {stream.id} declared other columns, so its rows file cannot be "
                "rebuilt to the byte; read the day again, or keep the file as it is"
            )
        folder = Folder(self.root, pull.vendor, pull.stream, pull.usage_date)
        with folder.locked():
            with Reading(stream, folder.draft("rows"), folder.draft("quarantine")) as reading:
                for response_no, exchange in read_responses(responses):
                    reading.take(response_no, exchange)
                reading.finish()
            if reading.sha256 != pull.sha256:
                raise RawDamaged(
                    f"{responses} does not hold the answers of pull {pull.pull_id}; restore it from a backup"
                )
            for kind in ("rows", "quarantine"):
                _put_back(folder, pull, kind)
        return pull

    def pulls(
        self, days: Collection[date] | None = None, *, vendor: str = "*", stream: str = "*"
    ) -> Iterator[Pull]:
        """Every record of a pull, failed and refused ones too, by vendor, stream, day and time.

        Parameters:
            days: usage dates; None for all.
        """
        for folder in self._folders(days, vendor, stream):
            yield from folder.pulls()

    def current(
        self, days: Collection[date] | None = None, *, vendor: str = "*", stream: str = "*"
    ) -> Iterator[Pull]:
        """The pulls that count: of each stream, day and connection the ok one of the highest version."""
        for folder in self._folders(days, vendor, stream):
            yield from folder.current().values()

    def new_unknown_fields(self, pull: Pull) -> frozenset[str]:
        """Undeclared names in a pull that no earlier day of its stream has shown."""
        before = (
            p for p in self.pulls(vendor=pull.vendor, stream=pull.stream) if p.usage_date < pull.usage_date
        )
        return frozenset(pull.unknown_fields).difference(*(p.unknown_fields for p in before))

    def _folders(self, days: Collection[date] | None, vendor: str, stream: str) -> Iterator[Folder]:
        for path in sorted(self.root.glob(f"{vendor}/{stream}/usage_date=*")):
            day = date.fromisoformat(path.name.removeprefix("usage_date="))
            if days is None or day in days:
                yield Folder(self.root, path.parent.parent.name, path.parent.name, day)


def refusal(stream: Stream, day: UsageDay) -> str:
    """Why the stream cannot be read for that day now; empty when it can."""
    now = clock.now()
    if now < day.ends_at:
        return (
            f"{stream.id} was not asked for {day.date}: the day ends at {day.ends_at.isoformat()}, "
            "and is read after that."
        )
    if stream.as_of is AsOf.SNAPSHOT and now >= day.snapshot_closes_at:
        return (
            f"{stream.id} was not asked for {day.date}: the vendor tells only the present, which stood for "
            f"that day until {day.snapshot_closes_at.isoformat()}. The day is missing and cannot be filled, "
            "for today's figures are not that day's."
        )
    return ""


def _put_back(folder: Folder, pull: Pull, kind: str) -> None:
    """Compare the rebuilt draft of `rows` or `quarantine` with the pull's file, or restore that."""
    draft, landed = folder.draft(kind), folder.file(pull.pull_id, kind)
    if draft.exists() and not landed.exists():
        folder.keep(kind, pull.pull_id)
        log.warning("%s was missing and is rebuilt from the stored answers", landed)
    elif draft.exists() != landed.exists() or (
        draft.exists() and not filecmp.cmp(draft, landed, shallow=False)
    ):
        raise RawDamaged(
            f"{landed} is not what the stored answers of its pull give: the file was changed after "
            f"{pull.finished_at.isoformat()}, or the parser of {pull.vendor}/{pull.stream} was; move the "
            "file away and replay again to have it rebuilt"
        )

"""Where the user's reference tables are: a directory of CSV files, or an SQL database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import URL


@dataclass(frozen=True, slots=True, repr=False)
class Database:
    """A database with the reference tables. Shown, it tells where it is and never how to get in.

    Attributes:
        url: as SQLAlchemy takes it, password and all.
    """

    url: URL

    @classmethod
    def at(cls, url: str, folder: Path) -> Database:
        """The database of an SQLAlchemy URL, a relative SQLite file being relative to `folder`.

        Raises:
            ValueError: it is none; the message does not repeat it.
        """
        from sqlalchemy import make_url  # noqa: PLC0415  # most users have files
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("is no SQLAlchemy URL, as postgresql+psycopg2://user:password@host/db") from None
        if parsed.get_backend_name() == "sqlite":
            parsed = parsed.set(database=str(folder / (parsed.database or "")))
        return cls(parsed)

    def __str__(self) -> str:
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.url.drivername}://{self.url.host or ''}{port}/{self.url.database or ''}"

    __repr__ = __str__

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for a server."""
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None


Source = Path | Database

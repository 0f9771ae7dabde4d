"""Every way a pull can go wrong, as one tree; each leaf says what to do about it.

    VendorError
    ├── TemporaryFailure      retry with backoff, then fail the pull: reset, timeout, 429, 5xx, Result 1
    ├── CredentialsRefused    alert, never retry: more attempts can lock the account
    ├── RequestRefused        alert: the vendor calls our request wrong, retrying repeats the mistake
    ├── OutOfScope            skip this one account and record it: moved, cancelled or not ours
    ├── ContractBroken        alert: the answer is not what the vendor's contract says (drift, renamed field)
    ├── IncompletePull        look again a bounded number of times, then fail: the rows do not add up
    ├── OutsideSnapshotWindow refuse: the vendor tells only the present and the day has passed
    ├── OperationNotAllowed   refuse: not on the allow-list of read operations
    └── NotConfigured         refuse: the connection lacks a setting

The message is one sentence for people: what happened, where, and how to mend it. It never holds a
secret. `exchanges` are the requests and answers that led to it, redacted, for the landing to keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.stream import Exchange


class VendorError(Exception):
    """A pull could not be made; see the subclasses for what to do.

    Parameters:
        message: one sentence, fit for the Dagster UI and free of secrets.
        exchanges: the requests and answers that led here, oldest first; may be empty.

    Attributes:
        pull: the landing's record of the failed pull (`warehouse.landing.Pull`); None before that.
    """

    def __init__(self, message: str, exchanges: Sequence[Exchange] = ()) -> None:
        super().__init__(message)
        self.exchanges = tuple(exchanges)
        self.pull: Any = None


class TemporaryFailure(VendorError):
    """The vendor could not answer now. Retried with backoff; `retry_after` is its own wish in seconds."""

    def __init__(
        self, message: str, exchanges: Sequence[Exchange] = (), *, retry_after: float | None = None
    ) -> None:
        super().__init__(message, exchanges)
        self.retry_after = retry_after


class CredentialsRefused(VendorError):
    """The vendor refuses who we say we are."""


class RequestRefused(VendorError):
    """The vendor calls our request wrong."""


class OutOfScope(VendorError):
    """The vendor does not show us this account (moved, cancelled, inactive)."""


class ContractBroken(VendorError):
    """The answer does not fit the vendor's contract; nothing of it may be booked."""


class IncompletePull(VendorError):
    """The pull could not prove that it holds every row."""


class OutsideSnapshotWindow(VendorError):
    """The stream tells only the present, and the usage date asked for is not the present any more."""


class OperationNotAllowed(VendorError):
    """The operation is not on the allow-list of reads; nothing was sent."""


class NotConfigured(VendorError):
    """A connection is missing, or lacks a setting."""

"""The register: what was issued and decided, append-only and hash-chained, outside the rebuildable warehouse.

    <home>/register/
        register.sqlite    one table `entry`; what stands in it is never changed or removed
        head.json          the last entry and the SHA-256 of the file, in a second place

Each entry carries the SHA-256 of the one before it, so that a changed, removed or inserted entry breaks
the chain from there on. A chain alone cannot tell that its last entries were cut off: `head.json`
knows the last one, and so does each published warehouse (`billing.register_entry`). Who replaces all of
these by older copies of the same age is only found out by a third copy of the head: of a backup, of an
evidence file, or of the line that `backup-billing close` prints.
"""

from warehouse.register.canonical import Content, decode, encode, sha256
from warehouse.register.entry import DOCUMENTS, Entry, Head, Kind
from warehouse.register.ledger import Ledger, Transaction
from warehouse.register.load import load
from warehouse.register.register import Register
from warehouse.register.verify import RegisterBroken

__all__ = [
    "DOCUMENTS",
    "Content",
    "Entry",
    "Head",
    "Kind",
    "Ledger",
    "Register",
    "RegisterBroken",
    "Transaction",
    "decode",
    "encode",
    "load",
    "sha256",
]

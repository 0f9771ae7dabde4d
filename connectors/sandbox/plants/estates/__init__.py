"""What a vendor tells of a plant's customer: rows that are natural, added to a frozen day.

Each helper takes what is shown, the day and the customer, and returns another day; `steady` makes of it
the change that a plant has. Whatever is left at its default is well: the company is active, its backups
succeed, its licence is paid for and in force. At Infrascale backups are told apart from the accounts,
by `infrascale_backup`.
"""

from connectors.sandbox.plants.estates.infrascale import (
    infrascale_account,
    infrascale_backup,
    infrascale_username,
)
from connectors.sandbox.plants.estates.redstor import GOOGLE, MACHINES, redstor_subscription
from connectors.sandbox.plants.estates.resellerclub import resellerclub_order
from connectors.sandbox.plants.estates.revirt365 import revirt365_seats
from connectors.sandbox.plants.estates.steady import steady
from connectors.sandbox.plants.estates.xopero import xopero_account

__all__ = [
    "GOOGLE",
    "MACHINES",
    "infrascale_account",
    "infrascale_backup",
    "infrascale_username",
    "redstor_subscription",
    "resellerclub_order",
    "revirt365_seats",
    "steady",
    "xopero_account",
]

"""What a vendor tells of a plant's customer: rows that are natural, added to a frozen day.

Each helper takes what is shown, the day and the customer, and returns another day; `steady` makes of it
the change that a plant has. Whatever is left at its default is well: the company is active, its backups
succeed, its licence is paid for and in force. At Infrascale backups are told apart from the accounts,
by `infrascale_backup`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import TypeVar

from connectors.sandbox.chance import guid
from connectors.sandbox.infrascale_estate import Account, Entity, InfrascaleDay, License
from connectors.sandbox.infrascale_events import Event
from connectors.sandbox.infrascale_plans import ROOT_ID
from connectors.sandbox.plants.subject import Subject
from connectors.sandbox.redstor_estate import (
    PRODUCTS,
    BackupStatus,
    Company,
    Consumption,
    Product,
    RedstorDay,
    Subscription,
    Usage,
)
from connectors.sandbox.resellerclub import estate as resellerclub
from connectors.sandbox.resellerclub.estate import PLANS, Order, ResellerClubDay, Transaction
from connectors.sandbox.resellerclub.plans import months_after
from connectors.sandbox.revirt365.estate import Job, ReVirt365Day, Seats, Session, Tenant
from connectors.sandbox.xopero import estate as xopero
from connectors.sandbox.xopero.estate import OWNER_ID, STANDARD, XoperoDay

Shown = TypeVar("Shown")
_Figure = int | None
Figures = tuple[_Figure, _Figure, _Figure, _Figure, _Figure, _Figure, _Figure, _Figure]

_SINCE = datetime(2025, 1, 1, 8, tzinfo=UTC)


def steady(
    helper: Callable[..., Shown],
    subject: Subject,
    *,
    since: date = date.min,
    until: date = date.max,
    **figures: object,
) -> Callable[[Shown, date], Shown]:
    """The change that tells the same of a customer on every day.

    Parameters:
        helper: one of this module.
        since, until: first day, and the day from which it is not told any more.
        figures: of the helper.
    """

    def change(shown: Shown, on: date) -> Shown:
        return helper(shown, on, subject, **figures) if since <= on < until else shown

    return change


def infrascale_account(
    shown: InfrascaleDay,
    _: date,
    subject: Subject,
    *,
    gb: int = 0,
    windows: int = 0,
    size_gb: int = 1000,
    username: str = "",
    licenses: tuple[str, ...] = (),
    active: bool = True,
) -> InfrascaleDay:
    """A company with one backup account at Infrascale; another account when it is there already.

    Parameters:
        gb: used, an even number of 10^9 bytes.
        windows: computers.
        size_gb: quota, of 1024^3 bytes.
        username: of the account; the same every day.
        licenses: types that the account holds.
        active: whether the company is; an inactive one has no accounts.
    """
    own, username = subject.infrascale, username or infrascale_username(subject)
    entity = Entity(own, subject.name, ROOT_ID, "Company", ROOT_ID, 0, own, active, None)
    account = Account(
        ROOT_ID,
        own,
        username,
        False,
        _SINCE.replace(tzinfo=None),
        f"{username}@example.com",
        None,
        windows,
        0,
        0,
        gb * 1_953_125 // 2,
        size_gb * 1024,
    )
    held = tuple(License(username, name, own) for name in licenses) if active else ()
    return replace(
        shown,
        entities=(*shown.entities, *(() if own in shown.by_id else (entity,))),
        accounts=tuple(sorted((*shown.accounts, *((account,) if active else ())), key=itemgetter(0, 1, 2))),
        licenses=(*shown.licenses, *held),
    )


def infrascale_username(subject: Subject) -> str:
    """The name of its first account."""
    return f"admin.{subject.kind}"


def infrascale_backup(told: tuple[Event, ...], on: date, subject: Subject) -> tuple[Event, ...]:
    """A backup of its first account at eight in the evening of a day, which succeeds."""
    begins = datetime.combine(on, time(20))

    def event(kind: str, at: datetime, figures: Figures, seconds: int | None) -> Event:
        return Event(
            "Ok",
            kind,
            infrascale_username(subject),
            "BackupAccount",
            f"PC-{subject.number}",
            at,
            True,
            *figures,
            seconds,
            "Online",
            subject.infrascale,
            at.replace(tzinfo=UTC),
        )

    nothing = (None, None, None, None, None, None, None, None)
    uploaded = (12, 3_000_000, 0, 0, 2, 1_000_000, 10, 2_000_000)
    more = (
        event("BackupStarted", begins, nothing, None),
        event("BackupCompleted", begins + timedelta(minutes=5), uploaded, 300),
    )
    return tuple(
        sorted((*told, *more), key=lambda e: (e.client_date, e.account_name, e.event_type), reverse=True)
    )


MACHINES, GOOGLE = PRODUCTS[1], PRODUCTS[3]


def redstor_subscription(
    shown: RedstorDay,
    _: date,
    subject: Subject,
    *,
    product: Product = MACHINES,
    count: int = 0,
    protected_bytes: int = 0,
    overage_bytes: int = 0,
    inactive: int = 0,
    trial_status: str = "NotUsed",
    enabled: bool = True,
    failed: int = 0,
    tag: int = 0,
) -> RedstorDay:
    """A company with one subscription at Redstor; another subscription when it is there already.

    Parameters:
        count: seats, or workloads, by the product.
        inactive: seats that are licensed beside them and not used.
        failed: how many of the backups fail.
        tag: tells several subscriptions of the company apart.
    """
    own, subscription = subject.redstor, guid(72, subject.number, tag)
    seats, workloads = (count, 0) if product.seats else (0, count)
    usage = Usage(
        protected_bytes, 0, overage_bytes, seats, inactive, 0, workloads, seats + inactive if seats else 0
    )
    company = Company(own, subject.name, enabled, "Customer", shown.root.company_id)
    held = Subscription(own, subscription, product.product_id, 1, trial_status, is_active=True)
    status = BackupStatus(own, product, count - failed, 0, 0, failed, 0)
    return replace(
        shown,
        companies=(*shown.companies, *(() if own in shown.by_id else (company,))),
        subscriptions=(*shown.subscriptions, held),
        consumption=(
            *shown.consumption,
            Consumption(own, subscription, product, trial_status == "Trial", usage),
        ),
        backup_statuses=(*shown.backup_statuses, status),
    )


def xopero_account(
    shown: XoperoDay,
    _: date,
    subject: Subject,
    *,
    used_bytes: int = 0,
    kind: str = "FULL",
    capacity: int | None = None,
) -> XoperoDay:
    """A customer with one backup account at Xopero, with a licence without a limit of hosts.

    Parameters:
        kind: of its licence, FREE, TRIAL or FULL.
        capacity: of its account in bytes; None for all that the licence allows.
    """
    since = _SINCE.replace(year=2026)
    licence = xopero.Subscription(
        subject.xopero,
        f"1-2026-{subject.number:015}",
        STANDARD,
        "CURRENT",
        kind,
        "1Y",
        since,
        since.replace(year=2030),
    )
    allowed = xopero.Parameters(STANDARD, "ACTIVE", kind == "TRIAL", licence.valid_from, licence.valid_to)
    customer = xopero.Customer(
        subject.xopero,
        OWNER_ID,
        subject.name,
        f"office@{subject.kind}.example",
        "ACTIVATED",
        None,
        None,
        licence,
        (),
        allowed,
        None,
        STANDARD.capacity,
        (xopero.Account(subject.xopero, subject.name, capacity or STANDARD.capacity, used_bytes),),
        False,
    )
    return replace(shown, customers=(*shown.customers, customer))


def resellerclub_order(
    shown: ResellerClubDay,
    on: date,
    subject: Subject,
    *,
    gib: int,
    created_on: date,
    months: int = 12,
    status: str = "Active",
    paid: Decimal | None = None,
    tag: int = 0,
) -> ResellerClubDay:
    """A customer with one order at ResellerClub from the day of its creation, or with one more.

    Parameters:
        months: until it ends.
        paid: what was charged for it, without a sign; the price of its plan when None.
        tag: tells several orders of the customer apart.
    """
    plan, own = PLANS[0], subject.resellerclub
    if on < created_on:
        return shown
    created_at = datetime.combine(created_on, time(9), UTC)
    order = Order(
        order_id := 600_000_000 + 4 * subject.number + tag,
        own,
        plan,
        months,
        gib,
        created_at,
        months_after(created_at, months),
        status,
        True,
    )
    customer = resellerclub.Customer(
        own,
        f"billing@{subject.kind}.example",
        "Contact",
        subject.name,
        "Utrecht",
        "NL",
        "5550000000",
        "",
        "Active",
        _SINCE,
    )
    charged = Transaction(
        order_id * 1_000,
        created_at,
        "invoice",
        order_id,
        plan.product_key,
        -(resellerclub.costs_on(plan, created_on)[months] if paid is None else paid),
        f"Addition: {plan.name}",
    )
    return replace(
        shown,
        customers=(*shown.customers, *(() if own in shown.customers_by_id else (customer,))),
        orders=(*shown.orders, order),
        transactions=tuple(
            sorted((*shown.transactions, charged), key=lambda row: (row.at, row.transaction_id))
        ),
    )


def revirt365_seats(
    shown: ReVirt365Day,
    on: date,
    subject: Subject,
    *,
    seats: int,
    protected_bytes: int | None = None,
    is_trial: bool = False,
    status: str = "Success",
) -> ReVirt365Day:
    """A customer with one subscription and one backup a day at ReVirt365.

    Parameters:
        status: of the backup: Success, Warning or Failed.
    """
    own = subject.revirt365
    job = Job(guid(73, subject.number), own, "Mail")
    run = Session(
        guid(74, subject.number, on.toordinal()),
        job,
        status,
        datetime.combine(on, time(21), UTC),
        None if status == "Failed" else 5_000_000,
        600,
    )
    return replace(
        shown,
        tenants=(*shown.tenants, Tenant(own, subject.name, True, subject.customer_id, None)),
        seats=(
            *shown.seats,
            Seats(
                guid(75, subject.number),
                own,
                f"Users of {subject.name}",
                "M365 Backup",
                seats,
                0,
                protected_bytes,
                is_trial,
            ),
        ),
        jobs=(*shown.jobs, job),
        sessions=(*shown.sessions, run),
    )

"""The one world behind every stand-in server: who exists, and what they used on any day.

    world = World(customers=200, seed=7)
    shown = world.day_at(instant)                  the day whose closing figures the vendors show then
    world.infrascale(shown).accounts               Infrascale's rows (see infrascale_estate)
    world.infrascale_events(since, until, instant) backup history visible at that instant
    world.events_of(day)                           all of it of one client date
    world.redstor(shown).consumption               Redstor's rows (see redstor_estate)
    world.xopero(shown).customers                  Xopero's rows (see xopero.estate)
    world.resellerclub(shown).orders               ResellerClub's rows (see resellerclub.estate)
    world.revirt365(shown).seats                   ReVirt365's rows (see revirt365.estate)
    world.truth(shown)                             the readings a correct pipeline must arrive at

A day is a pure function of (customers, seed, day). Customers 0 to 7 hold the special cases of every
world: figures above 2^53 bytes, real zeros, an account that comes and goes every month, one that
changes company on the 15th, a trial that becomes paid on the 16th, awkward names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property, lru_cache
from typing import TypeVar

from connectors.sandbox.infrascale_day import infrascale_day
from connectors.sandbox.infrascale_estate import InfrascaleDay
from connectors.sandbox.infrascale_events import Event, infrascale_events
from connectors.sandbox.infrascale_plans import InfrascalePlans, build_infrascale_plans
from connectors.sandbox.infrascale_truth import (
    infrascale_accounts,
    infrascale_history,
    infrascale_readings,
    infrascale_totals,
)
from connectors.sandbox.plants.plant import Plant
from connectors.sandbox.portfolio import Portfolio, build_portfolio
from connectors.sandbox.redstor_day import RedstorPlans, build_redstor_plans, redstor_day
from connectors.sandbox.redstor_estate import RedstorDay
from connectors.sandbox.redstor_truth import (
    redstor_accounts,
    redstor_readings,
    redstor_statuses,
    redstor_subscriptions,
    redstor_totals,
)
from connectors.sandbox.resellerclub.day import resellerclub_day
from connectors.sandbox.resellerclub.estate import ResellerClubDay
from connectors.sandbox.resellerclub.plans import ResellerClubPlans, build_resellerclub_plans
from connectors.sandbox.resellerclub.truth import (
    resellerclub_accounts,
    resellerclub_prices,
    resellerclub_readings,
    resellerclub_subscriptions,
    resellerclub_totals,
    resellerclub_transactions,
)
from connectors.sandbox.revirt365.estate import (
    ReVirt365Day,
    ReVirt365Plans,
    build_revirt365_plans,
    revirt365_day,
)
from connectors.sandbox.revirt365.truth import revirt365_accounts, revirt365_readings, revirt365_sessions
from connectors.sandbox.truth import (
    HistoryEvent,
    Price,
    Reading,
    Subscription,
    Transaction,
    VendorAccount,
    VendorTotal,
)
from connectors.sandbox.xopero.day import xopero_day
from connectors.sandbox.xopero.estate import XoperoDay
from connectors.sandbox.xopero.plans import XoperoPlans, build_xopero_plans
from connectors.sandbox.xopero.truth import (
    xopero_accounts,
    xopero_prices,
    xopero_readings,
    xopero_subscriptions,
    xopero_totals,
)

DAYS_KEPT = 4
Shown = TypeVar("Shown")


class World:
    """A deterministic estate of backup customers.

    Parameters:
        customers: how many end customers, 1 to 100,000.
        seed: which world; the same number gives the same world for ever.
        zone: in which the vendors' days begin and end.
        plants: known discrepancies, which come with customers of their own.
    """

    def __init__(
        self, customers: int = 200, seed: int = 7, zone: tzinfo = UTC, plants: Iterable[Plant] = ()
    ) -> None:
        if not 1 <= customers <= 100_000:
            raise ValueError(f"A world has 1 to 100,000 customers, not {customers}.")
        self.customers, self.seed, self.zone, self.plants = customers, seed, zone, tuple(plants)
        self.infrascale = lru_cache(DAYS_KEPT)(self._infrascale)
        self.redstor = lru_cache(DAYS_KEPT)(self._redstor)
        self.xopero = lru_cache(DAYS_KEPT)(self._xopero)
        self.resellerclub = lru_cache(DAYS_KEPT)(self._resellerclub)
        self.revirt365 = lru_cache(DAYS_KEPT)(self._revirt365)
        self.events_of = lru_cache(DAYS_KEPT)(self._events)

    @cached_property
    def portfolio(self) -> Portfolio:
        """The billed parties, common to all vendors."""
        return build_portfolio(self.customers, self.seed)

    @cached_property
    def infrascale_plans(self) -> InfrascalePlans:
        """Everything that ever exists at Infrascale."""
        return build_infrascale_plans(self.portfolio, self.seed)

    @cached_property
    def redstor_plans(self) -> RedstorPlans:
        """Everything that ever exists at Redstor."""
        return build_redstor_plans(self.portfolio, self.seed)

    @cached_property
    def xopero_plans(self) -> XoperoPlans:
        """Everything that ever exists at Xopero."""
        return build_xopero_plans(self.portfolio, self.seed)

    @cached_property
    def resellerclub_plans(self) -> ResellerClubPlans:
        """Everything that ever exists at ResellerClub."""
        return build_resellerclub_plans(self.portfolio, self.seed)

    @cached_property
    def revirt365_plans(self) -> ReVirt365Plans:
        """Everything that ever exists at ReVirt365."""
        return build_revirt365_plans(self.portfolio, self.seed)

    def day_at(self, instant: datetime) -> date:
        """The day whose closing figures the vendors show at `instant`: until noon after D it is D."""
        return (instant.astimezone(self.zone).replace(tzinfo=None) - timedelta(hours=12)).date()

    def _infrascale(self, day: date) -> InfrascaleDay:
        shown = infrascale_day(self.portfolio, self.infrascale_plans, day)
        return _with(shown, day, [plant.infrascale for plant in self.plants])

    def _redstor(self, day: date) -> RedstorDay:
        shown = redstor_day(self.portfolio, self.redstor_plans, day)
        return _with(shown, day, [plant.redstor for plant in self.plants])

    def _xopero(self, day: date) -> XoperoDay:
        shown = xopero_day(self.portfolio, self.xopero_plans, day)
        return _with(shown, day, [plant.xopero for plant in self.plants])

    def _resellerclub(self, day: date) -> ResellerClubDay:
        shown = resellerclub_day(self.resellerclub_plans, day, self.zone)
        return _with(shown, day, [plant.resellerclub for plant in self.plants])

    def _revirt365(self, day: date) -> ReVirt365Day:
        shown = revirt365_day(self.revirt365_plans, day, self.zone)
        return _with(shown, day, [plant.revirt365 for plant in self.plants])

    def _events(self, day: date) -> tuple[Event, ...]:
        active = frozenset(e.entity_id for e in self.infrascale(day).entities if e.is_active)
        told = infrascale_events(self.infrascale_plans, active, day)
        return _with(told, day, [plant.infrascale_events for plant in self.plants])

    def infrascale_events(self, since: datetime, until: datetime, instant: datetime) -> list[Event]:
        """Backup history of the whole estate, newest client time first.

        Parameters:
            since, until: client-local times without zone, half-open.
            instant: events that happen after it are not there yet.
        """
        days = range(since.toordinal(), (until - timedelta(microseconds=1)).toordinal() + 1)
        return [
            event
            for ordinal in reversed(days)
            for event in self.events_of(date.fromordinal(ordinal))
            if since <= event.client_date < until and event.happened_at <= instant
        ]

    def truth(self, day: date) -> Iterator[Reading]:
        """Every reading of `day`, as staging must hold it; Redstor as told by API V2."""
        yield from infrascale_readings(self.infrascale(day))
        yield from redstor_readings(self.redstor(day))
        yield from xopero_readings(self.xopero(day))
        yield from resellerclub_readings(self.resellerclub(day), self.zone)
        yield from revirt365_readings(self.revirt365(day))

    def truth_accounts(self, day: date) -> Iterator[VendorAccount]:
        """Every vendor account of `day`, as staging must hold it."""
        yield from infrascale_accounts(self.infrascale(day))
        yield from redstor_accounts(self.redstor(day))
        yield from xopero_accounts(self.xopero(day))
        yield from resellerclub_accounts(self.resellerclub(day))
        yield from revirt365_accounts(self.revirt365(day))

    def truth_events(self, day: date) -> Iterator[HistoryEvent]:
        """Every history event of client date `day` once all have happened, and the day's backup statuses."""
        yield from infrascale_history(self.events_of(day), day)
        yield from redstor_statuses(self.redstor(day), day, self.zone)
        yield from revirt365_sessions(self.revirt365(day), day)

    def truth_subscriptions(self, day: date) -> Iterator[Subscription]:
        """Every subscription of `day`, as staging must hold it."""
        yield from redstor_subscriptions(self.redstor(day))
        yield from xopero_subscriptions(self.xopero(day))
        yield from resellerclub_subscriptions(self.resellerclub(day), self.zone)

    def truth_prices(self, day: date) -> Iterator[Price]:
        """Every price that a vendor tells on `day`."""
        yield from xopero_prices()
        yield from resellerclub_prices(day)

    def truth_transactions(self, day: date) -> Iterator[Transaction]:
        """Everything that vendors charged us, or that we paid them, on `day`."""
        yield from resellerclub_transactions(self.resellerclub(day), self.zone)

    def truth_totals(self, day: date) -> Iterator[VendorTotal]:
        """Everything that a vendor sums itself on `day`; Redstor as told by API V2."""
        yield from infrascale_totals(self.infrascale(day))
        yield from redstor_totals(self.redstor(day))
        yield from xopero_totals(self.xopero(day))
        yield from resellerclub_totals(self.resellerclub(day))

    def personal_values(self) -> list[str]:
        """Names, addresses, bank data, passwords and PINs that stand in answers and must be kept nowhere."""
        club = self.resellerclub_plans
        return [
            *(value for plan in self.xopero_plans.customers for value in plan.personal or ()),
            *(pin for _, _, pin in club.customers),
            club.reseller_password,
            club.reseller_pin,
        ]


def _with(shown: Shown, day: date, changes: Iterable[Callable[[Shown, date], Shown] | None]) -> Shown:
    """What is shown of a day, as the plants have it."""
    for change in changes:
        shown = change(shown, day) if change else shown
    return shown

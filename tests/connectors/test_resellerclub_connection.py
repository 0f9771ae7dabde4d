"""What a ResellerClub connection may be: gentle, with known regions, and silent about its key."""

import pytest
from pydantic import ValidationError
from resellerclub_support import KEY, USERID

from connectors.resellerclub.connection import ResellerClubConnection


def connection(**settings):
    return ResellerClubConnection(**{"auth_userid": USERID, "api_key": KEY, **settings})


def test_it_asks_slowly_and_over_one_connection_unless_told_otherwise():
    """Abuse blocks an address for a day, so the default is far from it."""
    settings = connection()
    assert (settings.max_in_flight, settings.requests_per_second) == (1, 2)
    assert (settings.base_url, settings.regions) == ("https://httpapi.com", ("us", "asia"))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"max_in_flight": 2}, "less than or equal to 1"),
        ({"requests_per_second": 11}, "must be at most 10: the vendor blocks addresses that ask faster"),
        ({"regions": "us,eu"}, "'us' or 'asia'"),
        ({"regions": "us,us"}, "each once"),
        ({"base_url": "https://httpapi.com/api"}, "must end before /api"),
        ({"auth_userid": "me@example.com"}, "pattern"),
        ({"api_key": "short"}, "at least 6"),
    ],
)
def test_what_would_get_us_blocked_or_cannot_work_is_refused(settings, says):
    """Each mistake is one sentence, and none shows the key."""
    with pytest.raises(ValidationError, match=says) as raised:
        connection(**settings)
    assert KEY not in str(raised.value)


def test_a_stand_in_on_this_machine_may_be_asked_fast():
    """Loopback has nobody to block us."""
    assert connection(base_url="http://127.0.0.1:1", requests_per_second=5000).requests_per_second == 5000


def test_regions_come_as_a_list_with_commas():
    """As RESELLERCLUB_REGIONS writes them."""
    assert connection(regions="asia, us").regions == ("asia", "us")


def test_no_repr_shows_the_key():
    """A connection may be printed."""
    assert KEY not in repr(connection())

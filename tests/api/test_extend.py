"""`POST sessions/current/extend/`: longer, or an answer that says why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from sessions_hub.models import Session

from .conftest import URL
from .test_impersonation import acting as acting
from .test_problems import problem

pytestmark = pytest.mark.django_db(databases="__all__")

EXTEND = f"{URL}current/extend/"
START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TWO_WEEKS = timedelta(days=14)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def extend(client, **data):
    return client.post(EXTEND, data, content_type="application/json")


def row(client) -> Session:
    return Session.objects.get(pk=client.session_id)


def test_lasts_as_long_as_the_cookie_from_now_on(clock, browser):
    clock.shift(DAY)
    response = extend(browser)
    assert response.status_code == 200
    assert response.json()["expires_at"] == "2030-05-16T12:00:00Z"
    assert row(browser).expires_at >= START + DAY + TWO_WEEKS
    # Django keeps it as long: it is the cookie that would end first.
    assert response.cookies["sessionid"]["max-age"] == TWO_WEEKS.total_seconds()
    clock.shift(TWO_WEEKS - timedelta(minutes=1))
    assert browser.get(URL).status_code == 200


def test_at_the_limit_of_its_level_says_capped_and_changes_nothing(clock, browser, settings):
    settings.SESSIONS_HUB_LIFETIMES = {"aal1": TWO_WEEKS}
    clock.shift(DAY)
    response = extend(browser)
    assert problem(response) == (409, "capped")
    assert response.json()["expires_at"] == "2030-05-15T12:00:00Z"
    assert row(browser).expires_at == START + TWO_WEEKS
    assert "sessionid" not in response.cookies


def test_goes_as_far_as_the_limit(clock, browser, settings):
    settings.SESSIONS_HUB_LIFETIMES = {"aal1": TWO_WEEKS + DAY / 2}
    clock.shift(DAY)
    assert extend(browser).json()["expires_at"] == "2030-05-16T00:00:00Z"


def test_an_impersonation_is_not_extended(acting):
    assert problem(extend(acting)) == (409, "impersonation")


def test_a_browser_cannot_ask_for_more(browser):
    response = extend(browser, lifetime=10_000_000)
    assert problem(response) == (400, "invalid")
    assert list(response.json()["errors"]) == ["lifetime"]


def test_an_empty_body_is_enough(clock, browser):
    clock.shift(DAY)
    assert browser.generic("POST", EXTEND).status_code == 200

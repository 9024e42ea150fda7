"""A sign-in that fell to a deadlock is recorded all the same, whole and once."""

from __future__ import annotations

import pytest
from django.db import connections

from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice
from sessions_hub.signals import device_first_seen, session_started
from tests.contract.browser import Browser

from .faults import SIGN_IN_TABLES, failing_writes

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DEADLOCK, LOCK_WAIT = 1213, 1205
MODELS = (Session, Device, SessionDevice, AuthenticationMethod)


@pytest.fixture
def told():
    """The signals that were sent, by their sessions."""
    sent = []

    def receive(sender, session, **values):
        sent.append(session.pk)

    for signal in (session_started, device_first_seen):
        signal.connect(receive)
    yield sent
    for signal in (session_started, device_first_seen):
        signal.disconnect(receive)


def sign_in(table: str, code: int, times: int) -> tuple[Browser, int, int]:
    browser = Browser("sync")
    with failing_writes(table, code, times) as sent:
        answer = browser.sign_in("ada")
    return browser, answer.status_code, len(sent)


@pytest.mark.parametrize("table", SIGN_IN_TABLES)
@pytest.mark.parametrize("times", [1, 2])
def test_is_tried_again(user, told, table, times):
    browser, status, tries = sign_in(table, DEADLOCK, times)
    assert (status, tries) == (200, times + 1)
    assert [model.objects.count() for model in MODELS] == [1, 1, 1, 1]
    assert told == [Session.objects.get().pk] * 2
    assert browser.whoami() == "ada"


@pytest.mark.parametrize("table", SIGN_IN_TABLES)
def test_is_refused_where_that_does_not_help(user, told, table):
    browser, status, tries = sign_in(table, DEADLOCK, 100)
    assert (status, tries) == (503, 3)
    assert [model.objects.count() for model in MODELS] == [0, 0, 0, 0]
    assert told == []
    assert browser.whoami() is None


def test_a_lock_is_not_waited_for_twice(user):
    _browser, status, tries = sign_in(Session._meta.db_table, LOCK_WAIT, 100)
    assert (status, tries) == (503, 1)


def test_the_callers_transaction_is_gone_with_it(user):
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = True
    try:
        _browser, status, tries = sign_in(Session._meta.db_table, DEADLOCK, 1)
    finally:
        for alias in connections:
            connections[alias].settings_dict["ATOMIC_REQUESTS"] = False
    assert (status, tries) == (503, 1)
    assert Session.objects.count() == 0

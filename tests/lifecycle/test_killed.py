"""A worker that is killed half-way through a sign-in leaves nothing that can be used.

What stays is a row nobody holds the marker of. It looks like any session that its
browser has lost: its limit ends it, and prune takes it away.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from sessions_hub.lifecycle.link import MARKER_KEY
from sessions_hub.lifecycle.prune import delete_ended, stamp_expired
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.models import AuthenticationMethod, Device, EndReason, Session, SessionDevice
from tests.child_runs import CHILD_LIMIT
from tests.contract.browser import Browser

from .stores import cookie_of, store, with_cookie

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


def killed(moment: str, cookie: str = "") -> None:
    names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.lifecycle.killed_process", moment, cookie],
        env={**os.environ, "HUB_TEST_JOIN": json.dumps({k: str(v) for k, v in names.items()})},
        capture_output=True,
        text=True,
        timeout=CHILD_LIMIT,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr


def markers() -> set[str]:
    """The rows that Django's stored sessions point to."""
    rows = store().get_model_class().objects.all()
    return {data[MARKER_KEY]["id"] for row in rows if MARKER_KEY in (data := row.get_decoded())}


def assert_taken_away_in_time(*rows: Session) -> None:
    later = timezone.now() + timedelta(days=401)
    list(stamp_expired(later))
    for row in rows:
        row.refresh_from_db()
        assert (row.end_reason, row.ended_at) == (EndReason.EXPIRED, row.expires_at)
    list(delete_ended(later + timedelta(days=91), Retention(default=timedelta(days=90))))
    assert not Session.objects.filter(pk__in=[row.pk for row in rows]).exists()
    assert not AuthenticationMethod.objects.exclude(session__in=Session.objects.all()).exists()
    assert not SessionDevice.objects.exclude(session__in=Session.objects.all()).exists()


def test_before_the_commit_nothing_is_stored(user):
    killed("row not committed")
    for model in (Session, Device, SessionDevice, AuthenticationMethod):
        assert model.objects.count() == 0
    assert Browser("sync").sign_in("ada").status_code == 200


def test_between_the_row_and_django_s_session_nobody_is_signed_in(user):
    killed("row stored")
    orphan = Session.objects.get()
    assert orphan.ended_at is None
    assert markers() == set()
    browser = Browser("sync")
    browser.sign_in("ada")
    assert browser.session_id() != str(orphan.pk)
    assert_taken_away_in_time(orphan)


@pytest.mark.parametrize("moment", ["key changed", "answer lost"])
def test_between_the_new_key_and_the_answer_the_old_key_is_dead(user, moment):
    browser = Browser("sync")
    browser.sign_in("ada")
    row = Session.objects.get()
    cookie = cookie_of(browser)
    killed(moment, cookie)
    # The client was not told the new key, and nobody else knows it.
    assert with_cookie(cookie).whoami() is None
    assert browser.whoami() is None
    assert browser.sign_in("ada").status_code == 200
    assert browser.whoami() == "ada"
    assert browser.session_id() != str(row.pk)
    assert_taken_away_in_time(row)


def test_devices_outlive_their_sessions(user):
    # They are the user's, like an address book: gone with the user, not with a session.
    Browser("sync").sign_in("ada")
    killed("row stored")
    assert_taken_away_in_time(*Session.objects.all())
    assert (Session.objects.count(), Device.objects.count()) == (0, 2)
    user.delete()
    assert Device.objects.count() == 0

"""Sign in, list, end and prune against tables that are cut into months."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle import prune
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.models import AuthenticationMethod, EndReason, Session, SessionDevice
from sessions_hub.models.ids import id_at
from tests.factories import make_session, make_user
from tests.partitions import monthly

from .conftest import MODE

pytestmark = pytest.mark.django_db


def where(session: Session) -> str:
    """The partition a session's row lies in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM sessions_hub_session WHERE id = %s", [session.pk]
        )
        return cursor.fetchone()[0]


def month_of(moment) -> str:
    return f"sessions_hub_session_{moment:%Y_%m}"


def in_turn(connection, sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def old_session(user, **values) -> Session:
    """One that ended long before the cut."""
    issued = timezone.now() - timedelta(days=200)
    return make_session(
        user, issued, reason="signed_out", id=id_at(issued), issued_at=issued, **values
    )


def test_every_row_is_in_its_month():
    ada, now = make_user(), timezone.now()
    last_month = make_session(ada, now, issued_at=now - timedelta(days=200))
    this_month = make_session(ada, now, issued_at=now)
    assert where(last_month) == "sessions_hub_session_past"
    new = month_of(now) if MODE == "now" else "sessions_hub_session_past"
    assert where(this_month) == new
    # No month was made for it: it is stored all the same.
    late = make_session(ada, now, issued_at=now + timedelta(days=800))
    assert where(late) == "sessions_hub_session_rest"


def test_somebody_signs_in_looks_ends_the_others_and_signs_out():
    make_user()
    phone, desk = Client(), Client()
    for browser in (phone, desk):
        browser.get("/sign-in/", {"user": "ada"})
        assert browser.get("/whoami/").json()["user"] == "ada"
    listed = {one["id"] for one in desk.get("/api/sessions/").json()["results"]}
    mine, other = (browser.get("/whoami/").json()["session"] for browser in (desk, phone))
    assert listed == {mine, other}
    assert desk.delete(f"/api/sessions/{other}/").status_code == 204
    assert b"ada" not in phone.get("/whoami/").content
    assert desk.get("/whoami/").json()["user"] == "ada"
    desk.post("/sign-out/")
    assert Session.objects.active().count() == 0
    assert set(Session.objects.values_list("end_reason", flat=True)) == {
        EndReason.REVOKED_BY_USER, EndReason.SIGNED_OUT
    }  # fmt: skip
    assert AuthenticationMethod.objects.count() == 2
    assert SessionDevice.objects.count() == 2


def test_all_of_a_user_end_whatever_month_they_are_of():
    ada, now = make_user(), timezone.now()
    for days in (0, 40, 200):
        make_session(ada, now, issued_at=now - timedelta(days=days))
    assert Session.objects.for_user(ada).end(EndReason.REVOKED_BY_STAFF, batch_size=2) == 3
    assert not Session.objects.filter(ended_at__isnull=True).exists()


def test_prune_stamps_and_deletes():
    ada, now = make_user(), timezone.now()
    passed = make_session(
        ada, now, issued_at=now - timedelta(days=60), expires_at=now - timedelta(days=1)
    )
    gone, kept = old_session(ada), make_session(ada, now)
    assert sum(prune.stamp_expired(now)) == 1
    assert sum(prune.delete_ended(now, Retention(default=timedelta(days=90)))) == 1
    assert set(Session.objects.values_list("pk", flat=True)) == {passed.pk, kept.pk}
    assert not Session.objects.filter(pk=gone.pk).exists()


def test_a_foreign_key_still_holds():
    AuthenticationMethod.objects.create(session=old_session(make_user()), method="password")
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthenticationMethod.objects.update(session_id=id_at(timezone.now()))
    assert (
        in_turn(
            connection,
            "SELECT conname FROM pg_constraint WHERE NOT convalidated AND conparentid = 0",
        )
        == []
    )


def test_one_django_session_is_adopted_once_in_a_month():
    ada, now = make_user(), timezone.now()
    make_session(ada, now, issued_at=now, django_key_digest="5e" * 32)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_session(ada, now, issued_at=now, django_key_digest="5e" * 32)


def test_a_verdict_looks_into_one_month_alone():
    session = make_session(make_user(), timezone.now())
    plan = in_turn(
        connection, "EXPLAIN SELECT 1 FROM sessions_hub_session WHERE id = %s", session.pk
    )
    text = "\n".join(line for (line,) in plan)
    assert text.count(" on sessions_hub_session_") == 1, text


def test_the_months_ahead_are_made_as_often_as_it_is_asked():
    def made() -> set[str]:
        found = in_turn(
            connection,
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'sessions_hub_session'::regclass",
        )
        return {name for (name,) in found}

    with connection.cursor() as cursor:
        for _time in range(2):
            cursor.execute(monthly())
    later = {name for name in made() if name > month_of(timezone.now())}
    assert len(later - {"sessions_hub_session_past", "sessions_hub_session_rest"}) == 3


def test_an_empty_month_is_dropped_at_once():
    ada, now = make_user(), timezone.now()
    old_session(ada)
    kept = make_session(ada, now, issued_at=now)
    if MODE != "now":
        pytest.skip("this month is in the past partition, which is not empty")
    assert sum(prune.delete_ended(now, Retention(default=timedelta(days=90)))) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE sessions_hub_session DETACH PARTITION sessions_hub_session_past"
        )
        cursor.execute("DROP TABLE sessions_hub_session_past")
    assert list(Session.objects.all()) == [kept]

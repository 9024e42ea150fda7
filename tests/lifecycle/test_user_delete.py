"""What stays of a user who is deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.lifecycle import start_session
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    EndReason,
    Session,
    SessionDevice,
    SessionToken,
)
from sessions_hub.models.querysets import BATCH
from tests.contract.browser import Browser
from tests.users.models import Member, UserProxy

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

MODELS = (Session, Device, SessionDevice, AuthenticationMethod, SessionToken)
SECRETS = {
    "name": "Zaphod",
    "address": "203.0.113.77",
    "agent": "Zarquon/9.9 (Heart of Gold; Android 15; Eccentrica)",
    "label": "zaphods-laptop",
    "provider": "zaphod-at-provider",
    "reason": "zaphod called the desk",
    "metadata": "zaphod-note",
    "audience": "zaphods-audience",
}


@pytest.fixture
def zaphod(make_user):
    """A user with rows of every kind."""
    user = make_user(SECRETS["name"])
    browser = Browser("sync", user_agent=SECRETS["agent"])
    browser.client.defaults["REMOTE_ADDR"] = SECRETS["address"]
    browser.sign_in(SECRETS["name"])
    browser.sign_out()
    # The first is over, with the user's own name in it; the second is not.
    browser.sign_in(SECRETS["name"])
    row = Session.objects.get(ended_at=None)
    Session.objects.update(
        name=SECRETS["label"],
        impersonation_reason=SECRETS["reason"],
        metadata={"note": SECRETS["metadata"]},
        audience=SECRETS["audience"],
        city="Betelgeuse",
    )
    Device.objects.update(name=SECRETS["label"])
    SessionDevice.objects.update(city="Betelgeuse")
    AuthenticationMethod.objects.update(provider_uid=SECRETS["provider"])
    SessionToken.objects.create(session=row, digest="d" * 64, hint="hint")
    return user


@pytest.fixture
def other(make_user):
    """Somebody else, whose rows stay as they are."""
    user = make_user("other")
    Browser("sync").sign_in("other")
    return user


def rows_of(user) -> list[int]:
    return [
        Session.objects.filter(user=user.pk).count(),
        Device.objects.filter(user=user.pk).count(),
        SessionDevice.objects.filter(session__user=user.pk).count(),
        AuthenticationMethod.objects.filter(session__user=user.pk).count(),
    ]


def everything() -> str:
    """All columns of all rows of all tables, as text."""
    return "\n".join(repr(row) for model in MODELS for row in model.objects.values())


def by_instance(user) -> None:
    user.delete()


def by_queryset(user) -> None:
    get_user_model().objects.filter(pk=user.pk).delete()


def by_proxy(user) -> None:
    UserProxy.objects.get(pk=user.pk).delete()


WAYS = [by_instance, by_queryset, by_proxy]


@pytest.mark.parametrize("delete", WAYS)
class TestDelete:
    def test_takes_all_rows_along(self, zaphod, other, delete):
        delete(zaphod)
        assert not get_user_model().objects.filter(username=SECRETS["name"]).exists()
        assert rows_of(other) == [1, 1, 1, 1]
        assert [model.objects.count() for model in MODELS] == [1, 1, 1, 1, 0]
        for secret in SECRETS.values():
            assert secret not in everything()

    def test_signs_the_user_out(self, user, delete):
        browser = Browser("sync")
        browser.sign_in("ada")
        delete(user)
        assert browser.whoami() is None

    def test_keeps_what_the_user_did_to_others(self, zaphod, other, delete):
        Session.objects.filter(user=other).end(EndReason.REVOKED_BY_STAFF, by=zaphod)
        delete(zaphod)
        row = Session.objects.get()
        assert (row.ended_by, row.ended_by_label) == (None, SECRETS["name"])


class TestBatches:
    @pytest.mark.parametrize("way", ["delete", "anonymize"])
    def test_are_bounded(self, user, way, settings, alias):
        settings.SESSIONS_HUB_ON_USER_DELETE = way
        later = timezone.now() + timedelta(days=1)
        count = 2 * BATCH + 7
        Session.objects.bulk_create(
            Session(user=user, expires_at=later, idle_expires_at=later) for _ in range(count)
        )
        with CaptureQueriesContext(connections[alias]) as ran:
            user.delete()
        writes = [
            one["sql"]
            for one in ran.captured_queries
            if "sessions_hub_session" in one["sql"] and one["sql"].startswith(("DELETE", "UPDATE"))
        ]
        # Each names at most a batch of rows; none is one statement for all.
        assert len(writes) >= 3
        assert max(sql.count(",") for sql in writes) < BATCH + 40
        assert Session.objects.filter(user__isnull=False).count() == 0
        assert Session.objects.count() == (0 if way == "delete" else count)


@pytest.mark.parametrize("delete", WAYS)
class TestAnonymize:
    @pytest.fixture(autouse=True)
    def chosen(self, settings):
        settings.SESSIONS_HUB_ON_USER_DELETE = "anonymize"

    def test_leaves_nothing_that_points_to_the_person(self, heard, zaphod, other, delete):
        pk = zaphod.pk
        for secret in SECRETS.values():
            assert secret in everything()
        delete(zaphod)
        left = everything()
        for secret in (*SECRETS.values(), "zarquon", "Zarquon", "Eccentrica", "Betelgeuse"):
            assert secret not in left
        over, row = Session.objects.filter(user=None).order_by("pk")
        assert over.end_reason == EndReason.SIGNED_OUT
        assert row.end_reason == EndReason.USER_DISABLED
        assert row.ended_at is not None
        for one in (over, row):
            assert (one.credentials_digest, one.current_fingerprint, one.ip_key) == ("", "", "")
        assert Device.objects.filter(user=pk).count() == 0
        assert SessionToken.objects.count() == 0
        assert [said["session"].pk for said in heard["session_ended"]] == [over.pk, row.pk]

    def test_keeps_what_is_statistics(self, zaphod, delete):
        before = Session.objects.latest("pk")
        delete(zaphod)
        row = Session.objects.latest("pk")
        assert (row.pk, row.issued_at) == (before.pk, before.issued_at)
        assert row.os_name == "Android"
        assert row.authentication_methods.get().method == "password"
        assert row.session_devices.count() == 1

    def test_keeps_the_first_end(self, zaphod, delete):
        Session.objects.all().end(EndReason.COMPROMISED)
        delete(zaphod)
        reasons = Session.objects.order_by("pk").values_list("end_reason", flat=True)
        assert list(reasons) == [EndReason.SIGNED_OUT, EndReason.COMPROMISED]

    def test_signs_the_user_out(self, user, delete):
        browser = Browser("sync")
        browser.sign_in("ada")
        delete(user)
        assert browser.whoami() is None


class TestChildWithItsOwnTable:
    @pytest.fixture
    def member(self, signed_in, user) -> Member:
        member = Member(account=user)
        # The parent's row stays as it is.
        member.save_base(raw=True)
        return Member.objects.get(pk=user.pk)

    @pytest.mark.parametrize("way", ["delete", "anonymize"])
    def test_that_goes_alone_leaves_the_user_signed_in(self, member, signed_in, way, settings):
        settings.SESSIONS_HUB_ON_USER_DELETE = way
        member.delete(keep_parents=True)
        assert Member.objects.count() == 0
        assert signed_in.whoami() == "ada"
        assert Session.objects.active().count() == 1

    def test_that_goes_with_the_user_takes_the_rows_along(self, member, signed_in):
        member.delete()
        assert get_user_model().objects.count() == 0
        assert [model.objects.count() for model in MODELS] == [0] * 5
        assert signed_in.whoami() is None


def test_a_user_may_leave_twice_in_one_run(make_user):
    for _ in range(2):
        user = make_user("again")
        start_session(user)
        user.delete()
    assert Session.objects.count() == 0


@pytest.mark.parametrize("delete", WAYS)
@pytest.mark.parametrize("model", [Session, SessionDevice])
def test_a_name_read_anew_while_a_user_leaves_goes_too(zaphod, settings, delete, model, alias):
    settings.SESSIONS_HUB_ON_USER_DELETE = "anonymize"
    model.objects.update(client_code="CV", client_name="Chrome Webview")
    marks = {Session: "impersonation_reason", SessionDevice: "fingerprint"}

    def read_anew(execute, sql, params, many, context):
        # Just before the user agent goes, as reparsesessions may do.
        if sql.startswith("UPDATE") and model._meta.db_table in sql and marks[model] in sql:
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    f"UPDATE {model._meta.db_table} SET client_code = '', client_name = 'Zaphods' "
                    "WHERE user_agent <> ''"
                )
        return execute(sql, params, many, context)

    with connections[alias].execute_wrapper(read_anew):
        delete(zaphod)
    assert set(model.objects.values_list("client_name", flat=True)) == {""}

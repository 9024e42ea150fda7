"""API keys on the pages: made, shown once, seen, revoked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from sessions_hub.account.api_keys import lifetime_text, lifetimes_within
from sessions_hub.models import Device, EndReason, Session, SessionToken, SessionType
from tests.factories import make_session, make_token

from .conftest import ROOT, SESSIONS, plain, said, stale

pytestmark = pytest.mark.django_db(databases="__all__")

KEYS, NEW = f"{ROOT}api-keys/", f"{ROOT}api-keys/new/"
DAY = timedelta(days=1)


def make(person, **values):
    given = {"name": "Backup", "lifetime": "2592000", "scopes": ["sessions:read"], **values}
    return person.post(NEW, given)


def secret_in(response) -> str:
    return re.search(r'id="sessions-hub-secret">([^<]+)<', response.content.decode())[1]


class TestMade:
    def test_the_secret_works_and_is_in_no_other_answer(self, here):
        response = make(here)
        assert response.status_code == 201
        secret = secret_in(response)
        assert response.content.decode().count(secret) == 1
        program = Client(headers={"authorization": f"Bearer {secret}"})
        seen = program.get("/api/sessions/current/").json()
        assert (seen["session_type"], seen["name"]) == ("api_key", "Backup")
        assert seen["scopes"] == ["sessions:read"]
        assert seen["auth_method"] == "token"

        assert "no-store" in response["Cache-Control"]
        assert secret not in str(response.headers) + str(response.cookies)
        assert secret not in str(dict(here.session.items()))
        for path in (KEYS, NEW, SESSIONS, f"{ROOT}devices/", f"{ROOT}data/"):
            assert secret not in here.page(path)

    def test_lasts_as_long_as_was_chosen(self, here):
        before = timezone.now()
        make(here, lifetime="604800")
        row = Session.objects.get(session_type=SessionType.API_KEY)
        assert before + 7 * DAY <= row.expires_at <= timezone.now() + 7 * DAY

    def test_is_on_the_device_it_was_made_on_and_no_further_one(self, here):
        make(here)
        row = Session.objects.get(session_type=SessionType.API_KEY)
        assert [one.device for one in row.session_devices.all()] == [here.device]
        assert Device.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": ""},
            {"name": "n" * 101},
            {"lifetime": "1"},
            {"lifetime": ""},
            {"lifetime": "86400000000"},
            {"scopes": ["staff"]},
            {"scopes": ["sessions:read", "introspect"]},
            {"scopes": ["everything"]},
        ],
    )
    def test_is_not_made_of_what_is_wrong_or_not_to_be_had(self, wrong, here):
        response = make(here, **wrong)
        assert response.status_code == 422
        assert "errorlist" in response.content.decode()
        assert not SessionToken.objects.exists()

    def test_staff_and_the_sites_own_scopes_are_offered_where_they_are_granted(
        self, settings, ada, here
    ):
        settings.SESSIONS_HUB_SCOPES = ["orders:read"]
        text = here.page(NEW)
        assert 'value="orders:read"' in text
        assert 'value="staff"' not in text
        ada.is_staff = True
        ada.save()
        assert 'value="staff"' in here.page(NEW)
        assert make(here, scopes=["staff", "orders:read"]).status_code == 201

    @pytest.mark.parametrize("verb", ["get", "post"])
    def test_asks_for_a_fresh_proof_before_anything_is_typed(self, verb, here):
        stale(here)
        response = here.get(NEW) if verb == "get" else make(here)
        assert response.url.startswith("/account/reauthenticate/?")
        assert response.url.endswith("next=%2Faccount%2Fapi-keys%2Fnew%2F")
        assert not SessionToken.objects.exists()

    def test_is_not_made_where_the_site_does_not_want_it(self, settings, here):
        settings.SESSIONS_HUB_ACCOUNT_API_KEYS = False
        assert NEW not in here.page(KEYS)
        assert here.get(NEW).status_code == 403
        assert make(here).status_code == 403
        assert not SessionToken.objects.exists()

    def test_too_many_are_refused_and_count_together_with_those_of_the_api(self, settings, here):
        cache.clear()
        settings.SESSIONS_HUB_THROTTLES = {"create": "2/hour"}
        body = {"name": "by the API"}
        assert here.post("/api/sessions/", body, content_type="application/json").status_code == 201
        assert make(here).status_code == 201
        response = make(here)
        assert (response.status_code, response["Retry-After"]) == (429, "3600")
        assert SessionToken.objects.count() == 2

    def test_a_form_that_is_wrong_does_not_count(self, settings, here):
        cache.clear()
        settings.SESSIONS_HUB_THROTTLES = {"create": "1/hour"}
        make(here, name="")
        assert make(here).status_code == 201

    def test_no_error_report_shows_the_secret(self, here, monkeypatch, settings):
        settings.DEBUG = True
        here.raise_request_exception = False
        issued = []

        def failing(page, name, context, **options):
            issued.append(context["issued"])
            raise RuntimeError("while it is shown")

        monkeypatch.setattr("sessions_hub.account.api_keys.NewKeyView.show", failing)
        response = make(here)
        assert response.status_code == 500
        assert "while it is shown" in response.content.decode()
        assert issued[0].secret not in response.content.decode()


class TestList:
    def test_shows_what_each_may_do_and_how_it_ends(self, ada, here):
        now = timezone.now()
        key = make_session(
            ada,
            now,
            issued_at=now - 12 * DAY,
            last_used_at=now - timedelta(hours=5),
            session_type=SessionType.API_KEY,
            name="<b>Backup</b>",
            scopes=["sessions:read", "<i>"],
        )
        make_token(key, "0" * 64, hint="x7Qa")
        make_token(key, "1" * 64, hint="old1", replaced_at=now)
        text = here.page(KEYS)
        shown = plain(text)
        for fact in ("Last used 5 hours ago", "Made 12 days ago", "Expires in 14 days", "…x7Qa"):
            assert fact in shown
        assert "sessions:read" in shown
        assert "old1" not in shown
        assert "<b>Backup" not in text
        assert "<i>" not in text
        assert "0" * 64 not in text

    def test_one_that_was_never_used_says_so(self, here):
        make(here, scopes=[])
        shown = plain(here.page(KEYS))
        assert "Last used never" in shown
        assert "only say whose it is" in shown

    def test_other_programs_stand_there_too_and_people_do_not(self, ada, here, there):
        service = make_session(ada, timezone.now(), session_type=SessionType.SERVICE_ACCOUNT)
        text = here.page(KEYS)
        assert "service account" in text
        assert str(service.pk) in text
        assert there.session_id not in text


def test_revoked_it_stops_working_at_once(here):
    secret = secret_in(make(here))
    key = Session.objects.get(session_type=SessionType.API_KEY)
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert program.get("/api/sessions/current/").status_code == 200
    assert "Revoke" in here.page(f"{SESSIONS}{key.pk}/end/")
    response = here.post(f"{SESSIONS}{key.pk}/end/", follow=True)
    assert response.redirect_chain == [(KEYS, 302)]
    assert "revoked" in said(response)
    assert program.get("/api/sessions/current/").status_code == 401
    key.refresh_from_db()
    assert key.end_reason == EndReason.REVOKED_BY_USER


@pytest.mark.parametrize(
    ("longest", "days"),
    [
        (400, [7, 30, 90, 365]),
        (366, [7, 30, 90, 365]),
        (365, [7, 30, 90, 365]),
        (60, [7, 30, 60]),
        (7, [7]),
        (2, [2]),
    ],
)
def test_no_lifetime_is_offered_that_a_key_does_not_have(longest, days):
    assert [one.days for one in lifetimes_within(longest * DAY)] == days


def test_the_sites_own_limit_is_offered(settings, here):
    settings.SESSIONS_HUB_LIFETIMES = {"api_key": timedelta(hours=12)}
    text = here.page(NEW)
    assert re.findall(r"<option[^>]*>([^<]+)<", text) == ["12 hours"]
    assert make(here, lifetime="43200").status_code == 201


@pytest.mark.parametrize(
    ("lifetime", "text"),
    [
        (DAY, "1 day"),
        (90 * DAY, "90 days"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(seconds=5), "1 minute"),
    ],
)
def test_lifetimes_are_told_in_words(lifetime, text):
    assert lifetime_text(lifetime) == text


@pytest.mark.parametrize("kind", ["account_recovery", "credential_recovery"])
def test_a_link_in_a_mail_makes_no_key(kind, here):
    Session.objects.filter(pk=here.session_id).update(session_type=kind)
    assert here.get(NEW).status_code == 403
    assert make(here).status_code == 403
    assert not SessionToken.objects.exists()


def test_an_ended_session_makes_no_key_though_nobody_is_refused(here, settings):
    settings.SESSIONS_HUB_ENFORCE = False
    Session.objects.filter(pk=here.session_id).end("revoked_by_staff")
    assert make(here).status_code == 409
    assert not SessionToken.objects.exists()

"""Staff starting a session for a user: for whom, of what worth, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import DatabaseError
from django.utils import timezone

from sessions_hub.models import AuthenticationMethod, Session, SessionToken
from tests.api.conftest import CHROME, URL
from tests.api.tokens.conftest import Program

from .conftest import ALL, SESSIONS, make_staff, post, token_of

pytestmark = pytest.mark.django_db(databases="__all__")

TYPES = (
    "regular_login",
    "api_key",
    "service_account",
    "oauth_client",
    "oauth_session",
    "one_time_access",
)


def create(client, user, **data):
    return post(client, SESSIONS, {"user": str(getattr(user, "pk", user)), **data})


def refused(response, status, code) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not SessionToken.objects.filter(session__name="made").exists()


def test_is_shown_once_and_tells_the_end_user_s_client(ada, desk):
    response = create(
        desk, ada, name="shop", ip="2001:DB8::7", user_agent=CHROME, audience="shop", lifetime=3600
    )
    assert response.status_code == 201
    body = response.json()
    assert (body["user_id"], body["session_type"]) == (str(ada.pk), "regular_login")
    assert (body["ip"], body["client_name"], body["os_name"]) == (
        "2001:db8::7",
        "Chrome",
        "Windows",
    )
    assert (body["auth_method"], body["assurance_level"], body["audience"]) == (
        "server",
        "aal1",
        "shop",
    )
    assert body["max_age_minutes"] == 60
    assert body["current"] is False
    program = Program(body["secret"])
    assert program.whoami().json()["id"] == body["id"]
    assert body["secret"] not in str(list(Session.objects.values()))
    assert "secret" not in desk.get(f"{SESSIONS}{body['id']}/").json()


def test_shows_nothing_of_the_server_that_asks(ada, desk):
    body = create(desk, ada).json()
    assert (body["ip"], body["user_agent"], body["devices"]) == (None, "", [])


def test_takes_a_sign_in_that_is_complete_and_goes_on(ada, desk, settings):
    Session.objects.update(session_type="temporary")
    refused(create(desk, ada, name="made"), 403, "sign_in_incomplete")
    settings.SESSIONS_HUB_ENFORCE = False
    Session.objects.update(session_type="regular_login")
    Session.objects.all().end("revoked_by_staff")
    refused(create(desk, ada, name="made"), 409, "no_current_session")


@pytest.mark.parametrize("kind", TYPES)
def test_of_these_types(kind, ada, desk):
    body = create(desk, ada, session_type=kind).json()
    assert (body["session_type"], body["assurance_level"]) == (kind, "aal1")


@pytest.mark.parametrize(
    "kind", ["temporary", "account_recovery", "credential_recovery", "impersonation", "x", ""]
)
def test_of_no_other_type(kind, ada, desk):
    assert create(desk, ada, session_type=kind).status_code == 400


def test_does_not_touch_the_sign_in_of_its_user(ada, desk):
    create(desk, ada, ip="192.0.2.7", user_agent=CHROME)
    ada.refresh_from_db()
    assert ada.last_login is None


class TestForWhom:
    def test_not_a_disabled_user(self, ada, desk):
        type(ada)._default_manager.filter(pk=ada.pk).update(is_active=False)
        refused(create(desk, ada, name="made"), 403, "inactive")

    @pytest.mark.parametrize(
        "values",
        [{"is_staff": True}, {"is_staff": False, "is_superuser": True}],
    )
    def test_not_staff_nor_superusers(self, values, desk, sign_in):
        target = make_staff("frank", **values)
        refused(create(desk, target, name="made"), 403, "staff")
        root = sign_in(make_staff("root", is_superuser=True))
        assert create(root, target).status_code == 201

    def test_not_oneself(self, grace, desk):
        refused(create(desk, grace, name="made"), 403, "staff")

    @pytest.mark.parametrize("key", ["0", "no", "9" * 40, "00000000-0000-0000-0000-000000000007"])
    def test_not_somebody_who_is_not_there(self, key, desk):
        response = create(desk, key)
        assert response.status_code == 400
        assert response.json()["errors"] == {"user": ["There is no user with this id."]}


class TestAProof:
    def test_has_to_be_fresh(self, ada, desk):
        long_ago = timezone.now() - timedelta(minutes=15)
        AuthenticationMethod.objects.update(completed_at=long_ago)
        refused(create(desk, ada, name="made"), 403, "reauthentication_required")

    def test_has_to_be_fresh_whatever_users_are_asked_for(self, ada, desk, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_FOR = ()
        self.test_has_to_be_fresh(ada, desk)

    def test_has_to_be_one(self, ada, desk):
        Session.objects.filter(pk=desk.session_id).update(assurance_level=0)
        refused(create(desk, ada, name="made"), 403, "reauthentication_required")

    def test_is_not_asked_of_a_token(self, ada, grace):
        program = token_of(grace, "staff")
        long_ago = timezone.now() - timedelta(days=1)
        AuthenticationMethod.objects.update(completed_at=long_ago)
        assert create(program, ada).status_code == 201


class TestByAToken:
    def test_never_outlives_it(self, ada, grace):
        program = token_of(grace, "staff", lifetime=timedelta(minutes=30))
        for data in ({}, {"lifetime": 86400}, {"lifetime": 60}):
            body = create(program, ada, **data).json()
            child = Session.objects.get(pk=body["id"])
            assert child.expires_at <= program.session.expires_at

    def test_has_no_scope_that_it_has_not(self, ada, grace):
        program = token_of(grace, "staff", "sessions:read")
        assert create(program, ada, scopes=["sessions:read"]).status_code == 201
        response = create(program, ada, scopes=["sessions:write"], name="made")
        refused(response, 403, "scopes_not_granted")
        assert response.json()["scopes"] == ["sessions:write"]

    def test_is_for_nobody_else_than_it_is(self, ada, grace):
        program = token_of(grace, "staff", audience="shop")
        assert create(program, ada).json()["audience"] == "shop"
        refused(create(program, ada, audience="bank", name="made"), 400, "invalid")

    def test_does_not_outlive_it_by_itself(self, ada, grace):
        """What was handed out lasts as long as it was made for."""
        scopes = ["sessions:write"]
        program = token_of(grace, "staff", *scopes, lifetime=timedelta(minutes=30))
        made = Program(create(program, ada, scopes=scopes).json()["secret"])
        response = made.call("post", f"{URL}current/extend/", {"lifetime": 86400})
        refused(response, 409, "capped")
        child = Session.objects.get(tokens__isnull=False, user=ada)
        assert child.expires_at <= program.session.expires_at

    def test_of_nothing_proven_proves_nothing(self, ada, grace):
        program = token_of(grace, "staff")
        Session.objects.filter(pk=program.session.pk).update(assurance_level=0)
        assert create(program, ada).json()["assurance_level"] == "aal0"


@pytest.mark.parametrize("scope", ["staff", "introspect", "unheard:of"])
def test_no_user_gets_scopes_that_are_not_theirs(scope, ada, desk):
    refused(create(desk, ada, scopes=[scope], name="made"), 403, "scopes_not_granted")


@pytest.mark.parametrize(
    "data",
    [
        {"ip": "here"},
        {"ip": "192.0.2.0/24"},
        {"user_agent": CHROME},
        {"user_agent": "x" * 5000, "ip": "192.0.2.7"},
        {"lifetime": 0},
        {"lifetime": 400 * 86400 + 1},
        {"scopes": "staff"},
        {"scopes": ["a b"]},
        {"name": "x" * 101},
        {"name": "a\x00"},
        {"assurance_level": 3},
        {"expires_at": "2099-01-01"},
        {"impersonator": 1},
        {"method": "passkey"},
    ],
)
def test_what_cannot_be_asked_for(data, ada, desk):
    before = Session.objects.count()
    assert create(desk, ada, **data).status_code == 400
    assert Session.objects.count() == before


def test_counts_as_a_sign_in_where_they_are_limited(ada, desk, settings):
    settings.SESSIONS_HUB_MAX_SESSIONS = 1
    settings.SESSIONS_HUB_MAX_SESSIONS_ACTION = "refuse"
    assert create(desk, ada).status_code == 201
    refused(create(desk, ada, name="made"), 409, "too_many_sessions")


class TestTheHistory:
    def test_has_one_entry(self, ada, desk, grace):
        body = create(desk, ada, name="shop", ip="192.0.2.7").json()
        entry = LogEntry.objects.get()
        assert (entry.user, entry.action_flag) == (grace, ADDITION)
        assert entry.object_id == body["id"]
        assert body["secret"] not in entry.change_message

    @pytest.mark.parametrize("fault", [DatabaseError("gone"), RuntimeError("a receiver")])
    def test_that_cannot_be_written_leaves_no_session(self, fault, ada, desk, monkeypatch):
        def fail(*args, **kwargs):
            raise fault

        monkeypatch.setattr(LogEntry, "save", fail)
        before = Session.objects.count()
        response = create(desk, ada)
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert (Session.objects.count(), SessionToken.objects.count()) == (before, 0)


def test_is_made_by_a_token_in_the_name_of_its_user(ada):
    heidi = make_staff("heidi", *ALL)
    assert create(token_of(heidi, "staff"), ada).status_code == 201
    assert LogEntry.objects.get().user == heidi

"""Presenting a secret: what opens, what does not, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.credentials.secrets import new_secret
from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session, SessionDevice, SessionToken
from tests.api.conftest import URL
from tests.api.test_impersonation import acting as acting

from .conftest import Program

pytestmark = pytest.mark.django_db(databases="__all__")

CURRENT = f"{URL}current/"


def queries(work):
    with CaptureQueriesContext(connections[database()]) as captured:
        response = work()
    return response, [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]


MALFORMED = [
    "",
    " ",
    "a b",
    "shub_",
    "shub_\x00",
    "\xff" * 54,
    "\udcff",
    "x" * 1_000_000,
    "shub_" + "0" * 49,
    "shub_" + "é" * 49,
    "null",
    "é",
]


@pytest.mark.parametrize("token", MALFORMED, ids=lambda token: repr(token[:12]))
def test_what_cannot_be_a_secret_is_401_without_a_query(db, token):
    program = Program()
    response, made = queries(lambda: program.call("get", CURRENT, authorization=f"Bearer {token}"))
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert response.json()["code"] == "invalid_token"
    assert made == []


def test_an_unknown_secret_is_401_with_one_query(db):
    response, made = queries(Program(new_secret()).whoami)
    assert response.status_code == 401
    assert len(made) == 1


def test_a_request_costs_one_query_for_who_it_is(program):
    known = program("sessions:read")
    known.whoami()
    response, made = queries(lambda: known.call("get", f"{URL}no/"))
    assert response.status_code == 404
    # A malformed id is looked up nowhere.
    assert len(made) == 1


@pytest.mark.parametrize(
    "carrier",
    [
        lambda secret: Client().get(CURRENT, {"token": secret, "access_token": secret}),
        lambda secret: Client().get(CURRENT, headers={"x-session-token": secret}),
        lambda secret: Client().get(CURRENT, headers={"authorization": f"Token {secret}"}),
        lambda secret: Client().get(CURRENT, headers={"authorization": secret}),
        lambda secret: Client().get(CURRENT, headers={"authorization": f"Bearer  {secret}"}),
        lambda secret: Client().get(CURRENT, headers={"authorization": f"Bearer {secret} "}),
        lambda secret: Client().get(
            CURRENT, headers={"authorization": f"Bearer {secret}, Bearer {secret}"}
        ),
        lambda secret: Client().get(CURRENT, headers={"cookie": f"sessionid={secret}"}),
        lambda secret: Client().post(
            f"{URL}end-others/", {"access_token": secret}, content_type="application/json"
        ),
    ],
)
def test_a_secret_counts_in_the_authorization_header_alone(issue, carrier):
    assert carrier(issue("sessions:write").secret).status_code == 401


def test_the_scheme_is_written_as_one_likes(issue):
    secret = issue().secret
    for scheme in ("Bearer", "bearer", "BEARER"):
        response = Client().get(CURRENT, headers={"authorization": f"{scheme} {secret}"})
        assert response.status_code == 200


def ended(issued, ada):
    end_session(issued.session, reason=EndReason.REVOKED_BY_USER)


def expired(issued, ada):
    then = timezone.now() - timedelta(seconds=1)
    Session.objects.update(expires_at=then, idle_expires_at=then)


def idle(issued, ada):
    Session.objects.update(idle_expires_at=timezone.now() - timedelta(seconds=1))


def disabled(issued, ada):
    get_user_model().objects.filter(pk=ada.pk).update(is_active=False)


def deleted(issued, ada):
    ada.delete()


def password_changed(issued, ada):
    ada.set_password("another")
    ada.save()


def password_changed_unseen(issued, ada):
    ada.set_password("another")
    get_user_model().objects.filter(pk=ada.pk).update(password=ada.password)


def held(issued, ada):
    Session.objects.update(proof_required_at=timezone.now())


def row_pruned(issued, ada):
    SessionToken.objects.all().delete()


OVER = [
    ended,
    expired,
    idle,
    disabled,
    deleted,
    password_changed,
    password_changed_unseen,
    held,
    row_pruned,
]


@pytest.mark.parametrize("happens", OVER, ids=lambda one: one.__name__)
def test_what_is_over_is_answered_like_what_never_was(issue, ada, happens):
    issued = issue("sessions:read")
    program = Program(issued.secret)
    assert program.whoami().status_code == 200
    unknown, asked = queries(Program(new_secret()).whoami)
    happens(issued, ada)
    over, made = queries(program.whoami)
    assert (over.status_code, over.content) == (unknown.status_code, unknown.content)
    assert dict(over.headers) == dict(unknown.headers)
    assert len(made) == len(asked) == 1


class TestBesideACookie:
    def test_the_token_decides_who_asks(self, bob, sign_in, issue):
        browser = sign_in(bob)
        issued = issue()
        body = browser.get(CURRENT, headers={"authorization": f"Bearer {issued.secret}"}).json()
        assert body["id"] == str(issued.session.pk)
        assert body["user"]["username"] == "ada"

    def test_a_token_that_is_not_valid_is_not_made_good_by_one(self, browser):
        response = browser.get(CURRENT, headers={"authorization": "Bearer x"})
        assert response.status_code == 401

    def test_ending_the_token_s_session_leaves_the_browser_s(self, ada, browser, issue):
        issued = issue("sessions:write")
        path = f"{URL}{issued.session.pk}/"
        response = browser.delete(path, headers={"authorization": f"Bearer {issued.secret}"})
        assert response.status_code == 204
        issued.session.refresh_from_db()
        assert issued.session.end_reason == EndReason.SIGNED_OUT
        assert browser.get(CURRENT).status_code == 200


class TestUse:
    def test_is_noted_once_an_interval(self, issue, settings):
        issued = issue()
        program = Program(issued.secret)
        program.whoami()
        before = timezone.now() - timedelta(hours=1)
        Session.objects.update(last_used_at=before)
        program.whoami()
        issued.session.refresh_from_db()
        first = issued.session.last_used_at
        assert first > before
        _response, made = queries(program.whoami)
        assert not [one for one in made if one.startswith("UPDATE")]

    def test_moves_the_idle_limit_and_never_the_other(self, issue, settings):
        settings.SESSIONS_HUB_LIFETIMES = {"regular_login": (timedelta(days=1), timedelta(hours=1))}
        issued = issue(lifetime=timedelta(hours=2))
        session = issued.session
        then = timezone.now() - timedelta(minutes=30)
        Session.objects.update(last_used_at=then, idle_expires_at=then + timedelta(hours=1))
        Program(issued.secret).whoami()
        expires_at, before = session.expires_at, then + timedelta(hours=1)
        session.refresh_from_db()
        assert session.expires_at == expires_at
        assert before < session.idle_expires_at <= expires_at

    def test_from_elsewhere_is_a_further_place(self, issue):
        program = Program(issue().secret)
        program.whoami()
        program.call("get", CURRENT, **{"user-agent": "curl/8.5"})
        program.call("get", CURRENT, **{"user-agent": "curl/8.5"})
        places = SessionDevice.objects.order_by("first_seen_at")
        assert [place.user_agent for place in places] == [program.headers["user-agent"], "curl/8.5"]

    def test_that_cannot_be_noted_costs_nothing(self, issue, monkeypatch, caplog):
        program = Program(issue().secret)
        program.whoami()
        Session.objects.update(last_used_at=timezone.now() - timedelta(hours=1))

        def broken(*args, **kwargs):
            raise RuntimeError("no")

        monkeypatch.setattr("sessions_hub.lifecycle.bearer.touch", broken)
        assert program.whoami().status_code == 200
        assert "was not noted" in caplog.text


def test_the_database_s_silence_is_503_and_not_401(issue, monkeypatch):
    from django.db import OperationalError

    program = Program(issue().secret)

    def broken(*args):
        raise OperationalError("gone")

    monkeypatch.setattr("sessions_hub.api.authentication.find_bearer", broken)
    response = program.whoami()
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("keys", [["new-key-of-the-digests", "old"], ["new-key-of-the-digests"]])
def test_a_key_that_was_rotated_still_reads(ada, settings, keys):
    from .conftest import PASSWORD, start_token_session

    settings.SESSIONS_HUB_HASH_KEYS = ["old"]
    issued = start_token_session(ada, [PASSWORD], now=timezone.now())
    settings.SESSIONS_HUB_HASH_KEYS = keys
    status = Program(issued.secret).whoami().status_code
    assert status == (200 if "old" in keys else 401)


def test_a_token_beside_an_impersonation_is_its_own_user_s(acting, ada, bob, issue):
    """Whoever acts as ada does what the token may in their own name, and nothing in hers."""
    mine = {"authorization": f"Bearer {issue('sessions:write', user=bob).secret}"}
    assert acting.get(f"{URL}current/", headers=mine).json()["user_id"] == str(bob.pk)
    made = acting.post(URL, {"name": "k"}, content_type="application/json", headers=mine).json()
    assert made["user_id"] == str(bob.pk)
    other = issue()
    for one in (other.session, Session.objects.get(session_type="impersonation")):
        assert acting.delete(f"{URL}{one.pk}/", headers=mine).status_code == 404
    # By the cookie it is ada's session still, in which no key is made.
    refused = acting.post(URL, {"name": "k"}, content_type="application/json")
    assert refused.status_code == 403
    assert acting.get(f"{URL}current/").json()["user_id"] == str(ada.pk)

"""`POST sessions/current/step-up/` by a program: a proof of its user's, and a new secret."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import program_step_up
from sessions_hub.models import AuthenticationMethod, Session, SessionToken
from tests.account.conftest import token
from tests.api.conftest import URL
from tests.api.test_problems import problem

from .conftest import Program

pytestmark = pytest.mark.django_db(databases="__all__")

STEP_UP = f"{URL}current/step-up/"
RIGHT = "right-password"


@pytest.fixture
def device(ada) -> TOTPDevice:
    return TOTPDevice.objects.create(user=ada, name="phone", confirmed=True)


def prove(program: Program, **data):
    return program.call("post", STEP_UP, data)


def test_stores_the_proof_and_gives_a_new_secret(program, device):
    before = program()
    response = prove(before, code=token(device))
    assert response.status_code == 200
    body = response.json()
    assert (body["assurance_level"], body["factors"]) == ("aal2", ["password", "totp"])
    assert body["secret"] not in ("", before.secret)
    after = Program(body["secret"])
    same = after.whoami().json()
    assert (same["id"], same["assurance_level"]) == (body["id"], "aal2")
    assert "secret" not in same
    assert same["mfa_updated_at"] == same["authenticated_at"]


def test_the_old_secret_is_replaced(program):
    before = program()
    prove(before, password=RIGHT)
    assert problem(prove(before, password=RIGHT)) == (409, "not_rotated")
    for one in SessionToken.objects.filter(replaced_at__isnull=False):
        earlier = one.replaced_at - timedelta(seconds=10)
        SessionToken.objects.filter(pk=one.pk).update(replaced_at=earlier)
    assert before.whoami().status_code == 401
    assert Session.objects.get().end_reason == "compromised"


def test_lasts_no_longer_than_before(program):
    mine = program(lifetime=timedelta(hours=1))
    expires_at = mine.whoami().json()["expires_at"]
    assert prove(mine, password=RIGHT).json()["expires_at"] == expires_at


def test_lasts_no_longer_than_the_new_level(program, device, settings):
    settings.SESSIONS_HUB_LIFETIMES = {"aal2": timedelta(hours=1)}
    mine = program()
    prove(mine, password=RIGHT, code=token(device))
    assert Session.objects.get().expires_at <= timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"code": "000000"}])
def test_a_wrong_one_changes_nothing(given, program, device):
    mine = program()
    assert problem(prove(mine, **given)) == (403, "wrong_proof")
    assert SessionToken.objects.get().replaced_at is None
    assert AuthenticationMethod.objects.count() == 1


def test_attempts_are_counted(program, settings):
    settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 2
    mine = program()
    assert [prove(mine, password="wrong").status_code for _ in range(3)] == [403, 403, 429]
    assert problem(prove(mine, password=RIGHT)) == (429, "too_many_attempts")
    assert mine.whoami().status_code == 200


def test_another_users_answers_are_wrong(program, bob):
    bob.set_password("bobs-password")
    bob.save()
    foreign = TOTPDevice.objects.create(user=bob, name="bob's", confirmed=True)
    mine = program()
    assert prove(mine, password="bobs-password").status_code == 403
    key = f"otp:{foreign.persistent_id}"
    assert prove(mine, code=token(foreign), factor=key).status_code == 403


def test_a_better_hash_in_passing_keeps_the_session(program, ada, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    response = prove(program(), password=RIGHT)
    assert Program(response.json()["secret"]).whoami().status_code == 200


@pytest.mark.parametrize("kind", ["api_key", "service_account", "oauth_client"])
def test_a_key_nobody_minds_is_not_proven(kind, program):
    mine = program(session_type=kind)
    assert problem(prove(mine, password=RIGHT)) == (409, "nobody_to_ask")
    assert SessionToken.objects.get().replaced_at is None


def test_one_that_could_not_be_stored_costs_nothing(program, monkeypatch):
    mine = program()

    def broken(*args):
        raise OperationalError("full")

    monkeypatch.setattr(program_step_up.proofs, "store", broken)
    assert problem(prove(mine, password=RIGHT)) == (503, "unavailable")
    monkeypatch.undo()
    assert SessionToken.objects.get().replaced_at is None
    assert Session.objects.get().authenticated_at < timezone.now()
    assert prove(mine, password=RIGHT).status_code == 200


def test_leaves_no_trace_in_a_browser_s_session(program, browser, device):
    before = dict(browser.session.items())
    mine = program()
    browser.post(
        STEP_UP,
        {"code": token(device)},
        content_type="application/json",
        headers={"authorization": f"Bearer {mine.secret}"},
    )
    assert dict(browser.session.items()) == before
    assert Session.objects.get(pk=browser.session_id).assurance_level == 1


class TestExtending:
    EXTEND = f"{URL}current/extend/"

    def test_takes_a_lifetime(self, program):
        mine = program("sessions:write", lifetime=timedelta(minutes=1))
        response = mine.call("post", self.EXTEND, {"lifetime": 3600})
        assert response.status_code == 200
        left = Session.objects.get().expires_at - timezone.now()
        assert timedelta(minutes=59) < left <= timedelta(hours=1)

    def test_a_key_lasts_as_long_as_it_was_made_for(self, program):
        mine = program("sessions:write", session_type="api_key", lifetime=timedelta(hours=1))
        before = Session.objects.get().expires_at
        assert problem(mine.call("post", self.EXTEND, {})) == (409, "capped")
        assert Session.objects.get().expires_at == before

    @pytest.mark.parametrize("lifetime", [0, -1, "x", 400 * 86400 + 1, 1.5])
    def test_a_lifetime_is_whole_seconds_up_to_400_days(self, program, lifetime):
        mine = program("sessions:write")
        response = mine.call("post", self.EXTEND, {"lifetime": lifetime})
        assert problem(response) == (400, "invalid")

    def test_asks_for_the_scope(self, program):
        assert program().call("post", self.EXTEND, {}).json()["code"] == "insufficient_scope"

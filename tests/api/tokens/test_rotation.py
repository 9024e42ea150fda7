"""Changing a secret: exactly one successor, and an end for what was copied."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from sessions_hub.conf import conf
from sessions_hub.lifecycle import tokens
from sessions_hub.lifecycle.bearer import find_bearer
from sessions_hub.lifecycle.exceptions import TokenNotRotated
from sessions_hub.models import EndReason, Session, SessionToken
from tests.api.conftest import URL
from tests.credentials.conftest import site as site

from .conftest import Program

pytestmark = pytest.mark.django_db(databases="__all__")

ROTATE = f"{URL}current/rotate/"


def rotate(program: Program) -> str:
    response = program.call("post", ROTATE)
    assert response.status_code == 200, response.content
    return response.json()["secret"]


def age_replacement(by: timedelta) -> None:
    for token in SessionToken.objects.filter(replaced_at__isnull=False):
        SessionToken.objects.filter(pk=token.pk).update(replaced_at=token.replaced_at - by)


def test_gives_a_new_secret_of_the_same_session(program):
    before = program("sessions:read")
    session = before.whoami().json()
    after = Program(rotate(before))
    assert after.secret != before.secret
    same = after.whoami().json()
    assert same["id"] == session["id"]
    assert same["expires_at"] == session["expires_at"]
    assert same["scopes"] == ["sessions:read"]


def test_the_old_one_may_end_what_is_on_its_way(program):
    before = program()
    rotate(before)
    assert before.whoami().status_code == 200


def test_the_old_one_is_not_rotated_again_and_costs_nothing(program):
    before = program()
    after = Program(rotate(before))
    again = before.call("post", ROTATE)
    assert (again.status_code, again.json()["code"]) == (409, "not_rotated")
    assert after.whoami().status_code == 200


def test_the_old_one_hands_out_nothing(program):
    """What it made would outlast the end of its session, if it had been copied."""
    before = program("sessions:write")
    after = Program(rotate(before))
    refused = before.call("post", URL, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_rotated")
    assert Session.objects.count() == 1
    assert after.call("post", URL, {}).status_code == 201


def test_the_old_one_gets_no_signed_token(program, site):
    """Such a token is good until it expires, whatever becomes of its session."""
    before = program()
    after = Program(rotate(before))
    path = f"{URL}current/?tokenize_as=orders"
    refused = before.call("get", path)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_rotated")
    assert after.call("get", path).json()["tokenized"]


def test_one_that_is_used_later_has_been_copied(program, caplog):
    before = program()
    after = Program(rotate(before))
    age_replacement(timedelta(seconds=10))
    assert before.whoami().status_code == 401
    row = Session.objects.get()
    assert row.end_reason == EndReason.COMPROMISED
    # The one who has the right one has to sign in again as well.
    assert after.whoami().status_code == 401
    assert f"token.reused session_id={row.pk}" in caplog.text
    assert before.secret not in caplog.text


@pytest.mark.parametrize(("microseconds", "is_good"), [(-1, True), (0, False), (1, False)])
def test_the_grace_ends_to_the_microsecond(issue, microseconds, is_good):
    now = timezone.now()
    issued = issue(now=now)
    tokens.rotate_token(find_bearer(issued.secret, now), now=now)
    later = now + conf.SESSIONS_HUB_TOKEN_REUSE_GRACE + timedelta(microseconds=microseconds)
    assert (find_bearer(issued.secret, later) is not None) is is_good


def test_the_grace_is_the_site_s(program, settings):
    settings.SESSIONS_HUB_TOKEN_REUSE_GRACE = timedelta(0)
    before = program()
    rotate(before)
    assert before.whoami().status_code == 401
    assert Session.objects.get().end_reason == EndReason.COMPROMISED


def test_a_browser_has_no_token_to_rotate(browser):
    response = browser.post(ROTATE)
    assert (response.status_code, response.json()["code"]) == (409, "no_token")


def test_an_ended_session_is_not_given_another(issue):
    issued = issue()
    now = timezone.now()
    bearer = find_bearer(issued.secret, now)
    Session.objects.update(ended_at=now, end_reason=EndReason.SIGNED_OUT)
    with pytest.raises(TokenNotRotated):
        tokens.rotate_token(bearer, now=now)
    assert SessionToken.objects.count() == 1


def test_one_that_could_not_be_stored_costs_nothing(program, monkeypatch):
    before = program()

    def broken(*args):
        raise OperationalError("full")

    monkeypatch.setattr(tokens, "insert", broken)
    assert before.call("post", ROTATE).status_code == 503
    monkeypatch.undo()
    assert SessionToken.objects.get().replaced_at is None
    assert Program(rotate(before)).whoami().status_code == 200


class TestWhatIsRemembered:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        monkeypatch.setattr(tokens, "REMEMBERED", 3)

    def test_one_that_was_copied_is_not_forgotten_by_rotating_often(self, program):
        """Whoever copied it would rotate until its own client's is unknown, and be alone."""
        owner = program()
        thief = Program(rotate(owner))
        for _ in range(6):
            thief = Program(rotate(thief))
        age_replacement(timedelta(seconds=10))
        assert owner.whoami().status_code == 401
        assert Session.objects.get().end_reason == EndReason.COMPROMISED
        assert thief.whoami().status_code == 401

    @pytest.mark.parametrize(("microseconds", "left"), [(-1, 6), (0, 6), (1, 3)])
    def test_old_ones_are_forgotten_but_the_last(self, issue, microseconds, left):
        now = timezone.now()
        secret = issue(now=now).secret
        for _ in range(5):
            secret = tokens.rotate_token(find_bearer(secret, now), now=now)
        later = now + tokens.MEMORY + timedelta(microseconds=microseconds)
        Session.objects.update(
            expires_at=later + timedelta(days=1), idle_expires_at=later + timedelta(days=1)
        )
        secret = tokens.rotate_token(find_bearer(secret, later), now=later)
        replaced = SessionToken.objects.filter(replaced_at__isnull=False)
        assert replaced.count() == left
        # The one replaced just now is the last of them.
        assert replaced.latest("pk").replaced_at == later
        assert find_bearer(secret, later) is not None


def test_reuse_ends_it_also_where_a_request_is_one_transaction(program, atomic_requests, caplog):
    """A refusal rolls the request's transaction back; the end is not to go with it."""
    before = program()
    after = Program(rotate(before))
    age_replacement(timedelta(seconds=10))
    assert before.whoami().status_code == 401
    assert Session.objects.get().end_reason == EndReason.COMPROMISED
    assert after.whoami().status_code == 401

"""Many rotations of one secret at the same moment."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.bearer import find_bearer
from sessions_hub.lifecycle.exceptions import TokenNotRotated
from sessions_hub.lifecycle.tokens import rotate_token
from sessions_hub.models import AuthenticationMethod, EndReason, Session, SessionToken
from tests.api.conftest import URL
from tests.lifecycle.threads import at_once

from .conftest import Program

pytestmark = [
    pytest.mark.locks,
    pytest.mark.race,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


def rotated(secret: str) -> str | None:
    """The successor; None where another one was faster."""
    now = timezone.now()
    bearer = find_bearer(secret, now)
    if bearer is None:
        return None
    try:
        return rotate_token(bearer, now=now)
    except TokenNotRotated:
        return None


def test_of_twenty_exactly_one_has_a_successor(issue, race_rounds):
    for _ in range(race_rounds):
        issued = issue()
        found = at_once(*[lambda secret=issued.secret: rotated(secret)] * 20)
        (successor,) = [one for one in found if one is not None]
        assert SessionToken.objects.filter(session=issued.session).count() == 2
        bearer = find_bearer(successor, timezone.now())
        assert bearer is not None
        assert not bearer.is_replaced
        # Being slower than another request is no theft.
        issued.session.refresh_from_db()
        assert issued.session.ended_at is None


def test_of_many_proofs_at_once_exactly_one_is_stored(issue, race_rounds):
    def proven(secret: str) -> int:
        data = {"password": "right-password"}
        return Program(secret).call("post", f"{URL}current/step-up/", data).status_code

    for _ in range(race_rounds):
        issued = issue()
        found = at_once(*[lambda secret=issued.secret: proven(secret)] * 8)
        assert sorted(found) == [200, *[409] * 7]
        assert SessionToken.objects.filter(session=issued.session).count() == 2
        assert AuthenticationMethod.objects.filter(session=issued.session).count() == 2
        issued.session.refresh_from_db()
        assert issued.session.ended_at is None


def test_an_end_survives_a_rotation(issue, race_rounds):
    for _ in range(race_rounds):
        issued = issue()
        successor, _ended = at_once(
            lambda secret=issued.secret: rotated(secret),
            lambda session=issued.session: end_session(session, reason=EndReason.REVOKED_BY_STAFF),
        )
        row = Session.objects.get(pk=issued.session.pk)
        assert row.end_reason == EndReason.REVOKED_BY_STAFF
        if successor is not None:
            assert find_bearer(successor, timezone.now()) is None

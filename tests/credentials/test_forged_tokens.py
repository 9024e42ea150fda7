"""Forged and broken tokens: each is refused, for the reason it was forged for."""

from __future__ import annotations

import pytest

from sessions_hub.credentials.jwt_errors import INVALID, InvalidToken

from .forged import FORGED
from .forging import NOW, refusal, verifier


@pytest.mark.parametrize(
    ("code", "token"),
    [pytest.param(code, token, id=known) for known, code, token in FORGED],
)
def test_a_forged_token_is_refused_for_what_it_is(code, token):
    assert refusal(token) == code


def test_every_reason_is_seen():
    seen = {code for _, code, _ in FORGED}
    elsewhere = {"inactive", "activity_unknown", "keys_unavailable"}
    assert seen | elsewhere == INVALID.keys()


def test_no_message_holds_anything_of_the_token():
    for known, _code, token in FORGED:
        with pytest.raises(InvalidToken) as raised:
            verifier().verify(token, now=NOW)
        assert str(raised.value) in INVALID.values(), known
        assert raised.value.__cause__ is None

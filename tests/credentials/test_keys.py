"""Which texts are good enough for a key, and what the ring makes of them."""

from __future__ import annotations

import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured

from sessions_hub.credentials.keys import is_weak, key_of, key_ring

from .keys import FIRST, SECOND, THIRD


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIRST, False),
        (SECOND, False),
        (SECOND.upper(), False),
        ("0123456789" * 8, False),
        ("", True),
        ("short", True),
        (FIRST[:42], True),
        # Hexadecimal digits hold less each, decimal ones less still.
        (SECOND[:63], True),
        ("0123456789" * 7, True),
        ("a" * 200, True),
        ("abc" * 100, True),
        (b"x" * 64, True),
        (None, True),
    ],
)
def test_a_key_holds_256_bits(text, expected):
    assert is_weak(text) is expected


def test_what_the_documentation_says_to_make_is_always_good():
    assert not any(is_weak(secrets.token_urlsafe(32)) for _ in range(500))
    assert not any(is_weak(secrets.token_hex(32)) for _ in range(500))


def test_the_ring_keeps_the_order_and_tells_keys_apart(settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND, FIRST, THIRD]
    assert [key.id for key in key_ring()] == [key_of(text).id for text in (SECOND, FIRST, THIRD)]
    assert len({key.id for key in key_ring()}) == 3


def test_without_keys_the_ring_is_empty_and_secret_key_is_no_key(settings):
    settings.SECRET_KEY = FIRST
    assert key_ring() == ()


def test_a_weak_key_is_refused_where_no_check_has_run(settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST, "hush-hush"]
    with pytest.raises(ImproperlyConfigured) as raised:
        key_ring()
    assert "hush" not in str(raised.value)

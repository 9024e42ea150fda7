"""Digests: parts cannot be shifted, keys can be rotated, nothing is readable."""

from __future__ import annotations

import hmac
from hashlib import sha256
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.lifecycle.digests import CREDENTIALS, DEVICE, DJANGO_KEY, digest, digests

texts = st.text(max_size=8)


def test_is_64_hexadecimal_digits_and_always_the_same():
    made = digest(DEVICE, "7", "key")
    assert len(made) == 64
    assert set(made) <= set("0123456789abcdef")
    assert made == digest(DEVICE, "7", "key")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *combinations(
            [
                ("device",),
                ("device", ""),
                ("device", "", ""),
                ("device", "ab", "c"),
                ("device", "a", "bc"),
                ("device", "abc"),
                ("device", "abc", ""),
                ("device", "", "abc"),
                ("devicea", "bc"),
                ("credentials", "abc"),
                ("", "deviceabc"),
                ("device", "a\x00bc"),
                ("device", "a\x00\x00\x00\x02bc"),
            ],
            2,
        )
    ],
)
def test_parts_cannot_be_shifted(one, other):
    assert digest(*one) != digest(*other)


@given(one=st.lists(texts, min_size=1, max_size=4), other=st.lists(texts, min_size=1, max_size=4))
def test_only_equal_parts_have_equal_digests(one, other):
    assert (digest(*one) == digest(*other)) is (one == other)


def test_purposes_are_apart():
    assert len({digest(purpose, "x") for purpose in (DEVICE, DJANGO_KEY, CREDENTIALS)}) == 3


@pytest.mark.parametrize("text", ["é", "كلمة", "🔑", "\ud800", "\x00"])
def test_any_text_has_a_digest(text):
    assert len(digest(DEVICE, text)) == 64


def test_is_hmac_sha256_of_length_prefixed_parts(settings):
    settings.SECRET_KEY = "key"
    message = b"\x00\x00\x00\x0csessions_hub\x00\x00\x00\x06device\x00\x00\x00\x01x"
    assert digest(DEVICE, "x") == hmac.new(b"key", message, sha256).hexdigest()


class TestKeys:
    def test_the_secret_key_and_its_fallbacks_are_the_default(self, settings):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old", []
        old = digest(DEVICE, "x")
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
        assert digests(DEVICE, "x") == [digest(DEVICE, "x"), old]
        assert digest(DEVICE, "x") != old

    def test_keys_of_its_own_outlive_a_new_secret_key(self, settings):
        settings.SESSIONS_HUB_HASH_KEYS = ["first", "second"]
        before = digests(DEVICE, "x")
        settings.SECRET_KEY = "another"
        settings.SECRET_KEY_FALLBACKS = ["more"]
        assert digests(DEVICE, "x") == before
        assert len(before) == 2

    def test_the_first_key_writes_and_all_read(self, settings):
        settings.SESSIONS_HUB_HASH_KEYS = ["old"]
        old = digest(DEVICE, "x")
        settings.SESSIONS_HUB_HASH_KEYS = ["new", "old"]
        assert digest(DEVICE, "x") != old
        assert old in digests(DEVICE, "x")

    def test_a_key_of_bytes_is_fine(self, settings):
        settings.SECRET_KEY = b"key"
        as_bytes = digest(DEVICE, "x")
        settings.SECRET_KEY = "key"
        assert digest(DEVICE, "x") == as_bytes

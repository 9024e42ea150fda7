"""Secrets of API sessions: what one looks like, and what is none."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.credentials.secrets import has_prefix, hint_of, is_well_formed, new_secret

SECRET = "shub_" + "0" * 43


def test_a_secret_is_256_random_bits_of_the_system_s_source(monkeypatch):
    """ASVS 5.0 §7.2.3 asks for 128, §11.5.1 for a source that cannot be guessed."""
    asked = []

    def token_bytes(count):
        asked.append(count)
        return b"\xff" * count

    monkeypatch.setattr(secrets, "token_bytes", token_bytes)
    secret = new_secret()
    assert asked == [32]
    assert is_well_formed(secret)
    assert len(secret) == len("shub_") + 43 + 6


def test_two_secrets_share_their_prefix_and_nothing_else():
    one, other = new_secret(), new_secret()
    assert one != other
    assert one[:5] == other[:5] == "shub_"
    same = sum(a == b for a, b in zip(one[5:48], other[5:48], strict=True))
    assert same < 12


def test_all_secrets_are_as_long_as_each_other(monkeypatch):
    monkeypatch.setattr(secrets, "token_bytes", lambda count: b"\0" * count)
    assert len(new_secret()) == 54
    assert new_secret().startswith(SECRET)


def test_the_prefix_is_the_site_s(settings):
    old = new_secret()
    settings.SESSIONS_HUB_TOKEN_PREFIX = "shop"
    new = new_secret()
    assert new.startswith("shop_")
    assert is_well_formed(new)
    assert not is_well_formed(old)
    assert (has_prefix(new), has_prefix(old)) == (True, False)


def test_the_hint_is_of_the_checksum():
    secret = new_secret()
    assert hint_of(secret) == secret[-4:]
    assert len(hint_of(secret)) < 6


@pytest.mark.parametrize(
    "change",
    [
        lambda s: "",
        lambda s: s[5:],
        lambda s: s[:-1],
        lambda s: s + "0",
        lambda s: s + "\n",
        lambda s: f" {s}",
        lambda s: f"{s} ",
        lambda s: s.replace("_", "-"),
        lambda s: s.swapcase(),
        lambda s: s[:20] + ("a" if s[20] != "a" else "b") + s[21:],
        lambda s: s[:-1] + ("a" if s[-1] != "a" else "b"),
        lambda s: s[:20] + "\x00" + s[21:],
        lambda s: s[:20] + "\xff" + s[21:],
        lambda s: s[:20] + "\udcff" + s[21:],
        lambda s: s[:20] + "٣" + s[21:],
        lambda s: s[:20] + "-" + s[21:],
        lambda s: s * 20_000,
    ],
)
def test_what_is_no_secret_is_told_without_the_database(change):
    secret = new_secret()
    assert is_well_formed(secret)
    assert not is_well_formed(change(secret))


@given(st.text(max_size=80))
def test_no_text_is_an_error_and_none_is_a_secret_by_chance(text):
    assert is_well_formed(text) is False
    assert is_well_formed(f"shub_{text}") is False

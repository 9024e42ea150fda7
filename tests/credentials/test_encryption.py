"""A ciphertext is good in its own place, under its own key, unchanged, and nowhere else."""

from __future__ import annotations

import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import pairwise
from types import TracebackType

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.credentials.encryption import (
    DecryptionFailed,
    NotACiphertext,
    Place,
    UnknownKey,
    decrypt,
    encrypt,
    key_id_of,
)
from sessions_hub.credentials.keys import key_of

from .keys import FIRST, SECOND

ONE, TWO = key_of(FIRST), key_of(SECOND)
HERE = Place("proofs", "0198", "access_token")
SECRET = "s3cr3t-access-token"
# Written by an earlier version: what is in databases has to stay readable.
KEPT = "v1.YCFUECoQwkM.AAECAwQFBgcICQoL.owiP0xYhE4zIpCdrcP7g1oCBxEOIWSs6ChzT2Du85EZHhL0"


def test_comes_back_as_it_was_and_never_looks_the_same_twice():
    made = [encrypt(SECRET, HERE, ONE) for _ in range(3)]
    assert len(set(made)) == 3
    assert {decrypt(stored, HERE, [ONE]) for stored in made} == {SECRET}
    assert SECRET not in "".join(made)


@given(st.text(st.characters(codec=None, categories=None), max_size=200))
def test_any_text_comes_back(secret):
    assert decrypt(encrypt(secret, HERE, ONE), HERE, [TWO, ONE]) == secret


def test_tells_version_and_key_and_nothing_of_the_key():
    version, key_id, nonce, ciphertext = encrypt(SECRET, HERE, ONE).split(".")
    assert (version, key_id) == ("v1", ONE.id)
    assert key_id_of(encrypt(SECRET, HERE, ONE)) == ONE.id
    assert (len(nonce), len(ciphertext)) == (16, -(-(len(SECRET) + 16) * 4 // 3))
    assert FIRST not in repr(ONE)
    assert ONE.id not in FIRST


@pytest.mark.parametrize(
    "elsewhere",
    [
        HERE._replace(table="sessions"),
        HERE._replace(pk="0199"),
        HERE._replace(field="refresh_token"),
        Place("proofs0198", "", "access_token"),
        Place("", "proofs0198", "access_token"),
    ],
)
def test_moved_elsewhere_it_is_refused(elsewhere):
    with pytest.raises(DecryptionFailed, match="authentication"):
        decrypt(encrypt(SECRET, HERE, ONE), elsewhere, [ONE])


def flipped(text: str, place: int) -> str:
    """Base64 with one bit of what it stands for changed."""
    value = bytearray(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    value[place] ^= 1
    return urlsafe_b64encode(bytes(value)).rstrip(b"=").decode()


def test_what_an_earlier_version_wrote_is_readable():
    assert decrypt(KEPT, HERE, [ONE]) == SECRET


@pytest.mark.parametrize("part", [2, 3])
def test_any_bit_changed_is_refused(part):
    parts = encrypt(SECRET, HERE, ONE).split(".")
    length = len(urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4)))
    for place in range(length):
        changed = [*parts]
        changed[part] = flipped(parts[part], place)
        with pytest.raises(DecryptionFailed) as raised:
            decrypt(".".join(changed), HERE, [ONE])
        assert raised.value.code == "tampered"


def test_every_other_character_in_its_place_is_refused():
    """Also those that base64 decoders skip or whose last bits they drop."""
    stored = encrypt(SECRET, HERE, ONE)
    for place in range(len(stored)):
        for other in "Ab-.= \n":
            if other != stored[place]:
                with pytest.raises(DecryptionFailed):
                    decrypt(stored[:place] + other + stored[place + 1 :], HERE, [ONE])


def test_another_key_s_name_on_it_is_refused():
    version, _key_id, nonce, ciphertext = encrypt(SECRET, HERE, ONE).split(".")
    with pytest.raises(DecryptionFailed) as raised:
        decrypt(f"{version}.{TWO.id}.{nonce}.{ciphertext}", HERE, [ONE, TWO])
    assert raised.value.code == "tampered"


def test_a_key_that_is_not_in_the_ring_is_named():
    with pytest.raises(UnknownKey) as raised:
        decrypt(encrypt(SECRET, HERE, ONE), HERE, [TWO])
    assert raised.value.key_id == ONE.id
    assert ONE.id in str(raised.value)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        SECRET,
        "v1",
        "v1...",
        "v2.YCFUECoQwkM.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
        "v1.YCFUECoQwkM.AAAAAAAAAAAAAAAA",
        "v1.YCFUECoQwkM.AAAAAAAAAAAAAAAA.AAAA",
        "v1.YCFUECoQwkM.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
        "v1.2DJq.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
        "v1.YCFUECoQwkM.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA==",
        "v1.é.é.é",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiI0NzExIn0.",
    ],
)
def test_what_is_no_ciphertext_is_refused_and_never_returned(stored):
    for read in (lambda: decrypt(stored, HERE, [ONE]), lambda: key_id_of(stored)):
        with pytest.raises(NotACiphertext) as raised:
            read()
        assert str(raised.value) == "What is stored is no ciphertext."


def frames(traceback: TracebackType | None) -> list[str]:
    """What an error tracker sees: the locals of our frames, as text."""
    found = []
    while traceback is not None:
        if "sessions_hub" in traceback.tb_frame.f_code.co_filename:
            found.append(repr(traceback.tb_frame.f_locals))
        traceback = traceback.tb_next
    return found


def test_an_error_shows_neither_the_secret_nor_a_key(settings):
    settings.DEBUG = False
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]
    plain, sealed = SECRET, encrypt(SECRET, HERE, ONE)
    for stored in (plain, sealed):
        try:
            decrypt(stored, HERE._replace(pk="1"), [ONE])
        except DecryptionFailed:
            kind, error, traceback = sys.exc_info()
        assert error.__cause__ is None
        report = ExceptionReporter(RequestFactory().get("/"), kind, error, traceback.tb_next)
        for text in (report.get_traceback_text(), report.get_traceback_html(), repr(error)):
            for hidden in (SECRET, sealed, FIRST):
                assert hidden not in text
        assert frames(traceback)
        assert not any(hidden in text for text in frames(traceback) for hidden in (SECRET, FIRST))


def test_each_place_has_a_key_of_its_own():
    derived = [
        key.derive(*place)
        for key in (ONE, TWO)
        for place in (HERE, HERE._replace(pk="0199"), HERE._replace(field="refresh_token"))
    ]
    assert all(len(one) == 32 for one in derived)
    assert all(one != other for one, other in pairwise(sorted(derived)))

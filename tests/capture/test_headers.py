"""Header text becomes text that can be parsed, stored and shown."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sessions_hub.capture.headers import MAX_LENGTH, clean

# Machines that are busy with something else are slow, not broken.
PATIENT = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("curl/8.7.1", "curl/8.7.1"),
        ("  curl/8.7.1\t", "curl/8.7.1"),
        ("a\x00b\x1b[31mc\x7fd", "ab[31mcd"),
        ("a\r\nb", "a  b"),
        # UTF-8 arrives as latin-1.
        ("Müllers Äpp 😀".encode().decode("latin-1"), "Müllers Äpp 😀"),
        ("M\xfcller", "M�ller"),
        ("已解码", "已解码"),
        ("a\ud800b", "ab"),
        ("a\u202eb\u200bc\u2028d", "abc d"),
        (b"bytes \xc3\xa9", "bytes é"),
        ("", ""),
        (None, ""),
        (7, ""),
        (["a"], ""),
    ],
)
def test_what_a_header_becomes(raw: object, text: str) -> None:
    assert clean(raw) == text


@pytest.mark.parametrize("character", ["a", "\x00", "\xff", "\u202e", "é", "\xf0\x9f\x98\x80"])
def test_of_ten_megabytes_the_beginning_is_kept(character: str) -> None:
    raw = character * (10_000_000 // len(character))
    assert clean(raw) == clean(raw[: 8 * MAX_LENGTH])
    assert len(clean(raw)) <= MAX_LENGTH


def test_all_white_space_becomes_a_space() -> None:
    spaces = [c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace()]
    for space in spaces:
        # With a letter that no byte stands for: it has been decoded already.
        assert clean(f"a\x00{space}已") == "a 已"


def test_a_cut_never_leaves_half_a_character() -> None:
    text = clean(("x" + "😀" * 600).encode().decode("latin-1"))
    assert text == "x" + "😀" * 511


@PATIENT
@given(st.binary(max_size=3000).map(lambda raw: raw.decode("latin-1")) | st.text(max_size=700))
def test_any_header_fits_and_can_be_stored(raw: str) -> None:
    text = clean(raw)
    assert len(text) <= MAX_LENGTH
    assert text.isprintable()
    assert text == text.strip()
    text.encode()


@PATIENT
@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=600))
def test_plain_text_is_only_cut(raw: str) -> None:
    assert clean(raw) == raw.strip()[:MAX_LENGTH].strip()

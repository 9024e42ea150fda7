"""Verdict rows as text: read as they were written, and nothing else is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db.models import UUIDField
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.lifecycle.verdict_cache import _columns, _layout, pack, unpack
from sessions_hub.lifecycle.verdicts import VerdictRow
from tests.factories import NOW

ID = UUID("0197c5a0-0000-7000-8000-0000000000a1")
OTHER_ID = UUID("0197c5a0-0000-7000-8000-0000000000a2")
SECOND = timedelta(seconds=1)
UNTIL = NOW + 10 * SECOND


def key_of(number: int) -> Any:
    """A user's key, as the user model has them."""
    column = get_user_model()._meta.pk
    return UUID(int=number) if isinstance(column, UUIDField) else column.to_python(number)


def row(**values: Any) -> VerdictRow:
    given = {
        "id": ID,
        "user_id": key_of(7),
        "assurance_level": 2,
        "fully_authenticated_at": NOW - timedelta(hours=1),
        "last_used_at": NOW - 30 * SECOND,
        "expires_at": NOW + timedelta(days=14),
        "idle_timeout": timedelta(minutes=15),
        "idle_expires_at": NOW + timedelta(minutes=14),
        "ended_at": None,
        "generation": 3,
        "generation_changed_at": NOW - 2 * SECOND,
        "credentials_digest": "5f" * 32,
        "current_fingerprint": "a" * 32,
        "session_type": "regular_login",
        "proof_required_at": None,
    }
    return VerdictRow(**given | values)


def changed(**by_place: Any) -> str:
    """A good text with the values at some places replaced: p0, p1, …"""
    data = json.loads(pack(row(), UNTIL))
    for place, value in by_place.items():
        data[int(place[1:])] = value
    return json.dumps(data)


def place_of(name: str) -> str:
    # Layout, owner and time come first; the id is the owner.
    return f"p{VerdictRow._fields.index(name) + 2}"


class TestReading:
    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"idle_timeout": None, "generation_changed_at": None},
            {"credentials_digest": "", "current_fingerprint": ""},
            {"idle_timeout": timedelta(microseconds=1)},
            {"expires_at": datetime(1969, 1, 1, 1, 1, 1, 999999, tzinfo=UTC)},
            {"ended_at": NOW},
        ],
    )
    def test_gives_the_row_that_was_written(self, values):
        assert unpack(pack(row(**values), UNTIL), ID, NOW) == row(**values)

    def test_every_column_of_a_verdict_has_a_form(self):
        assert len(_columns()) == len(VerdictRow._fields) - 1

    @pytest.mark.parametrize(
        ("now", "is_read"),
        [
            (UNTIL, False),
            (UNTIL - timedelta(microseconds=1), True),
            (UNTIL - 10 * SECOND, True),
            # It claims more time than any copy has: another node's clock is ahead.
            (UNTIL - 10 * SECOND - timedelta(microseconds=1), False),
        ],
    )
    def test_ends_with_its_time_and_believes_in_no_longer_one(self, now, is_read):
        assert (unpack(pack(row(), UNTIL), ID, now) is not None) is is_read

    def test_a_shorter_setting_holds_for_copies_made_before_it(self, settings):
        text = pack(row(), UNTIL)
        settings.SESSIONS_HUB_CACHE_TTL = timedelta(seconds=2)
        assert unpack(text, ID, NOW) is None
        assert unpack(text, ID, UNTIL - SECOND) is not None

    def test_a_longer_setting_than_ten_seconds_is_ten_seconds(self, settings):
        settings.SESSIONS_HUB_CACHE_TTL = timedelta(hours=1)
        assert unpack(pack(row(), NOW + timedelta(minutes=1)), ID, NOW) is None

    def test_another_sessions_text_is_not_read(self):
        assert unpack(pack(row(), UNTIL), OTHER_ID, NOW) is None

    def test_a_row_that_text_cannot_hold_is_refused(self):
        with pytest.raises(ValueError, match="as it was written"):
            pack(row(user_id=("seven",)), UNTIL)


class TestGarbage:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "changed",
            "null",
            "7",
            "[]",
            "{}",
            "[1",
            '"x"',
            "[" * 100_000,
            "NaN",
            "\x00",
            "\ud800",
        ],
    )
    def test_is_not_read(self, text):
        assert unpack(text, ID, NOW) is None

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("user_id", 7),
            ("user_id", ["7"]),
            ("user_id", {"seven": 7}),
            ("assurance_level", "2"),
            ("assurance_level", True),
            ("assurance_level", None),
            ("assurance_level", 2.0),
            ("expires_at", "2030-01-01"),
            ("expires_at", None),
            ("expires_at", 10**30),
            ("expires_at", True),
            ("idle_timeout", "15"),
            ("ended_at", False),
            ("generation", None),
            ("credentials_digest", None),
            ("credentials_digest", 5),
            ("current_fingerprint", {}),
        ],
    )
    def test_a_value_of_another_type_is_not_read(self, name, value):
        assert unpack(changed(**{place_of(name): value}), ID, NOW) is None

    @pytest.mark.parametrize(
        "by_place",
        [
            {"p0": "1-00000000"},
            {"p0": None},
            {"p1": None},
            {"p1": str(ID)},
            {"p2": None},
            {"p2": float(2**60)},
            {"p2": True},
            {"p2": "soon"},
        ],
    )
    def test_another_head_is_not_read(self, by_place):
        assert unpack(changed(**by_place), ID, NOW) is None

    @pytest.mark.parametrize("length", [-1, 1])
    def test_another_length_is_not_read(self, length):
        data = json.loads(pack(row(), UNTIL))
        data = data[:length] if length < 0 else [*data, 1]
        assert unpack(json.dumps(data), ID, NOW) is None

    @pytest.mark.parametrize("fields", [VerdictRow._fields[:-1], (*VerdictRow._fields, "more")])
    def test_another_set_of_columns_is_another_layout(self, monkeypatch, fields):
        written = json.loads(pack(row(), UNTIL))[0]
        monkeypatch.setattr(VerdictRow, "_fields", fields)
        assert _layout.__wrapped__() != written

    @given(
        st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)
    )
    def test_of_any_kind_is_not_read(self, value):
        assert unpack(json.dumps(value), ID, NOW) is None


@given(
    st.lists(
        st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
        min_size=4,
        max_size=4,
    ),
    st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
    st.integers(0, 2**31),
)
def test_any_row_is_read_as_it_was_written(times, idle_timeout, number):
    proven, used, expires, idle = times
    written = row(
        user_id=key_of(number),
        generation=number,
        fully_authenticated_at=proven,
        last_used_at=used,
        expires_at=expires,
        idle_timeout=idle_timeout,
        idle_expires_at=idle,
    )
    assert unpack(pack(written, UNTIL), ID, NOW) == written

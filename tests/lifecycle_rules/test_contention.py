"""A lock that was not to be had goes away; other errors of a database do not."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from sessions_hub.lifecycle.contention import is_contention, is_deadlock


class Raised(Exception):
    """An error of a driver."""


@pytest.mark.parametrize(
    ("args", "cause", "expected"),
    [
        *(((number, "…"), {}, True) for number in (1205, 1213, 3572, 1020)),
        *(((number, "…"), {}, False) for number in (1142, 1290, 2006)),
        *((("…",), {"sqlstate": state}, True) for state in ("55P03", "40P01", "40001")),
        *((("…",), {"sqlstate": state}, False) for state in ("57P01", "53100", "42501")),
        (("…",), {"pgcode": "55P03"}, True),
        (("the database is locked",), {"sqlstate": None}, False),
        # SQLITE_BUSY, SQLITE_LOCKED, SQLITE_BUSY_SNAPSHOT; SQLITE_READONLY, SQLITE_FULL.
        *((("…",), {"sqlite_errorcode": code}, True) for code in (5, 6, 517)),
        *((("…",), {"sqlite_errorcode": code}, False) for code in (8, 13, 1032)),
        ((), {}, False),
    ],
)
def test_contention_is_what_goes_away(args, cause, expected):
    error = OperationalError(*args)
    error.__cause__ = Raised()
    vars(error.__cause__).update(cause)
    assert is_contention(error) is expected


@pytest.mark.parametrize(
    ("args", "cause", "expected"),
    [
        ((1213, "…"), {}, True),
        ((1205, "…"), {}, False),
        (("…",), {"sqlstate": "40P01"}, True),
        (("…",), {"sqlstate": "55P03"}, False),
        (("…",), {"sqlite_errorcode": 5}, False),
        (("…",), {"sqlite_errorcode": 1213}, False),
    ],
)
def test_a_deadlock_is_told_from_a_wait(args, cause, expected):
    error = OperationalError(*args)
    error.__cause__ = Raised()
    vars(error.__cause__).update(cause)
    assert is_deadlock(error) is expected

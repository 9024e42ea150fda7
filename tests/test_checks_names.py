"""Checks of settings' names, and of lifetimes beside the limits of NIST."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from .system_checks import found, ids

# A check of Django's asks SQLite for what it can.
pytestmark = pytest.mark.django_db(databases="__all__")

HOUR = timedelta(hours=1)


class TestLifetimesOfNist:
    DAY = 24 * HOUR

    @pytest.mark.parametrize(
        ("lifetimes", "expected"),
        [
            ({"aal1": 30 * DAY, "aal2": (DAY, HOUR), "aal3": (HOUR, HOUR / 4)}, set()),
            # A lone lifetime leaves NIST's idle limit.
            ({"aal1": DAY, "aal2": DAY, "aal3": 12 * HOUR}, set()),
            ({"aal0": 31 * DAY}, {"W080"}),
            ({"aal1": 31 * DAY}, {"W080"}),
            ({"aal2": 25 * HOUR}, {"W080"}),
            ({"aal2": (DAY, None)}, {"W081"}),
            ({"aal2": (DAY, 2 * HOUR)}, {"W081"}),
            ({"aal3": (12 * HOUR, HOUR)}, {"W081"}),
            ({"aal3": 13 * HOUR}, {"E081"}),
            ({"aal3": (13 * HOUR, None)}, {"E081", "W081"}),
            # The strictest wins, so these take nothing back.
            ({"regular_login": 400 * DAY, "below_available": 400 * DAY}, set()),
        ],
        ids=str,
    )
    def test_longer_ones_are_named_where_nist_was_asked_for(self, lifetimes, expected):
        with override_settings(SESSIONS_HUB_LIFETIMES=lifetimes):
            assert ids() == set()
            with override_settings(SESSIONS_HUB_LIMITS="nist"):
                assert ids() == expected

    def test_a_misspelt_key_is_told_the_nearest(self):
        with override_settings(SESSIONS_HUB_LIFETIMES={"below_availible": HOUR}):
            (message,) = found()
        assert message.hint == "Did you mean 'below_available'?"


class TestNames:
    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("SESSIONS_HUB_RETENTON", "Did you mean SESSIONS_HUB_RETENTION?"),
            ("SESSIONS_HUB_TRUSTED_PROXY", "Did you mean SESSIONS_HUB_TRUSTED_PROXIES?"),
            ("SESSIONS_HUB_XYZZY_PLUGH_QUUX", "docs/settings.md"),
        ],
    )
    def test_an_unknown_setting_is_named_with_the_nearest_known(self, name, hint):
        with override_settings(**{name: 1}):
            assert ids() == {"E001"}
            (message,) = found()
        assert name in message.msg
        assert hint in message.hint

    def test_settings_of_others_are_theirs(self):
        with override_settings(SESSIONSHUB=1, SESSION_HUB_LIMITS=1):
            assert ids() == set()

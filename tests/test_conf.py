"""Settings are read live, however they were set."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from sessions_hub.conf import conf

NAME = "SESSIONS_HUB_MAX_ENDPOINTS"


@pytest.fixture
def plain():
    """A setting as a program sets it: `settings.NAME = value`."""

    def assign(value: int) -> None:
        setattr(django_settings, NAME, value)

    yield assign
    if hasattr(django_settings, NAME):
        delattr(django_settings, NAME)


def test_a_setting_that_nobody_set_has_its_default() -> None:
    assert conf.SESSIONS_HUB_MAX_ENDPOINTS == 50


def test_a_setting_is_read_anew_each_time() -> None:
    for value in (1, 2):
        with override_settings(**{NAME: value}):
            assert value == conf.SESSIONS_HUB_MAX_ENDPOINTS
    assert conf.SESSIONS_HUB_MAX_ENDPOINTS == 50


def test_a_setting_assigned_by_a_program_counts(plain) -> None:
    plain(7)
    assert conf.SESSIONS_HUB_MAX_ENDPOINTS == 7


def test_an_assigned_setting_shows_through_overridden_ones(plain) -> None:
    plain(7)
    with override_settings(LANGUAGE_CODE="de"), override_settings(TIME_ZONE="UTC"):
        assert conf.SESSIONS_HUB_MAX_ENDPOINTS == 7


def test_a_setting_deleted_in_a_test_has_its_default() -> None:
    with override_settings(**{NAME: 3}):
        del django_settings.SESSIONS_HUB_MAX_ENDPOINTS
        assert conf.SESSIONS_HUB_MAX_ENDPOINTS == 50


def test_settings_in_the_place_of_djangos_are_asked(monkeypatch) -> None:
    """As dynaconf does it."""

    class Other:
        SESSIONS_HUB_MAX_ENDPOINTS = 9

    monkeypatch.setattr("sessions_hub.conf.reading.settings", Other())
    assert conf.SESSIONS_HUB_MAX_ENDPOINTS == 9
    assert conf.SESSIONS_HUB_PROXY_COUNT == 0


def test_defaults_of_a_configured_program_are_asked() -> None:
    program = """
from django.conf import settings
class Defaults:
    SESSIONS_HUB_MAX_ENDPOINTS = 9
settings.configure(default_settings=Defaults)
from sessions_hub.conf import conf
assert conf.SESSIONS_HUB_MAX_ENDPOINTS == 9
assert conf.SESSIONS_HUB_PROXY_COUNT == 0
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

"""Encryption keys: there where they are needed, strong, distinct, and never printed."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from tests.credentials.keys import FIRST, SECOND

# Django's own checks may ask the database.
pytestmark = pytest.mark.django_db(databases="__all__")

STEP = "sessions_hub.integrations.social_auth.record_provider"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, set()),
        ({"SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST]}, set()),
        ({"SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST, SECOND]}, set()),
        (
            {"SESSIONS_HUB_ENCRYPTION_KEYS": (FIRST,), "SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS": True},
            set(),
        ),
        ({"SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS": True}, {"E162"}),
        ({"SOCIAL_AUTH_PIPELINE": [STEP]}, {"W160"}),
        ({"SOCIAL_AUTH_PIPELINE": None}, set()),
        ({"SOCIAL_AUTH_PIPELINE": [STEP], "SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST]}, set()),
        ({"SESSIONS_HUB_ENCRYPTION_KEYS": ["hush-hush", FIRST]}, {"E163"}),
        ({"SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST, "", "h" * 64]}, {"E163"}),
        ({"SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST, SECOND, FIRST]}, {"E164"}),
        ({"SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST], "SECRET_KEY": FIRST}, {"E165"}),
        ({"SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST], "SECRET_KEY_FALLBACKS": [FIRST]}, {"E165"}),
        ({"SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST], "SESSIONS_HUB_HASH_KEYS": [FIRST]}, {"E165"}),
        (
            {"SESSIONS_HUB_ENCRYPTION_KEYS": [FIRST], "SESSIONS_HUB_HASH_KEYS": None},
            {"E018"},
        ),
    ],
)
def test_what_is_wrong_is_named_and_no_key_is_shown(settings, given, expected):
    for name, value in given.items():
        setattr(settings, name, value)
    messages = [one for one in run_checks() if one.id.startswith("sessions_hub.")]
    assert {one.id.removeprefix("sessions_hub.") for one in messages} == expected
    for one in messages:
        assert one.hint
        for key in (FIRST, SECOND, "hush", "hhh"):
            assert key not in f"{one.msg} {one.hint}"


def test_a_weak_key_is_told_by_its_place(settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST, "hush-hush", SECOND, "x"]
    (message,) = [one for one in run_checks() if one.id == "sessions_hub.E163"]
    assert message.msg.endswith(": 2, 4.")

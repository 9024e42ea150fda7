"""Runs tests/browser/keys with the settings of a site that has django-allauth's keys."""

from __future__ import annotations

import pytest

from tests.account.test_keys import NEEDS_KEYS, run


@NEEDS_KEYS
@pytest.mark.browser
@pytest.mark.slow
def test_chromium_uses_a_key(chromium):
    # Started here once, so that a missing browser is a skip, or a failure in the gate.
    chromium.quit()
    run("tests/browser/keys", "-m", "browser")

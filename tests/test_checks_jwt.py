"""Checks of tokens: a site hears at its start what would be 503 later, and never a key."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks

from tests.credentials.conftest import entry
from tests.credentials.conftest import site as site
from tests.credentials.forging import AUDIENCE, make_key
from tests.test_checks import ids

# A check of Django's asks SQLite for what it can.
pytestmark = pytest.mark.django_db(databases="__all__")

HERE = "tests.test_checks_jwt"
MINUTE = timedelta(minutes=1)


def claims(session: Any, user: Any) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize(
    "template",
    [
        {},
        {"ttl": timedelta(seconds=1)},
        {"ttl": timedelta(days=1)},
        {"audience": [AUDIENCE, "b"]},
        {"audience": ("a",)},
        {"claims": f"{HERE}.claims"},
        {"claims": None, "alg": None},
        {"alg": "ES256"},
        {"impersonation": False},
    ],
)
def test_a_site_that_can_make_its_tokens_is_not_warned(template, site):
    site(**template)
    assert ids() == set()


@pytest.mark.parametrize(
    "template",
    [
        {"audience": None},
        {"audience": ""},
        {"audience": []},
        {"audience": ["a", ""]},
        {"audience": {"a": 1}},
        {"audience": 7},
        {"ttl": None},
        {"ttl": 300},
        {"ttl": timedelta(0)},
        {"ttl": -MINUTE},
        {"ttl": timedelta(milliseconds=999)},
        {"ttl": timedelta(days=1, seconds=1)},
        {"claims": "no.such.function"},
        {"claims": f"{HERE}.MINUTE"},
        {"claims": claims},
        {"alg": "none"},
        {"alg": "ES512"},
        {"alg": ["ES256"]},
        {"impersonation": None},
        {"impersonation": "no"},
        {"lifetime": MINUTE},
    ],
)
def test_a_template_that_makes_no_sense_is_named(template, site):
    site(**template)
    assert ids() == {"E152"}


def test_a_template_without_audience_or_ttl_is_named(settings, site):
    for member in ("audience", "ttl"):
        template = dict(site().SESSIONS_HUB_TOKENIZE_TEMPLATES["orders"])
        del template[member]
        settings.SESSIONS_HUB_TOKENIZE_TEMPLATES = {"orders": template}
        assert ids() == {"E152"}


@pytest.mark.parametrize(
    ("keys", "template", "expected"),
    [
        ([entry(state="published")], {}, {"E154"}),
        ([entry(), entry("EdDSA")], {}, {"E154"}),
        ([entry(), entry("EdDSA")], {"alg": "EdDSA"}, set()),
        ([entry()], {"alg": "EdDSA"}, {"E154"}),
        ([entry(), entry(which=1)], {}, {"E150"}),
        ([entry("HS256")], {}, {"W150"}),
        ([entry("HS256"), entry()], {}, {"E150"}),
        ([entry("RS256", alg="PS256")], {}, set()),
        ([entry(key="/no/such/file")], {}, {"E150"}),
    ],
)
def test_what_is_missing_or_too_much_is_named(keys, template, expected, site):
    site(*keys, **template)
    assert ids() == expected


def test_templates_without_any_key_are_named(settings, site):
    site()
    settings.SESSIONS_HUB_JWT_KEYS = []
    assert ids() == {"E154"}


def test_templates_without_an_issuer_are_named(site):
    site().SESSIONS_HUB_JWT_ISSUER = None
    assert ids() == {"E153"}


def test_keys_that_wait_for_templates_are_fine(settings):
    settings.SESSIONS_HUB_JWT_KEYS = [entry(), entry("EdDSA", state="published")]
    assert ids() == set()


def test_no_message_shows_a_key(settings, site):
    jwk = make_key("ES256").as_dict(private=True)
    secrets = [str(jwk["d"]), "PRIVATE KEY", "hush-hush"]
    site(
        entry(key={**jwk, "crv": "P-384"}),
        entry(key="-----BEGIN PRIVATE KEY-----\nhush-hush"),
        entry("HS256", key={"kty": "oct", "k": "hush-hush"}),
        "hush-hush",
    )
    shown = "".join(f"{message} {message.hint}" for message in run_checks())
    assert "E150" in shown
    for secret in secrets:
        assert secret not in shown


def test_a_site_without_tokens_does_not_load_what_makes_them():
    program = """
import sys
import django
from django.conf import settings
apps = ["django.contrib.auth", "django.contrib.contenttypes", "sessions_hub"]
settings.configure(INSTALLED_APPS=apps)
django.setup()
from django.core.checks import run_checks
run_checks()
assert "joserfc" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

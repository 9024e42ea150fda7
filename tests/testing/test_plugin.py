"""The fixtures, in the tests of a site: a project of its own, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

SITE = """
SECRET_KEY = "only-for-this-test-0123456789-abcdefghijklmnopqrstuvwxyz"
USE_TZ = True
ROOT_URLCONF = "site_urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "sessions_hub",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sessions_hub.middleware.SessionsHubMiddleware",
]
"""
URLS = """
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse(request.user.get_username()))]
"""
TESTS = """
from sessions_hub.lifecycle import end_session


def test_the_session_is_that_of_the_client(client, hub_session, hub_user):
    assert client.get("/").content.decode() == hub_user.get_username()
    end_session(hub_session, reason="revoked_by_staff")
    assert client.get("/").content.decode() == ""


def test_people_sign_in_on_their_devices(sign_in, device_factory, hub_user):
    phone = device_factory(hub_user, name="Phone")
    signed_in = sign_in(hub_user, device=phone, methods=["password", "totp"])
    assert signed_in.session.assurance_level == 2
    assert list(signed_in.session.devices.all()) == [phone]
"""
OVERRIDE = """
import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def hub_user(db):
    return get_user_model().objects.create_user("grace")


def test_the_user_can_be_another(client, hub_session):
    assert client.get("/").content == b"grace"
"""


@pytest.fixture
def site(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    # The settings and options of this run are not the site's.
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makepyfile(site_settings=SITE, site_urls=URLS)
    pytester.makeini("[pytest]\nDJANGO_SETTINGS_MODULE = site_settings\npythonpath = .\n")
    return pytester


def run(site: pytest.Pytester) -> pytest.RunResult:
    return site.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider")


def test_the_fixtures_serve_a_sites_own_tests(site: pytest.Pytester) -> None:
    site.makeconftest('pytest_plugins = ["sessions_hub.testing.plugin"]')
    site.makepyfile(test_site=TESTS, test_override=OVERRIDE)
    run(site).assert_outcomes(passed=3)


def test_without_asking_for_them_there_are_none(site: pytest.Pytester) -> None:
    site.makepyfile(test_site=TESTS)
    result = run(site)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*fixture 'hub_session' not found*"])


def test_a_site_never_imports_pytest() -> None:
    code = (
        "import django, sys; from django.conf import settings; import example_project.settings; "
        "django.setup(); import example_project.urls; import sessions_hub.testing; "
        "sys.exit('pytest' in sys.modules)"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "example_project.settings", "PYTHONPATH": "."}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)

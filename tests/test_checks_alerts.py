"""Checks of what moves and alerts need of the site around."""

from __future__ import annotations

import django
import pytest

from .system_checks import ids

# One of Django's own checks asks the database.
pytestmark = pytest.mark.django_db(databases="__all__")

SMTP = "django.core.mail.backends.smtp.EmailBackend"
WORKER = {"default": {"BACKEND": "tests.worker.WorkerBackend"}}
NO_WORKER = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}


@pytest.fixture
def right(settings) -> None:
    settings.SESSIONS_HUB_ALERTS = ["device"]
    settings.SESSIONS_HUB_BASE_URL = "https://example.com"


@pytest.mark.usefixtures("right")
def test_a_site_that_is_set_up_is_silent():
    assert ids() == set()


@pytest.mark.parametrize(
    "given",
    [
        {"SESSIONS_HUB_ALERTS": ["country"]},
        {"SESSIONS_HUB_BINDING": {"country": "record"}},
        {"SESSIONS_HUB_BINDING": {"travel": "end"}},
        {"SESSIONS_HUB_BINDING": {"autonomous_system": "step_up"}},
    ],
)
@pytest.mark.usefixtures("right")
def test_places_need_a_database(settings, tmp_path, given):
    for name, value in given.items():
        setattr(settings, name, value)
    assert ids() == {"W110"}
    settings.SESSIONS_HUB_GEOIP_PATH = tmp_path
    assert "W110" not in ids()


@pytest.mark.parametrize("rules", [{"os": "end"}, {"client": "end", "country": "ignore"}, {}])
def test_other_moves_do_not(settings, rules):
    settings.SESSIONS_HUB_BINDING = rules
    assert ids() == set()


@pytest.mark.usefixtures("right")
def test_a_link_needs_its_page(settings):
    settings.ROOT_URLCONF = "sessions_hub.api.urls"
    assert "W111" in ids()
    settings.SESSIONS_HUB_ALERTS = []
    assert "W111" not in ids()


@pytest.mark.usefixtures("right")
def test_a_link_needs_a_host(settings):
    settings.SESSIONS_HUB_BASE_URL = None
    settings.ALLOWED_HOSTS = ["*"]
    assert ids() == {"W112"}
    settings.ALLOWED_HOSTS = [".example.com"]
    assert ids() == set()


@pytest.mark.usefixtures("right")
@pytest.mark.parametrize(
    ("timeout", "tasks", "expected"),
    [(None, NO_WORKER, {"W113"}), (10, NO_WORKER, set()), (None, WORKER, set())],
)
@pytest.mark.skipif(django.VERSION >= (6, 1), reason="MAILERS stands in the place of these")
def test_a_mail_server_needs_a_timeout(settings, timeout, tasks, expected):
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_TIMEOUT = timeout
    settings.TASKS = tasks
    assert ids() & {"W113"} == expected


@pytest.mark.usefixtures("right")
@pytest.mark.parametrize(
    ("mailers", "expected"),
    [
        ({"default": {}}, {"W113"}),
        ({"default": {"BACKEND": SMTP, "OPTIONS": {"timeout": 5}}}, set()),
        ({"default": {"BACKEND": "example.Backend"}}, set()),
    ],
)
def test_so_do_mailers(settings, mailers, expected):
    settings.MAILERS = mailers
    settings.TASKS = NO_WORKER
    assert ids() & {"W113"} == expected


@pytest.mark.parametrize("name", ["ALERTS", "BINDING"])
@pytest.mark.parametrize("value", [None, 7, [None], {None: None}, "device", {"os": []}])
def test_wrong_values_have_their_own_message(settings, name, value):
    setattr(settings, f"SESSIONS_HUB_{name}", value)
    ids()

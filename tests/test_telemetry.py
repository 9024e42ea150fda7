"""OpenTelemetry's meters: what is counted and measured where one is set, and nothing elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from django.utils import timezone
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from sessions_hub import telemetry
from sessions_hub.lifecycle import end_session, start_session
from sessions_hub.lifecycle.prune import delete_ended
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser
from tests.test_events import rows

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def measured(monkeypatch):
    """What a provider of meters has got so far: metric → attributes → value, or count."""
    reader = InMemoryMetricReader()
    provider = MeterProvider(metric_readers=[reader])
    monkeypatch.setattr(telemetry, "_made", None)
    monkeypatch.setattr("opentelemetry.metrics.get_meter_provider", lambda: provider)

    def measured() -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
        data = reader.get_metrics_data()
        found = {}
        for resource in data.resource_metrics if data is not None else ():
            for scope in resource.scope_metrics:
                assert scope.scope.name == "sessions_hub"
                for metric in scope.metrics:
                    found[metric.name] = {
                        tuple(sorted(point.attributes.items())): getattr(
                            point, "value", getattr(point, "count", None)
                        )
                        for point in metric.data.data_points
                    }
        return found

    yield measured
    provider.shutdown()


@pytest.fixture
def user(django_user_model):
    return django_user_model.objects.create_user(username="ada", password="right-password")


def attributes(**given: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name.replace("__", "."), value) for name, value in given.items()))


def test_sign_ins_by_outcome_and_method(measured, user):
    browser = Browser("sync")
    browser.post("/accounts/login/", {"username": "ada", "password": "wrong"})
    for _ in range(2):
        Browser("sync").sign_in("ada")
    assert measured()["sessions_hub.sign_ins"] == {
        attributes(
            sessions_hub__sign_in__outcome="success", sessions_hub__sign_in__method="password"
        ): 2,
        attributes(sessions_hub__sign_in__outcome="failure"): 1,
    }
    assert measured()["sessions_hub.sign_in.duration"] == {(): 2}


def test_a_sign_in_that_fails_is_told_by_its_error(measured, user, monkeypatch):
    def fail(*args, **values):
        raise ValueError("a bug")

    monkeypatch.setattr("sessions_hub.lifecycle.start.insert_row", fail)
    with pytest.raises(ValueError, match="a bug"):
        start_session(user, method="password")
    assert measured()["sessions_hub.sign_in.duration"] == {(("error.type", "ValueError"),): 1}


def test_ends_by_reason_and_rows_that_were_pruned(measured, user):
    for reason in (EndReason.COMPROMISED, EndReason.REVOKED_BY_USER, EndReason.COMPROMISED):
        end_session(start_session(user, method="password"), reason=reason)
    later = timezone.now() + timedelta(days=400)
    assert sum(delete_ended(later, Retention(default=timedelta(days=1)), batch_size=2)) == 3
    found = measured()
    assert found["sessions_hub.sessions.ended"] == {
        attributes(sessions_hub__session__reason="compromised"): 2,
        attributes(sessions_hub__session__reason="revoked_by_user"): 1,
    }
    assert found["sessions_hub.sessions.pruned"] == {(): 3}


def test_refusals_verdicts_and_touches(measured, user):
    browser = Browser("sync")
    browser.sign_in("ada")
    Session.objects.update(last_used_at=timezone.now() - timedelta(hours=1))
    browser.whoami()
    end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
    browser.whoami()
    found = measured()
    assert found["sessions_hub.touches"] == {(): 1}
    assert found["sessions_hub.refusals"] == {
        attributes(sessions_hub__refusal__kind="session", sessions_hub__refusal__reason="ended"): 1
    }
    assert found["sessions_hub.verdict.duration"] == {
        attributes(sessions_hub__verdict__source="database"): 2
    }


def test_a_verdict_from_the_cache_says_so(measured, user, settings):
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": memory, "LOCATION": "telemetry"}}
    settings.SESSIONS_HUB_CACHE = "default"
    browser = Browser("sync")
    browser.sign_in("ada")
    for _ in range(3):
        browser.whoami()
    assert measured()["sessions_hub.verdict.duration"] == {
        attributes(sessions_hub__verdict__source="database"): 1,
        attributes(sessions_hub__verdict__source="cache"): 2,
    }


def test_nothing_is_measured_with_the_api_alone(monkeypatch, user):
    """The API's own provider does nothing: nobody has set one."""
    monkeypatch.setattr(telemetry, "_made", None)
    assert not telemetry.is_on()
    assert telemetry.clock() == 0.0
    Browser("sync").sign_in("ada")
    assert telemetry._made is None


def test_a_package_that_another_thread_is_importing_is_none_yet(monkeypatch, user):
    monkeypatch.setattr(telemetry, "_made", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", ModuleType("opentelemetry.metrics"))
    assert not telemetry.is_on()
    browser = Browser("sync")
    assert browser.sign_in("ada").status_code == 200
    assert browser.whoami() == "ada"


@pytest.mark.parametrize("broken", ["get_meter", "create_counter", "add", "record"])
def test_a_provider_that_raises_costs_nobody_anything(monkeypatch, user, broken, caplog):
    class Anything:
        def __getattr__(self, name):
            if name == broken:
                raise RuntimeError("a provider of the site's")
            return lambda *args, **values: Anything()

    monkeypatch.setattr(telemetry, "_made", None)
    monkeypatch.setattr("opentelemetry.metrics.get_meter_provider", Anything)
    browser = Browser("sync")
    assert browser.sign_in("ada").status_code == 200
    Session.objects.update(last_used_at=timezone.now() - timedelta(hours=1))
    assert browser.whoami() == "ada"
    with pytest.raises(ZeroDivisionError), telemetry.sign_in():
        raise ZeroDivisionError
    assert "could not be measured" in caplog.text


def test_the_hub_imports_nothing_of_it():
    script = (
        "import django, sys; django.setup(); from sessions_hub import telemetry; "
        "telemetry.count('touches'); assert not telemetry.is_on(); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"},
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [*telemetry.COUNTERS, *telemetry.HISTOGRAMS])
def test_each_metric_is_in_the_table_and_named_as_the_conventions_say(name):
    unit = {**telemetry.COUNTERS, **telemetry.HISTOGRAMS}[name][0]
    kind, written, *_rest = rows("Metrics")[f"sessions_hub.{name}"]
    assert (kind, written) == (
        "counter" if name in telemetry.COUNTERS else "histogram",
        f"`{unit}`",
    )
    assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", name)
    assert unit == "s" if name.endswith(".duration") else re.fullmatch(r"\{[a-z_]+\}", unit)


def test_the_table_has_no_other():
    known = {*telemetry.COUNTERS, *telemetry.HISTOGRAMS}
    assert set(rows("Metrics")) == {f"sessions_hub.{name}" for name in known}

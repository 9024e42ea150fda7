"""A mail that cannot be sent breaks no sign-in."""

from __future__ import annotations

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections

from sessions_hub.lifecycle.alerts import send_alert
from sessions_hub.models import Session, SessionDevice

from .alerting import sign_in_from
from .places import VIENNA

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("alert_site"),
]


class BrokenBackend(EmailBackend):
    """A mail server that is down."""

    def send_messages(self, messages):
        raise OSError("connection refused")


class TestFaults:
    def test_a_mail_server_that_is_down_breaks_no_sign_in(self, settings, traveller, caplog):
        broken = f"{__name__}.BrokenBackend"
        if hasattr(settings, "MAILERS"):
            settings.MAILERS = {"default": {"BACKEND": broken}}
        else:
            settings.EMAIL_BACKEND = broken
        assert sign_in_from(VIENNA).whoami() == "ada"
        assert "An alert about a sign-in could not be sent." in caplog.text
        assert traveller.whoami() == "ada"

    def test_a_template_that_is_broken_breaks_no_sign_in(self, traveller, monkeypatch, caplog):
        def fail(*args, **kwargs):
            raise ValueError("no such tag")

        monkeypatch.setattr("sessions_hub.lifecycle.alerts.render_to_string", fail)
        assert sign_in_from(VIENNA).whoami() == "ada"
        assert "could not be sent" in caplog.text

    def test_countries_that_cannot_be_compared_break_no_sign_in(
        self, settings, traveller, mailoutbox, monkeypatch, caplog
    ):
        settings.SESSIONS_HUB_ALERTS = ["country"]

        def fail(user_id, endpoint, alias):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT no_such_column FROM sessions_hub_session")

        monkeypatch.setattr("sessions_hub.lifecycle.arrivals._countries_before", fail)
        assert sign_in_from(VIENNA).whoami() == "ada"
        assert Session.objects.count() == 2
        assert "A country was not compared." in caplog.text
        assert mailoutbox == []

    def test_without_places_devices_are_still_told_of(self, settings, traveller, mailoutbox):
        settings.SESSIONS_HUB_GEOIP_PATH = "/no/such/file.mmdb"
        sign_in_from(VIENNA)
        (sent,) = mailoutbox
        assert "Place" not in sent.body

    def test_what_is_gone_when_a_worker_comes_to_it_is_not_told_of(self, traveller, user):
        (endpoint,) = SessionDevice.objects.all()
        arguments = (["country"], "en", "")
        assert send_alert(str(endpoint.pk), *arguments)
        user.delete()
        assert not send_alert(str(endpoint.pk), *arguments)

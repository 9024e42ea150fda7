"""What a mail about a sign-in says: in whose language and time, with which link."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
import time_machine
from django.core import mail
from django.urls import path

from sessions_hub.lifecycle.alerts import send_alert
from sessions_hub.models import SessionDevice
from tests.views import sign_in

from .alerting import LINK, sign_in_from
from .places import VIENNA

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("alert_site"),
]


class TestText:
    def test_speaks_the_language_of_the_request_in_the_time_of_the_site(
        self, traveller, mailoutbox
    ):
        with time_machine.travel(datetime(2027, 7, 1, 10, 30, tzinfo=UTC), tick=False):
            sign_in_from(VIENNA, "/sign-in-abroad/?user=ada")
        (sent,) = mailoutbox
        assert "Österreich" in sent.body
        assert "1. Juli 2027 12:30 (CEST)" in sent.body

    @pytest.mark.parametrize(
        ("attribute", "value", "country"),
        [
            ("first_name", "fr", "Autriche"),
            ("first_name", "fr-ca", "Autriche"),
            # Unknown to the site, or to the user: as without the setting.
            ("first_name", "xx", "Österreich"),
            ("first_name", "", "Österreich"),
            ("profile.language", "fr", "Österreich"),
        ],
    )
    def test_or_the_users_own(
        self, settings, traveller, user, mailoutbox, attribute, value, country
    ):
        settings.SESSIONS_HUB_ALERT_LANGUAGE = attribute
        type(user).objects.update(first_name=value)
        sign_in_from(VIENNA, "/sign-in-abroad/?user=ada")
        assert country in mailoutbox[0].body

    def test_the_link_leads_to_the_host_of_the_request(self, traveller, mailoutbox):
        sign_in_from(VIENNA)
        assert "http://testserver/account/not-me/" in mailoutbox[0].body

    def test_but_not_where_any_host_is_accepted(self, settings, traveller, mailoutbox):
        # GHSA-3529-5m8x-rpv3
        settings.ALLOWED_HOSTS = ["*"]
        sign_in_from(VIENNA, host="evil.example")
        assert LINK.search(mailoutbox[0].body) is None
        assert "evil.example" not in mailoutbox[0].body
        assert "change your password" in mailoutbox[0].body

    def test_nor_where_the_page_is_not_mounted(self, settings, traveller, mailoutbox, monkeypatch):
        bare = ModuleType("bare_urls")
        bare.urlpatterns = [path("sign-in/", sign_in)]
        monkeypatch.setitem(sys.modules, bare.__name__, bare)
        settings.ROOT_URLCONF = bare.__name__
        sign_in_from(VIENNA)
        assert "http" not in mailoutbox[0].body

    @pytest.mark.parametrize(
        "agent",
        ["evil.example/1.0", "http://evil.example/x", "www.evil.example/2", "a@evil.example/1"],
    )
    def test_a_client_puts_no_address_of_its_own_into_the_mail(self, traveller, mailoutbox, agent):
        sign_in_from(VIENNA, **{"user-agent": agent})
        (sent,) = mailoutbox
        assert "evil" not in sent.body + sent.alternatives[0][0] + sent.subject

    @pytest.mark.parametrize(
        ("agent", "said"),
        [
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/13.1 Safari/605.1.15",
                "Safari 13 on macOS 10.13",
            ),
            # The name of an unknown program that looks like an address is left out.
            ("evil.example/1.0 (Macintosh; Intel Mac OS X 10_13_6)", "macOS"),
        ],
    )
    def test_a_system_has_the_name_people_know(self, traveller, mailoutbox, agent, said):
        sign_in_from(VIENNA, **{"user-agent": agent})
        (sent,) = mailoutbox
        assert said in sent.body
        assert "Mac " not in sent.body

    def test_a_name_is_escaped_in_html_and_as_it_is_in_text(self, traveller, user, mailoutbox):
        if user._meta.pk.name == "username":
            pytest.skip("a name that is the key stays")
        type(user).objects.update(username="a<b>&c")
        sign_in_from(VIENNA, "/sign-in/?user=a<b>%26c")
        (sent,) = mailoutbox
        assert "a<b>&c" in sent.body
        assert "a&lt;b&gt;&amp;c" in sent.alternatives[0][0]
        assert "<b>" not in sent.alternatives[0][0]

    def test_a_site_writes_its_own_and_a_subject_is_one_line(self, settings, traveller, mailoutbox):
        own = {"sessions_hub/mail/alert_subject.txt": "New\r\nBcc: evil@example.com\n{{ place }}\n"}
        settings.TEMPLATES = [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", own),
                        "django.template.loaders.app_directories.Loader",
                    ]
                },
            }
        ]
        sign_in_from(VIENNA)
        (sent,) = mailoutbox
        assert sent.subject == "NewBcc: evil@example.comVienna, Austria"
        assert sent.message()["Bcc"] is None


def test_a_day_later_the_mail_tells_the_time_of_the_sign_in(traveller):
    (endpoint,) = SessionDevice.objects.all()
    then = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    SessionDevice.objects.update(first_seen_at=then, last_seen_at=then + timedelta(days=1))
    assert send_alert(str(endpoint.pk), ["country"], "en", "")
    assert "Jan. 2, 2026, 4:04 a.m. (CET)" in mail.outbox[-1].body

"""What visitors write into names and agents cannot make a mail say something else."""

from __future__ import annotations

import email
import re
from email.policy import default as policy

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from sessions_hub.lifecycle.alerts import send_alert
from sessions_hub.models import EndReason, SessionDevice
from tests.factories import make_device, make_session, make_session_device
from tests.hostile_texts import NAMES

pytestmark = pytest.mark.django_db(databases="__all__")

LANGUAGES = ("en", "de", "fr", "fa")
BASE = "https://site.example"
HOSTILE = {**NAMES, "lines": "a\r\nBcc: eve@evil.example\r\n\r\nSend your password"}
# Bidirectional controls, which turn round what stands beside them.
_LINK = re.compile(r"https://site\.example/\S+?(?=[\s\"])")
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def endpoint(settings) -> SessionDevice:
    settings.ALLOWED_HOSTS = ["site.example"]
    settings.SESSIONS_HUB_ALERTS = ("device", "country")
    user = get_user_model()._default_manager.create_user(
        username="ada", password="x", email="ada@site.example"
    )
    make_device(user)
    session = make_session(user, os_name="Linux", client_name="Firefox", country_code="AT")
    place = {"os_name": "Linux", "client_name": "Firefox", "country_code": "AT"}
    return make_session_device(session, make_device(user), city="Wien", **place)


def sent(endpoint: SessionDevice, language: str, cause: str = "country"):
    """The mail as it goes over the wire, read again: its headers, its text, its HTML."""
    mail.outbox.clear()
    assert send_alert(str(endpoint.pk), [cause], language, BASE)
    (message,) = mail.outbox
    parsed = email.message_from_bytes(message.message().as_bytes(), policy=policy)
    # The link is another one each second.
    parts = [_LINK.sub("LINK", part.get_content()) for part in parsed.iter_parts()]
    return parsed, *parts


def name_user(endpoint: SessionDevice, name: str) -> None:
    users = get_user_model()._default_manager.filter(pk=endpoint.session.user_id)
    if get_user_model()._meta.pk.name == "username":
        pytest.skip("a name that is the key stays")
    users.update(username=name[:150])


def tags(html: str) -> list[str]:
    return re.findall(r"<[^>]*>", html)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("cause", ["device", "country"])
class TestAName:
    def test_says_nothing_but_a_name(self, endpoint, language, kind, cause):
        plain, plain_text, plain_html = sent(endpoint, language, cause)
        name_user(endpoint, HOSTILE[kind])
        headers, text, html = sent(endpoint, language, cause)
        assert headers["subject"] == plain["subject"]
        assert headers.keys() == plain.keys()
        assert headers["to"] == "ada@site.example"
        assert headers["bcc"] is None
        # Greeted in one line, and everything else as ever.
        assert text.splitlines()[1:] == plain_text.splitlines()[1:]
        assert tags(html) == tags(plain_html)
        for part in (text, html):
            assert TURNING.search(part) is None
            assert "\r" not in part.replace("\r\n", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", HOSTILE)
class TestAClient:
    def test_that_nobody_knows_is_not_named(self, endpoint, language, kind):
        """Its name is what it calls itself."""
        columns = {"client_name": HOSTILE[kind][:60], "client_code": "", "os_name": "Linux"}
        rows = SessionDevice.objects.filter(pk=endpoint.pk)
        rows.update(user_agent=HOSTILE[kind], **columns)
        headers, text, html = sent(endpoint, language)
        assert "\n" not in headers["subject"]
        if kind == "wide":
            # Letters alone: no address, no markup. Shown in a line of its own.
            assert HOSTILE[kind][:60] in text
            return
        assert "Linux" in text
        for part in (text, html):
            assert TURNING.search(part) is None
            for word in ("evil", "cmd", "script", "Bcc"):
                assert word not in part

    def test_leaves_the_mail_as_it_is(self, endpoint, language, kind):
        _headers, plain_text, plain_html = sent(endpoint, language)
        SessionDevice.objects.filter(pk=endpoint.pk).update(user_agent=HOSTILE[kind])
        type(endpoint.device).objects.update(name=HOSTILE[kind][:100])
        _headers, text, html = sent(endpoint, language)
        assert (text, html) == (plain_text, plain_html)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["ended", "held", "later"])
def test_a_place_is_escaped_in_every_mail(endpoint, language, state):
    """It comes from a file that somebody else has made."""
    now = endpoint.first_seen_at
    session = endpoint.session
    if state == "ended":
        type(session).objects.update(ended_at=now, end_reason=EndReason.SIGNED_OUT)
    if state == "held":
        type(session).objects.update(proof_required_at=now)
    if state == "later":
        type(session).objects.update(issued_at=session.issued_at.replace(year=2000))
    SessionDevice.objects.update(city=NAMES["markup"][:100])
    _headers, _text, html = sent(endpoint, language)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_a_name_keeps_its_joiners(endpoint):
    name = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
    name_user(endpoint, name)
    _headers, text, _html = sent(endpoint, "fa")
    assert name in text

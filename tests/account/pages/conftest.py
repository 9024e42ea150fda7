"""Ada in two browsers, Bob in one, and Grace, who acts as Ada."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device, Session
from tests.contract.browser import CHROME
from tests.factories import make_user
from tests.lifecycle.impersonating import REASON, make_staff

ROOT = "/account/"
SESSIONS = f"{ROOT}sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


WINDOWS = {
    "os_name": "Windows",
    "os_version": "11",
    "client_name": "Chrome",
    "client_version": "142.0",
    "client_type": "browser",
    "device_type": "desktop",
}


class Person(Client):
    """A browser that somebody is signed in with, and the row of that."""

    def __init__(self, name: str, agent: str = CHROME, **options) -> None:
        super().__init__(headers={"user-agent": agent}, **options)
        self.get("/sign-in/", {"user": name})
        self.session_id = self.get("/whoami/").json()["session"]

    @property
    def row(self) -> Session:
        return Session.objects.using(database()).get(pk=self.session_id)

    @property
    def device(self) -> Device:
        return Device.objects.using(database()).get(session_devices__session=self.session_id)

    def who(self) -> str | None:
        return self.get("/whoami/").json()["user"]

    def page(self, path: str = SESSIONS) -> str:
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return response.content.decode()


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def bob(db):
    return make_user("bob")


@pytest.fixture
def here(ada) -> Person:
    return Person("ada")


@pytest.fixture
def there(ada) -> Person:
    return Person("ada", FIREFOX)


@pytest.fixture
def acting(ada) -> Person:
    """Grace, who acts as Ada."""
    make_staff()
    client = Person("grace")
    client.post(f"{ROOT}impersonate/{ada.pk}/", {"reason": REASON})
    assert client.who() == "ada"
    return client


def headings(text: str) -> list[str]:
    return [plain(one) for one in re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", text, re.S)]


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def button_names(text: str) -> list[str]:
    """What is heard of each button and each link that looks like one."""
    main = text.partition("<main>")[2]
    found = re.findall(r"<button[^>]*>(.*?)</button>|<a [^>]*>(.*?)</a>", main, re.S)
    return [re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", "", a or b))).strip() for a, b in found]


def said(response) -> str:
    """What the page a redirect leads to says of what was done."""
    found = re.search(r'role="status">(.*?)</div>', response.content.decode(), re.S)
    return plain(found[1]) if found else ""


def url(session, what: str = "end") -> str:
    return f"{SESSIONS}{session.pk}/{what}/"


def stale(person: Person) -> None:
    """Let all that was proven in a session be a day ago."""
    row = person.row
    row.authentication_methods.update(completed_at=timezone.now() - timedelta(days=1))

"""The pages and mails in each language: rendered, in its own words and its own direction."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sessions_hub.lifecycle.alerts import send_alert
from sessions_hub.models import Session, SessionDevice
from tests.account.pages.conftest import FIREFOX, Person
from tests.factories import make_user

pytestmark = pytest.mark.django_db(databases="__all__")

PAGES = {
    "sessions": ("Wo Sie angemeldet sind", "Où vous êtes connecté", "جاهایی که وارد شده‌اید"),
    "sessions-ended": ("Beendete Sitzungen", "Sessions terminées", "نشست‌های پایان‌یافته"),
    "sessions-end-others": ("Hier bleiben Sie", "Ici, vous restez", "اینجا واردشده می‌مانید"),
    "devices": ("Ihre Geräte", "Vos appareils", "دستگاه‌های شما"),
    "api-keys": ("API-Schlüssel", "Clés API", "کلیدهای API"),
    "api-key-new": ("Schlüssel erstellen", "Créer la clé", "ساختن کلید"),
    "data": ("Meine Daten", "Mes données", "داده‌های من"),
    "reauthenticate": ("dass Sie es sind", "c’est bien vous", "که خودتان هستید"),
}
ADMIN = {
    "session_change": ("Zuletzt verwendet", "Dernière utilisation", "آخرین استفاده"),
    "session_overview": ("Übersicht der Anmeldungen", "Vue d’ensemble", "نمای کلی ورودها"),
    "session_changelist": ("Art", "Méthode", "روش"),
}
LANGUAGES = ("de", "fr", "fa")
# Names of products, formats and the like, in the letters of every language.
NAMES = {"API", "JSON", "OAuth", "Chrome", "Firefox", "Windows", "GNU", "Linux"}


class Words(HTMLParser):
    """The texts of a page, apart from code and from what people or clients have chosen."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._skipped: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        if tag in ("code", "bdi", "script", "style", "strong", "option"):
            self._skipped.append(tag)
        self.texts += [v for k, v in attrs if k in ("aria-label", "title", "placeholder") and v]

    def handle_endtag(self, tag) -> None:
        if self._skipped and self._skipped[-1] == tag:
            self._skipped.pop()

    def handle_data(self, data) -> None:
        if not self._skipped:
            self.texts.append(data)


@pytest.fixture(autouse=True)
def languages(settings) -> None:
    settings.MIDDLEWARE = [
        settings.MIDDLEWARE[0],
        "django.middleware.locale.LocaleMiddleware",
        *settings.MIDDLEWARE[1:],
    ]


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    return request.param


def asked(language: str) -> dict[str, str]:
    return {"accept-language": language}


def is_right_to_left(page: str, language: str) -> bool:
    tag = re.search(r"<html[^>]*>", page)
    assert tag is not None
    assert f'lang="{language}"' in tag[0]
    return 'dir="rtl"' in tag[0]


@pytest.fixture
def here():
    make_user("ada", email="ada@example.com")
    Person("ada", FIREFOX)
    return Person("ada")


@pytest.mark.parametrize("name", PAGES)
def test_pages_for_users(here, language, name):
    response = here.get(reverse(f"sessions_hub:{name}"), headers=asked(language))
    assert response.status_code == 200
    page = response.content.decode()
    assert PAGES[name][LANGUAGES.index(language)] in page
    assert is_right_to_left(page, language) == (language == "fa")


@pytest.mark.parametrize("name", [*PAGES, "device"])
def test_no_text_of_them_is_left_in_english(here, name):
    args = [here.device.pk] if name == "device" else []
    page = here.get(reverse(f"sessions_hub:{name}", args=args), headers=asked("fa"))
    words = set(re.findall("[A-Za-z]{2,}", " ".join(Words(page.content.decode()).texts)))
    # Zones, names of scopes and users.
    assert words - NAMES - {"CET", "CEST", "ada"} == set()


@pytest.mark.parametrize("name", ADMIN)
def test_pages_of_the_admin(client: Client, language, name):
    boss = get_user_model().objects.create_superuser("boss", "boss@example.com", "x")
    client.force_login(boss)
    client.get("/whoami/")
    session = Session.objects.latest("issued_at")
    args = [session.pk] if name == "session_change" else []
    with translation.override("en"):
        url = reverse(f"admin:sessions_hub_{name}", args=args)
    response = client.get(url, headers=asked(language))
    assert response.status_code == 200
    page = response.content.decode()
    assert ADMIN[name][LANGUAGES.index(language)] in page
    assert is_right_to_left(page, language) == (language == "fa")


def test_mails(here, language):
    place = SessionDevice.objects.latest("first_seen_at")
    assert send_alert(str(place.pk), ["device"], language, "https://site.example")
    (sent,) = mail.outbox
    said = {
        "de": ("Anmeldung von einem neuen Gerät", "Hallo ada", "Gerät: "),
        "fr": ("Connexion depuis un nouvel appareil", "Bonjour ada", "Appareil\u00a0: "),
        "fa": ("ورود از دستگاهی تازه", "سلام ada", "دستگاه: "),
    }[language]
    assert sent.subject == said[0]
    assert said[1] in sent.body
    assert said[2] in sent.body
    assert is_right_to_left(sent.alternatives[0][0], language) == (language == "fa")


@pytest.mark.parametrize(
    ("language", "text", "past", "ahead"),
    [
        ("de", "%(num)d day", "vor 3 Tagen", "in 3 Tagen"),
        ("fr", "%(num)d day", "il y a 3 jours", "dans 3 jours"),
        ("fa", "%(num)d day", "3 روز پیش", "3 روز دیگر"),
    ],
)
def test_spans_are_declined(language, text, past, ahead):
    from sessions_hub import spans

    with translation.override(language):
        assert spans.ago(spans.PAST["day"] % {"num": 3}) == past
        assert spans.ahead(spans.FUTURE["day"] % {"num": 3}) == ahead


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("de", 0, "0 Sitzungen"),
        ("de", 1, "1 Sitzung"),
        ("de", 2, "2 Sitzungen"),
        ("fr", 0, "0 session"),
        ("fr", 2, "2 sessions"),
        ("fr", 1_000_000, "1000000 sessions"),
        ("fa", 2, "2 نشست"),
    ],
)
def test_plurals(language, number, words):
    with translation.override(language):
        said = translation.ngettext("%(count)s session", "%(count)s sessions", number)
        assert said % {"count": number} == words
        # A text that has a plural elsewhere is found alone, too.
        assert translation.gettext("End session") != "End session"
        assert translation.gettext("May") in {"Mai", "mai", "مه"}

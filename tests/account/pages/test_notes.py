"""What is said after a redirect, with django.contrib.messages and without."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sessions_hub.account.notes import Note, text_of

from .conftest import SESSIONS, Person, said

pytestmark = pytest.mark.django_db(databases="__all__")

MESSAGES = "django.contrib.messages.middleware.MessageMiddleware"


@pytest.fixture
def without_messages(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != MESSAGES]


def end(here, there) -> str:
    return here.post(f"{SESSIONS}{there.session_id}/end/").url


def test_messages_are_used_where_the_site_has_them_and_said_once(here, there):
    assert end(here, there) == SESSIONS
    assert said(here.get(SESSIONS)) == "Signed out there."
    assert said(here.get(SESSIONS)) == ""


@pytest.mark.usefixtures("without_messages")
class TestWithout:
    def test_the_address_carries_a_signed_word(self, here, there):
        url = end(here, there)
        assert url.startswith(f"{SESSIONS}?note=")
        assert said(here.get(url)) == "Signed out there."
        assert said(here.get(SESSIONS)) == ""

    def test_which_is_good_for_a_minute(self, here, there):
        url = end(here, there)
        with time_machine.travel(timezone.now() + timedelta(seconds=70)):
            assert said(here.get(url)) == ""

    def test_and_for_nobody_else(self, here, there, bob):
        """Or a link could tell people that they are signed out everywhere."""
        url = end(here, there)
        assert said(Person("bob").get(url)) == ""
        assert said(Person("ada").get(url)) == ""

    @pytest.mark.parametrize("word", ["", "ended", "a:b:c", "%00", "x" * 5000])
    def test_a_forged_one_says_nothing(self, word, here):
        response = here.get(f"{SESSIONS}?note={word}")
        assert response.status_code == 200
        assert said(response) == ""

    def test_every_page_is_there(self, here, there):
        for path in ("sessions/", "sessions/ended/", "devices/", "api-keys/", "data/"):
            here.page(f"/account/{path}")


@pytest.mark.parametrize("note", Note)
def test_every_note_is_a_sentence(note):
    for count in (0, 1, 2):
        assert text_of(note, count).endswith(".")
    assert "1 session ended" in text_of(Note.OTHERS_ENDED, 1)
    assert "2 sessions ended" in text_of(Note.OTHERS_ENDED, 2)

"""Sessions that cannot be read are told of once, as a number, and not one by one in the log."""

from __future__ import annotations

import logging
from threading import Thread

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.utils import timezone

from sessions_hub.lifecycle.importing.contents import Unreadable, contents, new_store
from sessions_hub.lifecycle.importing.sources import Stored

from .importing import signed_in, store

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

TOLD = "Rows that cannot be read: 3, probably of another SECRET_KEY or serializer."


@pytest.fixture
def of_another_key(user, settings) -> list[str]:
    """The keys of three sessions that were signed with a key the site has no more."""
    keys = [store(signed_in(user("ada"))) for _ in range(3)]
    settings.SECRET_KEY = "another-" + settings.SECRET_KEY
    return keys


def corrupted(caplog) -> list[logging.LogRecord]:
    return [one for one in caplog.records if one.name == "django.security.SuspiciousSession"]


@pytest.mark.usefixtures("of_another_key")
@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--batch-size=1",)])
def test_the_summary_has_their_number_and_the_log_nothing(more, run, caplog):
    said = run("importsessions", *more)
    assert said.splitlines()[-1] == TOLD
    assert said.count("cannot be read") == 1
    assert corrupted(caplog) == []


def test_nothing_is_said_where_all_can_be_read(user, run):
    store(signed_in(user("ada")))
    assert "cannot be read" not in run("importsessions")


@pytest.mark.usefixtures("of_another_key")
def test_others_meanwhile_and_whoever_reads_afterwards_are_logged(run, caplog, monkeypatch):
    plain = SessionBase.decode

    def beside(self: SessionBase, text: str) -> object:
        other = Thread(target=lambda: plain(SessionStore(), "no session"))
        other.start()
        other.join()
        return plain(self, text)

    monkeypatch.setattr(SessionBase, "decode", beside)
    run("importsessions")
    assert len(corrupted(caplog)) == 3
    monkeypatch.undo()
    SessionStore().decode("no session")
    assert len(corrupted(caplog)) == 4


@pytest.mark.parametrize(
    "engine",
    [
        "django.contrib.sessions.backends.db",
        "django.contrib.sessions.backends.cached_db",
        "sessions_hub.engine.store",
    ],
)
def test_where_the_engine_is_asked_they_are_no_anonymous_ones(engine, settings, caplog):
    """As for allauth's table, which has no data."""
    settings.SESSION_ENGINE = engine
    session = new_store()
    session["cart"] = 1
    session.save()
    row = Stored(reference="1", key=session.session_key)
    assert contents(row, timezone.now()).data == {"cart": 1}
    cache.clear()
    settings.SECRET_KEY = "another-" + settings.SECRET_KEY
    with pytest.raises(Unreadable):
        contents(row, timezone.now())
    gone = contents(Stored(reference="2", key="nobody-has-this-key"), timezone.now())
    assert gone.data == {}
    assert corrupted(caplog) == []

"""A session that is kept in a file is read for an import, and left as it is."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.file import SessionStore as FileStore
from django.utils import timezone

from sessions_hub.lifecycle.importing.contents import contents, new_store
from sessions_hub.lifecycle.importing.sources import Stored

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_an_expired_file_stays_as_it_is(settings, monkeypatch, tmp_path):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.file"
    # Django remembers the folder on the class, from the first test that asked.
    monkeypatch.setattr(FileStore, "_storage_path", str(tmp_path), raising=False)
    session = new_store()
    session["_session_expiry"] = -1
    session.save()
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert before
    found = contents(Stored(reference="1", key=session.session_key), timezone.now())
    assert found.data == {}
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before

"""Models of a site may refer to sessions and devices: they are treated as Django's delete would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, models
from django.utils import timezone

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device, Session, SessionDevice
from tests.factories import make_device, make_session_device

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DAY = timedelta(days=1)
OLD = 400 * DAY
RULES = {"CASCADE": models.CASCADE, "PROTECT": models.PROTECT, "SET_NULL": models.SET_NULL}


@pytest.fixture
def note_on(db) -> Iterator[Callable[[type[models.Model], str], Any]]:
    """Makes a model of a site that refers to one of the hub's, with its table."""
    made: list[Any] = []

    def make(target: type[models.Model], rule: str) -> Any:
        meta = type("Meta", (), {"app_label": "users"})
        about = models.ForeignKey(target, RULES[rule], null=True, related_name="+")
        body = {"__module__": __name__, "Meta": meta, "about": about}
        model = type(f"NoteOn{target.__name__}", (models.Model,), body)
        with connections[database()].schema_editor() as editor:
            editor.create_model(model)
        made.append(model)
        return model

    yield make
    for model in made:
        with connections[database()].schema_editor() as editor:
            editor.delete_model(model)
        del apps.all_models["users"][model._meta.model_name]
    apps.clear_cache()


def left(note: Any) -> list[object]:
    """What the notes that are left refer to."""
    return list(note._base_manager.using(database()).values_list("about", flat=True))


def write(note: Any, about: models.Model) -> None:
    note._base_manager.using(database()).create(about=about)


AFTER = [("CASCADE", []), ("SET_NULL", [None])]


class TestPrune:
    @pytest.mark.parametrize(("rule", "after"), AFTER)
    @pytest.mark.parametrize("target", [Session, SessionDevice])
    def test_deletes_sessions_as_django_would(self, target, rule, after, session, run, note_on):
        note = note_on(target, rule)
        row = session(ended=OLD)
        place = make_session_device(row)
        write(note, row if target is Session else place)
        assert "Deleted 1 ended sessions" in run("prunesessions")
        assert left(note) == after
        assert not Session.objects.exists()

    @pytest.mark.parametrize(("rule", "after"), AFTER)
    def test_deletes_devices_as_django_would(self, rule, after, user, run, note_on):
        note = note_on(Device, rule)
        write(note, make_device(user("ada"), timezone.now() - OLD))
        assert "Deleted 1 devices" in run("prunesessions")
        assert left(note) == after
        assert not Device.objects.exists()

    def test_leaves_what_the_site_protects_and_goes_on(self, session, user, run, note_on):
        notes = note_on(Session, "PROTECT"), note_on(Device, "PROTECT")
        ada, then = user("ada"), timezone.now() - OLD
        row, device = session(ended=OLD), make_device(ada, then)
        for note, about in zip(notes, (row, device), strict=True):
            write(note, about)
        place = make_session_device(row)
        session(ended=OLD)
        make_device(ada, then)
        said = run("prunesessions")
        assert "Deleted 1 ended sessions" in said
        assert "Deleted 1 devices" in said
        assert said.endswith("Left 2 rows that models of the site refer to and protect.\n")
        # Whole: nothing of it is gone, either.
        assert list(Session.objects.all()) == [row]
        assert list(SessionDevice.objects.all()) == [place]
        assert list(Device.objects.all()) == [device]

    def test_says_nothing_where_nothing_is_left(self, session, run, note_on):
        note_on(Session, "PROTECT")
        session(ended=OLD)
        assert "Left" not in run("prunesessions")
        assert not Session.objects.exists()


class TestAUser:
    @pytest.mark.parametrize(("rule", "after"), AFTER)
    @pytest.mark.parametrize("target", [Session, Device])
    def test_is_deleted_as_django_would(self, target, rule, after, session, user, note_on):
        note = note_on(target, rule)
        row = session()
        device = make_device(row.user)
        write(note, row if target is Session else device)
        row.user.delete()
        assert left(note) == after
        assert not Session.objects.exists()
        assert not Device.objects.exists()

    @pytest.mark.parametrize("target", [Session, Device])
    def test_whose_rows_are_protected_stays_with_them(self, target, session, note_on):
        note = note_on(target, "PROTECT")
        row = session()
        device = make_device(row.user)
        write(note, row if target is Session else device)
        with pytest.raises(models.ProtectedError):
            row.user.delete()
        assert Session.objects.get() == row
        assert Device.objects.get() == device

    @pytest.mark.parametrize(("rule", "after"), AFTER)
    def test_is_made_nobody_all_the_same(self, rule, after, session, run, note_on):
        note = note_on(Device, rule)
        row = session()
        write(note, make_device(row.user))
        run("anonymizesessions", "--user", row.user.get_username(), "--yes")
        row.refresh_from_db()
        assert row.user is None
        assert left(note) == after

    def test_keeps_devices_that_the_site_protects(self, session, stopped, note_on, caplog):
        note = note_on(Device, "PROTECT")
        row = session()
        device = make_device(row.user)
        write(note, device)
        with caplog.at_level("INFO", logger="sessions_hub.events"):
            ended = stopped("anonymizesessions", "--user", row.user.get_username(), "--yes")
        assert ended.status == 1
        assert "Devices are left" in ended.message
        assert ended.said.startswith("Anonymized 1 of 1 session of ")
        # What was done is written down.
        assert "staff.user_anonymized" in caplog.text
        row.refresh_from_db()
        assert row.user is None
        assert Device.objects.get() == device

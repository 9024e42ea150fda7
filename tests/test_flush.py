"""What a test with transactions of its own leaves to the next one."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db.models.signals import post_migrate

from tests.flush import QuickFlush

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled() -> list[str]:
    """The databases whose apps have made their rows in this test."""
    seen: list[str] = []

    def note(using: str, **kwargs: object) -> None:
        seen.append(using)

    post_migrate.connect(note, weak=False, dispatch_uid="tests.test_flush")
    yield seen
    post_migrate.disconnect(dispatch_uid="tests.test_flush")


def empty() -> None:
    """As after a test."""
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def what_apps_made() -> list[object]:
    return [*Permission.objects.order_by("pk").values(), *ContentType.objects.order_by("pk")]


def test_rows_of_a_test_go_and_rows_of_apps_stay_without_being_made_anew(filled):
    empty()
    made = what_apps_made()
    filled.clear()
    Group.objects.create(name="left behind").permissions.set(Permission.objects.all()[:3])
    empty()
    assert not Group.objects.exists()
    assert not Group.permissions.through.objects.exists()
    assert what_apps_made() == made
    assert filled == []


@pytest.mark.parametrize("change", ["taken away", "renamed", "added"])
def test_what_a_test_did_to_rows_of_apps_is_undone(change, filled):
    empty()
    known = set(Permission.objects.values_list("codename", "name"))
    filled.clear()
    if change == "taken away":
        Permission.objects.all()[0].delete()
    elif change == "renamed":
        Permission.objects.filter(pk=Permission.objects.all()[0].pk).update(name="Another")
    else:
        Permission.objects.create(
            codename="fly", name="Can fly", content_type=ContentType.objects.all()[0]
        )
    empty()
    assert set(Permission.objects.values_list("codename", "name")) == known
    assert filled


def test_a_flush_that_begins_the_numbers_anew_is_djangos_own(filled, quick: QuickFlush):
    empty()
    filled.clear()
    call_command("flush", verbosity=0, interactive=False)
    assert filled
    assert quick.is_whole

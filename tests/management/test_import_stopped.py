"""importsessions stops between batches, and a next run does the rest."""

from __future__ import annotations

import os
import signal

import pytest
from django.db import connection

from sessions_hub.lifecycle.importing import importer
from sessions_hub.models import AuthenticationMethod, Session

from .importing import signed_in, store
from .test_importsessions import numbers

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_signal_stops_it_and_the_next_run_does_the_rest(user, run, stopped, monkeypatch):
    for _ in range(3):
        store(signed_in(user("ada")))
    plain = importer._insert

    def interrupted(*args):
        os.kill(os.getpid(), signal.SIGINT)
        return plain(*args)

    monkeypatch.setattr(importer, "_insert", interrupted)
    early = stopped("importsessions", "--batch-size=1")
    assert (early.status, numbers(early.said)["imported"]) == (130, 1)
    monkeypatch.undo()
    assert numbers(run("importsessions")) == {"imported": 2, "known already": 1, "read": 3}


def test_where_the_time_was_up_it_says_where_to_go_on(user, run, stopped):
    # A run that reads all of it again would never come to the end of a large table.
    keys = sorted(store(signed_in(user("ada"))) for _ in range(3))
    early = stopped("importsessions", "--batch-size=1", "--max-seconds=0.000001")
    assert (early.status, numbers(early.said)) == (3, {"imported": 1, "read": 1})
    assert f"Run again with --after={keys[0][:3]} for the rest." in early.message
    assert keys[0][:8] not in early.said + early.message
    rest = numbers(run("importsessions", f"--after={keys[0][:3]}"))
    assert rest == {"imported": 2, "known already": 1, "read": 3}
    assert numbers(run("importsessions", f"--after={keys[-1][:3]}")) == {
        "known already": 1,
        "read": 1,
    }


@pytest.mark.parametrize(
    ("source", "after"), [("django", "a' OR"), ("django", "ab"), ("allauth", "abc")]
)
def test_what_no_run_has_printed_is_no_place_to_go_on(source, after, stopped):
    error = stopped("importsessions", f"--from={source}", f"--after={after}")
    assert (error.status, error.message) == (
        2,
        "--after: that is not what a run that stopped has printed.",
    )


@pytest.mark.slow
def test_killed_in_the_middle_it_is_finished_by_the_next_run(user, run, killed):
    for _ in range(4):
        store(signed_in(user("ada")))
    # Looking at the table is a transaction of its own on SQLite.
    killed(3 if connection.vendor == "sqlite" else 2, "importsessions", "--batch-size=2")
    assert Session.objects.count() == 2
    run("importsessions", "--batch-size=2")
    assert Session.objects.count() == AuthenticationMethod.objects.count() == 4

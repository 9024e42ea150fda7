"""Requests of a session that moves, at the same time."""

from __future__ import annotations

import pytest

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import SessionDevice

from .moving import bind, prove, thief_of
from .places import NEW_YORK, Traveller
from .threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("moving_site"),
]


@pytest.mark.locks
@pytest.mark.race
class TestRaces:
    def test_parallel_requests_from_a_new_place_tell_it_once(
        self, settings, user, heard, race_rounds
    ):
        bind(settings, country="step_up")
        for _ in range(race_rounds):
            heard["session_moved"].clear()
            owner = Traveller()
            owner.sign_in("ada")
            thieves = [thief_of(owner) for _ in range(4)]
            answers = at_once(*(lambda one=one: one.get("/whoami/").status_code for one in thieves))
            assert answers == [401] * 4
            assert len(heard["session_moved"]) == 1

    def test_a_proof_at_home_never_accepts_the_thief(self, settings, user, race_rounds):
        bind(settings, country="step_up")
        settings.SESSIONS_HUB_REAUTHENTICATE_URL = "/prove/"
        for _ in range(race_rounds):
            owner = Traveller()
            owner.sign_in("ada")
            thief = thief_of(owner)
            assert thief.get("/whoami/").status_code == 401
            at_once(lambda owner=owner: prove(owner), *(lambda t=thief: t.get("/prove/"),) * 3)
            assert thief_of(owner).get("/whoami/").status_code == 401
            rows = SessionDevice.objects.using(database()).filter(ip=NEW_YORK)
            assert not rows.exclude(fingerprint__startswith="!").exists()

"""Requests from a new place at the same time make one mail."""

from __future__ import annotations

import pytest

from sessions_hub.models import EndReason, Session

from .moving import thief_of
from .places import Traveller
from .threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("alert_site"),
]


@pytest.mark.locks
@pytest.mark.race
class TestRaces:
    def test_parallel_requests_from_a_new_place_make_one_mail(
        self, settings, user, mailoutbox, race_rounds
    ):
        settings.SESSIONS_HUB_ALERTS = ["country"]
        for number in range(race_rounds):
            Session.objects.all().delete()
            owner = Traveller()
            owner.sign_in("ada")
            mailoutbox.clear()
            # One address, or four of one country.
            ends = (7, 7, 7, 7) if number % 2 else (7, 8, 9, 10)
            twins = [thief_of(owner, f"198.51.100.{end}") for end in ends]
            assert at_once(*(twin.whoami for twin in twins)) == ["ada"] * 4
            assert len(mailoutbox) == 1

    def test_a_held_place_makes_one_mail(self, settings, user, mailoutbox, race_rounds):
        settings.SESSIONS_HUB_BINDING = {"country": "end"}
        for _ in range(race_rounds):
            Session.objects.all().delete()
            owner = Traveller()
            owner.sign_in("ada")
            mailoutbox.clear()
            twins = [thief_of(owner, f"198.51.100.{end}") for end in (7, 8, 9, 10)]
            assert at_once(*(twin.whoami for twin in twins)) == [None] * 4
            assert len(mailoutbox) == 1
            assert Session.objects.get().end_reason == EndReason.COMPROMISED

"""Sign-ins from countries where their user had no session before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sessions_hub.models import Session
from tests.factories import make_user

from .test_overview_numbers import DAY, LATE, SPAN, counts, look, sign_in

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def user(db):
    return make_user()


class TestUnusual:
    def test_one_from_where_the_user_had_none_before_counts(self, user):
        sign_in(user, SPAN.starts[0] - DAY, country_code="DE")
        for country in ("DE", "FR", "FR", "", "JP"):
            sign_in(user, LATE - timedelta(hours=6 - Session.objects.count()), country_code=country)
        assert counts(look().unusual) == {"FR": 1, "JP": 1}

    def test_a_first_one_does_not(self, user):
        sign_in(user, LATE - DAY, country_code="")
        sign_in(user, LATE - timedelta(hours=2), country_code="FR")
        assert counts(look().unusual) == {}

    def test_another_user_s_countries_do_not_matter(self, user):
        sign_in(make_user("bob"), LATE - DAY, country_code="DE")
        sign_in(user, LATE - timedelta(hours=2), country_code="FR")
        assert counts(look().unusual) == {}

    def test_ninety_days_before_the_span_are_known(self, user):
        start = SPAN.starts[0]
        sign_in(user, start - 90 * DAY, country_code="DE")
        sign_in(user, start - 91 * DAY, country_code="FR")
        for country in ("DE", "FR"):
            sign_in(user, LATE - timedelta(hours=5), country_code=country)
        assert counts(look().unusual) == {"FR": 1}

    @pytest.mark.parametrize("kind", ["api_key", "service_account", "impersonation"])
    def test_programs_and_impersonations_do_not_travel(self, user, kind):
        sign_in(user, LATE - DAY, country_code="DE")
        sign_in(user, LATE - timedelta(hours=2), country_code="FR", session_type=kind)
        assert counts(look().unusual) == {}

    def test_the_newest_alone_are_compared(self, user, monkeypatch):
        monkeypatch.setattr("sessions_hub.reporting.unusual.COMPARED", 2)
        for hour, country in enumerate(("DE", "FR", "JP", "US")):
            sign_in(user, LATE - timedelta(hours=9 - hour), country_code=country)
        found = look()
        assert counts(found.unusual) == {"JP": 1, "US": 1}
        assert found.compared_back_to == LATE - timedelta(hours=7)

    def test_what_the_top_leaves_out_is_counted_together(self, user):
        for hour, country in enumerate(("DE", "FR", "JP", "US")):
            sign_in(user, LATE - timedelta(hours=9 - hour), country_code=country)
        found = look(top=2).unusual
        assert (len(found.shares), found.others) == (2, 1)

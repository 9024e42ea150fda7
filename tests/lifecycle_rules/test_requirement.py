"""What a requirement says, and how its challenge is written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sessions_hub.lifecycle.requirement import Lack, Requirement, Shortfall
from sessions_hub.models import AssuranceLevel


@pytest.mark.parametrize("level", ["", "AAL2", "aal4", "2", 2, "highest"])
def test_a_level_there_is_not_is_refused_where_it_is_written(level):
    with pytest.raises(ValueError, match="assurance level"):
        Requirement(level)


def test_a_negative_age_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Requirement("aal1", timedelta(seconds=-1))


@pytest.mark.parametrize(
    ("max_age", "header"),
    [
        (None, 'Bearer error="insufficient_user_authentication", acr_values="aal2"'),
        (
            timedelta(minutes=15),
            'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="900"',
        ),
        (
            timedelta(milliseconds=1999),
            'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="1"',
        ),
        (
            timedelta(0),
            'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="0"',
        ),
    ],
)
def test_the_challenge_is_that_of_rfc_9470(max_age, header):
    assert Shortfall(Lack.LEVEL, AssuranceLevel.AAL2, max_age).challenge == header

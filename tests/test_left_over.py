"""No test fails for what another one left, nor for a busy machine."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from hypothesis import settings

from sessions_hub.lifecycle import counting
from sessions_hub.logs import log_once_a_minute

twice = pytest.mark.parametrize("time", ["one", "two"])


@twice
def test_a_line_that_an_earlier_test_said_may_be_said_again(time):
    assert log_once_a_minute(logging.getLogger(__name__), logging.INFO, "line", "said")


@twice
def test_an_attempt_of_an_earlier_test_does_not_count(time):
    assert counting.count("somebody", timedelta(minutes=1)).events == 1


def test_no_example_may_be_too_slow():
    assert settings().deadline is None

"""The bound of the fault tests counts waits, however busy the machine is."""

from __future__ import annotations

import time

import pytest

from .faults import at_most


def test_a_wait_that_is_too_long_fails():
    with pytest.raises(AssertionError, match=r"allowed 0\.2 s"), at_most(0.2):
        time.sleep(1)


def test_a_shorter_one_passes():
    with at_most(1):
        time.sleep(0.2)


def test_what_the_block_raises_is_passed_on():
    with pytest.raises(LookupError), at_most(1):
        raise LookupError

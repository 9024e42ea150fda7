"""The judge of `tests/benchmarks/prune.py`: which writes lie within a prune, and what is missed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.benchmarks.prune import SITES, misses, p99, write_table
from tests.benchmarks.prune_site import Measured
from tests.benchmarks.prune_writer import SIGN_IN, USE

HUB, DJANGO = SITES


def measured(*writes: tuple[str, float, float]) -> Measured:
    # Each kind has one write long before and one within the prune, which lasts from 10 to 20.
    quick = [(kind, begin, 0.01) for kind in (SIGN_IN, USE) for begin in (1.0, 15.0)]
    return Measured(10, 1, "PostgreSQL", writes=[*quick, *writes], began=10.0, ended=20.0)


@pytest.mark.parametrize(
    ("begin", "took", "is_meanwhile"),
    [
        (9.0, 0.9, False),
        # Begun before, and still waiting when the prune begins.
        (9.0, 1.1, True),
        (9.0, 20.0, True),
        (12.0, 0.1, True),
        (19.9, 5.0, True),
        (20.1, 0.1, False),
    ],
)
def test_a_write_counts_with_the_prune_that_any_part_of_it_lies_in(begin, took, is_meanwhile):
    one = measured((USE, begin, took))
    assert (1000 * took in one.meanwhile(USE)) is is_meanwhile
    assert (1000 * took in one.alone(USE)) is not is_meanwhile
    assert 1000 * took not in one.meanwhile(SIGN_IN) + one.alone(SIGN_IN)


def test_the_99th_percentile_leaves_one_of_a_hundred_out():
    assert p99([*[1.0] * 199, 9.0]) == 1.0
    assert p99([*[1.0] * 197, 9.0, 9.0, 9.0]) == 9.0
    assert p99([1.0, 9.0]) == 9.0


def test_what_is_slow_alone_is_not_missed():
    slow = measured((SIGN_IN, 2.0, 0.3))
    assert misses([(HUB, slow), (DJANGO, slow)], 50.0) == []
    assert "MISSED" not in write_table([(HUB, slow)], 50.0)


def test_a_slow_write_beside_the_prune_is_missed_by_the_hub_alone():
    slow = measured((USE, 15.0, 0.0501))
    assert misses([(HUB, slow), (DJANGO, slow)], 50.0) == [
        "MISSED touch beside prunesessions: 50 ms at p99, 10 ms alone"
    ]
    assert write_table([(HUB, slow), (DJANGO, slow)], 50.0).count("MISSED") == 1
    assert misses([(HUB, slow)], 50.2) == []


def test_failed_writes_and_rows_left_are_missed_whatever_the_times():
    one = replace(measured(), problems=["use: A live session is gone."], left=3)
    assert misses([(HUB, one)], 50.0) == [
        "MISSED sessions_hub, a write failed: use: A live session is gone.",
        "MISSED sessions_hub: 3 sessions that were due are left",
    ]

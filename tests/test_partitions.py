"""The recipe of docs/scaling.md: what it makes serves the app as the one table did."""

from __future__ import annotations

import pytest

from tests.child_runs import passes
from tests.partitions import recipe


def test_every_step_of_the_recipe_is_read():
    steps = recipe()
    assert len(steps) == 4
    assert "VALIDATE CONSTRAINT" in steps[1]
    assert "ATTACH PARTITION" in steps[2]


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("cut", ["now", "later"])
def test_the_app_works_on_partitioned_tables(cut):
    passes("tests/partitioned", name=cut, at_least=8, HUB_TEST_PARTITIONED=cut)

"""Every site a worker can be, by its key."""

from __future__ import annotations

from tests.benchmarks.api_sites import API
from tests.benchmarks.fleet_sites import FLEET
from tests.benchmarks.load_sites import LOAD
from tests.benchmarks.policy_sites import POLICIES
from tests.benchmarks.variants import VARIANTS, Variant

# A key may mean another site in another suite.
_SUITES = {"api": API, "fleet": FLEET, "load": LOAD, "policies": POLICIES}


def site(key: str, suite: str) -> Variant:
    """The variant of that key, as the suite has it."""
    return next(one for one in _SUITES.get(suite, VARIANTS) if one.key == key)

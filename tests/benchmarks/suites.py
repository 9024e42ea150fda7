"""The suites a worker knows, by what it is started with. Imported once Django is set up."""

from __future__ import annotations

from tests.benchmarks.api_jobs import Api
from tests.benchmarks.jobs import Logins, Requests
from tests.benchmarks.policy_jobs import Policies

SUITES = {"requests": Requests, "logins": Logins, "policies": Policies, "api": Api}

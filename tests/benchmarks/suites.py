"""The suites a worker knows, by what it is started with. Imported once Django is set up."""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string

# By path: the API's needs the hub's tables, which plain Django of the other suites has not.
SUITES = {
    "requests": "tests.benchmarks.jobs.Requests",
    "logins": "tests.benchmarks.jobs.Logins",
    "policies": "tests.benchmarks.policy_jobs.Policies",
    "api": "tests.benchmarks.api_jobs.Api",
}


def suite(name: str) -> Any:
    """The class that does a suite's work."""
    return import_string(SUITES[name])

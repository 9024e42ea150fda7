"""These run where `tests/test_partitions.py` has had the tables cut into months."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from tests.partitions import cut_into_months

MODE = os.environ.get("HUB_TEST_PARTITIONED", "")
collect_ignore_glob = [] if MODE else ["test_*"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tests' database, partitioned as the documentation says."""
    with django_db_blocker.unblock():
        cut_into_months(connection, now=MODE == "now")

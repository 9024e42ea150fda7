"""These run with `tests.replica_settings`; see `tests/test_replica.py`."""

from __future__ import annotations

from django.conf import settings

collect_ignore_glob = [] if "replica" in settings.DATABASES else ["test_*"]

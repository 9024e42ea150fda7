"""Ends of many and prunes find rows by the index of those not ended, not by walking all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections

from sessions_hub.lifecycle import prune
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session
from tests.benchmarks.plans import explained
from tests.factories import NOW, make_session, make_user

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.postgres,
    pytest.mark.skipif(database() != "default", reason="explained() looks at one database"),
]


@pytest.mark.parametrize(
    "batches",
    [
        lambda: Session.objects.end(EndReason.REVOKED_BY_STAFF, now=NOW, batch_size=2),
        lambda: list(prune.stamp_expired(NOW, batch_size=2)),
    ],
    ids=["end", "prune"],
)
def test_their_order_is_that_of_the_index(batches):
    ada = make_user()
    for minutes in range(5):
        make_session(ada, NOW, expires_at=NOW - timedelta(minutes=minutes + 1))
    with connections[database()].cursor() as cursor:
        # A table of five rows is read whole and sorted, if it may be.
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    with explained() as cost:
        batches()
    walks = [plan for plan in cost.plans if "sessions_hub_session_ended" in plan.indexes]
    assert len(walks) >= 3, cost.plans
    assert not any("Sort" in plan.nodes for plan in walks), cost.plans

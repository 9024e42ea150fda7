"""The judge of `tests/benchmarks/scale.py`, its reading of plans, and the reasons of indexes."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from tests.benchmarks.index_costs import reason_of
from tests.benchmarks.plans import explained, read
from tests.benchmarks.scale import query_table, verdict


def cost(ms: float, buffers: int) -> dict[str, object]:
    return {"ms": ms, "buffers": buffers, "rows": 1, "plan": "Index session_pkey"}


@pytest.mark.parametrize(
    ("small", "large", "said"),
    [
        ((5, 100), (10, 200), "ok"),
        ((5, 100), (10.1, 200), "MISSED: ×2.0 ms"),
        ((5, 100), (5, 201), "MISSED: ×2.0 buffers"),
        ((5, 100), (20, 300), "MISSED: ×4.0 ms, ×3.0 buffers"),
        # Below a millisecond a clock tells nothing, and a B-tree may grow a level.
        ((0.01, 4), (2, 32), "ok"),
        ((0.01, 4), (2.1, 33), "MISSED: ×2.1 ms, ×2.1 buffers"),
        ((9, 900), (1, 10), "ok"),
    ],
)
def test_more_than_twice_is_missed(small, large, said):
    assert verdict(cost(*small), cost(*large)) == said


def test_the_largest_size_is_judged_by_the_smallest():
    runs = [
        {"sessions": size, "queries": {"flat": cost(2, 50), "grows": cost(2, buffers)}}
        for size, buffers in ((1_000_000, 50), (2_000_000, 90), (10_000_000, 170))
    ]
    table, missed = query_table(runs)
    assert missed == 1
    assert "| 50 · 90 · 170 |" in table
    assert table.count("MISSED") == 1


def test_the_rows_and_pages_of_a_plan_are_those_of_its_scans():
    heap = {"Node Type": "Bitmap Heap Scan", "Relation Name": "sessions_hub_session",
            "Actual Rows": 3, "Actual Loops": 2, "Rows Removed by Filter": 4, "Plans": [
                {"Node Type": "Bitmap Index Scan", "Index Name": "sessions_hub_session_user",
                 "Actual Rows": 7, "Actual Loops": 2}]}  # fmt: skip
    root = {"Node Type": "Limit", "Plans": [heap], "Shared Hit Blocks": 5, "Shared Read Blocks": 2,
            "Temp Written Blocks": 1}  # fmt: skip
    plan = read([{"Plan": root, "Execution Time": 1.5, "Planning Time": 0.5}])
    assert (plan.rows_read, plan.buffers, plan.milliseconds) == (14, 8, 2.0)
    assert plan.nodes == ("Bitmap Heap session", "bitmap session_user")
    assert plan.indexes == {"sessions_hub_session_user"}


@pytest.mark.postgres
@pytest.mark.django_db
def test_what_is_explained_is_taken_back():
    from sessions_hub.models import Session
    from tests.factories import make_session, make_user

    ada = make_user()
    with explained() as cost:
        make_session(ada)
        assert Session.objects.count() == 1
    assert Session.objects.count() == 0
    assert len(cost.plans) == 2


def test_an_index_without_a_reason_stops_the_report():
    assert "own list" in reason_of("sessions_hub_session_user")
    assert reason_of("sessions_hub_device_user_id_7bddbe69").endswith("list of devices")
    with pytest.raises(KeyError, match="say in REASONS"):
        reason_of("sessions_hub_session_country")


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["session", "sessiondevice", "authenticationmethod", "device"])
def test_every_index_has_a_reason(name):
    table = apps.get_model("sessions_hub", name)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [table])
        for (index,) in cursor.fetchall():
            assert reason_of(index)

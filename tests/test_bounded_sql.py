"""What the rule of bounded SQL lets through, and what it does not."""

from __future__ import annotations

import pytest

from tests.bounded_sql import FROM_A_ROW_ON, TOKENS_OF_ONE_SESSION, assert_bounded, unbounded

TABLE = '"sessions_hub_session"'
TOKENS = '"sessions_hub_sessiontoken"'
ID = f'{TABLE}."id"'


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT {ID} FROM {TABLE} ORDER BY {ID} DESC LIMIT 50",
        f'SELECT COUNT(*) FROM (SELECT {ID} AS "col1" FROM {TABLE} LIMIT 10000) subquery',
        f"SELECT COUNT(*) FROM (SELECT `id` FROM `{TABLE}` LIMIT 10001) AS subquery",
        f'SELECT DISTINCT {TABLE}."user_id" FROM {TABLE} WHERE ({ID} IN (1, 2)) LIMIT 1001',
        f"SELECT 1 FROM {TABLE} WHERE {TABLE}.\"name\" = 'it''s COUNT(*), DISTINCT, DATE_TRUNC('",
        f"INSERT INTO {TABLE} (\"name\") VALUES ('COUNT(*)')",
    ],
)
def test_what_has_a_limit_is_bounded(sql):
    assert not unbounded(sql)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        (f"SELECT COUNT(*) FROM {TABLE}", "COUNT"),
        # One row with a number: the limit comes too late.
        (f"SELECT COUNT(*) FROM {TABLE} LIMIT 1", "COUNT"),
        (f"SELECT {ID}, COUNT(*) FROM {TABLE} GROUP BY 1 LIMIT 10", "COUNT"),
        (f"SELECT COUNT(*) FROM (SELECT {ID} FROM {TABLE}) subquery", "COUNT"),
        (f"SELECT COUNT(*) FROM (SELECT {ID} FROM {TABLE} LIMIT 10002) subquery", "COUNT"),
        (f"SELECT COUNT(*) FROM {TABLE} WHERE EXISTS(SELECT 1 FROM {TOKENS} LIMIT 1)", "COUNT"),
        (
            f"SELECT COUNT(*) FROM (SELECT 1 LIMIT 5) subquery INNER JOIN {TABLE} ON (1 = 1)",
            "COUNT",
        ),
        (f"SELECT 1 FROM {TABLE} WHERE 1 < (SELECT COUNT(*) FROM {TOKENS}) LIMIT 1", "COUNT"),
        (f"SELECT 1 FROM {TABLE} HAVING (COUNT(*) > 1 OR 1 = 1)", "COUNT"),
        (f'SELECT DISTINCT {TABLE}."os_name" FROM {TABLE}', "DISTINCT"),
        (f'SELECT DISTINCT {TABLE}."os_name" FROM {TABLE} LIMIT -1 OFFSET 5', "DISTINCT"),
        (f"SELECT DATE_TRUNC('day', {TABLE}.\"issued_at\") FROM {TABLE} LIMIT 5", "_TRUNC"),
        (f"SELECT django_datetime_trunc('day', {ID}, 'UTC', 'UTC') FROM {TABLE}", "_TRUNC"),
        (f"SELECT django_datetime_cast_date({ID}, 'UTC', 'UTC') FROM {TABLE}", "_CAST_DATE"),
        (f"SELECT ({ID} AT TIME ZONE 'Europe/Berlin')::date FROM {TABLE}", "AT TIME ZONE"),
        (f"SELECT DATE(CONVERT_TZ({ID}, 'UTC', 'CET')) FROM {TABLE}", "CONVERT_TZ"),
    ],
)
def test_what_reads_a_whole_table_is_told(sql, what):
    assert what in unbounded(sql)
    with pytest.raises(AssertionError, match=what):
        assert_bounded([{"sql": "SELECT 1"}, {"sql": sql}])


@pytest.mark.parametrize(
    ("where", "is_bounded"),
    [
        ("= 'x'", True),
        ("= 'x'::uuid", True),
        ("< 'x'", False),
        ("IS NOT NULL", False),
    ],
)
def test_a_named_bound_is_a_condition_of_the_select_that_counts(where, is_bounded):
    condition = f'{TOKENS}."session_id" {where}'
    count = f"SELECT COUNT(*), COUNT(CASE WHEN ({condition}) THEN 1 END) FROM {TOKENS}"
    for sql, expected in {
        f"{count} WHERE {condition}": is_bounded,
        f"{count} WHERE ({condition} AND ({ID} = 1))": is_bounded,
        count: False,
        f"{count} WHERE ({condition} OR {ID} = 1)": False,
        f"{count} WHERE NOT ({condition})": False,
        f"{count} WHERE EXISTS(SELECT 1 FROM {TOKENS} WHERE {condition})": False,
    }.items():
        assert bool(not unbounded(sql, TOKENS_OF_ONE_SESSION)) is expected, sql
        assert unbounded(sql), sql


def test_a_range_has_to_have_a_beginning():
    count = f"SELECT COUNT(*) FILTER (WHERE {ID} >= 'x') FROM {TABLE}"
    assert not unbounded(f"{count} WHERE ({ID} >= 'x' AND {ID} < 'y')", FROM_A_ROW_ON)
    for where in ("", f" WHERE {ID} < 'y'", f' WHERE {TABLE}."ended_at" IS NULL'):
        assert unbounded(f"{count}{where}", FROM_A_ROW_ON)

"""Stored rows are derived anew in batches, beside a site that goes on writing."""

from __future__ import annotations

from datetime import timedelta
from threading import Timer
from time import monotonic
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, OperationalError
from django.test.utils import CaptureQueriesContext

from sessions_hub.lifecycle import end_session, rederive
from sessions_hub.lifecycle import reparse as module
from sessions_hub.lifecycle.erase import anonymize_user
from sessions_hub.lifecycle.rederive import Sources
from sessions_hub.lifecycle.reparse import Cursor, reparse
from sessions_hub.models import Device, Session, SessionDevice
from sessions_hub.models.ids import id_at
from sessions_hub.understanding import Place
from tests.factories import NOW, build_session, make_device, make_session, make_session_device

from .faults import locked_for_writing, second_connection

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

MODELS = (Session, SessionDevice, Device)
PLAIN = Sources(backend="tests.parsers.Plain")
SHOUTING = Sources(backend="tests.parsers.Shouting")
AGENT = "Mac 10.9; Fox 9.1; desktop"
DERIVED = {
    "os_name": "Mac",
    "os_version": "10.9",
    "os_version_key": "0000010.0000009.0000000.0000000",
    "client_name": "Fox",
    "client_version": "9.1",
    "client_version_key": "0000009.0000001.0000000.0000000",
    "device_type": "desktop",
}
ADDRESS = {"ip": "192.0.2.1"}
ADDRESS_KEY = {"ip_key": "00000000000000000000ffffc0000201"}


@pytest.fixture
def rows(user):
    """One row of each model, with a raw user agent that nobody has understood."""
    session = make_session(user, user_agent=AGENT, **ADDRESS)
    device = make_device(user, user_agent=AGENT, key_digest="k")
    return session, device, make_session_device(session, device, user_agent=AGENT, **ADDRESS)


def run(sources=PLAIN, **options):
    return list(reparse(sources, **options))


def stored(row) -> dict:
    return type(row).objects.values().get(pk=row.pk)


def changed(batches) -> list[UUID]:
    return [change.row["pk"] for batch in batches for change in batch.changed]


def sessions(number: int, user, agent: str = AGENT) -> list[Session]:
    made = [build_session(user, NOW + timedelta(hours=n), user_agent=agent) for n in range(number)]
    return Session.objects.bulk_create(made)


@pytest.fixture
def meanwhile(monkeypatch):
    """Have the site do something between the reading of the first batch and its writing."""

    def meanwhile(do) -> None:
        plain, todo = module.rederive, [do]

        def late(row, sources):
            if todo:
                todo.pop()()
            return plain(row, sources)

        monkeypatch.setattr(module, "rederive", late)

    return meanwhile


class TestWrites:
    def test_the_derived_columns_of_every_model_and_no_others(self, rows):
        session, device, endpoint = rows
        before = [stored(row) for row in rows]
        assert len(changed(run())) == 3
        assert stored(session) == before[0] | DERIVED | ADDRESS_KEY
        assert stored(device) == before[1] | DERIVED
        assert stored(endpoint) == before[2] | DERIVED | ADDRESS_KEY

    def test_nothing_where_all_is_right(self, rows, connection):
        run()
        with CaptureQueriesContext(connection) as queries:
            again = run()
        assert changed(again) == []
        assert sum(batch.read for batch in again) == 3
        # One SELECT per table.
        assert len(queries) == 3

    def test_only_the_columns_that_differ(self, rows, connection):
        run()
        Session.objects.update(os_name="Old")
        with CaptureQueriesContext(connection) as queries:
            (batch, *_rest) = run()
        (update,) = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
        assert update.count("=") == 1 + update.partition("WHERE")[2].count("=")
        assert dict(batch.changed[0].changes) == {"os_name": "Mac"}

    def test_nothing_in_a_dry_run_which_tells_the_same(self, rows, connection):
        before = [stored(row) for row in rows]
        with CaptureQueriesContext(connection) as queries:
            told = run(dry_run=True)
        assert [stored(row) for row in rows] == before
        assert len(queries) == 3
        assert told == run()

    def test_with_the_backend_it_is_told(self, rows):
        run()
        run(SHOUTING)
        assert {stored(row)["os_name"] for row in rows} == {"MAC"}

    def test_the_numbers_of_places_only_once(self, user, monkeypatch):
        place = Place(country_code="DE", latitude=52.52000659999999, longitude=-13.1)
        monkeypatch.setattr(rederive, "locate", lambda address: place)
        session = make_session(user, **ADDRESS)
        sources = Sources(backend=PLAIN.backend, relocate=True)
        assert changed(run(sources)) == [session.pk]
        assert changed(run(sources)) == []


class TestKeeps:
    def test_what_it_cannot_derive_and_counts_it(self, user):
        made = [
            make_session(user, NOW + timedelta(hours=hour), user_agent=agent, os_name="Old")
            for hour, agent in enumerate(("", AGENT, "broken", "broken too"))
        ]
        (batch,) = run()
        assert (batch.read, batch.without_raw, batch.failed) == (4, 1, 2)
        assert batch.error.startswith("RuntimeError: no idea")
        assert batch.error.endswith(f" (session:{made[2].pk})")
        assert len(batch.changed) == 1
        names = set(Session.objects.values_list("user_agent", "os_name"))
        assert names == {("", "Old"), (AGENT, "Mac"), ("broken", "Old"), ("broken too", "Old")}

    def test_what_is_no_longer_recognised_and_counts_it_apart(self, user):
        for hour, (agent, name) in enumerate([(AGENT, "Old"), (AGENT, ""), ("", "Old")]):
            make_session(user, NOW + timedelta(hours=hour), user_agent=agent, os_name=name)
        (batch,) = run(Sources(backend="tests.parsers.Ignorant"))
        assert (batch.read, batch.unchanged) == (3, 1)
        assert (batch.without_raw, batch.not_recognised, batch.failed) == (1, 1, 0)
        assert batch.changed == []
        assert Session.objects.filter(os_name="Old").count() == 2

    def test_what_a_sign_in_wrote_meanwhile(self, rows, meanwhile):
        _session, device, _endpoint = rows
        new = {"user_agent": "Win 11; Cat 3.0; desktop", "os_name": "Win"}
        meanwhile(lambda: Device.objects.update(**new))
        (batch,) = run(after=Cursor("sessiondevice", rows[2].pk))
        assert (batch.changed, batch.moved, batch.busy) == ([], 1, 0)
        assert stored(device).items() >= new.items()

    def test_hints_that_came_meanwhile(self, rows, meanwhile):
        _session, device, _endpoint = rows
        new = {"client_hints": {"sec-ch-ua-platform": '"Windows"'}}
        meanwhile(lambda: Device.objects.update(**new))
        (batch,) = run(after=Cursor("sessiondevice", rows[2].pk))
        assert (batch.changed, batch.moved, batch.busy) == ([], 1, 0)
        assert stored(device)["os_name"] == ""

    def test_the_row_of_a_user_who_was_anonymized_meanwhile(self, rows, meanwhile, user, alias):
        session, _device, _endpoint = rows
        meanwhile(lambda: anonymize_user(user.pk, NOW, alias))
        batch = run()[0]
        assert (batch.changed, batch.moved) == ([], 1)
        assert stored(session).items() >= {"user_agent": "", "os_name": "", "ip_key": ""}.items()

    def test_a_row_deleted_meanwhile_deleted(self, rows, meanwhile, user):
        meanwhile(lambda: Device.objects.all().delete())
        (batch,) = run(after=Cursor("sessiondevice", rows[2].pk))
        assert (batch.changed, batch.moved, batch.busy) == ([], 1, 0)
        assert not Device.objects.exists()

    def test_the_end_of_a_session_that_ended_meanwhile(self, rows, meanwhile):
        session, _device, _endpoint = rows
        meanwhile(lambda: end_session(Session.objects.get(), reason="compromised"))
        assert run()[0].moved == 0
        session.refresh_from_db()
        assert (session.ended_at is None, session.os_name) == (False, "Mac")


class TestBatches:
    def test_are_bounded(self, user, connection):
        sessions(5, user)
        with CaptureQueriesContext(connection) as queries:
            batches = run(batch_size=2)
        assert [batch.read for batch in batches] == [2, 2, 1]
        reads = [query["sql"] for query in queries if " LIMIT " in query["sql"]]
        assert [sql.endswith("LIMIT 2") for sql in reads] == [True] * 5

    def test_take_as_many_statements_for_many_rows_as_for_few(self, user, connection):
        counts = []
        for number in (2, 20):
            sessions(number, user)
            with CaptureQueriesContext(connection) as queries:
                assert len(changed(run(batch_size=50))) == number
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_of_one_table_come_in_the_order_of_their_ids(self, user):
        made = sorted(row.pk for row in sessions(5, user))
        assert changed(run(batch_size=2)) == made

    def test_go_on_behind_a_cursor(self, rows, user):
        sessions(2, user)
        whole = run(batch_size=1, dry_run=True)
        assert [batch.cursor.table for batch in whole] == [
            *["session"] * 3,
            "sessiondevice",
            "device",
        ]
        for number, batch in enumerate(whole, 1):
            again = Cursor.parse(str(batch.cursor))
            assert run(batch_size=1, dry_run=True, after=again) == whole[number:]

    def test_look_only_at_rows_made_since(self, user):
        made = sessions(4, user)
        since = made[2].issued_at
        assert set(changed(run(since=since))) == {made[2].pk, made[3].pk}
        later = since + timedelta(milliseconds=1)
        assert changed(run(SHOUTING, since=later)) == [made[3].pk]

    def test_since_a_time_have_also_the_lowest_id_of_it(self, user):
        lowest = UUID(int=id_at(NOW.replace(microsecond=123000)).int >> 76 << 76 | 2 << 62)
        make_session(user, id=lowest, user_agent=AGENT)
        assert changed(run(since=NOW)) == [lowest]


class TestCursor:
    @pytest.mark.parametrize(
        "text", ["", "session", "session:", "session:1", f"user:{UUID(int=0)}", str(UUID(int=0))]
    )
    def test_is_a_table_and_an_id(self, text):
        with pytest.raises(ValueError, match=r"no table|UUID"):
            Cursor.parse(text)

    def test_knows_when_its_row_was_made(self):
        assert abs(Cursor("device", id_at(NOW)).made_at - NOW) < timedelta(milliseconds=1)
        assert Cursor("device", UUID(int=2**128 - 1)).made_at.year == 9999

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
    @pytest.mark.parametrize("number", [0, 2**128 - 1])
    def test_has_a_local_time_in_every_zone(self, zone, number):
        assert Cursor("device", UUID(int=number)).made_at.astimezone(ZoneInfo(zone))


@pytest.mark.locks
class TestLocks:
    @pytest.fixture
    def held(self, user, connection):
        """Of three sessions, the second one locked by somebody else."""
        made = sorted(sessions(3, user), key=lambda row: row.pk)
        with second_connection() as cursor:
            cursor.execute("START TRANSACTION")
            cursor.execute(
                "UPDATE sessions_hub_session SET last_used_at = last_used_at WHERE id = %s",
                [Session._meta.pk.get_db_prep_value(made[1].pk, connection)],
            )
            yield made, cursor
            cursor.execute("ROLLBACK")

    def test_of_others_are_not_waited_for_long_and_hold_up_no_other_row(self, held, settings):
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(milliseconds=300)
        (first, second, third), _cursor = held
        begun = monotonic()
        (batch,) = run()
        assert monotonic() - begun < 20
        assert {change.row["pk"] for change in batch.changed} == {first.pk, third.pk}
        assert (batch.moved, batch.busy) == (0, 1)
        assert stored(second)["os_name"] == ""

    def test_of_others_that_go_away_in_time_are_waited_for(self, held, settings):
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(seconds=10)
        made, cursor = held
        timer = Timer(0.3, cursor.execute, ["ROLLBACK"])
        timer.start()
        (batch,) = run()
        timer.join()
        assert {change.row["pk"] for change in batch.changed} == {row.pk for row in made}
        assert (batch.moved, batch.busy) == (0, 0)

    @pytest.mark.postgres
    def test_of_those_who_only_refer_to_a_row_are_none(self, user):
        (session,) = sessions(1, user)
        with second_connection() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM sessions_hub_session FOR KEY SHARE")
            (batch,) = run()
            cursor.execute("ROLLBACK")
        assert changed([batch]) == [session.pk]


def test_a_table_that_cannot_be_written_is_left(rows, settings):
    settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(milliseconds=100)
    with locked_for_writing(Session._meta.db_table):
        batch = next(reparse(PLAIN))
    assert (batch.changed, batch.moved, batch.busy) == ([], 0, 1)
    assert stored(rows[0])["os_name"] == ""
    assert len(changed(run())) == 3


class TestDatabase:
    def test_that_refuses_to_write_is_a_failure_and_no_lock(self, rows, connection):
        refuse, allow = {
            "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
            "postgresql": (
                "SET default_transaction_read_only = on",
                "SET default_transaction_read_only = off",
            ),
            "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE"),
        }[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(refuse)
            try:
                with pytest.raises(DatabaseError, match=r"(?i)read[- ]?only"):
                    run()
            finally:
                cursor.execute(allow)
        assert stored(rows[0])["os_name"] == ""

    @pytest.mark.parametrize("tries", [1, 2])
    @pytest.mark.parametrize("error", [(1142, "UPDATE command denied"), ("unable to open",)])
    def test_that_fails_at_any_try_is_a_failure(self, rows, monkeypatch, error, tries):
        left = [OperationalError(1205, "Lock wait timeout")] * (tries - 1)
        left.append(OperationalError(*error))

        def fail(*args, **options):
            raise left.pop(0)

        monkeypatch.setattr(module, "_write_unmoved", fail)
        with pytest.raises(OperationalError, match=str(error[-1])):
            run()

"""`end()`: bounded, counted, announced once, never taken back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext

from sessions_hub import signals
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session, querysets
from tests.factories import (
    NOW,
    end_reasons,
    make_device,
    make_session,
    make_session_device,
    make_sessions,
    make_user,
)

pytestmark = pytest.mark.django_db(databases="__all__")

SIGNED_OUT = EndReason.SIGNED_OUT


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def statements():
    """Run a call; the statements it took, transactions apart."""

    def run(call) -> list[str]:
        with CaptureQueriesContext(connections[database()]) as captured:
            call()
        told = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        return [query["sql"] for query in captured if not query["sql"].startswith(told)]

    return run


@pytest.fixture
def announced():
    """The sessions that session_ended was sent for."""
    heard: list[Session] = []

    def hear(sender, session, **kwargs):
        heard.append(session)

    signals.session_ended.connect(hear)
    yield heard
    signals.session_ended.disconnect(hear)


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    return partial(django_capture_on_commit_callbacks, using=database(), execute=True)


class TestBatches:
    def test_all_batches_end(self, ada):
        make_sessions(5, ada)
        assert Session.objects.for_user(ada).end(SIGNED_OUT, now=NOW, batch_size=2) == 5
        assert Session.objects.filter(ended_at=NOW, end_reason="signed_out").count() == 5

    def test_a_batch_costs_the_same_whatever_its_size(self, ada, statements):
        make_sessions(2, ada)
        few = statements(lambda: Session.objects.all().end(SIGNED_OUT, now=NOW, batch_size=50))
        make_sessions(40, ada)
        many = statements(lambda: Session.objects.all().end(SIGNED_OUT, now=NOW, batch_size=50))
        # The page, the lock, the update.
        assert len(few) == len(many) == 3

    def test_each_batch_costs_three_statements(self, ada, statements):
        make_sessions(5, ada)
        ran = statements(lambda: Session.objects.all().end(SIGNED_OUT, now=NOW, batch_size=2))
        assert len(ran) == 9
        assert sum(sql.startswith("UPDATE") for sql in ran) == 3

    @pytest.mark.parametrize("rows", [0, 2, 4])
    def test_a_full_last_batch_is_not_the_end_of_the_search(self, ada, rows):
        make_sessions(rows, ada)
        assert Session.objects.for_user(ada).end(SIGNED_OUT, now=NOW, batch_size=2) == rows

    def test_an_empty_queryset_costs_at_most_one_query(self, ada, statements):
        for nothing in (
            Session.objects.none(),
            Session.objects.for_user(ada),
            Session.objects.for_user(ada)[:3],
        ):
            ended: list[int] = []
            ran = statements(lambda rows=nothing, to=ended: to.append(rows.end(SIGNED_OUT)))
            assert ended == [0]
            assert len(ran) <= 1


class TestColumns:
    def test_time_reason_and_actor_are_stored(self, ada):
        staff = make_user("grace")
        row = make_session(ada)
        Session.objects.filter(pk=row.pk).end("revoked_by_staff", by=staff, now=NOW)
        row.refresh_from_db()
        assert (row.ended_at, row.end_reason) == (NOW, "revoked_by_staff")
        assert (row.ended_by, row.ended_by_label) == (staff, "grace")
        assert row.updated_at == NOW

    def test_the_label_of_a_deleted_actor_stays(self, ada):
        staff = make_user("grace")
        row = make_session(ada)
        Session.objects.filter(pk=row.pk).end("revoked_by_staff", by=staff, now=NOW)
        staff.delete()
        row.refresh_from_db()
        assert (row.ended_by, row.ended_by_label) == (None, "grace")

    def test_nobody_ends_a_session_by_policy(self, ada):
        row = make_session(ada)
        Session.objects.all().end("revoked_by_policy", now=NOW)
        row.refresh_from_db()
        assert (row.ended_by, row.ended_by_label) == (None, "")

    def test_an_end_is_never_before_the_sign_in(self, ada):
        # A node whose clock is ahead has issued it.
        ahead = NOW + timedelta(seconds=5, microseconds=1)
        row = make_session(ada, issued_at=ahead)
        behind = make_session(ada)
        assert Session.objects.all().end(SIGNED_OUT, now=NOW) == 2
        row.refresh_from_db()
        behind.refresh_from_db()
        assert row.ended_at == row.issued_at == ahead
        assert behind.ended_at == NOW

    @pytest.mark.parametrize("microsecond", [0, 1, 999_999])
    def test_the_later_time_is_told_to_the_microsecond(self, ada, microsecond):
        now = NOW.replace(microsecond=500_000)
        issued_at = NOW.replace(microsecond=microsecond)
        row = make_session(ada, issued_at=issued_at)
        Session.objects.all().end(SIGNED_OUT, now=now)
        row.refresh_from_db()
        assert row.ended_at == max(now, issued_at)

    def test_an_end_is_never_overwritten(self, ada):
        row = make_session(ada, reason="compromised")
        later = NOW + timedelta(hours=1)
        assert Session.objects.all().end(SIGNED_OUT, by=ada, now=later) == 0
        row.refresh_from_db()
        assert (row.ended_at, row.end_reason, row.ended_by) == (NOW, "compromised", None)

    def test_a_session_past_its_limit_keeps_the_end_that_reads_have_told(self, ada):
        row = make_session(ada, expires_at=NOW - timedelta(days=1))
        assert Session.objects.all().end("compromised", now=NOW) == 1
        row.refresh_from_db()
        assert row.how_ended(NOW) == (row.expires_at, "expired")
        assert row.ended_by is None

    def test_a_reason_nobody_knows_is_refused(self, ada):
        make_session(ada)
        with pytest.raises(ValueError, match="bored"):
            Session.objects.all().end("bored")
        assert Session.objects.filter(ended_at=None).count() == 1

    @pytest.mark.parametrize("reason", end_reasons())
    def test_every_reason_can_be_stored(self, ada, reason):
        make_session(ada)
        assert Session.objects.all().end(reason, now=NOW) == 1
        assert Session.objects.get().end_reason == reason


class TestStampExpired:
    def test_a_session_extended_meanwhile_is_left_alone(self, ada, monkeypatch):
        make_session(ada, expires_at=NOW)
        find = querysets._batches

        def find_and_extend(rows, size):
            for ids in find(rows, size):
                later = NOW + timedelta(hours=1)
                Session.objects.update(expires_at=later, idle_expires_at=later)
                yield ids

        monkeypatch.setattr(querysets, "_batches", find_and_extend)
        assert Session.objects.stamp_expired(NOW) == 0
        assert Session.objects.get().ended_at is None

    def test_goes_in_batches(self, ada):
        for _ in range(5):
            make_session(ada, expires_at=NOW)
        make_session(ada)
        assert Session.objects.stamp_expired(NOW, batch_size=2) == 5


class TestConstraint:
    @pytest.mark.parametrize(
        "values", [{"ended_at": NOW, "end_reason": ""}, {"ended_at": None, "end_reason": "expired"}]
    )
    def test_time_and_reason_of_an_end_come_together(self, ada, values):
        row = make_session(ada)
        with pytest.raises(IntegrityError), transaction.atomic(using=database()):
            Session.objects.filter(pk=row.pk).update(**values)

    def test_no_constraint_compares_clocks(self, ada):
        past = NOW - timedelta(days=900)
        make_session(ada, ended_at=past, end_reason="expired", expires_at=past, last_used_at=past)


class TestAnyQueryset:
    def test_filtered(self, ada):
        keep = make_session(ada, tenant_id="a")
        gone = make_session(ada, tenant_id="b")
        assert Session.objects.filter(tenant_id="b").end(SIGNED_OUT, now=NOW) == 1
        assert Session.objects.get(ended_at=None) == keep
        assert Session.objects.get(ended_at=NOW) == gone

    def test_joined_rows_end_and_count_once(self, ada, committing, announced):
        device = make_device(ada)
        rows = make_sessions(3, ada)
        for row in rows:
            for _ in range(3):
                make_session_device(row, device)
        joined = Session.objects.filter(session_devices__device=device, user__is_active=True)
        assert joined.count() == 9
        with committing():
            assert joined.end(SIGNED_OUT, now=NOW, batch_size=2) == 3
        assert [row.pk for row in announced] == [row.pk for row in rows]

    def test_a_slice_ends_just_its_rows(self, ada):
        rows = make_sessions(5, ada)
        # "Keep the newest two", as a limit does; active() must not refill the slice.
        excess = Session.objects.active(NOW).order_by("-pk")[2:]
        assert excess.end("limit", now=NOW, batch_size=2) == 3
        assert set(Session.objects.filter(ended_at=None)) == set(rows[3:])
        assert Session.objects.active(NOW).order_by("pk")[:1].end("limit", now=NOW) == 1

    def test_ordered_distinct_and_deferred(self, ada):
        make_sessions(3, ada)
        rows = Session.objects.select_related("user").only("id").order_by("-issued_at").distinct()
        assert rows.end(SIGNED_OUT, now=NOW, batch_size=2) == 3


class TestAnnouncement:
    def test_comes_once_for_each_after_the_commit(self, ada, committing, announced):
        staff = make_user("grace")
        rows = make_sessions(5, ada)
        with committing():
            Session.objects.all().end("revoked_by_staff", by=staff, now=NOW, batch_size=2)
            assert announced == []
        assert [row.pk for row in announced] == [row.pk for row in rows]
        assert {(row.ended_at, row.end_reason, row.ended_by_id) for row in announced} == {
            (NOW, "revoked_by_staff", staff.pk)
        }

    def test_does_not_come_for_rows_that_had_ended(self, ada, committing, announced):
        make_session(ada, reason="expired")
        row = make_session(ada)
        with committing():
            Session.objects.all().end(SIGNED_OUT, now=NOW)
            Session.objects.all().end(SIGNED_OUT, now=NOW)
        assert announced == [row]

    def test_does_not_come_after_a_rollback(self, ada, committing, announced):
        row = make_session(ada)
        with committing(), transaction.atomic(using=database()):
            Session.objects.all().end(SIGNED_OUT, now=NOW)
            transaction.set_rollback(True, using=database())
        assert announced == []
        row.refresh_from_db()
        assert row.ended_at is None

    def test_comes_for_limits_too(self, ada, committing, announced):
        row = make_session(ada, expires_at=NOW)
        with committing():
            Session.objects.stamp_expired(NOW)
        assert announced == [row]
        assert announced[0].end_reason == "expired"

    def test_a_receiver_that_raises_disturbs_nobody(self, ada, committing, announced):
        def break_down(**kwargs):
            raise RuntimeError("no mail today")

        make_sessions(2, ada)
        signals.session_ended.connect(break_down)
        try:
            with committing():
                assert Session.objects.all().end(SIGNED_OUT, now=NOW) == 2
        finally:
            signals.session_ended.disconnect(break_down)
        assert len(announced) == 2

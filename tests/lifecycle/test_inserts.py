"""Rows inserted with compiled SQL are the rows the ORM would have stored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.signals import post_save, pre_save
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.capture import ClientSnapshot
from sessions_hub.lifecycle import inserts, known, start_session
from sessions_hub.lifecycle.sighting import sight
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice
from sessions_hub.models.ids import new_id
from tests.contract.browser import CHROME

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SNAPSHOT = ClientSnapshot(
    address="2001:db8::7", user_agent=CHROME, hints={"Sec-CH-UA-Platform": 'Ä "%s"'}
)
# Every value at its emptiest, and every kind of value.
VARIANTS = ("empty", "full")


def client(variant: str) -> dict:
    return {} if variant == "empty" else dict(sight(None, SNAPSHOT).client_values)


def place(variant: str) -> dict:
    if variant == "empty":
        return {}
    values = sight(None, SNAPSHOT).place_values
    return {
        **values,
        "latitude": 52.52,
        "longitude": -13.4,
        "city": "Köln %s",
        "ip": "::ffff:1.2.3.4",
    }


def session_values(variant: str, user) -> dict:
    now = timezone.now()
    values = {"user_id": user.pk, "expires_at": now, "idle_expires_at": now, "issued_at": now}
    if variant == "full":
        values |= {
            "scopes": ["read", 1, None],
            "metadata": {"a": {"b": [True, 1.5, "ü"]}},
            "idle_timeout": timedelta(days=3, microseconds=5),
            "mfa_updated_at": now,
            "ended_at": now,
            "end_reason": "signed_out",
            "ended_by_id": user.pk,
            "impersonator_id": user.pk,
            "generation": 7,
        }
    return values | client(variant) | place(variant)


@pytest.fixture(params=VARIANTS)
def variant(request) -> str:
    return request.param


@pytest.fixture
def session(user, alias) -> Session:
    return Session.objects.using(alias).create(**session_values("empty", user))


@pytest.fixture
def pairs(variant, user, session) -> list[tuple]:
    """Models, and values that differ only in what must be unique."""
    now = timezone.now()
    seen = {"first_seen_at": now, "last_seen_at": now, **client(variant)}
    place_of = {"session_id": session.pk, **seen, **place(variant)}
    proof = {"session_id": session.pk, "completed_at": now}
    if variant == "full":
        proof |= {"method": "totp", "assurance_level": 20, "upstream_amr": ["otp", "pwd"]}
        proof |= {"provider_access_token": "x" * 5000, "provider_access_token_expires_at": now}
    fixed = {"authenticated_at": now, "fully_authenticated_at": now}
    fixed |= {"last_used_at": now, "updated_at": now}
    return [
        (Session, session_values(variant, user) | fixed, "django_key_digest"),
        (Device, {"user_id": user.pk, **seen}, "key_digest"),
        (SessionDevice, place_of, "fingerprint"),
        (AuthenticationMethod, proof, "id"),
    ]


def raw(model, pk, alias, without) -> dict:
    """A row as the driver reads it."""
    connection = connections[alias]
    names = [f.column for f in model._meta.concrete_fields if f.name not in {"id", without}]
    quoted = ", ".join(map(connection.ops.quote_name, names))
    value = model._meta.pk.get_db_prep_value(pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {quoted} FROM {model._meta.db_table} WHERE id = %s", [value])
        return dict(zip(names, cursor.fetchone(), strict=True))


class TestInsert:
    def test_a_row_equals_the_orms_column_by_column(self, pairs, alias):
        for model, values, unique in pairs:
            by_orm = model(**values, **({} if unique == "id" else {unique: "a"}))
            by_orm.save(using=alias, force_insert=True)
            compiled = model(**values, **({} if unique == "id" else {unique: "b"}))
            inserts.insert(compiled, alias)
            expected = raw(model, by_orm.pk, alias, unique)
            assert raw(model, compiled.pk, alias, unique) == expected
            assert (compiled._state.adding, compiled._state.db) == (False, alias)

    def test_the_chosen_database_gets_the_compiled_way(self, pairs, alias, monkeypatch):
        def refuse(*args, **kwargs):
            raise AssertionError("the ORM was asked")

        monkeypatch.setattr("django.db.models.Model.save", refuse)
        for model, values, unique in pairs:
            inserts.insert(model(**{unique: new_id().hex[:32], **values}), alias)

    def test_it_is_one_statement_that_django_sees(self, user, alias, connection):
        inserts.insert(Device(user_id=user.pk), alias)
        with CaptureQueriesContext(connection) as ran:
            inserts.insert(Device(user_id=user.pk), alias)
        assert [query["sql"].split()[0] for query in ran.captured_queries] == ["INSERT"]

    def test_an_expression_is_left_to_the_orm(self, user, alias):
        for _ in range(2):
            device = Device(user_id=user.pk, name=Lower(Value("ADA")))
            inserts.insert(device, alias)
            assert Device.objects.using(alias).get(pk=device.pk).name == "ada"

    def test_an_unsaved_related_row_is_refused_as_the_orm_does(self, user, alias):
        with pytest.raises(ValueError, match="unsaved related object"):
            inserts.insert(Session(user=type(user)(pk=None), **_times()), alias)
        assert not Session.objects.using(alias).exists()

    def test_receivers_of_djangos_own_signals_hear_it(self, user, alias):
        heard = []

        def listen(sender, signal, **arguments):
            heard.append((signal, arguments.get("created")))

        for signal in (pre_save, post_save):
            signal.connect(listen, sender=Device)
        try:
            inserts.insert(Device(user_id=user.pk), alias)
        finally:
            for signal in (pre_save, post_save):
                signal.disconnect(listen, sender=Device)
        assert heard == [(pre_save, None), (post_save, True)]

    def test_a_failure_inside_a_transaction_spoils_it_as_the_orm_does(self, user, alias):
        inserts.insert(Device(user_id=user.pk, key_digest="a"), alias)
        with transaction.atomic(using=alias):
            with pytest.raises(IntegrityError):
                inserts.insert(Device(user_id=user.pk, key_digest="a"), alias)
            assert transaction.get_rollback(using=alias)
            transaction.set_rollback(True, using=alias)

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_any_number_of_rows_is_at_most_one_statement(self, count, session, alias, connection):
        rows = [AuthenticationMethod(session=session, method="totp") for _ in range(count)]
        with CaptureQueriesContext(connection) as ran:
            inserts.insert_all(AuthenticationMethod, rows, alias)
        assert sum("INSERT" in query["sql"] for query in ran.captured_queries) == min(count, 1)
        stored = AuthenticationMethod.objects.using(alias)
        assert {row.pk for row in stored.all()} == {row.pk for row in rows}


class TestKnownDevice:
    @pytest.mark.parametrize("candidates", [["a"], ["b", "a"], ["c", "b", "a"], ["a", "a"]])
    def test_the_row_reads_as_the_orm_reads_it(self, candidates, user, alias):
        start_session(user, snapshot=SNAPSHOT)
        Device.objects.using(alias).update(key_digest="a")
        device = Device.objects.using(alias).get()
        found = known.find_device(user.pk, candidates, alias)
        assert found is not None
        assert (found.pk, found.last_seen_at) == (device.pk, device.last_seen_at)
        assert found.values == {name: getattr(device, name) for name in found.values}
        assert set(found.values) == {"key_digest", *sight(None, SNAPSHOT).client_values}

    def test_it_is_compiled_on_the_chosen_database(self, user, alias, connection):
        known.find_device(user.pk, ["a", "b"], alias)
        assert known._compiled[alias, connection.vendor, 2] is not None

    def test_without_the_compiled_way_the_answer_is_the_same(self, user, alias, monkeypatch):
        Device.objects.using(alias).create(user=user, key_digest="a", **client("full"))
        compiled = known.find_device(user.pk, ["a"], alias)
        monkeypatch.setattr(known, "_compiled", {})
        monkeypatch.setattr(known, "_compile", lambda *args: None)
        assert known.find_device(user.pk, ["a"], alias) == compiled

    def test_forgotten_and_foreign_devices_are_not_found(self, make_user, user, alias):
        other = make_user("bob")
        Device.objects.using(alias).create(user=user, key_digest="a", forgotten_at=timezone.now())
        Device.objects.using(alias).create(user=other, key_digest="b")
        assert known.find_device(user.pk, ["a", "b"], alias) is None


def _times() -> dict:
    now = timezone.now()
    return {"expires_at": now, "idle_expires_at": now}

"""Whatever bytes the headers hold, the row fits its columns and comes back as it was.

Meant for PostgreSQL, which refuses what SQLite takes: NUL, lone surrogates, texts
longer than their column, an address that is none.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models, transaction
from django.test import RequestFactory, override_settings
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sessions_hub.capture import take_snapshot
from sessions_hub.capture.snapshot import HINT_HEADERS
from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device, Session, SessionDevice
from sessions_hub.models.client import ClientColumns, PlaceColumns
from tests.contract.browser import CHROME
from tests.factories import make_user

pytestmark = pytest.mark.django_db(databases="__all__")

TEXTS = ["HTTP_USER_AGENT", *HINT_HEADERS]
ADDRESSES = ["REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"]
# The forwarding headers are believed, or nothing would come of them.
PROXIES = {"SESSIONS_HUB_TRUSTED_PROXIES": ["0.0.0.0/0", "::/0", "unix"]}


def latin1(raw: bytes) -> str:
    """Header bytes as WSGI and ASGI hand them over (PEP 3333)."""
    return raw.decode("latin-1")


SENT = st.binary(max_size=700).map(latin1) | st.text(
    st.characters(codec=None), max_size=700
).filter(bool)
PIECES = st.sampled_from(
    [
        *("192.0.2.1", "[2001:db8::1]:4711", "::ffff:c000:201", "fe80::1%eth0", "010.0.0.1"),
        *("unknown", "_hidden", "unix:", "", "10.0.0.1:80", "for=", "For=", "by=", "proto=https"),
        *('"', "\\", ",", ";", "=", " ", "\x00", "\xff", "\ud800", "1" * 300),
    ]
)
HOPS = st.lists(PIECES, max_size=30).map("".join)
AGENTS = st.sampled_from([CHROME, '"Google Chrome";v="142"', "?1", '"Windows"', '"15.0.0"'])
METAS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(TEXTS, SENT | AGENTS),
        **dict.fromkeys(ADDRESSES, SENT | HOPS | st.ip_addresses().map(str)),
    },
)


def columns(row: models.Model) -> dict[str, Any]:
    """The client and place columns of a row."""
    shared = (*ClientColumns._meta.local_fields, *PlaceColumns._meta.local_fields)
    names = {field.attname for field in row._meta.concrete_fields}
    return {
        field.attname: getattr(row, field.attname) for field in shared if field.attname in names
    }


@pytest.fixture
def user(db):
    return make_user()


@hypothesis_settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(meta=METAS)
@example(meta=dict.fromkeys([*TEXTS, *ADDRESSES], "\x00"))
@example(meta=dict.fromkeys([*TEXTS, *ADDRESSES], "\ud800"))
@example(meta=dict.fromkeys([*TEXTS, *ADDRESSES], latin1("😀".encode() * 600)))
@example(meta=dict.fromkeys([*TEXTS, *ADDRESSES], latin1(b"\xc3\x28\xf0\x9f")))
@example(meta={"REMOTE_ADDR": "::ffff:c000:201", "HTTP_FORWARDED": 'for="[fe80::1%eth0]"'})
@example(meta=dict.fromkeys(TEXTS, "x" * 10_000))
def test_any_header_bytes_are_stored_and_read_back(user, meta: dict[str, str]) -> None:
    alias = database()
    with override_settings(**PROXIES), transaction.atomic(using=alias):
        snapshot = take_snapshot(RequestFactory().get("/", **meta))
        started = start_session(user, snapshot=snapshot)
        stored = Session.objects.using(alias).get(pk=started.pk)
        assert columns(stored) == columns(started)
        assert stored.user_agent == snapshot.user_agent
        assert stored.client_hints == snapshot.hints
        assert (stored.ip or "") == snapshot.address
        rows = [
            stored,
            *SessionDevice.objects.using(alias).filter(session=stored),
            *Device.objects.using(alias).filter(sessions=stored),
        ]
        assert len(rows) == (1 if snapshot.is_empty else 3)
        for row in rows:
            assert columns(row).items() <= columns(stored).items()
            for field in row._meta.concrete_fields:
                value = getattr(row, field.attname)
                if field.max_length is not None and isinstance(value, str):
                    assert len(value) <= field.max_length, field.name
        transaction.set_rollback(True, using=alias)

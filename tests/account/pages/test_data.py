"""The download: all and only what is stored of its user, and no secret."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.utils import timezone

from sessions_hub.lifecycle import personal_data as module
from sessions_hub.lifecycle.personal_data import personal_data
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken
from tests.factories import (
    NOW,
    make_device,
    make_method,
    make_session,
    make_session_device,
    make_sessions,
    make_token,
    make_user,
)
from tests.lifecycle.test_query_counts import Statements

from .conftest import ROOT, Person, stale

pytestmark = pytest.mark.django_db(databases="__all__")

URL = f"{ROOT}data/"
MODELS = [Device, Session, SessionDevice, AuthenticationMethod, SessionToken]


def document(user) -> dict:
    return json.loads("".join(personal_data(user, now=NOW)))


def fill(user, name: str) -> None:
    """Rows of each kind, whose every text says whose they are and every secret that it is one."""
    device = make_device(user, name=f"{name}'s laptop", key_digest=f"secret-device-key-{name}")
    session = make_session(
        user,
        name=f"{name}'s session",
        ip="203.0.113.7",
        city=f"{name} Town",
        metadata={"note": f"{name}'s"},
        credentials_digest="secret-credentials",
        django_key_digest=f"secret-django-key-{name}",
        current_fingerprint="secret-fingerprint",
    )
    make_session_device(session, device, fingerprint=f"secret-endpoint-{name}", city=f"{name} Town")
    make_method(
        session,
        "oidc",
        provider_uid=f"{name}@idp",
        provider_access_token="secret-access-token",
        provider_refresh_token="secret-refresh-token",
        upstream_session_id="secret-upstream",
    )
    make_token(session, f"secret-digest-{name}", key_id="secret-key-id", hint="x7Qa")


class TestDocument:
    def test_holds_all_rows_of_the_user_and_none_of_others(self, ada):
        fill(ada, "ada")
        fill(make_user("bob"), "bob")
        found = document(ada)
        text = json.dumps(found)
        assert (found["object"], found["version"]) == ("personal_data", 1)
        assert found["user"] == {"id": str(ada.pk), "username": "ada"}
        assert [one["name"] for one in found["devices"]] == ["ada's laptop"]
        (session,) = found["sessions"]
        assert session["metadata"] == {"note": "ada's"}
        assert session["issued_at"].endswith("Z")
        assert [one["city"] for one in session["places"]] == ["ada Town"]
        assert [one["provider_uid"] for one in session["authentication_methods"]] == ["ada@idp"]
        assert [one["hint"] for one in session["secrets"]] == ["x7Qa"]
        assert session["places"][0]["device"] == found["devices"][0]["id"]
        assert "bob" not in text

    def test_holds_no_secret(self, ada):
        fill(ada, "ada")
        assert "secret-" not in "".join(personal_data(ada, now=NOW))

    @pytest.mark.parametrize("model", MODELS)
    def test_every_column_is_in_it_or_named_as_kept_back(self, model, ada):
        fill(ada, "ada")
        found = document(ada)
        session = found["sessions"][0]
        shown = {
            Device: found["devices"],
            Session: [
                {k: v for k, v in session.items() if not isinstance(v, list) or k == "scopes"}
            ],
            SessionDevice: session["places"],
            AuthenticationMethod: session["authentication_methods"],
            SessionToken: session["secrets"],
        }[model][0]
        columns = {field.name for field in model._meta.concrete_fields}
        kept_back = module._KEPT_BACK[model]
        assert kept_back < columns
        assert set(shown) == columns - kept_back

    def test_whoever_acted_as_the_user_is_named_without_client_and_place(self, ada, acting):
        Session.objects.filter(session_type="impersonation").update(ip="198.51.100.9", city="Bonn")
        SessionDevice.objects.update(ip="198.51.100.9", city="Bonn")
        (session,) = document(ada)["sessions"]
        assert session["impersonator_label"] == "grace"
        assert session["impersonation_reason"]
        text = json.dumps(session)
        for word in ("198.51.100.9", "Bonn", "Chrome", "Windows"):
            assert word not in text

    def test_nobody_elses_key_is_in_it(self, ada):
        staff = make_user("staff-member")
        make_session(ada, reason="revoked_by_staff", ended_by=staff, ended_by_label="staff-member")
        (session,) = document(ada)["sessions"]
        assert "ended_by" not in session
        assert session["ended_by_label"] == "staff-member"

    @pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
    def test_is_whole_at_the_edges_of_its_batches(self, count, ada, monkeypatch):
        monkeypatch.setattr(module, "BATCH", 2)
        rows = make_sessions(count, ada)
        found = document(ada)
        assert [one["id"] for one in found["sessions"]] == [str(row.pk) for row in rows]

    def test_begins_before_it_has_read_all_and_reads_in_batches(self, ada, monkeypatch):
        monkeypatch.setattr(module, "BATCH", 10)
        make_sessions(95, ada)
        with Statements() as all_of_it:
            pieces = personal_data(ada, now=NOW)
            first = next(pieces)
            length = sum(map(len, pieces))
        assert first.startswith('{"object"')
        assert length > 50_000
        # One of devices; ten batches of sessions with three kinds of rows each.
        assert len(all_of_it.ours) == 1 + 10 * 4

    def test_whatever_a_client_has_sent_is_json(self, ada):
        make_session(ada, user_agent='"\\</script>\u2028é', client_hints={"a": "é"})
        (session,) = document(ada)["sessions"]
        assert session["user_agent"] == '"\\</script>\u2028é'


class TestDownload:
    def test_is_a_file_no_cache_keeps(self, ada, here):
        response = here.post(URL)
        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        assert response["Content-Disposition"] == 'attachment; filename="sign-ins.json"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]
        assert response.streaming
        found = json.loads(response.getvalue())
        assert [one["id"] for one in found["sessions"]] == [here.session_id]

    def test_a_link_alone_downloads_nothing(self, here):
        text = here.page(URL)
        assert "Download my data" in text
        assert here.session_id not in text

    @pytest.mark.parametrize("verb", ["get", "post"])
    def test_asks_for_a_fresh_proof(self, verb, here):
        stale(here)
        response = getattr(here, verb)(URL)
        assert response.url.startswith("/account/reauthenticate/?")

    def test_a_site_may_leave_that_out(self, settings, here):
        settings.SESSIONS_HUB_REAUTHENTICATE_FOR = ("end_session",)
        stale(here)
        assert here.post(URL).status_code == 200

    def test_writes_nothing(self, here, there):
        here.page(URL)
        with Statements() as ran:
            here.post(URL).getvalue()
        assert ran.writes == []


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_an_async_server_sends_it_piece_by_piece(ada):
    make_sessions(5, ada, timezone.now())
    person = Person("ada")

    async def download() -> tuple[bool, str]:
        client = AsyncClient()
        client.cookies = person.cookies
        response = await client.post(URL)
        pieces = [piece.decode() async for piece in response.streaming_content]
        return response.is_async, pieces

    is_async, pieces = async_to_sync(download)()
    assert is_async
    assert len(pieces) > 5
    assert len(json.loads("".join(pieces))["sessions"]) == 6

"""Sessions, paths and clients that nobody planned for."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.db import SessionStore

from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.link import MARKER_KEY
from sessions_hub.models import Device, EndReason, Session, SessionDevice

from .faults import missing
from .stores import change_store

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class TestRequestWithoutItsSession:
    @pytest.mark.parametrize("path", ["/delete-session/", "/session-to-none/"])
    def test_is_answered_and_ends_nothing(self, signed_in, path, caplog):
        assert signed_in.get(path).status_code == 200
        assert [one for one in caplog.records if one.name.startswith("sessions_hub")] == []
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().ended_at is None


class TestUserIdOfNobody:
    @pytest.mark.parametrize("value", ["not-a-number", "", "1; --", "9" * 40])
    @pytest.mark.parametrize("unknown", ["adopt", "deny"])
    def test_without_a_marker_is_signed_out(self, signed_in, value, unknown, settings):
        settings.SESSIONS_HUB_UNKNOWN_SESSION = unknown
        change_store(signed_in, _auth_user_id=value, **{MARKER_KEY: None})
        assert signed_in.get("/public/").status_code == 200
        assert signed_in.whoami() is None
        assert Session.objects.count() == 1


class TestExemptPaths:
    @pytest.mark.parametrize("listed", ["/public/", ["/public/", ""], ["/public/", "whoami"], [""]])
    def test_do_not_cover_the_whole_site(self, signed_in, settings, listed):
        settings.SESSIONS_HUB_EXEMPT_PATHS = listed
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        assert signed_in.whoami() is None

    def test_given_as_one_text_are_that_prefix(self, signed_in, settings):
        settings.SESSIONS_HUB_EXEMPT_PATHS = "/public/"
        with missing(Session._meta.db_table):
            assert signed_in.get("/public/").status_code == 200
            assert signed_in.get("/whoami/").status_code == 503


class TestExemptPathsThatSaveEverything:
    """Django writes the session with every answer, also where the hub has not judged it."""

    @pytest.fixture(autouse=True)
    def exempt(self, signed_in, settings):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/public/"]
        settings.SESSION_SAVE_EVERY_REQUEST = True

    def test_bring_no_ended_session_back(self, engine, signed_in):
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        for path in ("/public/", "/whoami/", "/public/"):
            assert signed_in.get(path).status_code == 200
            assert signed_in.whoami() is None
        row = Session.objects.get()
        assert row.end_reason == EndReason.COMPROMISED

    def test_make_no_row_of_one_whose_row_was_pruned(self, engine, signed_in):
        Session.objects.all().delete()
        signed_in.get("/public/")
        assert signed_in.whoami() is None
        signed_in.get("/public/")
        assert signed_in.whoami() is None
        assert not Session.objects.exists()

    def test_write_no_deleted_one_anew(self, signed_in):
        key = signed_in.cookies["sessionid"].value
        SessionStore(key).delete()
        signed_in.get("/public/")
        assert not SessionStore().exists(key)
        assert signed_in.whoami() is None


def test_signing_out_where_auth_is_the_user_ends_the_session(engine, user, signed_in):
    signed_in.get("/sign-out-authenticated/")
    row = Session.objects.get()
    assert (row.end_reason, row.ended_by) == (EndReason.SIGNED_OUT, user)
    assert signed_in.whoami() is None


class TestClientWithoutADeviceCookie:
    def test_makes_no_more_devices_than_endpoints(self, signed_in, settings):
        settings.SESSIONS_HUB_MAX_ENDPOINTS = 4
        for number in range(9):
            del signed_in.cookies["sessions_hub_device"]
            signed_in.get("/public/", user_agent=f"Agent/{number}")
            signed_in.cookies.setdefault("sessions_hub_device", "none")
        assert Device.objects.count() == 4
        assert SessionDevice.objects.count() == 4
        assert Session.objects.get().user_agent != ""

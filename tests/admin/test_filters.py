"""What each filter of the list of sessions finds, and that none of them reads the whole table."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connections, router
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from sessions_hub.admin.client_filters import DeviceKindFilter, OsFamilyFilter
from sessions_hub.models import Session
from sessions_hub.understanding.codes import OS_CODES
from sessions_hub.understanding.countries import all_countries, country_code
from sessions_hub.understanding.families import DEVICE_KINDS, OS_FAMILIES, device_kind
from tests.bounded_sql import assert_bounded

from .conftest import end, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"


def found(client, **query):
    """The names of the sessions a list shows."""
    text = client.get(URL, query).content.decode()
    return set(re.findall(r"<bdi>X(\w+)", text))


@pytest.fixture
def sessions(user):
    """Sessions that differ in what the filters ask for."""
    rows = {
        "windows": {"os_code": "WIN", "device_type": "desktop"},
        "ubuntu": {"os_code": "UBT", "device_type": "desktop", "country_code": "IS"},
        "ipad": {"os_code": "IPA", "device_type": "tablet", "assurance_level": 2},
        "pixel": {"os_code": "AND", "device_type": "smartphone", "tenant_id": "acme"},
        "fridge": {"os_code": "TIZ", "device_type": "peripheral", "country_code": ""},
        "curl": {"os_code": "", "device_type": "", "session_type": "api_key"},
        "acted": {"session_type": "impersonation", "os_code": "MAC", "device_type": "desktop"},
    }
    for name, values in rows.items():
        make_session(user, name=f"X{name}", **values)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"device_kind": "desktop"}, {"windows", "ubuntu", "acted"}),
        ({"device_kind": "phone"}, {"pixel"}),
        ({"device_kind": "tablet"}, {"ipad"}),
        ({"device_kind": "other"}, {"fridge"}),
        ({"device_kind": "unknown"}, {"curl"}),
        ({"device_kind": "nonsense"}, set()),
        ({"os_family": "windows"}, {"windows"}),
        ({"os_family": "macos"}, {"acted"}),
        ({"os_family": "ios"}, {"ipad"}),
        ({"os_family": "android"}, {"pixel"}),
        ({"os_family": "linux"}, {"ubuntu"}),
        ({"os_family": "other"}, {"fridge"}),
        ({"os_family": "unknown"}, {"curl"}),
        ({"os_family": "nonsense"}, set()),
        ({"assurance_level": "2"}, {"ipad"}),
        ({"impersonated": "yes"}, {"acted"}),
        ({"impersonated": "no", "os_family": "macos"}, set()),
        ({"country": "IS"}, {"ubuntu"}),
        ({"country": "is"}, {"ubuntu"}),
        ({"country": " Iceland "}, {"ubuntu"}),
        ({"country": "Iceland (IS)"}, {"ubuntu"}),
        ({"country": "Atlantis"}, set()),
        ({"tenant_id": "acme"}, {"pixel"}),
        ({"tenant_id": "acm"}, set()),
        ({"country": "DE", "device_kind": "desktop", "impersonated": "no"}, {"windows"}),
    ],
)
def test_a_filter_finds_what_it_says(root, sessions, query, names):
    assert found(root, **query) == names


def test_an_empty_text_filters_nothing(root, sessions):
    assert len(found(root, country="", tenant_id="")) == 7


def test_a_country_is_completed_in_the_reader_s_language(root, sessions):
    text = root.get(URL).content.decode()
    assert '<option value="Iceland (IS)">' in text
    assert '<input type="text" name="country" value="" list="hub-country"' in text
    with translation.override("de"):
        assert all_countries()["DE"] == "Deutschland"
        assert country_code("Deutschland") == country_code("Deutschland (DE)") == "DE"
        assert list(all_countries().values()) == sorted(all_countries().values(), key=str.casefold)


def test_a_typed_filter_keeps_the_others_and_the_search(root, sessions):
    text = root.get(URL, {"device_kind": "desktop", "q": "alice"}).content.decode()
    form = re.search(r'<form method="get">.*?name="country".*?</form>', text, re.DOTALL)[0]
    assert '<input type="hidden" name="device_kind" value="desktop">' in form
    assert '<input type="hidden" name="q" value="alice">' in form
    assert found(root, device_kind="desktop", q="alice", country="IS") == {"ubuntu"}


def test_tenants_are_offered_where_a_site_tells_them(root, sessions, settings):
    assert 'name="tenant_id"' not in root.get(URL).content.decode()
    settings.SESSIONS_HUB_TENANT = "tests.lifecycle.tenant_site.tenant"
    assert 'name="tenant_id"' in root.get(URL).content.decode()


def test_the_choice_made_stands_in_the_closed_menu(root, sessions):
    text = root.get(URL, {"device_kind": "phone", "country": "IS"}).content.decode()
    assert "<summary><span>Device</span> <strong>Phone</strong></summary>" in text
    assert "<summary><span>Country</span> <strong>IS</strong></summary>" in text
    assert "<summary><span>System</span></summary>" in text


def test_hostile_text_in_a_filter_is_text(root, sessions):
    text = root.get(URL, {"country": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in text


def test_status_means_what_the_querysets_mean(root, user):
    now = timezone.now()
    past = {"expires_at": now - timedelta(hours=1), "idle_expires_at": now - timedelta(hours=1)}
    idle = {"idle_expires_at": now - timedelta(hours=1)}
    disabled = make_user("disabled", is_active=False)
    make_session(user, name="Xactive")
    make_session(user, name="Xpast", **past)
    make_session(user, name="Xrested", **idle)
    make_session(disabled, name="Xdisabled")
    make_session(disabled, name="Xdisabledpast", **past)
    make_session(None, name="Xorphan")
    for reason in ("signed_out", "expired", "idle", "revoked_by_staff"):
        end(make_session(user, name=f"X{reason}"), reason)
    narrowed = {
        "active": Session.objects.active(),
        "expired": Session.objects.expired(),
        "ended": Session.objects.revoked(),
    }
    seen = []
    for status, rows in narrowed.items():
        names = {name[1:] for name in rows.values_list("name", flat=True) if name}
        assert found(root, status=status) == names, status
        seen += names
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 10


def test_every_system_with_a_code_has_at_most_one_family():
    codes = [code for family in OS_FAMILIES.values() for code in family]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(OS_CODES.values())
    offered = {value for value, _words in OsFamilyFilter.options}
    assert offered == {*OS_FAMILIES, "other", "unknown"}


@pytest.mark.parametrize(
    ("device_type", "kind"),
    [
        ("desktop", "desktop"),
        ("smartphone", "phone"),
        ("phablet", "phone"),
        ("feature phone", "phone"),
        ("smart display", "speaker"),
        ("car browser", "car"),
        ("camera", "other"),
        ("", ""),
    ],
)
def test_a_type_of_device_belongs_to_a_kind(device_type, kind):
    assert device_kind(device_type) == kind
    offered = {value for value, _words in DeviceKindFilter.options}
    assert offered == {*DEVICE_KINDS, "other", "unknown"}


QUERIES = (
    *({"status": one} for one in ("active", "expired", "ended")),
    *({"period": one} for one in ("today", "90")),
    {"device_kind": "tv", "country": "IS", "os_family": "other", "impersonated": "yes"},
    {"tenant_id": "acme", "assurance_level": "3", "session_type": "api_key"},
    {"q": "192.0.2.0/24"},
    {"q": "192.0.2.7", "status": "active"},
    {"q": "alice", "country": "DE"},
    {"older_than": "019aa000-0000-7000-8000-000000000000", "device_kind": "phone"},
)


@pytest.mark.parametrize("query", QUERIES)
def test_no_filter_counts_or_lists_the_whole_table(root, sessions, query):
    with CaptureQueriesContext(connections[router.db_for_write(Session)]) as queries:
        assert root.get(URL, query).status_code == 200
    assert len(queries) <= 18
    assert_bounded(queries)

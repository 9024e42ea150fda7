"""The list of sessions: what it shows, and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connections, router
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.admin import paginator
from sessions_hub.admin.filters import first_id_at
from sessions_hub.models import AuthenticationMethod, Session
from tests.bounded_sql import assert_bounded

from .conftest import end, make_device, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"
PAGES = (URL, "/admin/sessions_hub/device/", "/admin/sessions_hub/authenticationmethod/")


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("\xa0", " "))


def captured():
    return CaptureQueriesContext(connections[router.db_for_write(Session)])


def test_a_row_says_in_words_who_from_what_where_and_how_it_is(root, user):
    make_session(user, methods=("password", "totp"), assurance_level=2)
    text = text_of(root.get(URL))
    for words in (
        "Chrome 142 on Windows 11",
        ">alice<",
        "active",
        "password, authenticator app",
        "aal2",
        "Germany",
        "Berlin",
        "192.0.2.7",
        "5 minutes ago",
    ):
        assert words in text


def test_the_exact_time_is_the_title_of_the_relative_one(root, user):
    make_session(user)
    assert re.search(
        r'<time datetime="[^"]+" title="\d{4}-\d\d-\d\d \d\d:\d\d:\d\d CES?T">5 minutes ago',
        text_of(root.get(URL)),
    )


def test_a_session_of_an_unknown_client_is_named_by_its_user_agent(root, user):
    make_session(user, os_name="", client_name="", user_agent="curl/8.5.0")
    make_session(user, os_name="", client_name="", user_agent="")
    text = text_of(root.get(URL))
    assert "curl/8.5.0" in text
    assert "Unknown client" in text


def test_a_name_given_to_a_session_comes_first(root, user):
    make_session(user, name="Backup job", session_type="api_key")
    text = text_of(root.get(URL))
    assert text.index("Backup job") < text.index("Chrome 142 on Windows 11")
    assert "API key" in text


def test_the_reader_s_own_session_is_marked(root, user):
    make_session(user)
    assert text_of(root.get(URL)).count("the session you are in") == 1


def test_an_end_is_told_with_its_reason(root, user):
    end(make_session(user), "credentials_changed")
    text = text_of(root.get(URL))
    assert "ended" in text
    assert "credentials changed" in text


def test_a_session_past_its_limit_is_expired_before_anything_has_stamped_it(root, user):
    past = timezone.now() - timedelta(seconds=1)
    make_session(user, expires_at=past, idle_expires_at=past)
    assert "hub-expired" in text_of(root.get(URL, {"user": user.pk}))


def test_newest_sign_ins_come_first(root, user):
    for hours in (2, 1, 3):
        make_session(user, age=timedelta(hours=hours), client_name=f"Client{hours}")
    found = re.findall(r"<bdi>(Client\d)", text_of(root.get(URL)))
    assert found == ["Client1", "Client2", "Client3"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "active"}, {"active"}),
        ({"status": "expired"}, {"expired"}),
        ({"status": "ended"}, {"ended"}),
        ({"status": "nonsense"}, set()),
        ({"session_type": "api_key"}, {"expired"}),
        ({"session_type": "nonsense"}, set()),
        ({"period": "7"}, {"active", "ended"}),
        ({"period": "30"}, {"active", "ended", "expired"}),
        ({"period": "30", "status": "expired"}, {"expired"}),
        ({"period": "x"}, set()),
    ],
)
def test_filters_narrow_the_list(root, user, query, expected):
    make_session(user, client_name="Xactive")
    end(make_session(user, client_name="Xended", age=timedelta(days=3)))
    past = timezone.now() - timedelta(days=1)
    make_session(
        user,
        client_name="Xexpired",
        session_type="api_key",
        age=timedelta(days=20),
        expires_at=past,
        idle_expires_at=past,
    )
    text = text_of(root.get(URL, {"user": user.pk, **query}))
    assert set(re.findall(r"X(\w+) 142", text)) == expected


def test_today_begins_at_midnight_of_the_site(root, user):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for seconds, name in ((1, "Xtoday"), (-1, "Xyesterday")):
        issued = midnight + timedelta(seconds=seconds)
        make_session(user, age=timezone.now() - issued, client_name=name)
    text = text_of(root.get(URL, {"period": "today"}))
    assert "Xtoday" in text
    assert "Xyesterday" not in text


def test_the_first_id_of_a_moment_is_a_version_7_id_before_all_others():
    now = timezone.now()
    lowest = first_id_at(now)
    assert lowest.version == 7
    assert lowest.variant == "specified in RFC 4122"
    assert lowest == first_id_at(now)


def test_the_list_of_one_user_says_whose_it_is(root, user):
    make_session(user)
    make_session(make_user("bob"), client_name="Xbob")
    text = text_of(root.get(URL, {"user": user.pk}))
    assert "Xbob" not in text
    assert "<summary><span>User</span> <strong>alice</strong>" in text


@pytest.mark.parametrize("value", ["nobody", "0", "9" * 40, "x'--"])
def test_the_list_of_an_unknown_user_is_empty(root, user, value):
    make_session(user)
    assert "Chrome 142" not in text_of(root.get(URL, {"user": value}))


def test_a_page_costs_the_same_number_of_queries_however_many_rows_it_has(root, user):
    make_device(user, make_session(user))
    counts = {}
    for page in PAGES:
        with captured() as queries:
            root.get(page)
        counts[page] = len(queries)
    for number in range(29):
        other = make_user(f"user{number}")
        make_device(other, make_session(other, methods=("password", "totp", "webauthn")))
    for page in PAGES:
        with captured() as queries:
            response = root.get(page)
        assert len(queries) == counts[page], page
        assert response.context["cl"].result_count >= 30


@pytest.mark.parametrize("page", PAGES)
def test_no_page_counts_or_lists_a_whole_table(root, user, page):
    make_device(user, make_session(user))
    for query in ("", "status=active", "status=expired", "period=30", "q=alice", "method=password"):
        with captured() as queries:
            assert root.get(f"{page}?{query}").status_code in (200, 400)
        assert_bounded(queries)


def test_a_count_stops_at_the_cap_and_the_page_says_so(root, user, monkeypatch):
    for _ in range(7):
        make_session(user)
    assert paginator.capped_count(Session.objects.all(), 5) == 5
    assert "There may be more" not in text_of(root.get(URL))
    monkeypatch.setattr(paginator.capped_count, "__defaults__", (5,))
    monkeypatch.setattr(paginator, "CAP", 5)
    response = root.get(URL)
    assert response.context["cl"].result_count == 5
    assert "There may be more" in text_of(response)


def test_facets_cannot_be_asked_for(root, user):
    make_session(user)
    with captured() as queries:
        response = root.get(URL, {"_facets": "True"})
    assert response.status_code == 200
    assert not any("FILTER" in row["sql"].upper() for row in queries)


@pytest.mark.parametrize("order", ["1", "-6", "2.3"])
def test_no_column_without_an_index_can_be_sorted_by(root, user, order):
    make_session(user)
    response = root.get(URL, {"o": order})
    assert "sortable" not in text_of(response)
    assert response.context["cl"].queryset.query.order_by == ("-id",)


def test_devices_and_proofs_have_lists_and_pages(root, user):
    session = make_session(user)
    device = make_device(user, session, name="Old laptop")
    proof = AuthenticationMethod.objects.get(session=session)
    assert "Old laptop" in text_of(root.get(PAGES[1]))
    assert "Chrome 142 on Windows 11" in text_of(root.get(PAGES[2]))
    assert "192.0.2.7" in text_of(root.get(f"{PAGES[1]}{device.pk}/change/"))
    assert root.get(f"{PAGES[2]}{proof.pk}/change/").status_code == 200


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("known", {"Xplain", "Xtrusted"}),
        ("trusted", {"Xtrusted"}),
        ("forgotten", {"Xforgotten"}),
        ("nonsense", set()),
    ],
)
def test_devices_can_be_filtered_by_state(root, user, state, names):
    now = timezone.now()
    make_device(user, name="Xplain")
    make_device(user, name="Xtrusted", trusted_at=now)
    make_device(user, name="Xforgotten", trusted_at=now, forgotten_at=now)
    text = text_of(root.get(PAGES[1], {"state": state}))
    assert set(re.findall(r"<bdi>(X\w+)", text)) == names

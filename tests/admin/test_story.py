"""The page of a session tells what happened in it, in order."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.staff import extend_one
from sessions_hub.models import AuthenticationMethod, Session, SessionDevice

from .conftest import end, make_device, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"
HOUR = timedelta(hours=1)


def story(client, session):
    """Title and detail of each event on the page, as text, oldest first."""
    text = client.get(f"{URL}{session.pk}/change/").content.decode()
    items = re.findall(r'<li class="hub-event hub-event-([\w-]+)">(.*?)</li>', text, re.DOTALL)
    told = []
    for kind, item in items:
        title, _end, rest = item.partition("</strong>")
        detail = rest.partition('<span class="hub-event-when">')[0]
        plain = [" ".join(re.sub(r"<[^>]+>", "", part).split()) for part in (title, detail)]
        told.append((kind, *plain))
    return told


@pytest.fixture
def session(user):
    """Signed in ten hours ago with a password."""
    session = make_session(user, age=10 * HOUR)
    prove_at(session, session.issued_at)
    return session


def prove_at(session, moment, method=None, **values):
    if method is None:
        AuthenticationMethod.objects.filter(session=session).update(completed_at=moment)
    else:
        AuthenticationMethod.objects.create(
            session=session, method=method, completed_at=moment, **values
        )


def seen(session, hours, **values):
    moment = session.issued_at + hours * HOUR
    return SessionDevice.objects.create(
        session=session,
        fingerprint=f"f{hours}",
        first_seen_at=moment,
        last_seen_at=moment,
        **values,
    )


def test_a_sign_in_says_how_from_what_and_where(root, session):
    kind, title, detail = story(root, session)[0]
    assert (kind, title) == ("start", "Signed in")
    assert detail == "password aal1 · Chrome 142 on Windows 11 · Berlin, 🇩🇪 Germany"


def test_the_page_names_a_system_as_people_do(root, session):
    values = {"os_name": "Chrome OS", "os_version": "16433.41.0"}
    Session.objects.filter(pk=session.pk).update(**values)
    assert "Chrome 142 on ChromeOS ·" in story(root, session)[0][2]
    text = root.get(f"{URL}{session.pk}/change/").content.decode()
    assert ">ChromeOS<" in text
    assert "16433" not in text


def test_factors_of_the_sign_in_are_part_of_it(root, user):
    session = make_session(user, age=HOUR, methods=("password", "totp"))
    prove_at(session, session.issued_at + timedelta(seconds=2))
    told = story(root, session)
    assert "password, authenticator app aal2" in told[0][2]
    assert not [one for one in told if one[0] in ("proof", "step-up")]


def test_a_later_factor_is_a_step_up_and_one_that_raises_nothing_a_proof(root, session):
    prove_at(session, session.issued_at + HOUR, "totp")
    prove_at(session, session.issued_at + 2 * HOUR, "password")
    assert story(root, session)[1:3] == [
        ("step-up", "Stepped up to aal2", "authenticator app"),
        ("proof", "Proven again", "password"),
    ]


def test_a_factor_taken_back_and_a_demanded_proof_are_told(root, session):
    prove_at(
        session,
        session.issued_at + HOUR,
        "totp",
        revoked_at=session.issued_at + 2 * HOUR,
    )
    Session.objects.filter(pk=session.pk).update(proof_required_at=session.issued_at + 3 * HOUR)
    titles = [title for _kind, title, _detail in story(root, session)]
    assert titles[1:4] == [
        "Stepped up to aal2",
        "A proof no longer counts",
        "Has to be proven again",
    ]


def test_other_places_addresses_and_devices_are_told_apart(root, user, session):
    same = {
        "client_name": "Chrome",
        "client_version": "142.0",
        "os_name": "Windows",
        "os_version": "11",
    }
    device = make_device(user)
    seen(session, 0, device=device, country_code="DE", city="Berlin", ip="192.0.2.7", **same)
    seen(session, 1, device=device, country_code="DE", city="Berlin", ip="192.0.2.8", **same)
    seen(session, 2, device=device, country_code="JP", city="Osaka", ip="203.0.113.7", **same)
    seen(session, 3, device=make_device(user), country_code="JP", city="Osaka", **same)
    told = [one for one in story(root, session) if one[0] == "place"]
    assert [title for _kind, title, _detail in told] == [
        "Used from another address",
        "Used from another place",
        "Used on another device",
    ]
    assert told[1][2] == "Chrome 142 on Windows 11 · Osaka, 🇯🇵 Japan · 203.0.113.7"


def test_another_client_in_the_same_town_is_no_other_place(root, user, session):
    place = {"country_code": "DE", "city": "Berlin"}
    Session.objects.filter(pk=session.pk).update(**place)
    seen(session, 0, ip="192.0.2.7", client_name="Chrome", client_version="142.0", **place)
    seen(session, 1, ip="192.0.2.8", client_name="Chrome", client_version="143.0", **place)
    told = [one for one in story(root, session) if one[0] == "place"]
    assert [title for _kind, title, _detail in told] == ["Used with another client or version"]


def test_an_extension_by_staff_says_by_whom_and_until_when(root, superuser, user):
    soon = timezone.now() + HOUR
    session = make_session(user, expires_at=soon, idle_expires_at=soon)
    extend_one(session, Actor(superuser), lifetime=timedelta(days=1), now=timezone.now())
    (told,) = [one for one in story(root, session) if one[0] == "extend"]
    assert told[1] == "Extended"
    assert told[2].startswith("by root · until ")


def test_an_active_session_says_how_long_it_lasts(root, user):
    now = timezone.now()
    session = make_session(user, expires_at=now + 5 * HOUR, idle_expires_at=now + 2 * HOUR)
    ahead = [title for kind, title, _detail in story(root, session) if kind == "ahead"]
    assert ahead == ["Ends if it is not used", "Ends at the latest"]


@pytest.mark.parametrize(
    ("reason", "values", "title", "detail"),
    [
        ("signed_out", {}, "Ended", "signed out"),
        ("revoked_by_staff", {"ended_by_label": "carol"}, "Ended", "ended by staff · by carol"),
        ("expired", {}, "Expired", ""),
        ("idle", {}, "Idle for too long", ""),
        ("compromised", {}, "Ended", "compromised"),
    ],
)
def test_an_end_says_why_and_by_whom(root, session, reason, values, title, detail):
    end(session, reason, **values)
    assert story(root, session)[-1] == ("end", title, detail)


def test_an_end_nothing_has_stamped_yet_is_told_too(root, user):
    past = timezone.now() - HOUR
    session = make_session(user, age=5 * HOUR, expires_at=past, idle_expires_at=past, methods=())
    assert story(root, session)[-1][:2] == ("end", "Expired")


def test_an_impersonation_says_who_acts_and_why(root, superuser, user):
    own = make_session(superuser)
    acting = make_session(
        user,
        session_type="impersonation",
        methods=(),
        impersonator=superuser,
        impersonation_reason="ticket 7",
        impersonator_session_id=own.pk,
    )
    kind, title, detail = story(root, acting)[0]
    assert (kind, title) == ("start", "Impersonation began")
    assert detail.startswith("root · ticket 7 · ")
    assert ("warning", "Acted as alice", "ticket 7") in story(root, own)


def test_events_come_in_the_order_of_time(root, session):
    prove_at(session, session.issued_at + 5 * HOUR, "totp")
    seen(session, 0)
    seen(session, 3, city="Osaka", country_code="JP")
    seen(session, 7, city="Lima", country_code="PE")
    Session.objects.filter(pk=session.pk).update(last_used_at=session.issued_at + 8 * HOUR)
    kinds = [kind for kind, _title, _detail in story(root, session)]
    assert kinds == ["start", "place", "step-up", "place", "use", "ahead"]


def test_a_long_story_costs_no_more_queries(root, user, django_assert_max_num_queries):
    session = make_session(user, methods=["password"] * 70)
    device = make_device(user)
    for hours in range(70):
        seen(session, hours, device=device)
    with django_assert_max_num_queries(24):
        told = story(root, session)
    assert len([one for one in told if one[0] == "place"]) == 49


def test_a_hostile_reason_is_text(root, user):
    session = make_session(
        user, session_type="impersonation", impersonation_reason="<script>alert(1)</script>\u202e"
    )
    text = root.get(f"{URL}{session.pk}/change/").content.decode()
    assert "<script>alert" not in text
    assert "\u202e" not in text


def test_raw_agent_and_hints_are_folded_away(root, user):
    session = make_session(user, client_hints={"Sec-CH-UA": "x"})
    text = root.get(f"{URL}{session.pk}/change/").content.decode()
    folded = re.findall(r"<details>.*?</details>", text, re.DOTALL)
    (recorded,) = [one for one in folded if "As recorded" in one]
    assert session.user_agent in recorded
    assert "Sec-CH-UA" in recorded
    assert session.user_agent not in text.replace(recorded, "")


def test_the_head_offers_to_act_as_the_user_where_one_may(root, staff, signed_in, user):
    session = make_session(user)
    url = f"{URL}{session.pk}/change/"
    assert f'href="/account/impersonate/{user.pk}/"' in root.get(url).content.decode()
    viewer = signed_in(staff("sessions_hub.view_session", username="viewer"))
    assert "/impersonate/" not in viewer.get(url).content.decode()
    of_staff = make_session(make_user("boss", is_staff=True))
    helper = signed_in(
        staff("sessions_hub.view_session", "sessions_hub.impersonate_user", username="helper")
    )
    assert "/impersonate/" in helper.get(url).content.decode()
    assert "/impersonate/" not in helper.get(f"{URL}{of_staff.pk}/change/").content.decode()

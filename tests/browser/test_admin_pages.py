"""The hub's admin in a real browser, under a strict CSP: look, end, extend, act as somebody."""

from __future__ import annotations

import pytest

from sessions_hub.models import EndReason, Session

from .paths import LIST
from .steps import (
    at,
    complaints,
    find,
    find_all,
    named,
    press,
    shows,
    sign_in,
    tab_to,
    wait,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.browser.admin_site"),
    pytest.mark.usefixtures("strict"),
]


@pytest.fixture
def admin(chromium, site, crowd):
    """A browser in which the operator is signed in, at the list of sessions."""
    sign_in(chromium, site, "operator", LIST)
    yield chromium
    assert complaints(chromium) == []


def users_of(driver) -> set[str]:
    return {one.text for one in find_all(driver, "#result_list .field-owner")}


def test_the_list_is_narrowed_until_one_session_tells_its_story(admin, site):
    find_all(admin, ".hub-filter > summary")[0].click()
    named(admin, "Active", ".hub-filter[open]").click()
    wait(admin, lambda driver: "status=active" in driver.current_url)
    country = next(
        one for one in find_all(admin, ".hub-filter > summary") if one.text.startswith("Country")
    )
    country.click()
    find(admin, ".hub-filter[open] [name^=country]").send_keys("Italy")
    named(admin, "Filter", ".hub-filter[open]").click()
    wait(admin, lambda driver: "Italy" in driver.current_url)
    assert users_of(admin) == {"chiara"}
    assert {one.text for one in find_all(admin, ".field-status .hub-badge")} == {"active"}

    last = find_all(admin, "#result_list .field-label a")[-1]
    last.click()
    wait(admin, lambda driver: find_all(driver, ".hub-story"))
    assert "Signed in" in find(admin, ".hub-event-start").text


def test_a_session_is_ended_from_its_page_and_the_page_says_why_and_by_whom(admin, site, crowd):
    admin.get(f"{site}{LIST}{crowd.session.pk}/change/")
    named(admin, "End session", "body").click()
    wait(admin, at("/end/"))
    assert "1 session of chiara will end." in find(admin, ".hub-confirm").text
    assert [one.text for one in find_all(admin, ".hub-crumbs a")][-1] == "Safari 26 on macOS 26.1"
    named(admin, "End session", ".hub-confirm").click()
    wait(admin, at("/change/"))
    story = find(admin, ".hub-event-end").text
    assert "ended by staff · by operator" in story
    crowd.session.refresh_from_db()
    assert crowd.session.end_reason == EndReason.REVOKED_BY_STAFF


def test_everything_of_a_device_is_shown_before_it_ends(admin, site, crowd):
    on_it = Session.objects.filter(session_devices__device=crowd.device, ended_at=None).distinct()
    many = on_it.count()
    admin.get(f"{site}{LIST}{crowd.session.pk}/change/")
    named(admin, "this device", ".hub-everything").click()
    wait(admin, at(f"{LIST}end/"))
    assert f"{many} sessions of Studio of chiara will end." in find(admin, ".hub-confirm").text
    assert len(find_all(admin, ".hub-sample tbody tr")) == min(many, 10)
    assert on_it.count() == many
    named(admin, "End sessions", ".hub-confirm").click()
    wait(admin, shows(f"{many} sessions of Studio of chiara were ended."))
    assert on_it.count() == 0


def test_a_session_is_extended(admin, site, crowd):
    before = crowd.session.expires_at
    admin.get(f"{site}{LIST}{crowd.session.pk}/change/")
    named(admin, "Extend", "body").click()
    wait(admin, at("/extend/"))
    find(admin, "[name=lifetime][value='604800']").click()
    named(admin, "Extend session", ".hub-confirm").click()
    wait(admin, shows("The session lasts until"))
    crowd.session.refresh_from_db()
    assert crowd.session.expires_at > before
    assert "Extended" in find_all(admin, ".hub-event-extend")[-1].text


def test_the_operator_acts_as_a_user_and_stops(admin, camera, site, crowd):
    user = crowd.session.user
    admin.get(f"{site}/account/impersonate/{user.pk}/?next=/home/")
    find(admin, "[name=reason]").send_keys("Ticket 4711")
    named(admin, "Act as this user").click()
    wait(admin, at("/home/"))
    assert find(admin, "h1").text == "Hello, chiara"
    banner = find(admin, ".sessions-hub-impersonation").text
    assert "operator is acting as chiara" in banner
    assert "Reason: Ticket 4711" in banner
    assert camera.look("impersonation-banner") == []
    admin.get(f"{site}/account/sessions/")
    assert camera.look("impersonation-sessions") == []
    assert not find_all(admin, "main form")
    admin.get(f"{site}/home/")
    named(admin, "Stop", "body").click()
    wait(admin, shows("Hello, operator"))
    ended = Session.objects.get(user=user, impersonator=crowd.operator)
    assert ended.end_reason == EndReason.IMPERSONATION_OVER


def test_the_keyboard_alone_ends_a_session_from_the_list(admin, site, crowd):
    from selenium.webdriver import Keys

    admin.get(f"{site}{LIST}?q={crowd.session.pk}")
    tab_to(admin, lambda focused: focused.accessible_name.startswith("Safari 26"))
    press(admin, Keys.ENTER)
    wait(admin, at("/change/"))
    tab_to(admin, lambda focused: focused.accessible_name.casefold() == "end session")
    press(admin, Keys.ENTER)
    wait(admin, at("/end/"))
    tab_to(admin, lambda focused: focused.tag_name == "button" and focused.text == "End session")
    press(admin, Keys.ENTER)
    wait(admin, at("/change/"))
    crowd.session.refresh_from_db()
    assert crowd.session.end_reason == EndReason.REVOKED_BY_STAFF

"""Who acts as another user changes no password and no factor, whatever view it is."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.models import EndReason
from tests.contract.browser import Browser

from .credential_views import NEW, OLD
from .impersonating import impersonate, make_staff, own, stop, the_impersonation

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("its_views"),
]


@pytest.fixture
def its_views(settings):
    settings.ROOT_URLCONF = "tests.lifecycle.credential_views"


@pytest.fixture
def device(user):
    StaticDevice.objects.create(user=user, name="codes").token_set.create(token="kept")
    return TOTPDevice.objects.create(user=user, name="phone")


@pytest.fixture(params=["sync", "async"])
def grace(request, user, device) -> Browser:
    """Her browser, acting as ada, who has a second factor."""
    make_staff()
    browser = Browser(request.param)
    browser.sign_in("grace")
    impersonate(browser)
    assert browser.whoami() == "ada"
    return browser


def unchanged() -> bool:
    ada = get_user_model()._default_manager.get(username="ada")
    devices = TOTPDevice.objects.filter(user=ada, confirmed=True).exclude(key="00" * 20)
    is_added = StaticToken.objects.exclude(token="kept").exists()
    has_device = [device.name for device in devices] == ["phone"]
    return ada.check_password(OLD) and has_device and not is_added


@pytest.mark.parametrize(
    "view",
    [
        "save_everything",
        "save_the_password",
        "assign_a_password",
        "assign_it_alone",
        "take_the_password_away",
        "save_under_the_same_key",
        "save_a_proxy",
        "make_a_member_of",
        "add_a_device",
        "remove_devices",
        "replace_a_secret",
        "give_a_device_away",
        "turn_a_device_off",
        "add_backup_codes",
    ],
)
def test_is_answered_403_and_changes_nothing(grace, caplog, view):
    response = grace.get(f"/{view}/")
    assert response.status_code == 403
    assert b"cannot be done while acting as another user" in response.content
    assert response.headers["Cache-Control"] == "no-store"
    assert unchanged()
    assert f"impersonation.credentials_kept session_id={the_impersonation().pk}" in caplog.text
    # It goes on, and so does the way back.
    assert grace.whoami() == "ada"
    stop(grace)
    assert grace.whoami() == "grace"


def test_nor_is_a_third_user_s_password_changed(grace):
    """Whoever may be impersonated may be one who sets the passwords of others."""
    get_user_model()._default_manager.create_user(username="bob", password=OLD)
    assert grace.get("/save_everything/?user=bob").status_code == 403
    assert get_user_model()._default_manager.get(username="bob").check_password(OLD)


def test_a_view_can_answer_for_itself(grace):
    assert grace.get("/swallow/").content == b"forbidden"
    assert unchanged()


@pytest.mark.parametrize(
    "view",
    ["save_something_else", "save_a_name", "add_a_user", "use_a_device", "use_a_backup_code"],
)
def test_leaves_alone_what_is_no_credential(grace, view):
    assert grace.get(f"/{view}/").status_code == 200
    assert unchanged()
    assert grace.whoami() == "ada"


def test_a_better_hash_of_the_same_password_is_stored(grace, user, settings):
    # As at the first sign-in after a change of PASSWORD_HASHERS.
    old = user.password
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert grace.get("/check_the_password/").content == b"True"
    user.refresh_from_db()
    assert user.password != old
    assert user.check_password(OLD)


def test_what_goes_round_the_signals_ends_it_on_the_next_request(grace):
    assert grace.get("/update_the_row/").status_code == 200
    assert grace.whoami() is None
    assert the_impersonation().end_reason == EndReason.CREDENTIALS_CHANGED
    assert own().end_reason == EndReason.SIGNED_OUT


@pytest.mark.parametrize("view", ["save_everything", "add_a_device", "remove_devices"])
def test_holds_nobody_else_back(grace, view):
    stop(grace)
    visitor = Browser(grace.mode)
    visitor.sign_in("ada")
    assert visitor.get(f"/{view}/").status_code == 200


def test_holds_where_enforcement_is_off(grace, settings):
    settings.SESSIONS_HUB_ENFORCE = False
    assert grace.get("/save_everything/").status_code == 403
    assert unchanged()


@pytest.mark.parametrize("view", ["save_everything", "add_a_device", "remove_devices"])
def test_holds_on_paths_that_are_not_looked_at(grace, settings, view):
    settings.SESSIONS_HUB_EXEMPT_PATHS = ["/"]
    assert grace.get(f"/{view}/").status_code == 403
    assert unchanged()


def test_djangos_own_page_is_closed_on_paths_that_are_not_looked_at(grace, settings):
    settings.SESSIONS_HUB_EXEMPT_PATHS = ["/"]
    assert grace.get("/password/").status_code == 403


@pytest.mark.parametrize("exempt", [(), ("/sign_in", "/stop_and")])
@pytest.mark.parametrize("view", ["stop_and_save", "sign_in_and_save"])
@pytest.mark.parametrize("name", ["ada", "grace"])
def test_holds_nobody_back_who_is_themselves_again(grace, settings, exempt, view, name):
    settings.SESSIONS_HUB_EXEMPT_PATHS = exempt
    assert grace.post(f"/{view}/?user={name}").status_code == 200
    assert get_user_model()._default_manager.get(username=name).check_password(NEW)


@pytest.mark.parametrize("view", ["save_everything", "add_a_device", "add_backup_codes"])
def test_holds_nobody_back_on_paths_that_are_not_looked_at(grace, settings, view):
    visitor = Browser(grace.mode)
    visitor.sign_in("ada")
    settings.SESSIONS_HUB_EXEMPT_PATHS = ["/"]
    assert visitor.get(f"/{view}/").status_code == 200
    assert not unchanged()

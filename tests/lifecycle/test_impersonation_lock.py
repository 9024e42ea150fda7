"""Who acts as another user changes no password and no factor, whatever view it is."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model, login
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import ImpersonationDenied, stop_impersonation
from sessions_hub.models import EndReason
from tests.contract.browser import Browser
from tests.users.models import Member, UserProxy

from .impersonating import impersonate, make_staff, own, stop, the_impersonation
from .impersonating import urlpatterns as common

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("its_views"),
]

OLD, NEW = "right-password", "stolen-password"


def save_everything(request: HttpRequest) -> HttpResponse:
    user = get_user_model()._default_manager.get(username=request.GET.get("user", "ada"))
    user.set_password(NEW)
    user.save()
    return HttpResponse("changed")


def save_the_password(request: HttpRequest) -> HttpResponse:
    request.user.set_password(NEW)
    request.user.save(update_fields=["password"])
    return HttpResponse("changed")


def save_something_else(request: HttpRequest) -> HttpResponse:
    request.user.set_password(NEW)
    request.user.first_name = "Ada"
    request.user.save(update_fields=["first_name"])
    return HttpResponse("changed")


def save_a_name(request: HttpRequest) -> HttpResponse:
    request.user.first_name = "Ada"
    request.user.save()
    return HttpResponse("changed")


def update_the_row(request: HttpRequest) -> HttpResponse:
    users = get_user_model()._default_manager.filter(pk=request.user.pk)
    users.update(password=make_password(NEW))
    return HttpResponse("changed")


def assign_a_password(request: HttpRequest) -> HttpResponse:
    """What serializers and hand-written views do."""
    request.user.password = make_password(NEW)
    request.user.save()
    return HttpResponse("changed")


def assign_it_alone(request: HttpRequest) -> HttpResponse:
    request.user.password = make_password(NEW)
    request.user.save(update_fields=["password"])
    return HttpResponse("changed")


def take_the_password_away(request: HttpRequest) -> HttpResponse:
    request.user.set_unusable_password()
    request.user.save()
    return HttpResponse("changed")


def save_under_the_same_key(request: HttpRequest) -> HttpResponse:
    """An instance that was never read is an UPDATE all the same."""
    user = get_user_model()(pk=request.user.pk, username="ada")
    user.set_password(NEW)
    user.save()
    return HttpResponse("changed")


def save_a_proxy(request: HttpRequest) -> HttpResponse:
    user = UserProxy._default_manager.get(pk=request.user.pk)
    user.set_password(NEW)
    user.save()
    return HttpResponse("changed")


def make_a_member_of(request: HttpRequest) -> HttpResponse:
    """A new row of a child model is an UPDATE of the user's."""
    member = Member(account=request.user, username="ada")
    member.set_password(NEW)
    member.save()
    return HttpResponse("changed")


def check_the_password(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user.check_password(OLD)))


def add_a_user(request: HttpRequest) -> HttpResponse:
    get_user_model()._default_manager.create_user(username="bob", password=NEW)
    return HttpResponse("added")


def add_a_device(request: HttpRequest) -> HttpResponse:
    TOTPDevice.objects.create(user=request.user, name="mine")
    return HttpResponse("added")


def remove_devices(request: HttpRequest) -> HttpResponse:
    TOTPDevice.objects.filter(user=request.user).delete()
    return HttpResponse("removed")


def replace_a_secret(request: HttpRequest) -> HttpResponse:
    """As the admin's form of a device does."""
    device = TOTPDevice.objects.get(user=request.user)
    device.key = "00" * 20
    device.save()
    return HttpResponse("changed")


def give_a_device_away(request: HttpRequest) -> HttpResponse:
    device = TOTPDevice.objects.get(user=request.user)
    device.user = get_user_model()._default_manager.get(username="grace")
    device.save(update_fields=["user"])
    return HttpResponse("changed")


def turn_a_device_off(request: HttpRequest) -> HttpResponse:
    device = TOTPDevice.objects.get(user=request.user)
    device.confirmed = False
    device.save(update_fields=["confirmed"])
    return HttpResponse("changed")


def add_backup_codes(request: HttpRequest) -> HttpResponse:
    """As the page of django-two-factor-auth does, where there is a device for them."""
    codes = StaticDevice.objects.get(user=request.user)
    codes.token_set.create(token="stolen")
    return HttpResponse("added")


def use_a_backup_code(request: HttpRequest) -> HttpResponse:
    codes = StaticDevice.objects.get(user=request.user)
    return HttpResponse(str(codes.verify_token("kept")))


def use_a_device(request: HttpRequest) -> HttpResponse:
    TOTPDevice.objects.get(user=request.user).throttle_increment()
    return HttpResponse("used")


def stop_and_save(request: HttpRequest) -> HttpResponse:
    """One request that goes back and changes a password of one's own."""
    stop_impersonation(request)
    return save_everything(request)


def sign_in_and_save(request: HttpRequest) -> HttpResponse:
    """Whoever signs in over an impersonation is themselves."""
    user = get_user_model()._default_manager.get(username=request.GET["user"])
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    TOTPDevice.objects.create(user=user, name="new")
    return save_everything(request)


def swallow(request: HttpRequest) -> HttpResponse:
    """A view that goes on after a refusal."""
    try:
        save_everything(request)
    except ImpersonationDenied as denial:
        return HttpResponse(denial.code)
    return HttpResponse("changed")


VIEWS = (
    save_everything,
    save_the_password,
    save_something_else,
    save_a_name,
    assign_a_password,
    assign_it_alone,
    take_the_password_away,
    save_under_the_same_key,
    save_a_proxy,
    make_a_member_of,
    update_the_row,
    check_the_password,
    add_a_user,
    add_a_device,
    remove_devices,
    replace_a_secret,
    give_a_device_away,
    turn_a_device_off,
    add_backup_codes,
    use_a_backup_code,
    use_a_device,
    stop_and_save,
    sign_in_and_save,
    swallow,
)
urlpatterns = [*(path(f"{view.__name__}/", view) for view in VIEWS), *common]


@pytest.fixture
def its_views(settings):
    settings.ROOT_URLCONF = "tests.lifecycle.test_impersonation_lock"


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
    assert f"impersonation_denied_credentials session={the_impersonation().pk}" in caplog.text
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

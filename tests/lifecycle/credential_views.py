"""Views of all the kinds that save passwords and second factors, and some that do not."""

from __future__ import annotations

from django.contrib.auth import get_user_model, login
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import ImpersonationDenied, stop_impersonation
from tests.users.models import Member, UserProxy

from .impersonating import urlpatterns as common

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

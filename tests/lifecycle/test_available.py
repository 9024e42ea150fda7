"""What a user could prove, asked anew each time."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import available_level, available_methods, factors
from sessions_hub.lifecycle.available import askable
from sessions_hub.models import AssuranceLevel

pytestmark = pytest.mark.django_db(databases="__all__")

HERE = "tests.lifecycle.test_available"


def keys(user):
    return ["passkey", "no-such-method", "webauthn"]


def broken(user):
    raise RuntimeError("the source is down")


def half_broken(user):
    yield "passkey"
    raise RuntimeError("the source went down")


def no_list(user):
    return 7


def of(user) -> tuple[int, set[str]]:
    return available_level(user), set(available_methods(user))


def test_a_password_is_aal1(user):
    assert of(user) == (AssuranceLevel.AAL1, {"password"})


def test_an_unusable_password_is_nothing(user):
    user.set_unusable_password()
    assert of(user) == (AssuranceLevel.AAL0, set())


def test_a_confirmed_device_makes_a_password_aal2(user):
    device = TOTPDevice.objects.create(user=user, confirmed=False)
    assert of(user) == (AssuranceLevel.AAL1, {"password"})
    TOTPDevice.objects.update(confirmed=True)
    assert of(user) == (AssuranceLevel.AAL2, {"password", "totp"})
    device.delete()
    assert of(user) == (AssuranceLevel.AAL1, {"password"})


def test_another_users_device_is_not_mine(user, make_user):
    TOTPDevice.objects.create(user=make_user("bob"), confirmed=True)
    assert of(user) == (AssuranceLevel.AAL1, {"password"})
    assert askable(user) == []


@pytest.mark.parametrize("change", ["owner", "confirmed", "deleted"])
def test_a_device_that_was_lost_since_it_was_listed_neither_sends_nor_proves(
    user, make_user, rf, monkeypatch, change
):
    device = TOTPDevice.objects.create(user=user, confirmed=True)
    monkeypatch.setattr(TOTPDevice, "generate_challenge", lambda self: "sent")
    monkeypatch.setattr(TOTPDevice, "verify_token", lambda self, token: True)
    (factor,) = askable(user)
    request = rf.get("/")
    request.user, request.session = user, {}
    assert factors.send(user, factor)
    assert factors.verify(request, user, factor, "1")
    match change:
        case "owner":
            TOTPDevice.objects.update(user=make_user("bob"))
        case "confirmed":
            TOTPDevice.objects.update(confirmed=False)
        case _:
            device.delete()
    assert not factors.send(user, factor)
    assert not factors.verify(request, user, factor, "1")


def test_a_device_without_a_password_is_aal1(user):
    user.set_unusable_password()
    TOTPDevice.objects.create(user=user, confirmed=True)
    assert of(user) == (AssuranceLevel.AAL1, {"totp"})


def test_a_source_adds_what_it_tells(user, settings):
    settings.SESSIONS_HUB_FACTOR_SOURCES = [f"{HERE}.keys"]
    assert of(user) == (AssuranceLevel.AAL2, {"password", "passkey", "webauthn"})


@pytest.mark.parametrize("name", ["broken", "half_broken", "no_list", "not_there"])
def test_a_source_that_fails_counts_as_nothing_and_is_named_once_a_minute(
    user, settings, caplog, name
):
    settings.SESSIONS_HUB_FACTOR_SOURCES = [f"{HERE}.{name}", f"{HERE}.keys"]
    for _ in range(2):
        assert "webauthn" in available_methods(user)
    assert [one.getMessage() for one in caplog.records].count(
        f"A source of factors failed and counts as nothing: {HERE}.{name}"
    ) == 1
    settings.SESSIONS_HUB_FACTOR_SOURCES = [f"{HERE}.{name}"]
    assert of(user) == (AssuranceLevel.AAL1, {"password"})


@pytest.mark.parametrize("nobody", [None, AnonymousUser(), object()])
def test_nobody_can_prove_anything(nobody):
    assert of(nobody) == (AssuranceLevel.AAL0, set())
    assert askable(nobody) == []


def test_an_inactive_user_can_prove_nothing(user):
    user.is_active = False
    assert of(user) == (AssuranceLevel.AAL0, set())

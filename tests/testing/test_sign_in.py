"""sessions_hub.testing: what it makes is what a real sign-in would have made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import user_logged_in
from django.test import Client

from sessions_hub.lifecycle import MethodClaim, TooManySessions, end_session
from sessions_hub.models import Device, Session, SessionDevice
from sessions_hub.testing import LAPTOP, PHONE, asign_in, make_device, sign_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db

KEY = MethodClaim(method="passkey", user_verified=True, backup_eligible=False)


@pytest.fixture
def ada():
    return make_user()


@pytest.mark.parametrize(
    ("methods", "level", "stored"),
    [
        (["password"], 1, ["password"]),
        (["password", "totp"], 2, ["password", "totp"]),
        (["totp", "webauthn"], 1, ["totp", "webauthn"]),
        ([KEY], 3, ["passkey"]),
        (["anonymous"], 0, ["anonymous"]),
    ],
)
def test_the_methods_are_proven_one_after_the_other(ada, methods, level, stored):
    session = sign_in(ada, methods=methods).session
    assert session.assurance_level == level
    proofs = session.authentication_methods.order_by("completed_at", "id")
    assert [proof.method for proof in proofs] == stored


def test_the_client_is_signed_in_and_an_end_holds(ada):
    signed_in = sign_in(ada)
    answer = signed_in.client.get("/whoami/").json()
    assert answer == {"user": "ada", "session": str(signed_in.session.pk)}
    end_session(signed_in.session, reason="revoked_by_staff")
    assert signed_in.client.get("/whoami/").json()["user"] is None
    assert signed_in.session.ended_at is None
    signed_in.session.refresh_from_db()
    assert signed_in.session.end_reason == "revoked_by_staff"


def test_the_second_factor_leaves_the_client_signed_in(ada):
    signed_in = sign_in(ada, methods=["password", "totp"])
    assert signed_in.client.get("/whoami/").json()["session"] == str(signed_in.session.pk)


def test_further_requests_come_from_the_same_place(ada):
    signed_in = sign_in(ada, user_agent=PHONE, address="2001:db8::7")
    signed_in.client.get("/whoami/")
    (place,) = SessionDevice.objects.all()
    assert (place.ip, place.client_name, place.os_name) == ("2001:db8::7", "Mobile Safari", "iOS")


def test_both_clients_are_read(ada):
    laptop, phone = (sign_in(ada, user_agent=agent).session for agent in (LAPTOP, PHONE))
    assert (laptop.os_name, laptop.client_name, laptop.device_type) == (
        "GNU/Linux",
        "Firefox",
        "desktop",
    )
    assert phone.device_type == "smartphone"


def test_each_client_is_a_device_of_its_own_and_is_known_again(ada):
    first = sign_in(ada)
    sign_in(ada)
    assert Device.objects.count() == 2
    # Not Client.logout(), which throws the device's cookie away too.
    first.client.get("/sign-out/")
    again = sign_in(ada, client=first.client)
    assert Device.objects.count() == 2
    assert again.session.pk != first.session.pk
    assert again.session.devices.get() == first.session.devices.get()


@pytest.mark.parametrize("secure", [False, True])
def test_people_sign_in_on_a_given_device(ada, secure):
    device = make_device(ada, name="My laptop", trusted=True)
    sessions = [sign_in(ada, device=device, secure=secure).session for _ in range(2)]
    assert {session.devices.get() for session in sessions} == {device}
    device.refresh_from_db()
    assert (device.name, device.os_name, Device.objects.count()) == ("My laptop", "GNU/Linux", 1)
    assert device.trusted_at == device.first_seen_at == device.last_seen_at


def test_a_device_without_a_known_key_is_refused(ada):
    device = sign_in(ada).session.devices.get()
    with pytest.raises(ValueError, match="pass that one's client"):
        sign_in(ada, device=device)


def test_a_device_of_another_user_is_refused(ada):
    with pytest.raises(ValueError, match="another user's"):
        sign_in(ada, device=make_device(make_user("bob")))


def test_without_the_cookie_no_device_can_be_given(ada, settings):
    settings.SESSIONS_HUB_DEVICE_COOKIE = None
    with pytest.raises(ValueError, match="SESSIONS_HUB_DEVICE_COOKIE is None"):
        sign_in(ada, device=make_device(ada))


def test_a_signed_in_client_changes_users_or_proves_itself_again(ada):
    client = Client()
    first = sign_in(ada, client=client).session
    assert sign_in(ada, client=client).session == first
    sign_in(make_user("bob"), client=client)
    first.refresh_from_db()
    assert first.end_reason == "replaced"


def test_the_type_and_lifetime_are_those_asked_for(ada):
    session = sign_in(
        ada, session_type="temporary", lifetime=timedelta(minutes=5), methods=["password"]
    ).session
    assert session.session_type == "temporary"
    # It counts from the answer, as that of Django's session does, give or take some seconds.
    assert timedelta(minutes=4) < session.expires_at - session.issued_at < timedelta(minutes=6)


def test_receivers_of_the_login_signal_run(ada):
    heard = []

    def hear(user, **kwargs):
        heard.append(user)

    user_logged_in.connect(hear)
    try:
        sign_in(ada)
    finally:
        user_logged_in.disconnect(hear)
    assert heard == [ada]


def test_the_backend_is_the_users_or_the_first_that_has_users(ada, settings):
    own = "sessions_hub.auth.ModelBackend"
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.BaseBackend", own]
    assert sign_in(ada).client.session["_auth_user_backend"].endswith("BaseBackend")
    ada.backend = own
    assert sign_in(ada).client.get("/whoami/").json()["user"] == "ada"


@pytest.mark.parametrize("methods", [[], ["no such"], ["password", "no such"]])
def test_methods_nobody_knows_are_refused(ada, methods):
    with pytest.raises(ValueError, match=r"at least one method|no such"):
        sign_in(ada, methods=methods)


def test_what_the_site_refuses_is_raised(ada, settings):
    settings.SESSIONS_HUB_MAX_SESSIONS = 1
    settings.SESSIONS_HUB_MAX_SESSIONS_ACTION = "refuse"
    sign_in(ada)
    with pytest.raises(TooManySessions):
        sign_in(ada)
    assert Session.objects.count() == 1


def test_it_asks_for_no_password(ada):
    ada.set_unusable_password()
    ada.save()
    assert sign_in(ada).client.get("/whoami/").json()["user"] == "ada"


def test_there_is_an_async_twin(ada):
    signed_in = async_to_sync(asign_in)(ada, methods=["password", "totp"])
    assert signed_in.session.assurance_level == 2

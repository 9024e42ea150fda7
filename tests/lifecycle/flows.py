"""What a visitor does, each from a fresh start: for tests that break it at every point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    EndReason,
    Session,
    SessionDevice,
    SessionToken,
)
from tests.contract.browser import Browser

from .stores import change_store, forget

MODELS = (SessionToken, AuthenticationMethod, SessionDevice, Session, Device)


class Flow(NamedTuple):
    """A visit: what comes before, the request itself, and who is signed in around it."""

    begin: Callable[[str], Browser]
    send: Callable[[Browser], Any]
    before: str | None
    after: str | None
    # Nobody may be signed in after a refusal that came late: the session is gone by then.
    lost: bool = False
    # What the view has stored lets nobody in whose own session Django could not save.
    shuts_out: bool = False
    # The row stays: the next request finds it.
    kept: bool = False
    engine: str = "db"


def make_user(name: str) -> Any:
    return get_user_model()._default_manager.create_user(username=name, password="right-password")


def clean() -> None:
    """No users, no rows, no sessions of Django's."""
    for model in MODELS:
        rows = model._base_manager.all()
        rows._raw_delete(rows.db)
    get_user_model()._base_manager.all().delete()
    store = import_module("django.contrib.sessions.backends.db").SessionStore
    store.get_model_class().objects.all().delete()


def visitor(mode: str) -> Browser:
    make_user("ada")
    return Browser(mode)


def signed_in(mode: str) -> Browser:
    browser = visitor(mode)
    browser.sign_in("ada")
    return browser


def known_visitor(mode: str) -> Browser:
    browser = signed_in(mode)
    browser.sign_out()
    return browser


def with_a_second_user(mode: str) -> Browser:
    make_user("bob")
    return signed_in(mode)


def long_unused(mode: str) -> Browser:
    browser = signed_in(mode)
    before = timezone.now() - timedelta(days=2)
    Session.objects.update(last_used_at=before)
    SessionDevice.objects.update(last_seen_at=before)
    return browser


def without_a_client(mode: str) -> Browser:
    browser = visitor(mode)
    browser.client.force_login(get_user_model()._default_manager.get())
    return browser


def from_before(mode: str) -> Browser:
    return forget(signed_in(mode))


def with_a_code(mode: str) -> Browser:
    browser = signed_in(mode)
    change_store(browser, otp_device_id="otp_totp.totpdevice/1")
    return browser


def past_its_limit(mode: str) -> Browser:
    browser = signed_in(mode)
    limit = timezone.now() - timedelta(minutes=5)
    Session.objects.update(expires_at=limit, idle_expires_at=limit)
    return browser


def ended(mode: str) -> Browser:
    browser = signed_in(mode)
    end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
    return browser


def in_two_places(mode: str) -> Browser:
    browser = signed_in(mode)
    Browser(mode).sign_in("ada")
    return browser


def prove_again_twice(mode: str) -> Browser:
    browser = signed_in(mode)
    browser.sign_in("ada")
    return browser


def public(browser: Browser, **headers: str) -> Any:
    return browser.get("/public/", **headers)


def sign_in(browser: Browser) -> Any:
    return browser.sign_in("ada")


def mistype(browser: Browser) -> Any:
    return browser.post("/accounts/login/", {"username": "ada", "password": "wrong-password"})


def delete(browser: Browser, row: Session) -> Any:
    return browser._send("delete", f"/api/sessions/{row.pk}/", {})


def ada(**filters: Any) -> Any:
    return Session.objects.filter(user__username="ada", **filters).order_by("pk")


FLOWS: dict[str, Flow] = {
    "sign in, new device": Flow(visitor, sign_in, None, "ada"),
    "sign in, known device": Flow(known_visitor, sign_in, None, "ada"),
    "sign in and be remembered": Flow(
        visitor, lambda browser: browser.sign_in("ada", "&expiry=864000"), None, "ada"
    ),
    "sign in over an ended session": Flow(ended, sign_in, None, "ada"),
    "mistype the password": Flow(visitor, mistype, None, None),
    "prove again": Flow(signed_in, sign_in, "ada", "ada"),
    "prove again, signed cookies": Flow(signed_in, sign_in, "ada", "ada", engine="signed_cookies"),
    "come back with the newest signed cookie": Flow(
        prove_again_twice, public, "ada", "ada", engine="signed_cookies"
    ),
    "switch the user": Flow(
        with_a_second_user, lambda browser: browser.sign_in("bob"), "ada", "bob", lost=True
    ),
    "sign out": Flow(signed_in, Browser.sign_out, "ada", None),
    "use": Flow(signed_in, public, "ada", "ada"),
    "look at the session": Flow(
        signed_in, lambda browser: browser.get(browser.twin("/whoami/")), "ada", "ada"
    ),
    "use after a while": Flow(long_unused, public, "ada", "ada"),
    "use elsewhere": Flow(
        long_unused, lambda browser: public(browser, user_agent="Another/1.0"), "ada", "ada"
    ),
    "be seen first": Flow(without_a_client, public, "ada", "ada"),
    "be adopted": Flow(from_before, public, "ada", "ada", kept=True),
    "add a factor": Flow(with_a_code, lambda browser: browser.get("/cart/"), "ada", "ada"),
    "change the password": Flow(
        signed_in,
        lambda browser: browser.get(browser.twin("/change-password/") + "?to=right-password"),
        "ada",
        "ada",
        shuts_out=True,
    ),
    "lose the sign-in": Flow(signed_in, lambda browser: browser.get("/flush/"), "ada", None),
    "come too late": Flow(past_its_limit, public, None, None),
    "come after an end": Flow(ended, public, None, None),
    "list over the API": Flow(
        in_two_places, lambda browser: browser.get("/api/sessions/"), "ada", "ada"
    ),
    "end another over the API": Flow(
        in_two_places, lambda browser: delete(browser, ada().last()), "ada", "ada"
    ),
    "end this one over the API": Flow(
        in_two_places, lambda browser: delete(browser, ada().first()), "ada", None, lost=True
    ),
    "end the others over the API": Flow(
        in_two_places, lambda browser: browser.post("/api/sessions/end-others/"), "ada", "ada"
    ),
}


def engine_of(flow: Flow) -> str:
    return f"django.contrib.sessions.backends.{flow.engine}"


def cookie_name() -> str:
    return settings.SESSION_COOKIE_NAME

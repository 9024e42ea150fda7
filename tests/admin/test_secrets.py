"""Nothing on the pages, and nothing that can be asked through them, gives a secret away."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from sessions_hub.models import AuthenticationMethod, Device, SessionDevice, SessionToken

from .conftest import make_device, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"
OVERRIDE = "\u202e"


@pytest.mark.parametrize(
    "lookup",
    [
        "credentials_digest__startswith",
        "credentials_digest",
        "django_key_digest__startswith",
        "current_fingerprint",
        "tokens__digest__startswith",
        "tokens__hint",
        "user__password__startswith",
        "user__email__startswith",
        "user__is_superuser__exact",
        "authentication_methods__provider_access_token__startswith",
        "session_devices__fingerprint",
        "devices__key_digest__startswith",
        "impersonation_reason__contains",
        "user_agent__regex",
    ],
)
def test_a_column_cannot_be_guessed_letter_by_letter(root, user, lookup):
    make_session(user)
    assert root.get(URL, {lookup: "5"}).status_code == 400


@pytest.mark.parametrize(
    ("page", "lookup"),
    [
        ("device", "key_digest__startswith"),
        ("device", "user__password__startswith"),
        ("authenticationmethod", "provider_access_token__startswith"),
        ("authenticationmethod", "session__credentials_digest__startswith"),
        ("authenticationmethod", "session__user__password__startswith"),
    ],
)
def test_nor_on_the_other_lists(root, user, page, lookup):
    make_device(user, make_session(user))
    assert root.get(f"/admin/sessions_hub/{page}/", {lookup: "5"}).status_code == 400


def secret_rows(user):
    session = make_session(user, django_key_digest="d1a9" * 16)
    device = make_device(user, session)
    Device.objects.filter(pk=device.pk).update(key_digest="ke7d19e57" * 7)
    AuthenticationMethod.objects.update(
        provider_access_token="acce55-cipher", provider_refresh_token="refre5h-cipher"
    )
    SessionToken.objects.create(session=session, digest="70ce4" * 12, hint="h1n7", key_id="k3y")
    SessionDevice.objects.update(fingerprint="f1f1f1f1" * 4)
    return session, device


def test_no_page_shows_a_digest_a_key_or_a_token(root, user):
    session, device = secret_rows(user)
    proof = AuthenticationMethod.objects.get(session=session)
    for url in (
        URL,
        f"{URL}{session.pk}/change/",
        f"{URL}{session.pk}/end/",
        f"{URL}{session.pk}/history/",
        "/admin/sessions_hub/device/",
        f"/admin/sessions_hub/device/{device.pk}/change/",
        "/admin/sessions_hub/authenticationmethod/",
        f"/admin/sessions_hub/authenticationmethod/{proof.pk}/change/",
    ):
        text = root.get(url).content.decode()
        if "/authenticationmethod/" in url and "change" in url:
            assert "access ••••••••, refresh ••••••••" in text
        for secret in (
            session.credentials_digest,
            session.current_fingerprint,
            "d1a9d1a9",
            "ke7d19e57",
            "acce55",
            "refre5h",
            "70ce470ce4",
            "h1n7",
            "f1f1f1f1f1",
        ):
            assert secret not in text, (url, secret)


def test_tokens_are_only_counted(root, user):
    session, _device = secret_rows(user)
    assert "1 in use, 0 replaced" in root.get(f"{URL}{session.pk}/change/").content.decode()


def test_tokens_have_no_page_of_their_own(root):
    assert root.get("/admin/sessions_hub/sessiontoken/").status_code == 404


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", f"{OVERRIDE}evil", "=cmd()|x"])
def test_what_others_have_chosen_is_shown_as_text(root, hostile):
    owner = make_user(f"o{hostile}", email="o@example.com")
    session = make_session(
        owner,
        name=hostile,
        user_agent=hostile,
        client_name="",
        os_name="",
        city=hostile,
        metadata={"note": hostile},
        client_hints={"Sec-CH-UA": hostile},
        impersonation_reason=hostile,
        impersonator_label=hostile,
    )
    device = make_device(owner, session, name=hostile)
    proof = AuthenticationMethod.objects.get(session=session)
    AuthenticationMethod.objects.update(provider=hostile, provider_uid=hostile)
    for url in (
        URL,
        f"{URL}?user={owner.pk}",
        f"{URL}{session.pk}/change/",
        f"{URL}{session.pk}/end/",
        f"{URL}{session.pk}/extend/",
        f"{URL}end/?user={owner.pk}",
        f"{URL}end/?device={device.pk}",
        f"{URL}end/?network=192.0.2.7",
        "/admin/sessions_hub/device/",
        f"/admin/sessions_hub/device/{device.pk}/change/",
        "/admin/sessions_hub/authenticationmethod/",
        f"/admin/sessions_hub/authenticationmethod/{proof.pk}/change/",
    ):
        response = root.get(url)
        assert response.status_code == 200, url
        text = response.content.decode()
        assert "<script>alert" not in text, url
        # Django's search form repeats the address in hidden fields, which nobody reads.
        assert OVERRIDE not in re.sub(r'type="hidden"[^>]*>', "", text), url


def test_a_right_to_left_override_is_made_visible_and_an_emoji_stays_whole(root, user):
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    make_session(user, name=f"{OVERRIDE}job {family}")
    text = root.get(URL).content.decode()
    assert r"\u202ejob" in text
    assert family in text


def test_a_hostile_name_is_harmless_in_messages_and_in_the_log(root, user):
    session = make_session(user, name=f"<b>{OVERRIDE}x")
    response = root.post(f"{URL}{session.pk}/end/", follow=True)
    assert OVERRIDE not in response.content.decode()
    history = root.get(f"{URL}{session.pk}/history/").content.decode()
    assert OVERRIDE not in history
    assert "<b>" not in history


@pytest.mark.parametrize("page", ["session", "device", "authenticationmethod"])
def test_pages_carry_no_script_and_no_style_of_ours(root, user, page):
    session = make_session(user)
    make_device(user, session)
    text = root.get(f"/admin/sessions_hub/{page}/").content.decode()
    assert "sessions_hub/admin.css" in text
    assert " style=" not in text
    assert "onclick" not in text


def test_the_confirmation_carries_the_stylesheet_and_nothing_inline(root, user):
    session = make_session(user)
    text = root.get(reverse("admin:sessions_hub_session_end", args=[session.pk])).content.decode()
    assert "sessions_hub/admin.css" in text
    assert " style=" not in text
    assert "<style" not in text

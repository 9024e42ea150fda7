"""A real browser with a virtual authenticator answers the page that asks again."""

from __future__ import annotations

from base64 import b64encode

import pytest

from sessions_hub.models import AuthenticationMethod, Session
from tests.account.keys.soft_key import SoftKey
from tests.factories import make_user
from tests.lifecycle.stores import with_cookie

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
BUTTON = "[data-sessions-hub-key]"
MISSING = "[data-sessions-hub-key-missing]"
FAILED = "[data-sessions-hub-key-failed]"


class Key:
    """What a person would hold at the computer: CDP's domain WebAuthn."""

    def __init__(self, driver, **options: object) -> None:
        self.driver = driver
        driver.execute_cdp_cmd("WebAuthn.enable", {})
        chosen = {
            "protocol": "ctap2",
            "transport": "usb",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            **options,
        }
        added = driver.execute_cdp_cmd("WebAuthn.addVirtualAuthenticator", {"options": chosen})
        self.id = added["authenticatorId"]

    def hold(self, key: SoftKey) -> None:
        """Put a registered key into the authenticator."""
        credential = {
            "credentialId": b64encode(key.id).decode(),
            "isResidentCredential": key.passkey,
            "rpId": key.rp_id,
            "privateKey": b64encode(key.pkcs8).decode(),
            "signCount": 1,
            "backupEligibility": key.synced,
            "backupState": key.synced,
        }
        if key.passkey:
            credential["userHandle"] = b64encode(b"1").decode()
        self.driver.execute_cdp_cmd(
            "WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential}
        )


@pytest.fixture
def ada(settings):
    settings.ROOT_URLCONF = "tests.account.site"
    user = make_user("ada")
    user.set_password("right-password")
    user.save()
    return user


@pytest.fixture
def site(live_server, chromium, ada) -> str:
    """Where Ada is signed in with her password. Browsers count localhost as secure."""
    site = live_server.url.replace("127.0.0.1", "localhost")
    chromium.get(f"{site}/sign-in/?user=ada")
    return site


def find(chromium, selector: str):
    return chromium.find_element("css selector", selector)


def wait(chromium, condition) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(chromium, 20).until(condition)


@pytest.mark.parametrize(("synced", "level"), [(False, 3), (True, 2)])
def test_a_passkey_lets_its_user_go_on(site, chromium, ada, synced, level):
    key = SoftKey(passkey=True, synced=synced, rp_id="localhost")
    key.register(ada)
    Key(chromium).hold(key)
    stolen = chromium.get_cookie("sessionid")["value"]

    chromium.get(f"{site}/strong/")
    assert "/account/reauthenticate/" in chromium.current_url
    assert find(chromium, BUTTON).is_displayed()
    assert not find(chromium, MISSING).is_displayed()
    find(chromium, BUTTON).click()
    wait(chromium, lambda driver: driver.current_url == f"{site}/strong/")

    assert "let in" in chromium.page_source
    assert Session.objects.get().assurance_level == level
    proof = AuthenticationMethod.objects.get(method="passkey")
    assert (proof.user_verified, proof.backup_eligible) == (True, synced)
    assert with_cookie(stolen).whoami() is None


def test_without_its_key_says_so_and_may_try_again(site, chromium, ada):
    key = SoftKey(rp_id="localhost")
    key.register(ada)
    SoftKey(rp_id="localhost").register(ada)
    held = Key(chromium, hasUserVerification=False, isUserVerified=False)

    chromium.get(f"{site}/account/reauthenticate/?next=/fresh/&level=aal2")
    find(chromium, BUTTON).click()
    wait(chromium, lambda driver: find(driver, FAILED).is_displayed())
    assert find(chromium, BUTTON).is_enabled()
    assert Session.objects.get().assurance_level == 1

    held.hold(key)
    find(chromium, BUTTON).click()
    wait(chromium, lambda driver: driver.current_url == f"{site}/fresh/")
    proof = AuthenticationMethod.objects.get(method="webauthn")
    assert (proof.user_verified, proof.backup_eligible) == (False, False)


def test_without_scripts_takes_the_rest(site, chromium, ada):
    SoftKey(rp_id="localhost").register(ada)
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    chromium.get(f"{site}/account/reauthenticate/?next=/fresh/")
    assert find(chromium, MISSING).is_displayed()
    assert not find(chromium, BUTTON).is_displayed()
    find(chromium, "[name=password]").send_keys("right-password")
    find(chromium, "[type=submit]").click()
    wait(chromium, lambda driver: driver.current_url == f"{site}/fresh/")

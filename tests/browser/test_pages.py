"""The pages for users in a real browser: two of them, a strict CSP, axe-core, the keyboard alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from sessions_hub.models import Device, EndReason, Session, SessionType
from tests.factories import PASSWORD, make_device, make_session, make_session_device, make_user
from tests.factories import make_method, make_token

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

WIDE, NARROW = (1280, 900), (390, 844)


@pytest.fixture(autouse=True)
def strict(settings) -> None:
    settings.ROOT_URLCONF = "tests.browser.pages_site"
    settings.MIDDLEWARE = ["tests.browser.csp.StrictPolicy", *settings.MIDDLEWARE]


@pytest.fixture
def ada():
    return make_user("ada", is_staff=True)


@pytest.fixture
def site(live_server) -> str:
    # Browsers count localhost as secure: the clipboard and client hints need it.
    return live_server.url.replace("127.0.0.1", "localhost")


def find(driver, selector: str):
    return driver.find_element("css selector", selector)


def wait(driver, condition) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(driver, 20).until(condition)


def at(path: str):
    """A condition: the browser shows a page of this path."""
    return lambda driver: driver.current_url.partition("?")[0].endswith(path)


def sign_in(driver, site: str, name: str = "ada") -> None:
    driver.get(f"{site}/accounts/login/?next=/account/sessions/")
    find(driver, "[name=username]").send_keys(name)
    find(driver, "[name=password]").send_keys(PASSWORD)
    find(driver, "[type=submit]").click()
    wait(driver, at("/account/sessions/"))


def named(driver, name: str):
    """The button or link with this accessible name."""
    found = [
        one
        for one in driver.find_elements("css selector", "main button, main a")
        if one.accessible_name == name
    ]
    assert len(found) == 1, [one.accessible_name for one in found]
    return found[0]


def says(driver) -> str:
    return find(driver, "[role=status]").text


def complaints(driver) -> list[str]:
    """What the console says that a person in charge would want to know."""
    return [
        entry["message"]
        for entry in driver.get_log("browser")
        if entry["level"] in {"SEVERE", "WARNING"}
    ]


@pytest.fixture
def history(ada) -> Session:
    """What a few years leave behind; returns the session on the phone."""
    now = timezone.now()
    windows = {
        "os_name": "Windows",
        "os_version": "11",
        "client_name": "Firefox",
        "client_version": "145.0",
        "device_type": "desktop",
        "client_type": "browser",
    }
    phone = {
        "os_name": "iOS",
        "os_version": "19.1",
        "client_name": "Mobile Safari",
        "client_version": "19.1",
        "device_type": "smartphone",
        "client_type": "browser",
    }
    berlin = {"ip": "203.0.113.7", "city": "Berlin", "country_code": "DE"}
    lisbon = {"ip": "2001:db8:41:9::17", "city": "Lisbon", "country_code": "PT"}

    def seen(device, ago, client, place, *methods, **values):
        at = now - ago
        session = make_session(
            ada, now, issued_at=at, **client, **place, assurance_level=len(methods), **values
        )
        Session.objects.filter(pk=session.pk).update(last_used_at=at + ago * 0.9)
        make_session_device(session, device, at, **client, **place)
        for method in methods:
            make_method(session, method, at)
        return session

    desk = make_device(ada, now - timedelta(days=200), name="Office", **windows)
    Device.objects.filter(pk=desk.pk).update(trusted_at=now - timedelta(days=190))
    mobile = make_device(ada, now - timedelta(days=40), **phone)
    seen(desk, timedelta(days=6), windows, berlin, "password", "totp")
    firefox = {**windows, "client_name": "Chrome", "client_version": "142.0"}
    seen(desk, timedelta(hours=20), firefox, berlin, "oidc")
    on_phone = seen(mobile, timedelta(days=3), phone, lisbon, "passkey")
    tv = {"os_name": "Tizen", "client_name": "Samsung Browser", "device_type": "tv"}
    seen(None, timedelta(days=9), tv, berlin, "password")
    seen(desk, timedelta(days=30), windows, berlin, "password", reason=EndReason.SIGNED_OUT)
    seen(None, timedelta(days=60), phone, lisbon, "password", reason=EndReason.COMPROMISED)
    key = make_session(
        ada,
        now,
        issued_at=now - timedelta(days=12),
        session_type=SessionType.API_KEY,
        name="Backup script",
        scopes=["sessions:read", "devices:read"],
    )
    Session.objects.filter(pk=key.pk).update(last_used_at=now - timedelta(hours=5))
    make_token(key, "0" * 64, hint="x7Qa")
    return on_phone


PAGES = {
    "sessions": "/account/sessions/",
    "ended": "/account/sessions/ended/",
    "end-others": "/account/sessions/end-others/",
    "end": "/account/sessions/{session}/end/",
    "not-me": "/account/sessions/{session}/not-me/",
    "devices": "/account/devices/",
    "device": "/account/devices/{device}/",
    "forget": "/account/devices/{device}/forget/",
    "api-keys": "/account/api-keys/",
    "api-key-new": "/account/api-keys/new/",
    "data": "/account/data/",
    "reauthenticate": "/account/reauthenticate/?next=/account/sessions/",
}


class Camera:
    """Looks at a page as people do: in two widths, light and dark, and with axe-core."""

    def __init__(self, driver, folder: Path | None) -> None:
        self.driver = driver
        self.folder = folder

    def look(self, name: str) -> list[str]:
        """What is wrong with the page the browser shows; keeps a picture of each look."""
        from axe_selenium_python import Axe

        wrong: list[str] = []
        for scheme in ("light", "dark"):
            self.driver.execute_cdp_cmd(
                "Emulation.setEmulatedMedia",
                {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
            )
            for width, height in (WIDE, NARROW):
                self._set_size(width, height)
                where = f"{name} {scheme} {width}"
                scrolls = self.driver.execute_script(
                    "return document.documentElement.scrollWidth > window.innerWidth"
                )
                if scrolls:
                    wrong.append(f"{where}: wider than the window")
                axe = Axe(self.driver)
                axe.inject()
                for violation in axe.run()["violations"]:
                    nodes = [node["html"][:160] for node in violation["nodes"]]
                    wrong.append(f"{where}: {violation['id']}: {violation['help']} {nodes}")
                self._keep(f"{name}-{width}-{scheme}.png")
        return wrong

    def _set_size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def _keep(self, name: str) -> None:
        if self.folder is None:
            return
        from base64 import b64decode

        self.folder.mkdir(parents=True, exist_ok=True)
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"captureBeyondViewport": True}
        )
        (self.folder / name).write_bytes(b64decode(shot["data"]))


@pytest.fixture
def camera(chromium) -> Iterator[Camera]:
    pytest.importorskip("axe_selenium_python", reason="axe-selenium-python needs Python 3.12")
    folder = os.environ.get("HUB_TEST_SCREENSHOTS")
    yield Camera(chromium, Path(folder) if folder else None)


def test_no_page_has_a_barrier_or_an_error_in_light_and_dark_wide_and_narrow(
    chromium, camera, site, history
):
    sign_in(chromium, site)
    device = Device.objects.get(name="Office")
    wrong = []
    for name, path in PAGES.items():
        chromium.get(site + path.format(session=history.pk, device=device.pk))
        assert find(chromium, "main h1").text
        wrong += camera.look(name)
        wrong += complaints(chromium)
    assert wrong == []

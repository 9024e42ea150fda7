"""What a sign-in on a known device changes in the device's row."""

from __future__ import annotations

import pytest

from sessions_hub.models import Device
from tests.contract.browser import CHROME, Browser

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def browser(make_user):
    make_user("ada")
    browser = Browser("sync")
    browser.sign_in("ada")
    # As reparsesessions has left it, with a backend that knows more than sign-ins have.
    Device.objects.update(device_model="Galaxy S24 Ultra")
    browser.sign_out()
    return browser


def test_what_a_better_backend_made_of_the_same_client_stays(browser):
    browser.sign_in("ada")
    assert Device.objects.get().device_model == "Galaxy S24 Ultra"


def test_another_user_agent_is_read_anew(browser):
    browser.headers["user-agent"] = CHROME.replace("Chrome/142", "Chrome/143")
    browser.sign_in("ada")
    device = Device.objects.get()
    assert (device.device_model, device.client_version) == ("", "143.0")

"""Clients of other people sign in over HTTP, and are recognised."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from sessions_hub.models import Session
from tests.child_runs import CHILD_LIMIT
from tests.factories import make_user

HIGH_ENTROPY = {
    "sec-ch-ua-platform-version",
    "sec-ch-ua-model",
    "sec-ch-ua-full-version-list",
    "sec-ch-ua-form-factors",
}


pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def ada():
    user = make_user("ada")
    user.set_password("correct horse")
    user.save()
    return user


@pytest.mark.browser
@pytest.mark.slow
def test_chromium_tells_with_the_sign_in_what_the_page_asked_for(
    live_server, chromium, ada
) -> None:
    # Hints are for secure origins; a browser counts localhost as one.
    page = live_server.url.replace("127.0.0.1", "localhost") + "/accounts/login/?next=/whoami/"
    chromium.get(page)
    chromium.find_element("name", "username").send_keys("ada")
    chromium.find_element("name", "password").send_keys("correct horse")
    chromium.find_element("css selector", "[type=submit]").click()
    assert '"ada"' in chromium.page_source

    session = Session.objects.get()
    full = chromium.capabilities["browserVersion"]
    assert set(session.client_hints) >= HIGH_ENTROPY
    assert session.client_version == ".".join(full.split(".")[:2])
    assert session.client_engine == "Blink"
    # The user agent holds the major version only; the full one came as a hint.
    assert session.client_engine_version == full
    assert session.os_name == "GNU/Linux"
    assert session.device_type == "desktop"
    assert session.client_type == "browser"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.slow
def test_curl_is_an_api_client_and_no_bot(live_server, ada, tmp_path) -> None:
    jar, page = tmp_path / "jar", live_server.url + "/accounts/login/"
    curl = ["curl", "-sS", "--cookie-jar", str(jar), "--cookie", str(jar)]
    form = subprocess.run(
        [*curl, page], capture_output=True, text=True, check=True, timeout=CHILD_LIMIT
    )
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', form.stdout)[1]
    data = f"csrfmiddlewaretoken={token}&username=ada&password=correct+horse"
    subprocess.run([*curl, "-o", "/dev/null", "-d", data, page], check=True, timeout=CHILD_LIMIT)

    session = Session.objects.get()
    version = subprocess.run(["curl", "--version"], capture_output=True, text=True).stdout.split()[
        1
    ]
    assert (session.client_type, session.client_name) == ("library", "curl")
    assert session.client_version == ".".join(version.split(".")[:2])
    assert session.is_bot is False
    assert session.ip == "127.0.0.1"

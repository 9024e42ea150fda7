"""A real Chromium, headless."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from django.core.cache import cache

from sessions_hub.models import Session
from tests.factories import make_user

from .camera import Camera
from .crowd import Crowd, gather
from .history import leave_history


def start(profile: Path):
    """A Selenium driver with a profile of its own; a skip, or a failure in the gate, without."""
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    driver_path = shutil.which("chromedriver")
    if not binary or not driver_path:
        problem = "chromium and chromedriver are needed (Debian: chromium, chromium-driver)"
        if os.environ.get("HUB_TEST_SERVICES") == "required":
            pytest.fail(problem)
        pytest.skip(problem)
    selenium = pytest.importorskip("selenium.webdriver")
    options = selenium.ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    driver = selenium.Chrome(
        options=options, service=selenium.ChromeService(executable_path=driver_path)
    )
    driver.set_page_load_timeout(30)
    # axe-core on a long page, where others use the processor: more than the half minute of default.
    driver.set_script_timeout(120)
    return driver


@pytest.fixture
def chromium(tmp_path):
    """A Selenium driver with an empty profile of its own."""
    driver = start(tmp_path / "profile")
    yield driver
    driver.quit()


@pytest.fixture
def other_chromium(tmp_path):
    """A second one, which shares nothing with the first."""
    driver = start(tmp_path / "other-profile")
    yield driver
    driver.quit()


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """The overview keeps its numbers for minutes: pictures would show another test's."""
    cache.clear()


@pytest.fixture
def site(live_server) -> str:
    """The address of the site that is looked at."""
    # Browsers count localhost as secure: the clipboard and client hints need it.
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def strict(settings) -> None:
    """Nothing inline, and nothing from elsewhere."""
    settings.MIDDLEWARE = ["tests.browser.csp.StrictPolicy", *settings.MIDDLEWARE]


@pytest.fixture
def camera(chromium) -> Camera:
    """Keeps its pictures in the folder HUB_TEST_SCREENSHOTS names, if any."""
    folder = os.environ.get("HUB_TEST_SCREENSHOTS")
    return Camera(chromium, Path(folder) if folder else None)


@pytest.fixture
def ada():
    """Somebody who signs in."""
    return make_user("ada", is_staff=True)


@pytest.fixture
def history(ada) -> Session:
    """What Ada has left behind in a few years; her session on the phone."""
    return leave_history(ada)


@pytest.fixture
def crowd(db) -> Crowd:
    """A month of sign-ins, and whoever looks after them."""
    return gather()

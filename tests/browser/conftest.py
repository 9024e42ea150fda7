"""A real Chromium, headless."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


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

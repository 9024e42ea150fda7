"""A real Chromium, headless."""

from __future__ import annotations

import os
import shutil

import pytest


@pytest.fixture
def chromium(tmp_path):
    """A Selenium driver with an empty profile of its own."""
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
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        f"--user-data-dir={tmp_path}/profile",
    ):
        options.add_argument(argument)
    driver = selenium.Chrome(
        options=options, service=selenium.ChromeService(executable_path=driver_path)
    )
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()

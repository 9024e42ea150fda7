"""Runs tests/browser/unfold with the settings of a site that has django-unfold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_chromium_looks_at_the_pages_on_unfold_s_base(chromium):
    # It needs Python 3.12.
    pytest.importorskip("unfold")
    # Started here once, so that a missing browser is a skip, or a failure in the gate.
    chromium.quit()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["--ds=tests.admin.unfold_settings", "-m", "browser", "tests/browser/unfold"]
    environment = os.environ | {"HUB_TEST_DATABASE": "sqlite", "HUB_TEST_NAME": "hub_unfold_looks"}
    # Those of a run in several processes are not for the process inside.
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr

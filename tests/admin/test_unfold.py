"""The mixins stand on django-unfold's ModelAdmin as well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_admins_work_on_the_base_of_django_unfold():
    # It needs Python 3.12.
    pytest.importorskip("unfold")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["--ds=tests.admin.unfold_settings", "tests/admin/under_unfold.py"]
    environment = os.environ | {"HUB_TEST_DATABASE": "sqlite", "HUB_TEST_NAME": "hub_unfold"}
    # Those of a run in several processes are not for the process inside.
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr

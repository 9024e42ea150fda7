"""The recipe of docs/scaling.md: what it makes serves the app as the one table did."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.partitions import recipe

ROOT = Path(__file__).resolve().parent.parent


def test_every_step_of_the_recipe_is_read():
    steps = recipe()
    assert len(steps) == 4
    assert "VALIDATE CONSTRAINT" in steps[1]
    assert "ATTACH PARTITION" in steps[2]


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("cut", ["now", "later"])
def test_the_app_works_on_partitioned_tables(cut):
    # A database of its own, and a process: the tables of this one stay what they are.
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/partitioned", "-p", "no:cacheprovider",
         "-p", "no:xdist", "--create-db"],
        cwd=ROOT,
        env={
            **os.environ,
            "HUB_TEST_PARTITIONED": cut,
            "HUB_TEST_NAME": f"{settings.NAME}_{cut}_{os.getpid()}",
            "HUB_TEST_SPLIT": "",
            "HUB_TEST_USER_MODEL": "auth.User",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed, ran.stdout
    assert int(passed[1]) >= 8, ran.stdout

"""The router of docs/scaling.md: verdicts from the primary, lists of the admin from a replica."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.routers import ReplicaRouter

ROOT = Path(__file__).resolve().parent.parent


def test_the_page_shows_the_router_that_is_tested():
    page = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
    assert inspect.getsource(ReplicaRouter) in page


def test_each_face_asks_the_database_the_page_says():
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/replica", "-p", "no:cacheprovider",
         "-p", "no:xdist", "--create-db", "--ds", "tests.replica_settings"],
        cwd=ROOT,
        env={
            **os.environ,
            "HUB_TEST_NAME": f"{settings.NAME}_late_{os.getpid()}",
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

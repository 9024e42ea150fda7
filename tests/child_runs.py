"""Tests in a process and on a database of their own: the tables of this one stay as they are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
# Seconds after which a process that a test has started hangs, and is not merely slow: most start
# Django, on a machine that may be busy. pytest-timeout leaves a test more.
CHILD_LIMIT = 300


def passes(folder: str, *options: str, name: str, at_least: int, **environment: str) -> None:
    """Run the tests of a folder; fail unless all pass, and no fewer than expected."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", folder, "-p", "no:cacheprovider",
         "-p", "no:xdist", "--create-db", *options],
        cwd=ROOT,
        env={
            **os.environ,
            "HUB_TEST_NAME": f"{settings.NAME}_{name}_{os.getpid()}",
            "HUB_TEST_SPLIT": "",
            "HUB_TEST_USER_MODEL": "auth.User",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=CHILD_LIMIT,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed, ran.stdout
    assert int(passed[1]) >= at_least, ran.stdout

"""Runs tests/account/keys with settings of its own: allauth's apps need tables and middleware."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.child_runs import CHILD_LIMIT

ROOT = Path(__file__).resolve().parent.parent.parent
MISSING = [name for name in ("allauth", "fido2", "cryptography") if find_spec(name) is None]
NEEDS_KEYS = pytest.mark.skipif(bool(MISSING), reason=f"needs django-allauth[mfa]: {MISSING}")


def run(*arguments: str) -> None:
    """Fail with what a run of pytest said, where it failed."""
    name = os.environ.get("HUB_TEST_NAME", "sessions_hub")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.account.keys.settings",
            "HUB_TEST_SPLIT": "",
            # Beside the databases of the run this one is part of.
            "HUB_TEST_NAME": f"{name}_keys_{os.getpid()}",
        },
        capture_output=True,
        text=True,
        timeout=CHILD_LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]


@NEEDS_KEYS
@pytest.mark.slow
def test_answered_with_keys():
    run("tests/account/keys")

"""Sites of their own, run as programs: apps cannot be added to a running suite."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.child_runs import CHILD_LIMIT

ROOT = Path(__file__).resolve().parent.parent


def facts_of(module: str) -> dict:
    """What the program that is a module of the suite, and its own settings, prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": module},
        capture_output=True,
        text=True,
        timeout=CHILD_LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])

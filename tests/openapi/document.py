"""docs/openapi.yaml, and the same as it is generated now."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs/openapi.yaml"
COMMAND = ("manage.py", "spectacular", "--settings", "tests.openapi.site", "--fail-on-warn")

yaml = pytest.importorskip("yaml", reason="the extra [openapi] is not installed")


@cache
def document() -> dict[str, Any]:
    """The file that is checked in."""
    return yaml.safe_load(FILE.read_text())


def generated(*arguments: str, **environment: str) -> str:
    """What the command of docs/api.md writes, in a process of its own."""
    done = subprocess.run(
        [sys.executable, *COMMAND, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

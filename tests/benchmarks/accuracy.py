"""How often each backend is right about what people send in 2025 and 2026.

    python tests/benchmarks/accuracy.py [--agents FILE]

The agents of tests/data/unseen_agents.jsonl were collected apart from the rules; the
README beside this file says what the first, blind run gave. A field that a row leaves
out is not judged. Versions agree when their first two parts do. Exits with 1 when a
target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
AGENTS = ROOT / "tests" / "data" / "unseen_agents.jsonl"
DEFAULT = "sessions_hub.understanding.backends.user_agents.UserAgentsBackend"
MATOMO = "sessions_hub.understanding.backends.matomo.MatomoBackend"
FIELDS = (
    "os_code",
    "os_version",
    "client_type",
    "client_code",
    "client_version",
    "client_engine",
    "device_type",
    "device_brand",
    "is_bot",
)
# Of 100 agents, and of 100 that send the hints pages ask for.
TARGETS = dict.fromkeys(
    ("os_code", "os_version", "client_code", "client_version", "client_engine"), (98.0, 100.0)
)


def main() -> int:
    """Print the table; 1 when the default backend misses a target."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--agents", type=Path, default=AGENTS, help="JSON lines with the agents")
    parser.add_argument("--misses", action="store_true", help="print what the default gets wrong")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    lines = options.agents.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    told = [row for row in rows if "sec-ch-ua-full-version-list" in row["headers"]]
    columns = [
        share(rows, DEFAULT, show=options.misses),
        share(told, DEFAULT),
        share(rows, MATOMO) if find_spec("device_detector") else {},
    ]
    print(f"| right, of 100 | default ({len(rows)}) | with all hints ({len(told)}) | [matomo] | |")
    print("|---|---|---|---|---|")
    missed = False
    for field in FIELDS:
        values = [column.get(field) for column in columns]
        targets = TARGETS.get(field)
        short = targets and any(
            value is not None and value < target
            for value, target in zip(values, targets, strict=False)
        )
        missed |= bool(short)
        verdict = ("MISSED" if short else "ok") if targets else ""
        print(f"| {field} | {' | '.join(map(_shown, values))} | {verdict} |")
    return 1 if missed else 0


def share(rows: list[dict[str, Any]], backend: str, *, show: bool = False) -> dict[str, float]:
    """Field → of 100 judged answers, how many are right."""
    from sessions_hub.understanding.user_agent import parse

    judged, right = Counter[str](), Counter[str]()
    for row in rows:
        facts = parse(row["user_agent"], row["headers"], backend=backend)
        for field in FIELDS:
            if field not in row["facts"]:
                continue
            found, wanted = getattr(facts, field), row["facts"][field]
            judged[field] += 1
            if _plain(field, found) == _plain(field, wanted):
                right[field] += 1
            elif show:
                print(f"{field}: {found!r} instead of {wanted!r}: {row['user_agent'][:120]}")
    return {field: 100 * right[field] / judged[field] for field in FIELDS if judged[field]}


def _plain(field: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if field.endswith("version") and value:
        return [*value.split("."), "0"][:2]
    return value.lower()


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    raise SystemExit(main())

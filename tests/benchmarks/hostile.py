"""What hostile text and headers cost, part by part, and whether that grows with their length.

    python tests/benchmarks/hostile.py [--parts PART …]

Each part of the default backend reads every family of tests/hostile_texts.py at 512
characters and at half of that: a part whose cost is more than doubled by the double
length has an expression that backtracks. Then what is done to a request before
anything is parsed, with every header filled at once. CPU times of the thread, the
least of several. Exits with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import thread_time_ns

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.lines import Line, print_lines  # noqa: E402
from tests.hostile_texts import CAP, FAMILIES, HEADER_PATTERNS, of_length  # noqa: E402

# Twice the length may cost twice as much; the rest is what short calls are off by.
GROWTH = 3.0
# Below this a doubling says more about the clock than about the expression.
NOTICEABLE = 0.05
PART_MS = 5.0
HEADERS_MS = 2.0

Part = Callable[[str], object]


def main() -> int:
    """Measure, print the table, and tell by the exit status whether all targets are met."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    parts = _parts()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", nargs="+", choices=[*parts, "headers"], metavar="PART")
    only = parser.parse_args().parts or [*parts, "headers"]
    lines = [line for name, part in parts.items() if name in only for line in _texts(name, part)]
    if "headers" in only:
        lines += _headers()
    return print_lines(lines)


def _parts() -> dict[str, Part]:
    """The parts of the default backend, none of them with uap-core's expressions."""
    from sessions_hub.understanding.backends.user_agents.agent import Agent
    from sessions_hub.understanding.backends.user_agents.bots import is_bot
    from sessions_hub.understanding.backends.user_agents.devices import device
    from sessions_hub.understanding.backends.user_agents.programs import program
    from sessions_hub.understanding.backends.user_agents.systems import operating_system
    from sessions_hub.understanding.client_hints import RELEVANT, correct, read_hints
    from sessions_hub.understanding.facts import ClientFacts

    systems = ("Android", "Windows", "KaiOS", "Mac", "")

    def hints(text: str) -> object:
        return correct(ClientFacts(), read_hints(dict.fromkeys(RELEVANT, text)), text)

    return {
        "systems": lambda text: operating_system(Agent(text=text)),
        "programs": lambda text: program(Agent(text=text), ""),
        # Which rules are asked depends on the system.
        "devices": lambda text: [device(Agent(text=text), name, "browser") for name in systems],
        "bots": lambda text: is_bot(Agent(text=text), ""),
        "hints": hints,
    }


def _texts(name: str, part: Part) -> list[Line]:
    whole = {family: _milliseconds(part, of_length(family, CAP)) for family in FAMILIES}
    half = {family: _milliseconds(part, of_length(family, CAP // 2)) for family in FAMILIES}
    growth = {
        family: whole[family] / half[family] for family in FAMILIES if whole[family] > NOTICEABLE
    }
    worst = max(whole, key=whole.__getitem__)
    lines = [Line(f"{name}, worst text ({worst})", whole[worst], "ms", PART_MS)]
    if growth:
        steepest = max(growth, key=growth.__getitem__)
        lines.append(
            Line(f"{name}, twice the length costs ({steepest})", growth[steepest], "×", GROWTH)
        )
    return lines


def _headers() -> list[Line]:
    from django.conf import settings
    from django.test import RequestFactory

    from sessions_hub.capture import take_fingerprint, take_snapshot
    from sessions_hub.capture.address import client_address
    from sessions_hub.capture.headers import clean
    from sessions_hub.capture.snapshot import HINT_HEADERS

    settings.SESSIONS_HUB_TRUSTED_PROXIES = ["10.0.0.0/8", "127.0.0.0/8", "2001:db8::/32", "unix"]
    names = ["HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", *HINT_HEADERS]
    lines = []
    for size in (8, 64, 10_000):
        worst = {"take_snapshot": (0.0, ""), "take_fingerprint": (0.0, ""), "clean": (0.0, "")}
        for pattern, repeated in HEADER_PATTERNS.items():
            text = repeated * (size * 1024 // len(repeated))
            request = RequestFactory().get("/", **dict.fromkeys(names, text))
            measured = {
                "take_snapshot": lambda request=request: take_snapshot(request),
                "take_fingerprint": lambda request=request: take_fingerprint(request),
                "clean": lambda text=text: clean(text),
            }
            for name, work in measured.items():
                worst[name] = max(worst[name], (_milliseconds(lambda _, w=work: w(), ""), pattern))
        lines += [
            Line(f"{name}, every header {size} KiB of {pattern}", cost, "ms", HEADERS_MS)
            for name, (cost, pattern) in worst.items()
        ]
    hops = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": ",".join(["10.0.0.2"] * 100_000)}
    lines.append(
        Line(
            "client_address, 100,000 trusted hops",
            _milliseconds(lambda _: client_address(hops), ""),
            "ms",
            HEADERS_MS,
        )
    )
    return lines


def _milliseconds(part: Part, text: str) -> float:
    """The least CPU time of a call: whatever is more than that is somebody else's."""
    spent = []
    for _ in range(7):
        begin = thread_time_ns()
        part(text)
        spent.append(thread_time_ns() - begin)
    return min(spent) / 1e6


if __name__ == "__main__":
    raise SystemExit(main())

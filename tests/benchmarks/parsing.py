"""What it costs to understand a user agent, against bare user-agents, in one run.

    python tests/benchmarks/parsing.py [--rounds N] [--agents FILE] [--json FILE]

Every agent of tests/data/agents.jsonl is parsed by each reader in turn, in another
order each time, with no cache of results on; only ratios of one run count. Exits
with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, median
from time import perf_counter_ns, thread_time_ns

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
AGENTS = ROOT / "tests" / "data" / "agents.jsonl"

from tests.benchmarks.lines import Line, print_lines  # noqa: E402
from tests.hostile_texts import CAP, FAMILIES, of_length  # noqa: E402

MATOMO = "sessions_hub.understanding.backends.matomo.MatomoBackend"


def main() -> int:
    """Measure, print the table, and tell by the exit status whether all targets are met."""
    options = _options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    agents = _agents(options.agents)
    readers = _readers()
    lines = [
        *_ratios(readers, agents, options.rounds),
        _cached(agents),
        *_hostile(readers),
        *_start(),
    ]
    print(f"{len(agents)} agents, {options.rounds} rounds; {_machine()}\n")
    status = print_lines(lines)
    if options.json:
        data = [asdict(line) | {"missed": line.is_missed} for line in lines]
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return status


Reader = Callable[[str], object]


def _readers() -> dict[str, Reader]:
    """What is compared. Each keeps no results: ua-parser's parsers are built bare."""
    import ua_parser
    from ua_parser import user_agent_parser
    from user_agents.parsers import UserAgent

    from sessions_hub.conf import DEFAULT_BACKEND
    from sessions_hub.understanding.user_agent import parse

    def bare(text: str) -> object:
        user_agent_parser._PARSE_CACHE.clear()
        return UserAgent(text)

    def on(parser: ua_parser.Parser) -> Reader:
        def read(text: str) -> object:
            ua_parser.parser = parser
            return parse(text, {}, backend=DEFAULT_BACKEND)

        return read

    from ua_parser.loaders import load_builtins, load_lazy_builtins

    readers: dict[str, Reader] = {
        "user-agents": bare,
        "default": on(ua_parser.Parser(ua_parser.BasicResolver(load_builtins()))),
    }
    if ua_parser.RegexResolver is not None:
        fast = ua_parser.Parser(ua_parser.RegexResolver(load_lazy_builtins()))
        readers["default [fast]"] = on(fast)
    if find_spec("device_detector"):
        readers["[matomo]"] = lambda text: parse(text, {}, backend=MATOMO)
    return readers


def _ratios(readers: dict[str, Reader], agents: Sequence[str], rounds: int) -> list[Line]:
    spent: dict[str, list[int]] = {name: [] for name in readers}
    order = random.Random(1)
    for number in range(rounds + 1):
        for text in order.sample(agents, len(agents)):
            for name in order.sample(sorted(readers), len(readers)):
                # The slow one would take the afternoon: every tenth agent will do.
                if name != "[matomo]" or order.random() < 0.1:
                    begin = thread_time_ns()
                    readers[name](text)
                    spent[name].append(thread_time_ns() - begin)
        if number == 0:
            # The first round compiles expressions.
            spent = {name: [] for name in readers}
    targets = {"default": 1.25, "default [fast]": 0.45}
    lines = []
    base = spent["user-agents"]
    for name, times in spent.items():
        lines.append(Line(f"{name}, mean", mean(times) / 1000, "µs"))
        lines.append(Line(f"{name}, 99 of 100 within", _p99(times) / 1000, "µs"))
        if name != "user-agents":
            target = targets.get(name)
            ratio, p99 = mean(times) / mean(base), _p99(times) / _p99(base)
            lines.append(Line(f"{name} ÷ user-agents, mean", ratio, "×", target))
            lines.append(Line(f"{name} ÷ user-agents, 99 of 100", p99, "×", target))
    return lines


def _p99(times: Sequence[int]) -> int:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


def _cached(agents: Sequence[str]) -> Line:
    """A client that was met before: the cache of sessions_hub, not the parser's."""
    from sessions_hub.capture import ClientSnapshot
    from sessions_hub.understanding import understand_client

    hints = {"sec-ch-ua-mobile": "?0", "sec-ch-ua-platform": '"Windows"'}
    snapshots = [ClientSnapshot(user_agent=text, hints=hints) for text in agents[:200]]
    times = []
    for _ in range(20):
        for snapshot in snapshots:
            begin = perf_counter_ns()
            understand_client(snapshot)
            times.append(perf_counter_ns() - begin)
    return Line("a client met before, median", median(times[200:]) / 1000, "µs", 30)


def _hostile(readers: dict[str, Reader]) -> list[Line]:
    targets = {"default": 30, "default [fast]": 3, "[matomo]": 300}
    lines = []
    for name, read in readers.items():
        worst, family = 0.0, ""
        for label in FAMILIES:
            text = of_length(label, CAP)
            times = []
            for _ in range(3):
                begin = thread_time_ns()
                read(text)
                times.append((thread_time_ns() - begin) / 1e6)
            if min(times) > worst:
                worst, family = min(times), label
        lines.append(
            Line(f"{name}, worst at {CAP} characters ({family})", worst, "ms", targets.get(name))
        )
    return lines


_START = """
import re, sys, time
from pathlib import Path
def rss():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) / 1024
import django
django.setup()
names, memory, began = set(sys.modules), rss(), time.process_time()
from sessions_hub.understanding.user_agent import parse
heavy = {{"ua_parser", "user_agents", "device_detector"}} & set(sys.modules)
imported, began = time.process_time() - began, time.process_time()
parse("Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0", {{}}, backend={backend!r})
print(len(heavy), 1000 * imported, 1000 * (time.process_time() - began), rss() - memory)
"""


def _start() -> list[Line]:
    """A fresh process: what is imported before the first parse, and what that costs."""
    from sessions_hub.conf import DEFAULT_BACKEND

    backends = {"default": DEFAULT_BACKEND}
    if find_spec("device_detector"):
        backends["[matomo]"] = MATOMO
    lines = []
    for name, path in backends.items():
        code = _START.format(backend=path)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        heavy, imported, first, memory = map(float, done.stdout.split())
        lines += [
            Line(f"{name}, parsers imported before the first parse", heavy, "", 0),
            Line(f"{name}, import of understanding after Django's setup", imported, "ms"),
            Line(f"{name}, first parse of a process", first, "ms"),
            Line(f"{name}, memory of a worker after it", memory, "MiB"),
        ]
    return lines


def _agents(path: Path) -> list[str]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    texts = (row.get("user_agent") or row.get("ua") for row in rows)
    return sorted({text[:CAP] for text in texts if text})


def _machine() -> str:
    from tests.benchmarks.report import machine

    return f"{machine()}, Python {sys.version.split()[0]}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each agent is read")
    parser.add_argument("--agents", type=Path, default=AGENTS, help="JSON lines with the agents")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())

"""wrk: many requests at once, each with the next of many credentials."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.interleave import WorkerError

THREADS, CONNECTIONS = 2, 16

# Every thread of wrk has a state of its own, which begins somewhere else in the list.
_SCRIPT = """
local given = %s
local path, at, threads = %s, 0, 0
function setup(thread) threads = threads + 1; thread:set("first", threads * 37) end
function init() at = first end
function request()
  at = at + 1
  local headers = given[at %% #given + 1]
  headers["Host"] = "testserver"
  return wrk.format("GET", path, headers)
end
"""
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk has seen: times in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    # Answers of 400 and more, and connections that broke.
    failed: int


def run(
    port: int, path: str, credentials: Sequence[Mapping[str, str]], seconds: int, folder: Path
) -> Load:
    """Ask for a path so long, with each set of headers in turn. Raises WorkerError."""
    script = folder / f"wrk_{port}.lua"
    script.write_text(_SCRIPT % (_lua(credentials), json.dumps(path)))
    done = subprocess.run(
        [
            "wrk",
            *("-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--timeout", "30s"),
            *("--latency", "-s", str(script), f"http://127.0.0.1:{port}/"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WorkerError(f"wrk: {done.stderr or done.stdout}")
    return parse(done.stdout)


def parse(said: str) -> Load:
    """The report that wrk prints. Raises WorkerError for another text."""
    found = {
        "requests": re.search(r"(\d+) requests in", said),
        "per_second": re.search(r"Requests/sec:\s+([\d.]+)", said),
        "p50": re.search(r"50%\s+([\d.]+)(us|ms|s)", said),
        "p99": re.search(r"99%\s+([\d.]+)(us|ms|s)", said),
    }
    if lacking := [name for name, match in found.items() if match is None]:
        raise WorkerError(f"wrk says nothing of {', '.join(lacking)}:\n{said}")
    number = {name: float(match[1]) for name, match in found.items() if match is not None}
    scale = {name: _UNITS[found[name][2]] for name in ("p50", "p99")}  # type: ignore[index]
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    broken = re.search(r"Socket errors: (.*)", said)
    failed = [refused[1]] if refused else []
    failed += re.findall(r"\d+", broken[1]) if broken else []
    return Load(
        requests=int(number["requests"]),
        per_second=number["per_second"],
        p50=number["p50"] * scale["p50"],
        p99=number["p99"] * scale["p99"],
        failed=sum(map(int, failed)),
    )


def _lua(credentials: Sequence[Mapping[str, str]]) -> str:
    # A text of JSON is one of Lua's where it has no escapes, as in headers.
    tables = (
        "{" + ", ".join(f"[{json.dumps(k)}] = {json.dumps(v)}" for k, v in one.items()) + "}"
        for one in credentials
    )
    return "{" + ",\n".join(tables) + "}"

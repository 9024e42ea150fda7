"""What looking at a hostile request costs, without anything being parsed.

The limit is generous: a median of thread CPU time, four times what the worst of them
needs on a small machine. It catches work that grows too fast, not noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import pytest
from django.test import RequestFactory

from sessions_hub.capture import take_fingerprint, take_snapshot
from sessions_hub.capture.snapshot import HINT_HEADERS

LIMIT = 0.002
HEADERS = ["HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", *HINT_HEADERS]
PATTERNS = {
    "commas": ",",
    "quotes": '"',
    "brackets": "[",
    "round_brackets": "(",
    "quoted_commas": '",',
    "escapes": "\\",
    "escaped_quotes": '\\",',
    "semicolons": ";",
    "parameters": 'for="a",;',
    "equals": "for==",
    "addresses": "10.0.0.2,",
    "forwarded": 'for="[2001:db8::1]:4711";by=_x, ',
    "colons": ":",
    "percents": "::1%",
    "spaces": " ",
    "nuls": "\x00",
    "latin1": "\xff",
    "utf8": "\xf0\x9f\x98\x80",
}


def seconds(work: Callable[[], object], rounds: int = 7) -> float:
    """The median CPU time of a call."""
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return median(times)


@pytest.mark.parametrize("size", [8, 64])
@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("take", [take_snapshot, take_fingerprint])
def test_the_worst_headers_cost_two_milliseconds_at_most(settings, pattern, size, take) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = ["10.0.0.0/8", "127.0.0.0/8", "2001:db8::/32", "unix"]
    text = PATTERNS[pattern] * (size * 1024 // len(PATTERNS[pattern]))
    request = RequestFactory().get("/", **dict.fromkeys(HEADERS, text))
    assert seconds(lambda: take(request)) < LIMIT

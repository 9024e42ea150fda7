"""One variant of the site in a process of its own, driven through a pipe.

Takes the suite (a key of suites.py) as its argument, the rest from settings.py.
Reads one JSON object per line, answers each with one: {"count": ROW} and
{"block": ROW, "n": N}. Ends, and removes its database, when its input does.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import signal
import sys
import traceback
from typing import Any, TextIO

import django

from tests.benchmarks.sites import site


def main(suite: str) -> int:
    # Ctrl-C goes to the whole group; the end of the input is what ends a worker.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nothing but answers may reach the driver.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    try:
        django.setup()
        from django.db import connection

        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    except Exception as error:  # noqa: BLE001
        _say(answers, {"error": f"No database: {error}".strip()})
        return 1
    try:
        return _serve(suite, answers)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        _forget_cached()


def _serve(suite: str, answers: TextIO) -> int:
    from django.db import connection

    from tests.benchmarks.suites import suite as suite_named

    one = site(os.environ["HUB_BENCH_VARIANT"], suite)
    try:
        jobs = suite_named(suite)(one)
    except Exception:  # noqa: BLE001
        _say(answers, {"error": traceback.format_exc()})
        return 1
    # What the process has built up by now is not looked through while it is timed.
    gc.collect()
    gc.freeze()
    try:
        _say(answers, _environment(connection) | {"variant": one.version})
        for line in sys.stdin:
            _say(answers, _obey(jobs, json.loads(line)))
    except BrokenPipeError:
        # The driver is gone.
        return 1
    finally:
        jobs.close()
    return 0


def _forget_cached() -> None:
    """Sessions in Redis would stay for two weeks. Other users of it keep what is theirs."""
    from django.conf import settings
    from django.core.cache import cache

    if settings.CACHES["default"]["BACKEND"].endswith("RedisCache"):
        client = cache._cache.get_client(write=True)
        for key in client.scan_iter(match=f"{cache.key_prefix}:*", count=1000):
            client.delete(key)


def _obey(jobs: Any, order: dict[str, Any]) -> dict[str, Any]:
    try:
        if "count" in order:
            return dict(jobs.count(order["count"]))
        return {"nanoseconds": jobs.block(order["block"], order["n"])}
    except Exception:  # noqa: BLE001
        return {"error": traceback.format_exc()}


def _environment(connection: Any) -> dict[str, str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
        else:
            cursor.execute("SELECT sqlite_version()")
        (server,) = cursor.fetchone()
    return {
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": f"{connection.display_name} {server.split()[0]}",
    }


def _say(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

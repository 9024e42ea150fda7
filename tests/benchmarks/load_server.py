"""Gunicorn with two workers on a port of the loopback address, and one request at a time to it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.benchmarks.interleave import ROOT, WorkerError
from tests.benchmarks.load_sites import WORKER_HEADER

WORKERS = 2
_STARTS_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, with the process that gave it and the cookies it sets."""

    status: int
    worker: str
    cookies: tuple[str, ...]
    text: str
    # By time.monotonic().
    asked_at: float


class Server:
    """One site, served until the end of the `with`."""

    def __init__(self, key: str, environment: Mapping[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        # A process group of its own: Ctrl-C is for the driver, which ends it.
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()"),
                *("--workers", str(WORKERS), "--bind", f"127.0.0.1:{self.port}"),
                *("--log-level", "warning", "--no-control-socket"),
            ],
            cwd=ROOT,
            env=os.environ | environment | {"HUB_BENCH_VARIANT": key},
            start_new_session=True,
        )

    def __enter__(self) -> Server:
        until = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.ask("GET", "/public/")
            except OSError:
                time.sleep(0.1)
            else:
                return self
        self.__exit__()
        raise WorkerError("Gunicorn did not start, see above.")

    def __exit__(self, *_: object) -> None:
        # The arbiter ends its workers.
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def ask(
        self, verb: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Reply:
        """One request over a connection of its own, which any worker may take."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        asked_at = time.monotonic()
        try:
            connection.request(
                verb, path, body or None, {"Host": "testserver", **kind, **(headers or {})}
            )
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        cookies = tuple(answer.headers.get_all("Set-Cookie") or ())
        worker = answer.headers.get(WORKER_HEADER, "")
        return Reply(answer.status, worker, cookies, text, asked_at)

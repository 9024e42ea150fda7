"""Gunicorn or uvicorn with several workers on a port of the loopback address."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.interleave import ROOT, WorkerError

KINDS = ("gunicorn", "uvicorn")
_STARTS_WITHIN = 90.0


class Fleet:
    """The workers of one kind of server, from the beginning of the `with` to its end."""

    def __init__(
        self, kind: str, site: str, workers: int, folder: Path, environment: Mapping[str, str]
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.kind, self.workers = kind, workers
        self.log = folder / f"{kind}_{site}.log"
        environment = {**environment, "HUB_BENCH_VARIANT": site, "HUB_BENCH_SERVER": kind}
        with self.log.open("wb") as log:
            # A process group of its own: Ctrl-C is for the driver, which ends it.
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self._command()],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _command(self) -> list[str]:
        count, port = str(self.workers), str(self.port)
        if self.kind == "gunicorn":
            command = ["gunicorn", "django.core.wsgi:get_wsgi_application()"]
            command += ["--workers", count, "--bind", f"127.0.0.1:{port}"]
            return [*command, "--log-level", "warning", "--no-control-socket"]
        command = ["uvicorn", "django.core.asgi:get_asgi_application", "--factory"]
        command += ["--workers", count, "--host", "127.0.0.1", "--port", port]
        return [*command, "--log-level", "warning", "--no-access-log", "--lifespan", "off"]

    def __enter__(self) -> Fleet:
        until = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            if self._serves():
                return self
            time.sleep(0.1)
        self.__exit__()
        said = self.log.read_text(errors="replace")[-3000:]
        raise WorkerError(f"{self.kind} did not start:\n{said}")

    def _serves(self) -> bool:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/public/", headers={"Host": "testserver"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def __exit__(self, *_: object) -> None:
        # The parent ends its workers; what is left of the group is this run's own.
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

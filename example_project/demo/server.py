"""The real server: `manage.py runserver` in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.conf import settings

from .problems import DemoError

HOST = "127.0.0.1"
_ADDRESS = re.compile(rf"http://{re.escape(HOST)}:(\d+)/")
_START_TIMEOUT = 60
_STOP_TIMEOUT = 10


class Server:
    """Runs while the `with` block does; ended by its own process id, whatever happens.

    With port 0 the system picks a free one as the server binds it, so that nobody can
    take it in between.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        # Takes the lines of the server's log; None: the last ones are kept, for a failure.
        self.on_line: Callable[[str], None] | None = None
        self._process: subprocess.Popen[str] | None = None
        self._last_lines: deque[str] = deque(maxlen=30)
        self._settled = threading.Event()
        self.url = ""

    def __enter__(self) -> Self:
        manage = settings.BASE_DIR / "manage.py"
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, str(manage), "runserver", "--noreload", f"{HOST}:{self.port}"],
            env={
                **os.environ,
                "DJANGO_RUNSERVER_HIDE_WARNING": "true",
                # What this process encrypts, the server has to read.
                "HUB_EXAMPLE_ENCRYPTION_KEY": settings.SESSIONS_HUB_ENCRYPTION_KEYS[0],
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self._wait_until_bound()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def wait(self) -> None:
        """Wait until the server ends by itself."""
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """End the server: asked first, forced after a while."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def last_words(self) -> str:
        """The end of the server's log, for an error message."""
        return "\n  ".join(("The server's last words:", *filter(None, self._last_lines)))

    def _wait_until_bound(self) -> None:
        if not self._settled.wait(_START_TIMEOUT):
            raise DemoError(f"The server did not start within {_START_TIMEOUT} seconds.")
        if not self.url:
            raise DemoError(f"The server did not start. {self.last_words}")

    def _read(self) -> None:
        """Follow what the server writes, to its end."""
        assert self._process is not None  # noqa: S101 - for the type checker
        assert self._process.stdout is not None  # noqa: S101
        for line in self._process.stdout:
            self._last_lines.append(line.rstrip())
            if not self.url and (bound := _ADDRESS.search(line)):
                self.port = int(bound[1])
                self.url = f"http://{HOST}:{self.port}/"
                self._settled.set()
            elif self.on_line is not None:
                self.on_line(line.rstrip())
        self._settled.set()

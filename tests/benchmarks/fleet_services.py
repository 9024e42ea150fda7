"""A PostgreSQL and a Redis of the run's own, on sockets in its folder, to stop and start."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.interleave import WorkerError

_STARTS_WITHIN = 60.0
_ENDS_WITHIN = 30.0
# What Debian installs, newest last.
_POSTGRES = "/usr/lib/postgresql"


class Service:
    """One server process that this run has started, and nobody else's."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, user: str) -> None:
        self.name, self.command, self.folder, self.user = name, list(command), folder, user
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises WorkerError."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                as_user(self.user, self.command),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _STARTS_WITHIN
        while not self.answers():
            if time.monotonic() > until or self.process.poll() is not None:
                said = (self.folder / f"{self.name}.log").read_text(errors="replace")[-2000:]
                raise WorkerError(f"{self.name} did not start:\n{said}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it can be worked with."""
        raise NotImplementedError

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it by a signal, and wait until it is gone."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def pause(self, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        """Let it hang for a while: it keeps its connections and what it holds."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            sleep(seconds)
        finally:
            self.process.send_signal(signal.SIGCONT)


class Postgres(Service):
    """A cluster in the folder, reached by a socket there; it has no port."""

    def __init__(self, folder: Path) -> None:
        self.binaries = _binaries()
        user = "postgres" if os.geteuid() == 0 else ""
        self.home = private(folder / "postgres", user)
        data = self.home / "data"
        made = subprocess.run(
            as_user(
                user,
                [
                    *(f"{self.binaries}/initdb", f"--pgdata={data}", "--username=postgres"),
                    *("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"),
                ],
            ),
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise WorkerError(f"initdb: {made.stderr or made.stdout}")
        # Nothing here has to survive a power cut.
        options = ("listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=100")
        command = [f"{self.binaries}/postgres", "-D", str(data), "-k", str(self.home)]
        for option in options:
            command += ["-c", option]
        super().__init__("postgres", command, folder, user)
        # The socket has to be reached, by whoever the driver is.
        self.home.chmod(0o711)

    @property
    def dsn(self) -> str:
        """As HUB_TEST_PG_DSN has it."""
        return f"postgresql://postgres@/?host={self.home}"

    def answers(self) -> bool:
        ready = [f"{self.binaries}/pg_isready", f"--host={self.home}", "--username=postgres"]
        return subprocess.run(ready, capture_output=True, check=False).returncode == 0

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """A fast shutdown: SIGTERM would wait for the clients."""
        super().stop(how)


class Redis(Service):
    """A server without persistence on a socket in the folder: a restart forgets everything."""

    def __init__(self, folder: Path) -> None:
        if (binary := shutil.which("redis-server")) is None:
            raise WorkerError("redis-server was not found.")
        self.socket = folder / "redis.sock"
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        options += ["--appendonly", "no", "--daemonize", "no", "--dir", str(folder)]
        super().__init__("redis", [binary, *options], folder, "")

    @property
    def url(self) -> str:
        """As HUB_TEST_REDIS_URL has it."""
        return f"unix://{self.socket}"

    def answers(self) -> bool:
        import redis

        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except (OSError, redis.RedisError):
            return False


def as_user(user: str, command: Sequence[str]) -> list[str]:
    """The command as that user: servers refuse to run as root. By setpriv, which it replaces."""
    if not user:
        return list(command)
    group = str(pwd.getpwnam(user).pw_gid)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups", *command]


def private(folder: Path, user: str) -> Path:
    """A new folder that is the user's alone."""
    folder.mkdir(mode=0o700)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    return folder


def _binaries() -> str:
    found = sorted(Path(_POSTGRES).glob("*/bin"), key=lambda path: float(path.parent.name))
    if found and (found[-1] / "initdb").exists():
        return str(found[-1])
    if (path := shutil.which("initdb")) is not None:
        return os.path.dirname(path)
    raise WorkerError("initdb was not found. It is in Debian's package postgresql.")

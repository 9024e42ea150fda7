"""A PostgreSQL server of one test's own, to be stopped and started at will."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.child_runs import CHILD_LIMIT


def binaries() -> Path:
    """Where `pg_ctl` is; skips the test without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if found:
        return found[-1].parent
    if on_path := shutil.which("pg_ctl"):
        return Path(on_path).parent
    pytest.skip("no pg_ctl")


class OwnServer:
    """Listens on a socket in its folder alone. Its processes are found by its data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._binaries = binaries()
        self._become: list[str] = []
        if os.geteuid() == 0:
            # Servers refuse to run as root.
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"]
            self._become += ["--clear-groups"]
        self._run(
            "initdb", "--username=hub", "--auth=trust", "--no-sync", "--no-locale", "-E", "UTF8"
        )

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=20"
        self._run("pg_ctl", "start", "-w", "-o", options, "-l", str(self.folder / "log"))

    def stop(self) -> None:
        """As a power cut does."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    @property
    def settings(self) -> dict[str, Any]:
        """What Django's settings of a database say to use it."""
        return {"HOST": str(self.folder), "PORT": "", "USER": "hub", "NAME": "postgres"}

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._become, str(self._binaries / name), *arguments, "-D", str(self.data)]
        subprocess.run(
            command,
            check=True,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=CHILD_LIMIT,
        )

"""Doing what a page tells its readers: files written, commands run, the site visited."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.child_runs import CHILD_LIMIT

from .pages import ROOT, Block, blocks_in

# What a reader needs a network for; the environment of the tests has it all.
_INSTALLING = ("python3 -m venv ", ". .venv/", "pip install ")
_SERVE = "python manage.py runserver"


def steps_of(path: Path) -> dict[int, list[Block]]:
    """The blocks of a page by the number of the heading they stand below."""
    parts = re.split(r"^## (\d+)\. .+$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        int(number): blocks_in(text.partition("\n## ")[0])
        for number, text in zip(parts[1::2], parts[2::2], strict=True)
    }


class Reader:
    """Somebody who follows a page in a folder of their own, word for word."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        binaries = Path(sys.executable).parent
        self.environment = {
            "HOME": str(folder),
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
        }
        self.port = _free_port()

    def follow(self, blocks: list[Block]) -> str:
        """Write and run these blocks, but for what installs or serves; what the commands said."""
        said = ""
        for block in blocks:
            if block.language == "python":
                self._write(block.text)
            elif block.language == "sh":
                said += self._run(block.text)
            else:
                raise AssertionError(f"Nobody can follow a block of {block.language!r}.")
        return said

    def _write(self, text: str) -> None:
        """Append to the file that the first line names."""
        first, _newline, rest = text.partition("\n")
        path = self.folder / first.removeprefix("# ")
        assert re.fullmatch(r"# [\w/]+\.py", first), first
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{rest}")

    def _run(self, text: str) -> str:
        lines = [line for line in text.splitlines() if not line.startswith((*_INSTALLING, _SERVE))]
        for line in lines:
            if line.startswith("export "):
                name, _is, value = line.removeprefix("export ").partition("=")
                self.environment[name] = value
        done = subprocess.run(
            ["bash", "-e", "-c", "\n".join(lines)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=CHILD_LIMIT,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}"
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[None]:
        """While the page's server runs, on a port that is free."""
        log = self.folder / "log"
        with (
            log.open("w") as output,
            subprocess.Popen(
                [*_SERVE.split(), f"127.0.0.1:{self.port}", "--noreload"],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            try:
                while not self._answers():
                    assert process.poll() is None, log.read_text()
                    time.sleep(0.1)
                yield
            finally:
                process.terminate()

    def _answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0


class Browser:
    """A visitor with a cookie jar who sees pages and presses buttons."""

    def __init__(self, reader: Reader, user_agent: str) -> None:
        self.site = f"http://127.0.0.1:{reader.port}"
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [("User-Agent", user_agent)]
        self.url = self.text = ""

    def open(self, path: str) -> str:
        """The page at a path, once all redirects are followed."""
        return self._ask(path, None)

    def send(self, path: str, **form: str) -> str:
        """The page after a form of the page that is open was sent to a path."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.text)
        assert token is not None, self.text
        return self._ask(path, urlencode({"csrfmiddlewaretoken": token[1], **form}).encode())

    def _ask(self, path: str, data: bytes | None) -> str:
        url = path if path.startswith("http") else self.site + path
        try:
            answer = self.opener.open(Request(url, data=data, headers={"Referer": url}))
        except HTTPError as error:
            answer = error
        with answer:
            self.url, self.text = answer.geturl(), answer.read().decode()
        return self.text

    def sign_in(self, name: str, password: str) -> None:
        """By the form of the page this visitor was sent to."""
        self.send(self.url, username=name, password=password)

    def links(self, pattern: str) -> list[str]:
        """The paths the page leads to that look so."""
        return re.findall(rf'(?:href|action)="({pattern})"', self.text)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


TUTORIAL = ROOT / "docs" / "tutorial.md"

"""A client of the example site: cookies, a user agent, hints and an address of its own.

The standard library's HTTP client over a real socket; nothing of Django's test client.
"""

from __future__ import annotations

import json
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from .agents import Agent
from .pages import Page
from .problems import DemoError

TIMEOUT = 60


class Browser:
    """One browser profile or app installation; `address` may change as it travels."""

    def __init__(self, site: str, agent: Agent, address: str) -> None:
        self.site = site
        self.agent = agent
        self.address = address
        self._cookies = CookieJar()
        # No proxy, whatever the environment says: the site is on this computer.
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._cookies))

    def get(self, path: str) -> Page:
        """Open a page, redirects followed."""
        return self._send("GET", path)

    def submit(self, page: Page, **values: str) -> Page:
        """Fill in the form of `page` that has these fields, and send it."""
        form = page.form_with(*values)
        data = urlencode({**form.fields, **values}).encode()
        return self._send("POST", urljoin(page.url, form.action), data)

    def api(self, method: str, path: str) -> tuple[int, Any]:
        """Call the API as a page's script would; the status and the JSON of the answer."""
        headers = {"Accept": "application/json"}
        if method != "GET":
            headers["X-CSRFToken"] = self._cookie("csrftoken")
        answer = self._send(method, path, headers=headers)
        try:
            return answer.status, json.loads(answer.text) if answer.text else None
        except ValueError:
            raise DemoError(
                f"{method} {path} answered {answer.status} with something that is not JSON."
            ) from None

    def _cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self._cookies if cookie.name == name), "")

    def _send(
        self,
        method: str,
        target: str,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Page:
        request = Request(  # noqa: S310 - http to 127.0.0.1
            urljoin(self.site, target),
            data,
            {
                "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
                "User-Agent": self.agent.user_agent,
                "X-Forwarded-For": self.address,
                **self.agent.hints,
                **({"Origin": self.site.rstrip("/")} if method != "GET" else {}),
                **(headers or {}),
            },
            method=method,
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT) as response:
                return _page(response.url, response.status, response.read())
        except HTTPError as error:
            with error:
                return _page(error.url or request.full_url, error.code, error.read())
        except (URLError, HTTPException, OSError) as error:
            raise DemoError(
                f"The example site does not answer {method} {target}: {error}"
            ) from error


def _page(url: str, status: int, body: bytes) -> Page:
    return Page(url, urlsplit(url).path, status, body.decode("utf-8", "replace"))

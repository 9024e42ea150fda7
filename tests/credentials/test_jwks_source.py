"""Keys are fetched when they are needed, and never as often as somebody asks."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sessions_hub.credentials.jwks_source import MAX_DOCUMENT, JwksSource, fetch_url
from sessions_hub.credentials.jwt_errors import InvalidToken
from sessions_hub.credentials.jwt_verify import SessionTokenVerifier

from .forging import AUDIENCE, ISSUER, NOW, forge, good_header, jwk, jwks, kid_of, make_key

OLD, NEW = kid_of("ES256"), kid_of("ES256", 1)


class Publisher:
    """A site that publishes keys, and counts who asks; and its visitors' clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.document: Any = jwks(jwk("ES256"))
        self.fetches = 0
        self.source = JwksSource(self.fetch, clock=lambda: self.now)

    def fetch(self) -> Any:
        self.fetches += 1
        if isinstance(self.document, Exception):
            raise self.document
        return self.document

    def code(self, kid: str) -> str:
        """How a token of that key's name is refused; "" for one whose key is known."""
        try:
            return "" if self.source.get(kid) else "unknown_key"
        except InvalidToken as error:
            return error.code


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


def test_nothing_is_fetched_before_it_is_needed(publisher):
    assert publisher.fetches == 0


def test_a_set_is_fetched_once_in_its_time(publisher):
    for _ in range(100):
        assert publisher.code(OLD) == ""
        publisher.now += 2.9
    assert publisher.fetches == 1
    publisher.now += 10
    assert publisher.code(OLD) == ""
    assert publisher.fetches == 2


def test_a_new_key_is_fetched_at_once(publisher):
    publisher.code(OLD)
    publisher.document = jwks(jwk("ES256"), jwk("ES256", 1))
    publisher.now += 31
    assert publisher.code(NEW) == ""
    assert publisher.fetches == 2


def test_made_up_names_cause_no_storm(publisher):
    publisher.code(OLD)
    for number in range(10_000):
        assert publisher.code(f"made-up-{number}") == "unknown_key"
        assert publisher.code(OLD) == ""
        publisher.now += 0.006
    # A minute: one attempt in thirty seconds.
    assert publisher.fetches <= 3


def test_a_removed_key_is_forgotten(publisher):
    publisher.code(OLD)
    publisher.document = jwks(jwk("ES256", 1))
    publisher.now += 300
    assert publisher.code(OLD) == "unknown_key"


FAULTS = [
    OSError("away"),
    ValueError("no JSON"),
    "text",
    None,
    {},
    {"keys": 7},
    jwks(jwk("ES256"), *[{}] * 64),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_publisher_that_fails_is_not_missed_for_a_while(publisher, fault):
    publisher.code(OLD)
    publisher.document = fault
    for _ in range(11):
        publisher.now += 300
        assert publisher.code(OLD) == ""
    publisher.now += 300
    assert publisher.code(OLD) == "keys_unavailable"
    publisher.document = jwks(jwk("ES256"))
    publisher.now += 30
    assert publisher.code(OLD) == ""


def test_a_publisher_that_is_away_is_not_asked_by_everybody(publisher):
    publisher.document = OSError("away")
    for _ in range(100):
        assert publisher.code(OLD) == "keys_unavailable"
    assert publisher.fetches == 1


def test_a_secret_that_is_published_is_none(publisher):
    publisher.document = jwks(jwk("HS256"), jwk("ES256"))
    assert publisher.code(kid_of("HS256")) == "unknown_key"
    assert publisher.code(OLD) == ""


def test_threads_fetch_once(publisher):
    entered, go_on = threading.Event(), threading.Event()

    def slowly() -> Any:
        publisher.fetches += 1
        entered.set()
        go_on.wait(10)
        return publisher.document

    source = JwksSource(slowly, clock=lambda: publisher.now)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(source.get(OLD))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert entered.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(found) == 8
    assert all(found)
    assert publisher.fetches == 1


def test_while_one_fetches_the_others_go_on(publisher):
    source = JwksSource(publisher.fetch, clock=lambda: publisher.now)
    source.get(OLD)
    publisher.now += 300
    inside: list[Any] = []

    def meanwhile() -> Any:
        thread = threading.Thread(target=lambda: inside.append(source.get(OLD)))
        thread.start()
        thread.join(10)
        return publisher.document

    source._fetch = meanwhile
    assert source.get(OLD)
    assert len(inside) == 1
    assert inside[0]


class TestOverHttp:
    @pytest.fixture
    def site(self) -> Iterator[Any]:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/moved":
                    self.send_response(302)
                    self.send_header("Location", "/keys")
                    self.end_headers()
                    return
                body = json.dumps(jwks(jwk("ES256"))).encode()
                if self.path == "/long":
                    body += b" " * MAX_DOCUMENT
                self.send_response(200 if self.path in ("/keys", "/long") else 404)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)
        server.server_close()

    def test_a_verifier_fetches_its_keys(self, site):
        ours = SessionTokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=f"{site}/keys")
        assert ours.verify(forge(), now=NOW).user_id == "7"
        with pytest.raises(InvalidToken, match="not known"):
            ours.verify(forge(good_header(kid=NEW), key=make_key("ES256", 1)), now=NOW)

    @pytest.mark.parametrize("path", ["/moved", "/long", "/missing"])
    def test_what_is_not_plainly_there_is_not_there(self, site, path):
        ours = SessionTokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=site + path)
        with pytest.raises(InvalidToken) as raised:
            ours.verify(forge(), now=NOW)
        assert raised.value.code == "keys_unavailable"

    @pytest.mark.parametrize(
        "url", ["http://example.com/", "ftp://example.com/", "file:///etc/passwd", "", "https://"]
    )
    def test_keys_come_by_https(self, url):
        with pytest.raises(ValueError, match="https"):
            fetch_url(url)


def test_verifying_takes_no_django():
    program = """
import sys
from sessions_hub.credentials.jwt_verify import SessionTokenVerifier
SessionTokenVerifier(issuer="a", audience="b", keys={"keys": []})
assert not [name for name in sys.modules if name.split(".")[0] in ("django", "rest_framework")]
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

"""A provider on the loopback that speaks OpenID Connect as far as clients here ask.

It signs its one user in without a question, and gives tokens that are told apart by the
number of the sign-in.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

LIFE = 3600


@dataclass
class Provider:
    """Whom the provider signs in, and what it has given so far."""

    name: str
    subject: str
    email: str = "ada@example.com"
    acr: str = "urn:mfa"
    url: str = ""
    refreshes: bool = True
    given: int = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def access_token(self, number: int | None = None) -> str:
        return f"{self.name}-s3cr3t-access-{number or self.given}"

    def refresh_token(self, number: int | None = None) -> str:
        return f"{self.name}-s3cr3t-refresh-{number or self.given}"

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def jwks(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]}

    def profile(self) -> dict[str, str]:
        name = f"{self.name}-user"
        return {"sub": self.subject, "email": self.email, "preferred_username": name}

    def authorize(self, asked: dict[str, str]) -> str:
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{answer}"

    def exchange(self, code: str) -> dict[str, Any]:
        asked = self.codes.pop(code)
        self.given += 1
        token = self.access_token()
        half = sha256(token.encode()).digest()[:16]
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 600,
            "acr": self.acr,
            "amr": ["pwd", "mfa"],
            "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
            **self.profile(),
            **({"nonce": asked["nonce"]} if "nonce" in asked else {}),
        }
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": LIFE,
            "id_token": jwt.encode(claims, self.key, "RS256", headers={"kid": "k1"}),
        }
        return {**answer, "refresh_token": self.refresh_token()} if self.refreshes else answer


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            match url.path:
                case "/.well-known/openid-configuration":
                    self.answer(provider.configuration())
                case "/jwks":
                    self.answer(provider.jwks())
                case "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(asked))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                case "/userinfo":
                    known = self.headers["Authorization"] == f"Bearer {provider.access_token()}"
                    self.answer(provider.profile() if known else {}, 200 if known else 401)
                case _:
                    self.answer({}, 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            right = form.get("client_secret") == "client-s3cr3t"
            self.answer(provider.exchange(form["code"]) if right else {}, 200 if right else 401)

        def answer(self, data: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Let the provider answer at `provider.url` inside the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def go(url: str) -> str:
    """Where a browser that goes to the provider is sent back to: path and query."""
    try:
        build_opener(_Stay).open(Request(url), timeout=10)
    except HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"
    raise AssertionError("The provider sent nobody back.")

"""nginx in front of another application, with the configuration of docs/forward-auth.md."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from sessions_hub.lifecycle import end_session, start_token_session
from sessions_hub.models import EndReason, Session
from sessions_hub.understanding.methods import MethodClaim
from tests.child_runs import CHILD_LIMIT
from tests.factories import make_user

pytestmark = [
    pytest.mark.nginx,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

DOCS = Path(__file__).resolve().parents[2] / "docs" / "forward-auth.md"
HEADERS = ("X-Session-User", "X-Session-Assurance-Level", "Cookie", "Authorization")


class Reports(BaseHTTPRequestHandler):
    """The application behind: tells what it was told."""

    def do_GET(self) -> None:
        body = "|".join(self.headers.get(name, "") for name in HEADERS).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def reports():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Reports)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def front(live_server, reports, tmp_path, settings):
    """The port nginx listens on."""
    binary = shutil.which("nginx")
    if binary is None:
        problem = "nginx is needed (Debian: nginx-light)"
        if os.environ.get("HUB_TEST_SERVICES") == "required":
            pytest.fail(problem)
        pytest.skip(problem)
    settings.SESSIONS_HUB_PROXY_COUNT = 1
    settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    port = free_port()
    (block,) = re.findall(r"```nginx\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    django = urlsplit(live_server.url)
    for written, used in (
        ("127.0.0.1:8080", f"127.0.0.1:{port}"),
        ("127.0.0.1:8000", f"{django.hostname}:{django.port}"),
        ("127.0.0.1:9000", f"127.0.0.1:{reports}"),
    ):
        assert written in block
        block = block.replace(written, used)
    user = "user root;" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; proxy_temp_path {tmp_path}/proxy;\n"
        f"client_body_temp_path {tmp_path}/body; fastcgi_temp_path {tmp_path}/f;\n"
        f"uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n{block}}}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [binary, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "error.log").read_text()
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=CHILD_LIMIT)


@pytest.fixture
def ada():
    return make_user("ada")


def get(port: int, path: str = "/reports/", **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


def sign_in(port: int) -> str:
    """The cookie of a browser that has signed in through nginx."""
    response, _body = get(port, "/sign-in/?user=ada")
    cookies = response.headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.split(";")[0] for cookie in cookies)


def test_nobody_is_sent_to_sign_in(front, ada):
    response, _body = get(front, "/reports/?week=7")
    assert response.status == 302
    assert response.headers["Location"].endswith("/accounts/login/?next=/reports/?week=7")


def test_whoever_is_signed_in_gets_through_as_themselves(front, ada):
    cookie = sign_in(front)
    response, body = get(front, Cookie=cookie)
    # Neither cookie nor token reaches the application behind.
    assert (response.status, body) == (200, f"{ada.pk}|aal1||")


def test_a_client_cannot_say_who_it_is(front, ada):
    forged = {"X-Session-User": "1", "X-Session-Assurance-Level": "aal3"}
    response, _body = get(front, **forged)
    assert response.status == 302
    _response, body = get(front, Cookie=sign_in(front), **forged)
    assert body == f"{ada.pk}|aal1||"


def test_an_end_holds_on_the_next_request(front, ada):
    cookie = sign_in(front)
    assert get(front, Cookie=cookie)[0].status == 200
    end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
    assert get(front, Cookie=cookie)[0].status == 302


def test_a_program_gets_through_with_a_token_for_it(front, ada, settings):
    proof = MethodClaim(method="server")
    settings.SESSIONS_HUB_SCOPES = ["reports:read"]
    scopes = ["reports:read"]
    issued = start_token_session(ada, [proof], scopes=scopes, now=timezone.now())
    bare = start_token_session(ada, [proof], now=timezone.now())
    assert get(front, Authorization=f"Bearer {bare.secret}")[0].status == 403
    response, body = get(front, Authorization=f"Bearer {issued.secret}")
    assert (response.status, body) == (200, f"{ada.pk}|aal1||")
    assert get(front, Authorization="Bearer shub_x")[0].status == 302


def test_sessions_have_the_address_of_their_client(front, ada):
    sign_in(front)
    assert Session.objects.get().ip == "127.0.0.1"

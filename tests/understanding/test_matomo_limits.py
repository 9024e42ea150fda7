"""The Matomo backend under junk, hostile text and threads, and how it is loaded."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sessions_hub.understanding.backends.matomo import MatomoBackend
from sessions_hub.understanding.backends.matomo.input import MAX_LENGTH
from sessions_hub.understanding.facts import ClientFacts

from .matomo_agents import ANDROID, IPHONE, WEBVIEW, WINDOWS, needs_package


@pytest.fixture(scope="module")
def backend() -> MatomoBackend:
    return MatomoBackend()


def assert_plain(facts: ClientFacts) -> None:
    for field in fields(facts):
        # Also no enumeration of device-detector's.
        assert type(getattr(facts, field.name)) is (bool if field.name == "is_bot" else str)


JUNK = (
    b"Mozilla/5.0 \xff\xfe (Android 10; \x00)",
    None,
    5,
    '{"app": 5}',
    '{"app": ["x"], "version": 3}',
    "[" * 500,
    '{"a":' * 80,
    "%00%ff%0a",
    "\ud800",
    "\u0661\u0662\u00b2\u00b2",
    "Windows NT \u00b2; Chrome/\u00b2.\u00b2 Safari/537.36",
    "Mozilla/5.0 (Linux; Android .; K) Chrome/..... Safari/537.36",
    "rv:..... Gecko/20100101 Firefox/...",
    "\u0130" * 300,
    "\\g<1>/\\g<2> (\\1)",
)


@needs_package
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_is_read_without_an_error(backend, junk) -> None:
    facts = backend.parse(junk, {"x-requested-with": junk, "sec-ch-ua-model": junk})
    assert_plain(facts)


TOKENS = st.sampled_from(
    [*WINDOWS.split(), *IPHONE.split(), *ANDROID.split(), *(j for j in JUNK if isinstance(j, str))]
)


@needs_package
@hypothesis_settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    parts=st.lists(st.one_of(TOKENS, st.text(max_size=12)), max_size=12), glue=st.text(max_size=2)
)
def test_any_text_has_plain_text_facts(backend, parts, glue) -> None:
    text = glue.join(parts)
    facts = backend.parse(text, {"sec-ch-ua-model": text})
    assert_plain(facts)


@pytest.mark.slow
@needs_package
def test_threads_do_not_share_results(backend) -> None:
    # With device-detector's cache two thirds of these have missing fields.
    expected = backend.parse(WEBVIEW, {})
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: backend.parse(WEBVIEW, {}), range(180)))
    assert expected.device_model
    assert [facts for facts in found if facts != expected] == []


FAMILIES = {
    "letters behind Android": "Mozilla/5.0 (Linux; Android 10; " + "a " * 300,
    "only letters behind Android": "Android 10; " + "a " * 300,
    "letters behind Chrome": f"{ANDROID} " + "a " * 300,
    "a mobile of letters": "Android 10; " + "a " * 249 + " Mobile",
    "parentheses": "(" * MAX_LENGTH,
    "nested parentheses": "Mozilla/5.0 " + "(a;" * 200,
    "digits": "1" * MAX_LENGTH,
    "versions": f"{WINDOWS} Chrome/" + "1." * 300,
    "dots": "." * MAX_LENGTH,
    "slashes": "a/" * 300,
    "products": "a/1 " * 200,
    "hyphens": f"{ANDROID} " + "a-" * 300,
    "application ids": "com.a.b-" * 80,
    "addresses": "http://a.bc " * 50,
    "percent": "%20" * 200,
    "many systems": "Windows NT 10.0; " * 40,
    "many Androids": "Android 10; " * 50,
    "many builds": "Android 10; a Build/" * 30,
    "many iPhones": "CPU iPhone OS 1_" * 40,
    "many models": "Android 10; SM-G9" * 40,
    "televisions": "HbbTV/1.1.1 (; " + "Samsung; " * 60,
    "bots": "bot crawler spider " * 30,
    "symbols": "\U0001f600 " * 256,
}


@pytest.mark.slow
@needs_package
@pytest.mark.parametrize("text", FAMILIES.values(), ids=FAMILIES)
def test_hostile_text_costs_a_few_ordinary_ones(backend, text) -> None:
    def cost(of: str) -> float:
        spent = []
        for _ in range(5):
            began = time.thread_time()
            backend.parse(of, {"sec-ch-ua-model": of, "sec-ch-ua": of})
            spent.append(time.thread_time() - began)
        return min(spent)

    unknown = ANDROID.replace("; K", "; none of any brand Build/1")
    # Measured: up to 2.4. By itself device-detector takes up to 12 for these.
    assert cost(text[:MAX_LENGTH]) < 4 * cost(unknown)


FIRST = """
import time
from sessions_hub.understanding.backends.matomo import MatomoBackend
backend = MatomoBackend()
spent = []
for _ in range(2):
    began = time.thread_time()
    backend.parse("Mozilla/5.0 (Linux; Android 10; SM-none) Chrome/142.0 Mobile bot", {})
    spent.append(time.thread_time() - began)
print(spent[0] / spent[1])
"""

LAZY = """
import sys
import sessions_hub.understanding
import sessions_hub.understanding.backends.matomo
print([name for name in sys.modules if name.split(".")[0] == "device_detector"])
"""


def printed(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


@pytest.mark.slow
@needs_package
def test_the_first_parse_finds_everything_compiled() -> None:
    assert float(printed(FIRST)) < 4


def test_importing_the_module_does_not_import_device_detector() -> None:
    assert printed(LAZY) == "[]"


def test_a_missing_package_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "device_detector", None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install 'django-sessions-hub\[matomo\]'"):
        MatomoBackend()

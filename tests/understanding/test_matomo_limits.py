"""The Matomo backend under junk, hostile text and threads, and how it is loaded."""

from __future__ import annotations

import subprocess
import sys
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
from tests.child_runs import CHILD_LIMIT
from tests.hostile_texts import FAMILIES, of_length

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


@pytest.mark.slow
@needs_package
@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_text_is_read_without_an_error(backend, family) -> None:
    text = of_length(family, MAX_LENGTH)
    assert_plain(backend.parse(text, {"sec-ch-ua-model": text, "sec-ch-ua": text}))


FIRST = """
from device_detector import lazy_regex
from sessions_hub.understanding.backends.matomo import MatomoBackend
compiled, real = [], lazy_regex.regex.compile
class Counting:
    compile = staticmethod(lambda *args: compiled.append(args[0]) or real(*args))
    def __getattr__(self, name):
        return getattr(real_module, name)
real_module, lazy_regex.regex = lazy_regex.regex, Counting()
backend = MatomoBackend()
loading = len(compiled)
backend.parse("Mozilla/5.0 (Linux; Android 10; SM-none) Chrome/142.0 Mobile bot", {})
print(loading, len(compiled) - loading)
"""

LAZY = """
import sys
import sessions_hub.understanding
import sessions_hub.understanding.backends.matomo
print([name for name in sys.modules if name.split(".")[0] == "device_detector"])
"""


def printed(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=CHILD_LIMIT,
    )
    return done.stdout.strip()


@pytest.mark.slow
@needs_package
def test_the_first_parse_finds_everything_compiled() -> None:
    loading, parsing = map(int, printed(FIRST).split())
    assert loading > 1000
    # What is compiled late would be paid by somebody's sign-in.
    assert parsing == 0


def test_importing_the_module_does_not_import_device_detector() -> None:
    assert printed(LAZY) == "[]"


def test_a_missing_package_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "device_detector", None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install 'django-sessions-hub\[matomo\]'"):
        MatomoBackend()

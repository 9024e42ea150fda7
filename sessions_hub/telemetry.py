"""Counters and durations for OpenTelemetry; nothing at all where nobody has set it up.

The one adapter of that package, and it never imports it: whoever has set a provider of
meters has done so, and where none is set there is nobody to measure for. Instruments are
made once, with the first provider that is there.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .logs import log_once_a_minute

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram, MeterProvider

logger = logging.getLogger(__name__)

_API = "opentelemetry.metrics"
_PREFIX = "sessions_hub."
# Seconds. A verdict is a look into a cache or one SELECT; a sign-in is a few statements.
_VERDICT_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5)
_SIGN_IN_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

# Name → unit (UCUM) and what is counted; docs/observability.md has the attributes.
COUNTERS: Mapping[str, tuple[str, str]] = {
    "sign_ins": ("{sign_in}", "Sign-ins, by what came of them."),
    "sessions.ended": ("{session}", "Sessions that ended, by reason."),
    "refusals": ("{refusal}", "Requests that were refused, by kind and reason."),
    "touches": ("{touch}", "Times that the use of a session was written."),
    "sessions.pruned": ("{session}", "Rows of sessions removed after the retention time."),
}
HISTOGRAMS: Mapping[str, tuple[str, str, tuple[float, ...]]] = {
    "verdict.duration": ("s", "Time it took to read a verdict.", _VERDICT_BUCKETS),
    "sign_in.duration": ("s", "Time it took to record a sign-in.", _SIGN_IN_BUCKETS),
}


@dataclass(frozen=True, slots=True)
class _Instruments:
    counters: Mapping[str, Counter]
    histograms: Mapping[str, Histogram]


_made: _Instruments | None = None


def is_on() -> bool:
    """Whether the process has a provider of meters. Imports nothing."""
    return _instruments() is not None


def count(name: str, amount: int = 1, **attributes: str) -> None:
    """Add to a counter of `COUNTERS`."""
    if (instruments := _instruments()) is not None:
        with _harmless():
            instruments.counters[name].add(amount, _named(name, attributes))


def clock() -> float:
    """When something began, for `verdict()`; 0 where nobody measures."""
    return perf_counter() if _instruments() is not None else 0.0


def verdict(began: float, source: str) -> None:
    """Note that a verdict was read from `source`: cache, database, store or token."""
    if began and (instruments := _instruments()) is not None:
        took = perf_counter() - began
        try:
            instruments.histograms["verdict.duration"].record(took, _SOURCES[source])
        # Not by the `with` of the others: this is part of every request.
        except Exception:  # noqa: BLE001
            _say()


@contextmanager
def sign_in() -> Iterator[None]:
    """Measure the recording of a sign-in; one that fails is told by its `error.type`."""
    if not (began := clock()):
        yield
        return
    failed: dict[str, str] = {}
    try:
        yield
    except Exception as error:
        failed = {"error.type": type(error).__name__}
        raise
    finally:
        if (instruments := _instruments()) is not None:
            with _harmless():
                instruments.histograms["sign_in.duration"].record(perf_counter() - began, failed)


# Made beforehand: one is noted with every request.
_SOURCES = {
    source: {f"{_PREFIX}verdict.source": source}
    for source in ("cache", "database", "store", "token")
}


def _named(name: str, attributes: Mapping[str, str]) -> dict[str, str]:
    # The attributes of `sessions.ended` are those of a session, and so on.
    subject = name.partition(".")[0].removesuffix("s")
    return {f"{_PREFIX}{subject}.{key}": value for key, value in attributes.items()}


def _instruments() -> _Instruments | None:
    if _made is not None:
        return _made
    # While another thread imports it, it is there and has nothing yet.
    find = getattr(sys.modules.get(_API), "get_meter_provider", None)
    if find is None:
        return None
    try:
        provider = find()
        # The API's own stand in for one that was not set, and do nothing.
        return None if type(provider).__module__.startswith(_API) else _make(provider)
    except Exception:  # noqa: BLE001
        _say()
    return None


@contextmanager
def _harmless() -> Iterator[None]:
    """No request fails for a number."""
    try:
        yield
    except Exception:  # noqa: BLE001
        _say()


def _say() -> None:
    log_once_a_minute(
        logger, logging.WARNING, "measure", "Something could not be measured.", exc_info=True
    )


def _make(provider: MeterProvider) -> _Instruments:
    global _made
    meter = provider.get_meter("sessions_hub", _version())
    _made = _Instruments(
        counters={
            name: meter.create_counter(f"{_PREFIX}{name}", unit=unit, description=text)
            for name, (unit, text) in COUNTERS.items()
        },
        histograms={
            name: _histogram(meter, f"{_PREFIX}{name}", unit, text, buckets)
            for name, (unit, text, buckets) in HISTOGRAMS.items()
        },
    )
    return _made


def _histogram(meter: Any, name: str, unit: str, text: str, buckets: tuple[float, ...]) -> Any:
    return meter.create_histogram(
        name, unit=unit, description=text, explicit_bucket_boundaries_advisory=buckets
    )


def _version() -> str:
    try:
        return version("django-sessions-hub")
    except PackageNotFoundError:
        return ""

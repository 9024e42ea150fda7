"""An app that sets a provider of meters of OpenTelemetry, with a reader that nobody asks."""

from __future__ import annotations

from django.apps import AppConfig


class Metered(AppConfig):
    name = "tests.benchmarks.metered"
    label = "metered"

    def ready(self) -> None:
        from opentelemetry import metrics
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader

        metrics.set_meter_provider(MeterProvider(metric_readers=[InMemoryMetricReader()]))

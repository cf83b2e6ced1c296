"""Loaded by every process of a recorded node: its spans are written down whole, which a deployed node does not do."""

import os
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

_file = Path(os.environ["HANDOFF_TEST_RECORDS"], f"{os.getpid()}.spans").open("a", encoding="utf-8")  # noqa: SIM115 - as long as the process
_provider = TracerProvider()
_provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=_file)))
trace.set_tracer_provider(_provider)

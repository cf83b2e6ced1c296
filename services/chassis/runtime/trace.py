"""Traces: one module holds the names, so that a change of the semantic conventions touches one place.

The context of a message is stored in its outbox row at write time and travels in the envelope; a handler's span is
a child of it, for one message is handled at a time. Attributes are an allow-list: ids and types, nothing personal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACER = trace.get_tracer("handoff")  # a proxy until a provider is installed
_PROPAGATOR = TraceContextTextMapPropagator()
_ALLOWED = frozenset(
    {
        "messaging.destination.name",
        "messaging.message.id",
        "messaging.message.conversation_id",
        "messaging.batch.message_count",
        "handoff.type",
        "handoff.acting",
        "handoff.outcome",
        "error.type",
    }
)


def install(service: str) -> None:
    """Give every span its ids, which messages carry and log lines name.

    Nothing is recorded while nobody exports: recording costs a tenth of a message's processor time.
    """
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider(sampler=ALWAYS_OFF, resource=Resource({"service.name": service})))


def current() -> str | None:
    """The traceparent of the current span, or None outside of one."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def current_id() -> str | None:
    """The trace id for log lines."""
    span = trace.get_current_span().get_span_context()
    return format(span.trace_id, "032x") if span.is_valid else None


@contextmanager
def span(
    name: str, kind: SpanKind = SpanKind.INTERNAL, *, parent: str | None = None, **attributes: str | int | None
) -> Iterator[trace.Span]:
    """A span, continuing `parent` (a traceparent) when given. Attribute names use `__` for the dot."""
    named = {key.replace("__", "."): value for key, value in attributes.items() if value is not None}
    if unknown := named.keys() - _ALLOWED:
        raise ValueError(f"span attributes not on the allow-list: {sorted(unknown)}")
    above = _PROPAGATOR.extract({"traceparent": parent}) if parent else context.get_current()
    with _TRACER.start_as_current_span(
        name, context=above, kind=kind, attributes=named, record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield opened
        except Exception as problem:
            opened.set_attribute("error.type", type(problem).__name__)
            raise

"""A collector of traces that we did not write: OpenTelemetry's own contract, served by grpcio."""
import concurrent.futures
import threading

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2


def value(any_value):
    kind = any_value.WhichOneof("value")
    return getattr(any_value, kind) if kind else None


class Told:
    """One span with the service that told it."""

    def __init__(self, service: str, span: trace_pb2.Span):
        self.service = service
        self.name = span.name
        self.trace = span.trace_id.hex()
        self.id = span.span_id.hex()
        self.parent = span.parent_span_id.hex()
        self.kind = trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_")
        self.start, self.end = span.start_time_unix_nano, span.end_time_unix_nano
        self.attributes = {pair.key: value(pair.value) for pair in span.attributes}
        self.events = [event.name for event in span.events]
        self.is_error = span.status.code == trace_pb2.Status.STATUS_CODE_ERROR
        self.state = span.trace_state
        assert len(span.trace_id) == 16 and len(span.span_id) == 8 and len(span.parent_span_id) in (0, 8)

    def __repr__(self):
        return f"{self.service} {self.kind} {self.name} {self.id} < {self.parent or '-'} {self.attributes}"


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps what it is sent; `fail_first` exports are refused as if it were overloaded."""

    def __init__(self, fail_first: int = 0):
        self.spans: list[Told] = []
        self.resources: list[dict] = []
        self.metadata: list[dict] = []
        self.left_to_fail = fail_first
        self.changed = threading.Condition()
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self, self.server)
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def Export(self, request, context):
        with self.changed:
            if self.left_to_fail:
                self.left_to_fail -= 1
                context.abort(grpc.StatusCode.UNAVAILABLE, "come back later")
            self.metadata.append(dict(context.invocation_metadata()))
            for group in request.resource_spans:
                facts = {pair.key: value(pair.value) for pair in group.resource.attributes}
                self.resources.append(facts)
                for scope in group.scope_spans:
                    self.spans += [Told(facts["service.name"], span) for span in scope.spans]
            self.changed.notify_all()
        return trace_service_pb2.ExportTraceServiceResponse()

    def wait_for(self, what: str, condition, timeout: float = 20):
        """The first true answer of `condition`, which is given all spans."""
        with self.changed:
            found = self.changed.wait_for(lambda: condition(self.spans), timeout)
        assert found, f"not {what} among\n" + "\n".join(map(str, self.spans[-40:]))
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop(None)

"""Every failure explains itself: to an outsider a little, to `weft why` the whole; and traces are whole from edge to edge."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import urllib.request

import pytest

from collectors import Collector
from mesh import Mesh
from programs import until


@pytest.fixture(scope="module")
def collector():
    with Collector() as running:
        yield running


@pytest.fixture(scope="module")
def traced(collector):
    """A mesh that traces all, and tells at once."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-why-"))
    folder.chmod(0o711)
    settings = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.address}", "OTEL_TRACES_SAMPLER": "parentbased_always_on",
        "OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_EXPORTER_OTLP_HEADERS": "x-token=s%20e",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test"}
    os.environ.update(settings)
    running = None
    try:
        running = Mesh(folder)
        yield running
    finally:
        for name in settings:
            os.environ.pop(name)
        if running:
            running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def chain(spans, leaf):
    """A span and those above it, to the root."""
    by_id = {span.id: span for span in spans}
    found = [leaf]
    while found[-1].parent in by_id:
        found.append(by_id[found[-1].parent])
    return found


def test_a_request_is_one_trace_from_the_edge_to_the_innermost_service(traced, collector):
    status, course, _ = traced.call("POST", "/v1/courses", {"title": "t", "lessons": [{"title": "a", "text": "x"}]})
    assert status == 200, course
    path = f"/v1/learners/ana/courses/{course['id']}/lessons/{course['lessons'][0]['id']}:record"
    trace = "0af7651916cd43dd8448eb211c80319c"
    status, body, _ = traced.call(
        "POST", path, {}, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01", "tracestate": "vendor=1"})
    assert status == 200, body

    def whole(spans):
        mine = [span for span in spans if span.trace == trace]
        leaves = [s for s in mine if s.service == "course" and "weft.direction" not in s.attributes]
        chains = [chain(mine, leaf) for leaf in leaves]
        return next((c for c in chains if len(c) == 7), None)

    found = collector.wait_for("a whole trace", whole)
    # Innermost first: each member tells under its service's name, and the sidecar says which side it stands on.
    told = [(s.service, s.attributes.get("weft.direction", ""), s.kind) for s in found]
    assert told == [
        ("course", "", "SERVER"), ("course", "inbound", "SERVER"), ("progress", "outbound", "CLIENT"),
        ("progress", "", "SERVER"), ("progress", "inbound", "SERVER"), ("edge", "outbound", "CLIENT"),
        ("edge", "", "SERVER")]
    assert found[-1].parent == "b7ad6b7169203331" and found[-1].attributes["http.response.status_code"] == 200
    assert all(s.state == "vendor=1" for s in found)
    assert all(outer.start <= inner.start and inner.end <= outer.end + 1_000_000
               for inner, outer in zip(found, found[1:])), found
    inner = found[1].attributes
    assert inner["rpc.system"] == "grpc" and inner["rpc.grpc.status_code"] == 0
    assert inner["rpc.service"] == "learn.course.v1.CourseService" and inner["weft.caller"].endswith("/sa/progress")
    assert collector.metadata[-1]["x-token"] == "s e"
    assert {"deployment.environment": "test"}.items() <= collector.resources[-1].items()


def test_an_outsider_learns_little_and_weft_why_the_whole(traced, collector):
    down = [f"course-{number}" for number in (1, 2)]
    for name in down:
        os.kill(traced.pid(name), signal.SIGSTOP)
    try:
        status, error, headers = traced.call("GET", "/v1/courses/nothing", headers={"grpc-timeout": "1S"})
    finally:
        for name in down:
            os.kill(traced.pid(name), signal.SIGCONT)
    assert status in (503, 504), error
    assert error["reason"] in ("timeout", "unavailable") and error["requestId"] == headers["x-request-id"]
    text = json.dumps(error)
    assert "127.0.0.1" not in text and "course-" not in text and "WAIT." not in text, text

    done = traced.weft("why", error["requestId"], "--state", str(traced.state))
    assert "edge-1/outbound" in done.stdout or "edge/outbound" in done.stdout, done.stdout
    assert "attempt 1 at 127.0.0.1:" in done.stdout and "What to do: " in done.stdout
    assert "(UT)" in done.stdout or "(URX)" in done.stdout or "(UF)" in done.stdout, done.stdout
    stories = json.loads(traced.weft("why", error["requestId"], "--json", "--state", str(traced.state)).stdout)["stories"]
    tellers = {story["teller"] for story in stories}
    assert any("edge" in teller for teller in tellers) and any("course" in teller for teller in tellers), tellers
    by_trace = json.loads(traced.weft("why", stories[0]["traceId"], "--json", "--state", str(traced.state)).stdout)
    assert {story["teller"] for story in by_trace["stories"]} == tellers
    edge = traced.weft("why", error["requestId"], "--admin", traced.edge_admin)
    assert "HTTP 50" in edge.stdout

    failed = collector.wait_for("the failed call's spans", lambda spans: [
        span for span in spans if span.trace == stories[0]["traceId"] and span.is_error])
    assert any("weft.reason" in span.attributes for span in failed), failed


def test_nobody_knows_an_id_that_never_was(traced):
    done = traced.weft("why", "0123456789", "--state", str(traced.state), expect=1)
    assert "remembers '0123456789'" in done.stderr


def test_a_name_that_nobody_has_is_explained_by_its_reason(traced):
    sidecar = json.loads((traced.state / "mesh.json").read_text())["sidecar"]
    import grpc
    with grpc.insecure_channel(sidecar, options=[("grpc.default_authority", "curse")]) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/p.S/Get")(b"", timeout=5, metadata=[("x-request-id", "nobody-1")])
    assert caught.value.details().startswith("ROUTE.no_route[curse]")
    done = traced.weft("why", "nobody-1", "--state", str(traced.state))
    assert "ROUTE.no_route[curse] (NR)" in done.stdout and "It means: no service of the mesh has the name" in done.stdout


def test_metrics_are_what_prometheus_takes(traced):
    admin = f"127.0.0.1:{traced.sidecars + 51}"
    text = urllib.request.urlopen(f"http://{admin}/metrics").read()
    assert b'weft_calls_total{direction="outbound",caller="edge",callee="course"' in text
    if tool := shutil.which("promtool"):
        done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    else:
        for line in text.decode().splitlines():
            assert line.startswith("# ") or line.rsplit(" ", 1)[1].replace(".", "").replace("e-", "").isdigit(), line

"""Members know each other by certificates and by nothing else: what is refused, and how both sides say so."""
import contextlib
import dataclasses
import json
import os
import signal
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
import uuid

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from certificates import Issuer, spiffe, usage
from contracts import control, control_rpc, why
from mesh import free_block
from programs import CHANNEL, EchoApp, Sidecar, fits, identity_files, outbound_config, until
from towns import LEAF_LIFETIME, LIST, CallLoop, LogTail, SmallMesh, Town, call, failure
from wire import (
    APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT_HELLO, HANDSHAKE, SERVER_HELLO, TLS_1_3, RecordingRelay,
    client_context, hello, raw_call, records, refusal, served_certificate)

COURSE_1 = 1  # of the mesh's sidecars, in the order of its plan


@pytest.fixture
def town(tmp_path) -> Town:
    return Town(tmp_path, Issuer.make())


@pytest.fixture
def mesh_town(tmp_path, mesh) -> Town:
    """The authority is the running mesh's."""
    return Town(tmp_path, Issuer.load(mesh.state / "control"))


# The wire ------------------------------------------------------------------------------------------------------------


def test_two_sidecars_speak_tls_1_3_and_nothing_can_be_read_between_them(town):
    marker = b"marker-" + uuid.uuid4().hex.encode()
    with EchoApp() as app, town.inbound(town.member("course"), app) as inbound:
        with RecordingRelay(inbound.address("inbound")) as relay:
            config = outbound_config("web", town.member("web"), relay.address, spiffe("course"))
            with Sidecar(town.folder, config) as outbound, outbound.channel() as channel:
                assert call(channel, "/marker.Service/Marker", marker, marker_field=marker.decode()) == marker
        (there, back), = relay.connections
    assert app.metadata[0]["weft-caller"] == spiffe("web") and app.metadata[0]["marker-field"] == marker.decode()
    for direction, kind in ((there, CLIENT_HELLO), (back, SERVER_HELLO)):
        (first_kind, first), *rest = records(bytes(direction))
        assert first_kind == HANDSHAKE
        greeting = hello(first)
        assert (greeting.kind, greeting.versions) == (kind, [TLS_1_3])
        kinds = [record for record, _ in rest]
        assert APPLICATION_DATA in kinds and set(kinds) <= {APPLICATION_DATA, CHANGE_CIPHER_SPEC}, kinds
        assert sum(len(content) for record, content in rest if record == APPLICATION_DATA) > len(marker)
        for plain in (marker, b"marker.Service", b"spiffe://", b"grpc", b"PRI * HTTP/2"):
            assert plain not in direction, f"{plain} can be read"


def test_a_client_of_tls_1_2_is_refused_by_every_listener_of_the_mesh(mesh, mesh_town):
    context = client_context(mesh_town.authority.pem, mesh_town.member("edge"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for log, address in (
            ("course-1-sidecar", f"127.0.0.1:{mesh.inbound(COURSE_1)}"), ("control", mesh.control)):
        tail = LogTail(mesh, log)
        assert refusal(address, context) == "TLSV1_ALERT_PROTOCOL_VERSION"
        tail.wait_for("a connection was refused", "TLS.tls_failed", "does not speak TLS 1.3")


def test_a_server_of_tls_1_2_is_refused(town):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    files = town.member("course")
    context.load_cert_chain(files["certificate_file"], files["key_file"])
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=shake_once, args=(server, context), daemon=True).start()
        endpoint = f"127.0.0.1:{server.getsockname()[1]}"
        config = outbound_config("web", town.member("web"), endpoint, spiffe("course"))
        with Sidecar(town.folder, config) as client, client.channel() as channel:
            error = failure(channel)
            assert error.code() == grpc.StatusCode.UNAVAILABLE and why(error).phase == "TLS", error
            client.wait_for("cannot connect", "TLS.tls_failed", endpoint)


def shake_once(server: socket.socket, context: ssl.SSLContext):
    plain, _ = server.accept()
    with plain, contextlib.suppress(ssl.SSLError):
        context.wrap_socket(plain, server_side=True).close()


def test_plaintext_is_refused_by_the_inbound_listener(mesh):
    tail = LogTail(mesh, "course-1-sidecar")
    with grpc.insecure_channel(f"127.0.0.1:{mesh.inbound(COURSE_1)}", options=CHANNEL) as channel:
        assert failure(channel).code() == grpc.StatusCode.UNAVAILABLE
    tail.wait_for("a connection was refused", "TLS.tls_failed", "does not speak TLS")


# Who is refused ------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Fault:
    """An identity that must not be believed: why, in the words of who checks it, and what its holder hears."""
    name: str
    make: object
    cause: str
    says: str
    hears: str

    def __str__(self):
        return self.name


FAULTS = [
    Fault("of another authority with another name",
          lambda town: Issuer.make("another authority").leaf(spiffe("course")),
          "tls_untrusted", "another authority", "tls_untrusted"),
    Fault("of another authority with the same name", lambda town: Issuer.make().leaf(spiffe("course")),
          "tls_untrusted", "certificate signature failure", "tls_untrusted"),
    Fault("signed by a member", lambda town: town.authority.leaf(spiffe("edge")).signs(spiffe("course")),
          "tls_untrusted", spiffe("course"), "tls_untrusted"),
    Fault("of another trust domain", lambda town: town.authority.leaf(spiffe("course", "evil.example")),
          "tls_identity_mismatch", spiffe("course", "evil.example"), "tls_identity_mismatch"),
    Fault("without a SPIFFE id", lambda town: town.authority.leaf(dns="course"),
          "tls_identity_mismatch", "it has 0 URI names", "tls_identity_mismatch"),
    Fault("with two SPIFFE ids", lambda town: town.authority.leaf(spiffe("course"), spiffe("edge")),
          "tls_identity_mismatch", "it has 2 URI names", "tls_identity_mismatch"),
    Fault("with a name that is not a SPIFFE id", lambda town: town.authority.leaf("https://weft.local/course"),
          "tls_identity_mismatch", "is not a SPIFFE id", "tls_identity_mismatch"),
    Fault("with the name of the authority", lambda town: town.authority.leaf("spiffe://weft.local"),
          "tls_identity_mismatch", "that of an authority", "tls_identity_mismatch"),
    Fault("that may sign others", lambda town: town.authority.leaf(spiffe("course"), ca=True),
          "tls_identity_mismatch", "it may sign others", "tls_identity_mismatch"),
    Fault("that has expired", lambda town: town.authority.leaf(spiffe("course"), begins=-3600, ends=-60),
          "tls_expired", "certificate has expired", "tls_expired"),
    Fault("that is not valid yet", lambda town: town.authority.leaf(spiffe("course"), begins=3600, ends=7200),
          "tls_expired", "not yet valid", "tls_expired"),
    Fault("for another purpose",
          lambda town: town.authority.leaf(spiffe("course"), purposes=[ExtendedKeyUsageOID.CODE_SIGNING]),
          "tls_untrusted", "purpose", "tls_untrusted"),
    Fault("whose key may not sign", lambda town: town.authority.leaf(
              spiffe("course"), uses=usage(key_agreement=True)),
          "tls_identity_mismatch", "keyUsage without digitalSignature", "tls_identity_mismatch"),
    Fault("whose key may be used for nothing that it says", lambda town: town.authority.leaf(
              spiffe("course"), uses=None),
          "tls_identity_mismatch", "keyUsage without digitalSignature", "tls_identity_mismatch"),
    Fault("that may sign revocation lists", lambda town: town.authority.leaf(
              spiffe("course"), uses=usage(digital_signature=True, crl_sign=True)),
          "tls_identity_mismatch", "it may sign others", "tls_identity_mismatch"),
    Fault("with a key on another curve", lambda town: town.authority.leaf(spiffe("course"), curve=ec.SECP384R1()),
          "tls_identity_mismatch", "its key is not on P-256", "tls_identity_mismatch"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_client_is_refused_by_the_running_mesh_with_a_certificate(fault, mesh, mesh_town):
    tail = LogTail(mesh, "course-1-sidecar")
    files = mesh_town.files("client", fault.make(mesh_town))
    config = outbound_config("client", files, f"127.0.0.1:{mesh.inbound(COURSE_1)}", spiffe("course"))
    with Sidecar(mesh_town.folder, config) as client, client.channel() as channel:
        error = failure(channel)
        assert error.code() == grpc.StatusCode.UNAVAILABLE
        reason = why(error)
        assert reason.phase == "TLS" and reason.cause.startswith(fault.hears), reason
        assert reason.cause in error.details() and "our certificate" in error.details(), error.details()
        client.wait_for("cannot connect", f"TLS.{fault.hears}", "our certificate")
    tail.wait_for("a connection was refused", f"TLS.{fault.cause}", fault.says, "the client presented")


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_server_is_refused_by_a_sidecar_with_a_certificate(fault, town):
    with EchoApp() as app, town.inbound(town.files("bad", fault.make(town)), app) as server:
        config = outbound_config("web", town.member("web"), server.address("inbound"), spiffe("course"))
        with Sidecar(town.folder, config) as client, client.channel() as channel:
            error = failure(channel)
            assert error.code() == grpc.StatusCode.UNAVAILABLE
            reason = why(error)
            assert (reason.phase, reason.cause) == ("TLS", fault.cause), reason
            assert "the server presented" in reason.detail and fault.says in reason.detail
            client.wait_for("cannot connect", f"TLS.{fault.cause}", fault.says)
            server.wait_for("a connection was refused", f"TLS.{fault.hears}", "our certificate")
    assert not app.metadata


def test_a_server_whose_certificate_is_for_servers_alone_is_refused(town):
    leaf = town.authority.leaf(spiffe("course"), purposes=[ExtendedKeyUsageOID.SERVER_AUTH])
    with EchoApp() as app, town.inbound(town.files("half", leaf), app) as server:
        config = outbound_config("web", town.member("web"), server.address("inbound"), spiffe("course"))
        with Sidecar(town.folder, config) as client, client.channel() as channel:
            reason = why(failure(channel))
            assert (reason.phase, reason.cause) == ("TLS", "tls_identity_mismatch"), reason
            assert "may not be used as server and as client" in reason.detail


def test_a_client_without_a_certificate_is_refused_and_told_so(mesh, mesh_town):
    tail = LogTail(mesh, "course-1-sidecar")
    context = client_context(mesh_town.authority.pem)
    assert refusal(f"127.0.0.1:{mesh.inbound(COURSE_1)}", context) == "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    tail.wait_for("a connection was refused", "TLS.tls_untrusted", "the client presented no certificate")


def test_an_endpoint_that_is_another_member_is_refused(mesh, mesh_town):
    tail = LogTail(mesh, "course-1-sidecar")
    config = outbound_config(
        "web", mesh_town.member("edge"), f"127.0.0.1:{mesh.inbound(COURSE_1)}", spiffe("progress"))
    with Sidecar(mesh_town.folder, config) as client, client.channel("progress") as channel:
        error = failure(channel)
        assert error.code() == grpc.StatusCode.UNAVAILABLE
        assert (why(error).phase, why(error).cause) == ("TLS", "tls_identity_mismatch")
        client.wait_for("cannot connect", "TLS.tls_identity_mismatch", spiffe("course"), spiffe("progress"))
    tail.wait_for("a connection was refused", "TLS.tls_identity_mismatch", "does not accept the name in our")


# Who calls -----------------------------------------------------------------------------------------------------------


def course_entry(mesh, request_id: str) -> dict:
    """The line of whichever replica served a request."""
    def find():
        for name in ("course-1", "course-2"):
            for line in mesh.log(name).splitlines():
                if request_id in line and '"caller"' in line:
                    return json.loads(line)
        return None

    return until(f"a replica logs {request_id}", find)


def test_the_name_of_a_caller_is_not_believed_from_the_application_or_from_outside(mesh):
    forged, by_app, by_rest = spiffe("admin"), uuid.uuid4().hex, uuid.uuid4().hex
    with grpc.insecure_channel(
            f"127.0.0.1:{mesh.sidecars}", options=CHANNEL + [("grpc.default_authority", "course")]) as channel:
        call(channel, weft_caller=forged, x_request_id=by_app)
    assert mesh.call("GET", "/v1/courses", headers={"weft-caller": forged, "x-request-id": by_rest})[0] == 200
    for request_id in (by_app, by_rest):
        assert course_entry(mesh, request_id)["caller"] == spiffe("edge")
    assert forged not in mesh.log("course-1") + mesh.log("course-2")


def test_the_name_of_a_caller_is_not_believed_from_another_member(mesh, mesh_town):
    request_id = uuid.uuid4().hex
    context = client_context(mesh_town.authority.pem, mesh_town.member("progress"))
    reply = raw_call(f"127.0.0.1:{mesh.inbound(COURSE_1)}", context, LIST, [
        ("weft-caller", spiffe("admin")), ("x-request-id", request_id), ("weft-caller", spiffe("edge"))])
    assert reply.get("grpc-status") == "0", reply
    assert course_entry(mesh, request_id)["caller"] == spiffe("progress")
    assert spiffe("admin") not in mesh.log("course-1")


# The control plane ---------------------------------------------------------------------------------------------------


def join_tokens(mesh) -> dict[str, str]:
    return dict(line.split() for line in (mesh.state / "join-tokens").read_text().splitlines() if line.strip())


@pytest.mark.parametrize("whose", ["nobody", "edge"])
def test_a_join_with_a_wrong_token_is_refused_and_tried_again(whose, mesh, tmp_path):
    tail = LogTail(mesh, "control")
    admin = free_block(1)
    config = {"service": "course", "instance": "course-9", "admin": {"listen": f"127.0.0.1:{admin}"}, "control": {
        "address": mesh.control, "trust_domain": "weft.local", "roots_file": str(mesh.state / "control/roots.pem"),
        "join_token": join_tokens(mesh).get(whose, "0123456789abcdef0123456789abcdef")},
        "outbound": {"listen": "127.0.0.1:0"}}
    with Sidecar(tmp_path, config) as sidecar:
        refused = sidecar.wait_for("cannot join the mesh yet", "PERMISSION_DENIED", "does not vouch for 'course'")
        assert mesh.control in json.dumps(refused) and refused["retry_after_s"]
        sidecar.wait_for("cannot join the mesh yet", count=2)
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"http://127.0.0.1:{admin}/ready", timeout=5)
        assert not any("joined the mesh" in str(entry) for entry in sidecar.entries)
    tail.wait_for("a join was refused", "course")
    assert join_tokens(mesh)["edge"] not in mesh.log("control")


def certificate_request() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "course")])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256()).public_bytes(
        serialization.Encoding.DER)


@pytest.mark.parametrize("step,message", [
    (lambda channel: control_rpc.DiscoveryStub(channel).Register(
        control.RegisterRequest(service="course", instance="course-9", address="127.0.0.1:1")), "instance of 'course'"),
    (lambda channel: control_rpc.ContractsStub(channel).Publish(
        control.PublishRequest(service="course", rpc_services=["learn.course.v1.CourseService"])),
     "contract of 'course'"),
    (lambda channel: control_rpc.CertificateAuthorityStub(channel).Sign(
        control.SignRequest(service="course", certificate_request=certificate_request())), "certificate of 'course'"),
], ids=["register", "publish", "sign"])
def test_a_member_can_do_nothing_in_the_name_of_another(step, message, mesh):
    tail = LogTail(mesh, "control")
    with grpc.insecure_channel(
            f"127.0.0.1:{mesh.sidecars}", options=CHANNEL + [("grpc.default_authority", "weft-control")]) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            step(channel)
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert message in caught.value.details() and "edge" in caught.value.details()
    tail.wait_for("PERMISSION_DENIED", spiffe("edge"), message)


@pytest.mark.parametrize("path,request_message", [
    ("Discovery/Register", control.RegisterRequest(service="course", instance="course-9", address="127.0.0.1:1")),
    ("Discovery/Watch", control.WatchRequest()), ("Contracts/Watch", control.WatchContractsRequest()),
    ("Contracts/Publish", control.PublishRequest(service="course")),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_stranger_hears_nothing_from_the_control_plane(path, request_message, mesh, mesh_town):
    reply = raw_call(
        mesh.control, client_context(mesh_town.authority.pem), f"/weft.control.v1.{path}", [],
        request_message.SerializeToString())
    assert reply.get("grpc-status") == str(grpc.StatusCode.UNAUTHENTICATED.value[0]), reply


def test_a_stranger_gets_no_certificate_without_a_token(mesh, mesh_town):
    asked = control.SignRequest(service="course", certificate_request=certificate_request())
    reply = raw_call(
        mesh.control, client_context(mesh_town.authority.pem), "/weft.control.v1.CertificateAuthority/Sign", [],
        asked.SerializeToString())
    assert reply.get("grpc-status") == str(grpc.StatusCode.PERMISSION_DENIED.value[0]), reply


# Deaths --------------------------------------------------------------------------------------------------------------


def get_courses(mesh):
    status, body, _ = mesh.call("GET", "/v1/courses?page_size=1")
    return None if status == 200 else (status, body)


def kill_and_wait(mesh, name: str):
    before, seen = mesh.pid(name), len(mesh.lines)
    os.kill(before, signal.SIGKILL)
    mesh.wait_for(rf"^{name}: ready pid \d+", 30, after=seen)
    assert mesh.pid(name) != before


def endpoints_at_the_edge(mesh, service: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{mesh.sidecars + 51}/config", timeout=5) as page:
        known = {entry["name"]: entry["endpoints"] for entry in json.load(page)["destinations"]}
    return len(known.get(service, []))


def test_calls_go_on_without_the_control_plane_and_members_come_back_to_it(mesh):
    tail = LogTail(mesh, "control")
    with CallLoop(lambda: get_courses(mesh)) as calls:
        kill_and_wait(mesh, "control")
        for member in ("course-1", "course-2", "progress-1"):
            tail.wait_for("an instance registered", f'"{member}"')
        done = calls.count
        until("calls go on", lambda: calls.count > done + 20)
    calls.check(least=40)
    assert endpoints_at_the_edge(mesh, "course") == 2
    until("the edge knows the registry again", lambda: mesh.call("GET", "/services/status")[0] == 200)


def test_a_killed_sidecar_loses_no_call_and_comes_back(mesh):
    with CallLoop(lambda: get_courses(mesh)) as calls:
        kill_and_wait(mesh, "course-1/sidecar")
        LogTail(mesh, "course-1").wait_for("ListCourses", timeout=20)
    calls.check(least=40)


# Leaves and leases that end ------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def small_mesh(tmp_path_factory):
    running = SmallMesh(tmp_path_factory.mktemp("small"))
    yield running
    running.stop()


def test_a_leaf_is_renewed_in_time_and_no_call_fails(small_mesh):
    authority = Issuer.load(small_mesh.folder / "state")
    files = identity_files(small_mesh.folder, "probe", authority.leaf(spiffe("probe")), authority.pem)
    context, address = client_context(authority.pem, files), small_mesh.course.address("inbound")
    seen: dict[int, x509.Certificate] = {}

    def look():
        leaf = x509.load_der_x509_certificate(served_certificate(address, context))
        assert time.time() < leaf.not_valid_after_utc.timestamp(), "a certificate that has ended is served"
        seen.setdefault(leaf.serial_number, leaf)
        first = next(iter(seen.values()))
        return len(seen) >= 2 and time.time() > first.not_valid_after_utc.timestamp() + 0.5

    with small_mesh.web.channel() as channel, CallLoop(lambda: call(channel, request=b"x") != b"x") as calls:
        until("the first leaf is replaced, and over", look, LEAF_LIFETIME + 5, 0.2)
    calls.check(least=100)
    for leaf in seen.values():
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.UniformResourceIdentifier) == [spiffe("course")]
    for sidecar in (small_mesh.course, small_mesh.web):
        sidecar.wait_for("the identity was renewed")
    for program in (small_mesh.control, small_mesh.web):
        refused = [entry for entry in program.entries if fits(entry, ("TLS.",))]
        assert not refused, "members of one mesh refused each other"


def test_a_dead_instance_leaves_the_registry_with_its_lease(small_mesh):
    small_mesh.control.wait_for("the lease of an instance ended", "ghost", timeout=15)
    small_mesh.web.wait_for("the registry changed", '"endpoints": "course 1"')
    with small_mesh.web.channel("ghost") as channel:
        error = failure(channel, "/any.Service/Any")
        assert error.code() == grpc.StatusCode.UNAVAILABLE
        assert (why(error).phase, why(error).cause) == ("ROUTE", "no_route")

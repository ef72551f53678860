"""A real Envoy, with its own SPIFFE validator, as the other end of mutual TLS: in both roles, with right and wrong identities."""
import json
import urllib.request

import grpc
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

import envoys
from certificates import Issuer, spiffe
from contracts import why
from mesh import free_block
from programs import CHANNEL, EchoApp, Sidecar, inbound_config, outbound_config
from towns import Town, call, failure

BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


@pytest.fixture
def town(tmp_path) -> Town:
    return Town(tmp_path, Issuer.make())


def member(town: Town, name: str, *ids: str, authority: Issuer | None = None, **parts) -> dict:
    """The files of an identity, by default one that Envoy and Weft both believe."""
    leaf = (authority or town.authority).leaf(*(ids or (spiffe(name),)), purposes=BOTH, **parts)
    return town.files(f"{name}-{len(list(town.folder.iterdir()))}", leaf)


def inbound(town: Town, app: EchoApp) -> tuple[Sidecar, str]:
    admin = f"127.0.0.1:{free_block(1)}"
    config = inbound_config("course", member(town, "course"), app.address) | {"admin": {"listen": admin}}
    return Sidecar(town.folder, config), admin


def handshakes(admin: str) -> list[dict]:
    """What the sidecar's journal holds, the last first."""
    request = urllib.request.Request(
        f"http://{admin}/weft.admin.v1.Admin/ListHandshakes", b"{}", {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as reply:
        return json.load(reply).get("handshakes", [])


def plain_channel(address: str) -> grpc.Channel:
    return grpc.insecure_channel(address, options=CHANNEL + [("grpc.default_authority", "course")])


# Envoy calls us ------------------------------------------------------------------------------------------------------


def test_envoy_calls_a_sidecar_as_a_member(town):
    with EchoApp() as app:
        sidecar, admin = inbound(town, app)
        with sidecar, envoys.calling(
                town.folder, member(town, "web"), sidecar.address("inbound"), spiffe("course")) as envoy:
            with plain_channel(envoy.address) as channel:
                for number in range(20):
                    assert call(channel, "/any.Service/Any", b"%d" % number) == b"%d" % number
            good, = handshakes(admin)
            assert good["succeeded"] and good["peerId"] == spiffe("web") and good["direction"] == "inbound"
        assert app.metadata[0]["weft-caller"] == spiffe("web")


@pytest.mark.parametrize("name,make,cause,rule", [
    ("of another trust domain", lambda town: member(town, "web", spiffe("web", "evil.example")),
     "tls_identity_mismatch", "trust_domain"),
    ("of another authority", lambda town: member(town, "web", authority=Issuer.make("another authority")),
     "tls_untrusted", "unknown_authority"),
    ("with two ids", lambda town: member(town, "web", spiffe("web"), spiffe("admin")),
     "tls_identity_mismatch", "uri_count"),
    ("that has ended", lambda town: member(town, "web", begins=-3600, ends=-60), "tls_expired", "expired"),
    ("that may sign others", lambda town: member(town, "web", ca=True), "tls_identity_mismatch", "authority_as_leaf"),
], ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "")
def test_envoy_is_refused_with_an_identity(name, make, cause, rule, town):
    with EchoApp() as app:
        sidecar, admin = inbound(town, app)
        with sidecar, envoys.calling(town.folder, make(town), sidecar.address("inbound"), spiffe("course")) as envoy:
            with plain_channel(envoy.address) as channel:
                assert failure(channel).code() == grpc.StatusCode.UNAVAILABLE
            sidecar.wait_for("a connection was refused", f"TLS.{cause}", "the client presented")
            refused = handshakes(admin)[0]
            assert (refused["check"], refused["rule"], refused["direction"]) == (cause, rule, "inbound"), refused
            assert refused["ownId"] == spiffe("course") and refused["presented"][0]["fingerprint"]
            assert envoy.counter("cluster.there.upstream_cx_connect_fail") > 0 or \
                envoy.counter("cluster.there.upstream_cx_destroy_remote") > 0
        assert not app.metadata


def test_envoy_refuses_a_sidecar_that_is_another_service(town):
    with EchoApp() as app:
        sidecar, admin = inbound(town, app)
        with sidecar, envoys.calling(
                town.folder, member(town, "web"), sidecar.address("inbound"), spiffe("progress")) as envoy:
            with plain_channel(envoy.address) as channel:
                assert failure(channel).code() == grpc.StatusCode.UNAVAILABLE
            sidecar.wait_for("a connection was refused", "TLS.", "our certificate")
            assert handshakes(admin)[0]["rule"] == "peer_refused"
            refused = ("fail_verify_san", "fail_verify_error")
            assert sum(envoy.counter(f"cluster.there.ssl.{name}") for name in refused) > 0


# We call Envoy -------------------------------------------------------------------------------------------------------


def test_a_sidecar_calls_an_envoy_as_a_member(town):
    with EchoApp() as app, envoys.called(town.folder, member(town, "course"), app.address, [spiffe("web")]) as envoy:
        config = outbound_config("web", member(town, "web"), envoy.address, spiffe("course"))
        with Sidecar(town.folder, config) as sidecar, sidecar.channel() as channel:
            for number in range(20):
                assert call(channel, "/any.Service/Any", b"%d" % number) == b"%d" % number
        assert envoy.counter("ssl.handshake") >= 1
    assert len(app.metadata) == 20


@pytest.mark.parametrize("name,make,cause", [
    ("of another service", lambda town: member(town, "edge"), "tls_identity_mismatch"),
    ("of another trust domain", lambda town: member(town, "course", spiffe("course", "evil.example")),
     "tls_identity_mismatch"),
    ("of another authority", lambda town: member(town, "course", authority=Issuer.make("another authority")),
     "tls_untrusted"),
    ("with two ids", lambda town: member(town, "course", spiffe("course"), spiffe("edge")), "tls_identity_mismatch"),
], ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "")
def test_an_envoy_is_refused_with_an_identity(name, make, cause, town):
    with EchoApp() as app, envoys.called(town.folder, make(town), app.address, [spiffe("web")]) as envoy:
        config = outbound_config("web", member(town, "web"), envoy.address, spiffe("course"))
        with Sidecar(town.folder, config) as sidecar, sidecar.channel() as channel:
            error = failure(channel)
            assert error.code() == grpc.StatusCode.UNAVAILABLE
            assert (why(error).phase, why(error).cause) == ("TLS", cause), why(error)
            assert "the server presented" in why(error).detail
    assert not app.metadata


@pytest.mark.parametrize("name,make", [
    ("of another service", lambda town: member(town, "edge")),
    ("of another trust domain", lambda town: member(town, "web", spiffe("web", "evil.example"))),
    ("of another authority", lambda town: member(town, "web", authority=Issuer.make("another authority"))),
], ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "")
def test_a_sidecar_hears_that_an_envoy_refuses_its_identity(name, make, town):
    with EchoApp() as app, envoys.called(town.folder, member(town, "course"), app.address, [spiffe("web")]) as envoy:
        admin = f"127.0.0.1:{free_block(1)}"
        config = outbound_config("web", make(town), envoy.address, spiffe("course")) | {"admin": {"listen": admin}}
        with Sidecar(town.folder, config) as sidecar, sidecar.channel() as channel:
            error = failure(channel)
            assert error.code() == grpc.StatusCode.UNAVAILABLE and why(error).phase == "TLS", why(error)
            assert "our certificate" in why(error).detail, why(error)
            refused = handshakes(admin)[0]
            assert refused["rule"] == "peer_refused" and refused["direction"] == "outbound"
            assert refused["expected"] == spiffe("course") and refused["presented"][0]["uris"] == [spiffe("course")]
    assert not app.metadata

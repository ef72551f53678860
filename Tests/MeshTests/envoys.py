"""A real Envoy as the other end of mutual TLS: it calls a sidecar, or is called by one."""
import json
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

from mesh import free_block

#: Beside the interpreter, where `make setup` puts it.
ENVOY = pathlib.Path(sys.executable).parent / "envoy"

TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
HTTP2 = {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    "explicit_http_config": {"http2_protocol_options": {}}}}


def _socket(address: str) -> dict:
    host, port = address.rsplit(":", 1)
    return {"socket_address": {"address": host, "port_value": int(port)}}


def _tls_common(identity: dict, names: list[str]) -> dict:
    """What both roles of Envoy ask: TLS 1.3, and by its SPIFFE validator a member of the trust domain with one of the names."""
    validator = {
        "@type": TLS + "SPIFFECertValidatorConfig",
        "trust_domains": [{"name": "weft.local", "trust_bundle": {"filename": identity["roots_file"]}}]}
    return {
        "alpn_protocols": ["h2"],
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
        "tls_certificates": [{
            "certificate_chain": {"filename": identity["certificate_file"]},
            "private_key": {"filename": identity["key_file"]}}],
        "validation_context": {
            "custom_validator_config": {"name": "envoy.tls.cert_validator.spiffe", "typed_config": validator},
            "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": name}} for name in names]}}


class Envoy:
    """One process: a listener, and the one cluster that it sends everything to."""

    def __init__(self, folder: pathlib.Path, upstream: str, listener_tls: dict | None, cluster_tls: dict | None):
        assert ENVOY.exists(), f"{ENVOY} is not there: run 'make setup'"
        port = free_block(2)
        self.address, self.admin = f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"
        router = {"name": "envoy.filters.http.router", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
        manager = {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "in", "codec_type": "HTTP2", "http_filters": [router],
            "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
                {"match": {"prefix": "/"}, "route": {"cluster": "there", "timeout": "5s"}}]}]}}
        chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        if listener_tls:
            chain["transport_socket"] = {"name": "envoy.transport_sockets.tls", "typed_config": {
                "@type": TLS + "DownstreamTlsContext", "require_client_certificate": True,
                "common_tls_context": listener_tls}}
        cluster = {
            "name": "there", "type": "STATIC", "connect_timeout": "2s", "typed_extension_protocol_options": HTTP2,
            "load_assignment": {"cluster_name": "there", "endpoints": [{"lb_endpoints": [
                {"endpoint": {"address": _socket(upstream)}}]}]}}
        if cluster_tls:
            cluster["transport_socket"] = {"name": "envoy.transport_sockets.tls", "typed_config": {
                "@type": TLS + "UpstreamTlsContext", "sni": "course", "common_tls_context": cluster_tls}}
        config = {
            "admin": {"address": _socket(self.admin)},
            "static_resources": {
                "listeners": [{"name": "in", "address": _socket(self.address), "filter_chains": [chain]}],
                "clusters": [cluster]}}
        file = folder / f"envoy-{port}.json"
        file.write_text(json.dumps(config))
        self.log = folder / f"envoy-{port}.log"
        self.process = subprocess.Popen(
            [ENVOY, "-c", file, "--concurrency", "1", "--disable-hot-restart", "--log-path", self.log],
            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        self._wait()

    def _wait(self):
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://{self.admin}/ready", timeout=1) as reply:
                    if reply.read().startswith(b"LIVE"):
                        return
            except OSError:
                time.sleep(0.05)
        text = self.log.read_text() if self.log.exists() else ""
        self.stop()
        raise AssertionError(f"envoy did not start:\n{text[-3000:]}")

    def counter(self, name: str) -> int:
        with urllib.request.urlopen(f"http://{self.admin}/stats?filter={name}$", timeout=5) as reply:
            return sum(int(line.rsplit(":", 1)[1]) for line in reply.read().decode().splitlines() if ":" in line)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def calling(folder: pathlib.Path, identity: dict, sidecar: str, expecting: str) -> Envoy:
    """An Envoy that takes plaintext and calls a sidecar's inbound listener as a member."""
    return Envoy(folder, sidecar, None, _tls_common(identity, [expecting]))


def called(folder: pathlib.Path, identity: dict, app: str, callers: list[str]) -> Envoy:
    """An Envoy that stands before an application as a member, and lets these callers in."""
    return Envoy(folder, app, _tls_common(identity, callers), None)

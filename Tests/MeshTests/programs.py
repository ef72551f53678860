"""Single programs of Weft, with their logs read as they are written, and an application to stand behind a sidecar."""
import concurrent.futures
import json
import pathlib
import subprocess
import threading
import time

import grpc

from mesh import BIN

#: No proxy of the machine's may stand between, and a channel dials again soon.
CHANNEL = [("grpc.enable_http_proxy", 0), ("grpc.max_reconnect_backoff_ms", 500)]


def fits(entry: dict, words: tuple[str, ...]) -> bool:
    text = json.dumps(entry, ensure_ascii=False)
    return all(word in text for word in words)


class Program:
    """One process; its log is lines of JSON."""

    def __init__(self, name: str, *arguments, level: str = "info"):
        self.name = name
        self.entries: list[dict] = []
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            [BIN / name, *map(str, arguments), "--log-level", level], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"text": line.rstrip("\n")}
            with self.changed:
                self.entries.append(entry)
                self.changed.notify_all()

    def wait_for(self, *words: str, timeout: float = 10, count: int = 1) -> dict:
        """The log's entry that has all the words (the `count`th of them)."""
        def find():
            found = [entry for entry in self.entries if fits(entry, words)]
            return found[count - 1] if len(found) >= count else None

        with self.changed:
            entry = self.changed.wait_for(find, timeout)
        assert entry, f"{self.name} never wrote {words}:\n" + "\n".join(map(str, self.entries[-20:]))
        return entry

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


class Sidecar(Program):
    """A `weft-sidecar` of its own, on ports of the kernel's choice."""

    def __init__(self, folder: pathlib.Path, config: dict, level: str = "info"):
        file = folder / f"{config['service']}-{len(list(folder.iterdir()))}.json"
        file.write_text(json.dumps(config))
        super().__init__("weft-sidecar", "--config", file, level=level)

    def address(self, direction: str) -> str:
        return self.wait_for('"listening"', f'"direction": "{direction}"')["address"]

    def channel(self, authority: str = "course") -> grpc.Channel:
        return grpc.insecure_channel(
            self.address("outbound"), options=CHANNEL + [("grpc.default_authority", authority)])


def identity_files(folder: pathlib.Path, name: str, identity, roots: str) -> dict:
    certificate, key = identity.write(folder, name)
    (folder / f"{name}.roots").write_text(roots)
    return {"certificate_file": str(certificate), "key_file": str(key), "roots_file": str(folder / f"{name}.roots")}


def outbound_config(service: str, identity: dict, endpoint: str, expected: str) -> dict:
    return {"service": service, "identity": identity, "outbound": {
        "listen": "127.0.0.1:0", "destinations": [{"name": "*", "spiffe": expected, "endpoints": [endpoint]}]}}


def inbound_config(service: str, identity: dict, app: str) -> dict:
    return {"service": service, "identity": identity, "inbound": {
        "listen": "127.0.0.1:0", "app": app, "callers": {"trust_domain": "weft.local"}}}


class EchoApp(grpc.GenericRpcHandler):
    """An application that answers every method with its request, and keeps what came with it."""

    def __init__(self):
        self.metadata: list[dict[str, str]] = []
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        self.server.add_generic_rpc_handlers([self])
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def service(self, details):
        self.metadata.append(dict(details.invocation_metadata))
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop(None)


def until(what: str, condition, timeout: float = 15, interval: float = 0.1):
    """The first true answer of `condition`."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(interval)
    raise AssertionError(f"after {timeout} s still not: {what}")

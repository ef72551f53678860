"""What the tests of security stand on: members that a test makes up, logs, callers, a mesh whose leaves end soon."""
import dataclasses
import json
import pathlib
import threading
import time

import grpc
import pytest

from certificates import Identity, Issuer, spiffe
from mesh import free_block
from programs import EchoApp, Program, Sidecar, fits, identity_files, inbound_config, until

LIST = "/learn.course.v1.CourseService/ListCourses"
LEAF_LIFETIME = 12


@dataclasses.dataclass
class Town:
    """An authority, and a folder for the files of members that a test makes up."""
    folder: pathlib.Path
    authority: Issuer

    def files(self, name: str, identity: Identity) -> dict:
        return identity_files(self.folder, name, identity, self.authority.pem)

    def member(self, service: str) -> dict:
        return self.files(service, self.authority.leaf(spiffe(service)))

    def inbound(self, identity: dict, app: EchoApp) -> Sidecar:
        return Sidecar(self.folder, inbound_config("course", identity, app.address))


class LogTail:
    """The entries that a log of the mesh gets from now on."""

    def __init__(self, mesh, name: str):
        self.mesh, self.name, self.start = mesh, name, len(mesh.log(name))

    def entries(self) -> list[dict]:
        lines = self.mesh.log(self.name)[self.start:].splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def wait_for(self, *words: str, timeout: float = 10) -> dict:
        return until(
            f"{self.name} writes {words}; it wrote {self.entries()[-10:]}",
            lambda: next((entry for entry in self.entries() if fits(entry, words)), None), timeout, 0.02)


def call(channel: grpc.Channel, path: str = LIST, request: bytes = b"", **metadata: str) -> bytes:
    fields = [(name.replace("_", "-"), value) for name, value in metadata.items()]
    return channel.unary_unary(path)(request, timeout=10, metadata=fields)


def failure(channel: grpc.Channel, path: str = LIST) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, path)
    return caught.value


class CallLoop:
    """Calls without end, from several callers at once, until it is left; `failures` holds what did not work."""

    def __init__(self, one_call, callers: int = 4, pause: float = 0.02):
        self.one_call, self.pause = one_call, pause
        self.count, self.failures, self.is_over = 0, [], threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(callers)]

    def _run(self):
        while not self.is_over.is_set():
            try:
                fault = self.one_call()
            except grpc.RpcError as error:
                fault = f"{error.code()} {error.details()}"
            if fault:
                self.failures.append((time.strftime("%H:%M:%S"), fault))
            self.count += 1
            self.is_over.wait(self.pause)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join(15)

    def check(self, least: int):
        """So many calls were made, and none failed."""
        assert self.count >= least and not self.failures, f"{len(self.failures)} of {self.count}: {self.failures[:3]}"


class SmallMesh:
    """A control plane whose leaves live 12 s, a service, its caller, and a member that died at once."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        port = free_block(2)
        self.control_address = f"127.0.0.1:{port}"
        services = ("course", "web", "ghost")
        (folder / "tokens").write_text("".join(f"{service} token-of-{service}-0123456789\n" for service in services))
        self.control = Program(
            "weft-control", "--listen", self.control_address, "--admin", f"127.0.0.1:{port + 1}", "--state-dir",
            folder / "state", "--join-tokens", folder / "tokens", "--leaf-lifetime", f"{LEAF_LIFETIME}s")
        self.control.wait_for("serving")
        self.app = EchoApp()
        self.course = self.member("course", inbound={"listen": "127.0.0.1:0", "app": self.app.address})
        self.ghost = self.member("ghost", inbound={"listen": "127.0.0.1:0", "app": self.app.address})
        self.web = self.member("web")
        self.web.wait_for("the registry changed", "course 1", "ghost 1")
        self.ghost.kill()

    def member(self, service: str, **parts) -> Sidecar:
        return Sidecar(self.folder, {
            "service": service, "outbound": {"listen": "127.0.0.1:0"}, "control": {
                "address": self.control_address, "trust_domain": "weft.local",
                "roots_file": str(self.folder / "state/roots.pem"), "join_token": f"token-of-{service}-0123456789"},
            **parts})

    def stop(self):
        for program in (self.web, self.course, self.ghost, self.control):
            program.kill()
        self.app.server.stop(None)

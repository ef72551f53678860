"""Replicas of a service that are restarted while they are called, and callers who count."""
import asyncio
import collections
import dataclasses
import json
import os
import pathlib
import signal
import threading
import time

import grpc
import pytest

from contracts import course
from mesh import free_block
from programs import CHANNEL, Program, Sidecar, fits, until

SERVICE = "/learn.course.v1.CourseService/"
TOKEN = "token-of-{}-0123456789"


class Replica:
    """One instance of the course service with its sidecar, as a pod has them."""

    def __init__(self, town: "RolloutTown", name: str, delay: float = 0):
        """With a delay the sidecar reaches its application through a relay that holds up every byte so long."""
        self.town, self.name = town, name
        self.app_address = f"unix:{town.folder}/{name}.sock"
        self.relay = SlowRelay(self.app_address.removeprefix("unix:"), delay) if delay else None
        self.start()

    def start(self):
        reached = self.relay.address if self.relay else self.app_address
        self.sidecar = self.town.sidecar(
            "course", self.name, inbound={"listen": "127.0.0.1:0", "app": reached})
        self.app = Program(
            "course-service", "--service", "course", "--instance", self.name, "--listen", self.app_address, "--admin",
            "127.0.0.1:0", "--sidecar", self.sidecar.address("outbound"), "--database-url", self.town.database)
        self.sidecar.wait_for('"registered"', f'"instance": "{self.name}"', timeout=30)

    def stop(self, application_first: bool):
        """Ends both as Kubernetes does: the application first, and its sidecar once that is gone, or both at once."""
        self.app.process.send_signal(signal.SIGTERM)
        if not application_first:
            self.sidecar.process.send_signal(signal.SIGTERM)
        assert self.app.process.wait(35) == 0, f"{self.name} did not end in order: {self.app.entries[-5:]}"
        if application_first:
            self.sidecar.process.send_signal(signal.SIGTERM)
        assert self.sidecar.process.wait(35) == 0, f"{self.name}'s sidecar: {self.sidecar.entries[-5:]}"

    def kill(self):
        self.app.kill()
        self.sidecar.kill()


class SlowRelay:
    """Hands bytes on to a Unix socket and back, each way later than they came."""

    def __init__(self, target: str, delay: float):
        self.target, self.delay = target, delay
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait(10)

    def _run(self, ready: threading.Event):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        self.loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        try:
            while data := await reader.read(65536):
                self.loop.call_later(self.delay, writer.write, data)
        except OSError:
            pass
        self.loop.call_later(self.delay, writer.close)


class RolloutTown:
    """A control plane, some replicas of the course service and a sidecar that calls them."""

    def __init__(self, folder: pathlib.Path, database: str, replicas: int = 3, slow: float = 0):
        """With `slow` the last replica's application answers twice so many seconds later than the others."""
        self.folder, self.database = folder, database
        (folder / "configs").mkdir()
        port = free_block(2)
        self.control_address = f"127.0.0.1:{port}"
        (folder / "tokens").write_text("".join(f"{name} {TOKEN.format(name)}\n" for name in ("course", "web")))
        self.control_arguments = [
            "weft-control", "--listen", self.control_address, "--admin", f"127.0.0.1:{port + 1}", "--state-dir",
            folder / "state", "--join-tokens", folder / "tokens"]
        self.start_control()
        self.replicas = [
            Replica(self, f"course-{number + 1}", slow if number == replicas - 1 else 0) for number in range(replicas)]
        self.web = self.sidecar("web", "web-1")
        self.web.wait_for("the registry changed", f"course {replicas}", timeout=30)
        self.target = self.web.address("outbound")

    def start_control(self):
        self.control = Program(*self.control_arguments)
        self.control.wait_for("serving")

    def sidecar(self, service: str, instance: str, **parts) -> Sidecar:
        return Sidecar(self.folder / "configs", self.sidecar_config(service, instance, **parts))

    def sidecar_config(self, service: str, instance: str, **parts) -> dict:
        return {
            "service": service, "instance": instance, "outbound": {"listen": "127.0.0.1:0"}, "control": {
                "address": self.control_address, "trust_domain": "weft.local",
                "roots_file": str(self.folder / "state/roots.pem"), "join_token": TOKEN.format(service)},
            **parts}

    def knows_all(self, after: int) -> bool:
        """The caller's sidecar was told of every replica, by a line of its log from number `after` on."""
        words = ("the registry changed", f"course {len(self.replicas)}")
        return any(fits(entry, words) for entry in self.web.entries[after:])

    def stop(self):
        for replica in self.replicas:
            replica.kill()
        self.web.kill()
        self.control.kill()


@dataclasses.dataclass
class FailedCall:
    begun: float
    is_write: bool
    code: str
    details: str


class OpenLoop:
    """Calls at a fixed rate, whatever becomes of them: nine reads to one write, which may not be done twice."""

    def __init__(self, target: str, rate: int, marker: str):
        self.target, self.rate, self.marker = target, rate, marker
        self.done, self.created = 0, 0
        self.failures: list[FailedCall] = []
        self.latencies: list[float] = []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    async def _run(self):
        async with grpc.aio.insecure_channel(
                self.target, options=CHANNEL + [("grpc.default_authority", "course")]) as channel:
            read = channel.unary_unary(
                SERVICE + "ListCourses", course.ListCoursesRequest.SerializeToString,
                course.ListCoursesResponse.FromString)
            write = channel.unary_unary(
                SERVICE + "CreateCourse", course.CreateCourseRequest.SerializeToString, course.Course.FromString)
            running: set[asyncio.Task] = set()
            start, number = time.monotonic(), 0
            while not self.is_over.is_set():
                while number < (time.monotonic() - start) * self.rate:
                    due = start + number / self.rate
                    number += 1
                    task = asyncio.create_task(self._one(read, write, number, due))
                    running.add(task)
                    task.add_done_callback(running.discard)
                await asyncio.sleep(0.002)
            await asyncio.gather(*running)

    async def _one(self, read, write, number: int, due: float):
        begun, is_write = time.monotonic(), number % 10 == 0
        try:
            if not is_write:
                await read(course.ListCoursesRequest(page_size=1), timeout=10)
            else:
                await write(course.CreateCourseRequest(title=f"{self.marker} {number}"), timeout=10)
                self.created += 1
        except grpc.RpcError as error:
            self.failures.append(FailedCall(begun, is_write, error.code().name, error.details()))
        self.latencies.append(time.monotonic() - due)
        self.done += 1

    def __enter__(self):
        self.thread.start()
        until("calls are answered", lambda: self.done > 20)
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join(30)

    def summary(self) -> str:
        ordered = sorted(self.latencies)
        at = lambda share: f"{1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.1f} ms"
        kinds = collections.Counter(failure.code for failure in self.failures)
        return (f"{self.done} calls, {len(self.failures)} failed {dict(kinds)}, p50 {at(0.5)}, p99 {at(0.99)}, "
                f"p99.9 {at(0.999)}, slowest {1000 * ordered[-1]:.0f} ms")


def database_of(mesh) -> str:
    """Where the running mesh keeps the course service's rows."""
    described = json.loads((mesh.state / "mesh.json").read_text())
    return described["databases"]["course"]


def setting(name: str, fallback: int) -> int:
    return int(os.environ.get(name, fallback))


def rows(town, marker: str) -> int:
    """How many courses there are whose titles begin with the marker."""
    with grpc.insecure_channel(town.target, options=CHANNEL + [("grpc.default_authority", "course")]) as channel:
        listing = channel.unary_unary(
            SERVICE + "ListCourses", course.ListCoursesRequest.SerializeToString,
            course.ListCoursesResponse.FromString)
        count, token = 0, ""
        while True:
            page = listing(course.ListCoursesRequest(page_size=100, page_token=token), timeout=10)
            count += sum(found.title.startswith(marker) for found in page.courses)
            token = page.next_page_token
            if not token:
                return count


@pytest.fixture
def town(tmp_path, mesh):
    running = RolloutTown(tmp_path, database_of(mesh))
    try:
        yield running
    finally:
        running.stop()

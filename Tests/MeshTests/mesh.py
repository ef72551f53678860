"""Starts a whole mesh of real processes on free ports, for the tests beside this file."""
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("WEFT_BIN", TOP / ".build/debug"))
START_TIMEOUT = 90


def free_block(count: int, stride: int = 1) -> int:
    """The first of `count` ports, `stride` apart, all of which can be bound now."""
    chance = random.Random()
    while True:
        base = chance.randrange(20_000, 32_000 - count * stride)
        try:
            for port in range(base, base + count * stride):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue


class Mesh:
    """One `weft up`, its output read line by line."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.state = folder / "state"
        ports = free_block(4)
        self.sidecars = free_block(5, 100)
        self.edge, self.edge_admin, self.control, self.control_admin = (f"127.0.0.1:{ports + i}" for i in range(4))
        self.file = folder / "mesh.yaml"
        self.file.write_text(self.yaml())
        self.lines: list[str] = []
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            [BIN / "weft", "up", "--file", self.file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=TOP)
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for(r"The mesh is up", START_TIMEOUT)

    def yaml(self) -> str:
        return f"""
state: {self.state}
control: {{listen: "{self.control}", admin: "{self.control_admin}"}}
edge: {{listen: "{self.edge}", admin: "{self.edge_admin}"}}
sidecars: {{base_port: {self.sidecars}}}
services:
  course: {{command: [course-service], replicas: 2, database: course}}
  progress: {{command: [progress-service], replicas: 1, database: progress}}
"""

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.lines.append("<ended>")
            self.changed.notify_all()

    def wait_for(self, pattern: str, timeout: float = 30, after: int = 0) -> re.Match:
        """The first line from number `after` on that fits; fails with the whole output if none comes in time."""
        def find():
            for line in self.lines[after:]:
                if match := re.search(pattern, line):
                    return match
            return "<ended>" if "<ended>" in self.lines[after:] else None

        with self.changed:
            found = self.changed.wait_for(find, timeout)
        if not isinstance(found, re.Match):
            raise AssertionError(f"no line fits {pattern!r}:\n" + "\n".join(self.lines[-40:]) + self.logs())
        return found

    def logs(self) -> str:
        texts = []
        for log in sorted((self.state / "logs").glob("*.log")):
            texts.append(f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-8:]))
        return "\n" + "\n".join(texts)

    def log(self, name: str) -> str:
        return (self.state / f"logs/{name}.log").read_text(errors="replace")

    def pid(self, name: str) -> int:
        """The pid that the supervisor told last for a process that is ready."""
        for line in reversed(self.lines):
            if match := re.fullmatch(rf"{re.escape(name)}: ready pid (\d+)", line):
                return int(match[1])
        raise AssertionError(f"{name} was never ready")

    def inbound(self, instance: int) -> int:
        """The mTLS port of a sidecar: 0 is the edge's, then the course replicas', then progress's."""
        return self.sidecars + 100 * instance + 3

    def call(self, method: str, path: str, body=None, headers=None, raw: bytes | None = None):
        """(status, decoded JSON or text, headers) of one request at the edge."""
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        request = urllib.request.Request(f"http://{self.edge}{path}", data=data, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return self._decoded(reply.status, reply.read(), reply.headers)
        except urllib.error.HTTPError as error:
            return self._decoded(error.code, error.read(), error.headers)

    @staticmethod
    def _decoded(status, data, headers):
        text = data.decode()
        try:
            return status, json.loads(text), headers
        except ValueError:
            return status, text, headers

    def weft(self, *arguments, expect: int | None = 0):
        done = subprocess.run(
            [BIN / "weft", *arguments], capture_output=True, text=True, timeout=60, cwd=TOP)
        if expect is not None:
            assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("weft up did not stop in 30 s" + self.logs())

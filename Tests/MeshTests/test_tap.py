"""`weft tap` shows live calls of a real mesh, decoded by their contracts, without what they hide."""
import contextlib
import json
import pathlib
import shutil
import subprocess
import threading
import time

from mesh import BIN, TOP


class TapProcess:
    """One `weft tap`, its lines read as they come."""

    def __init__(self, mesh, *arguments):
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [BIN / "weft", "tap", "--state", mesh.state, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, cwd=TOP)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def drive(self, one_call, is_enough, timeout: float = 30):
        """Makes calls until the tap has shown enough: it says of no call when it began to look."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and not is_enough(self) and self.is_running:
            one_call()
            time.sleep(0.05)
        if not self.is_running:
            self.reader.join(5)
        assert is_enough(self), f"the tap has shown {self.lines[-20:]}; it ended: {self._errors()}"

    def _errors(self) -> str:
        return "no" if self.is_running else self.process.stderr.read()


@contextlib.contextmanager
def tap(mesh, *arguments):
    running = TapProcess(mesh, *arguments)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def create(mesh, token="secret-token"):
    return mesh.call(
        "POST", "/v1/courses", {"title": "Tapped", "lessons": [{"title": "a", "text": "x"}]},
        {"authorization": f"Bearer {token}"})


def events(running) -> list[dict]:
    return [json.loads(line) for line in list(running.lines)]


def test_calls_are_shown_with_their_messages_by_their_contracts(mesh):
    with tap(mesh, "--to", "course", "--messages", "--json", "--method", "learn.course.v1.CourseService/CreateCourse") as running:
        running.drive(lambda: create(mesh), lambda it: any("end" in event for event in events(it)))
        shown = events(running)
    first = next(event for event in shown if "head" in event)
    own = [event for event in shown if event["call"] == first["call"]]
    assert first["direction"] == "inbound" and first["callee"] == "course", first
    assert first["caller"].endswith("/sa/edge") and first["member"].startswith("course"), first
    decoded = [event["decoded"] for event in own if "message" in event]
    assert len(decoded) == 2 and json.dumps(decoded).count("Tapped") == 2, own
    assert "secret-token" not in json.dumps(shown)
    assert not any("content" in event.get("message", {}) for event in shown), "bytes would show what is hidden"


def test_marked_fields_are_hidden(mesh, tmp_path):
    # The services' contract marks none: the one that this tap reads does.
    proto = tmp_path / "proto"
    shutil.copytree(TOP / "proto", proto)
    marked = 0
    for file in pathlib.Path(proto, "learn/course/v1").glob("*.proto"):
        text = file.read_text()
        changed = "\n".join(mark_title(line) for line in text.splitlines()) + "\n"
        marked += changed != text
        file.write_text(changed)
    assert marked, "no contract has a field `string title = N;`"
    files = sorted(str(file.relative_to(proto)) for file in pathlib.Path(proto, "learn/course/v1").glob("*.proto"))
    arguments = [word for file in files for word in ("--proto", str(proto / file))]
    with tap(mesh, "--to", "course", "--messages", "-I", str(proto), *arguments) as running:
        running.drive(lambda: create(mesh), lambda it: any(" OK after " in line for line in it.lines))
        text = "\n".join(running.lines)
    assert "[REDACTED]" in text and "Tapped" not in text, text


def mark_title(line: str) -> str:
    words = line.split()
    if words[:3] == ["string", "title", "="]:
        if "[" in line:
            return line.replace("[", "[debug_redact = true, ", 1)
        return line.replace(";", " [debug_redact = true];", 1)
    return line


def test_only_calls_that_end_as_asked_are_shown(mesh):
    def both():
        mesh.call("GET", "/v1/courses")
        mesh.call("GET", "/v1/courses/00000000-0000-0000-0000-000000000000")

    with tap(mesh, "--to", "course", "--code", "not_found", "--json") as running:
        running.drive(both, lambda it: sum("end" in event for event in events(it)) >= 2)
        codes = {event["end"].get("code", 0) for event in events(running) if "end" in event}
    assert codes == {5}, codes


def test_a_tap_ends_after_so_many_calls(mesh):
    with tap(mesh, "--to", "course", "--most", "1") as running:
        running.drive(lambda: mesh.call("GET", "/v1/courses"), lambda it: not it.is_running)
        assert running.process.returncode == 0
        # Each of the two replicas told of one.
        assert sum(" after " in line for line in running.lines) == 2, running.lines


def test_what_nobody_can_look_for_is_refused(mesh):
    done = mesh.weft("tap", "--state", mesh.state, "--code", "GONE", expect=None)
    assert done.returncode != 0 and "is no code of gRPC" in done.stderr
    done = mesh.weft("tap", "--state", mesh.state, "--to", "nobody", expect=None)
    assert done.returncode != 0 and "no instance of 'nobody'" in done.stderr
    done = mesh.weft("tap", "--state", mesh.state, "--method", "Get", expect=None)
    assert done.returncode != 0 and "is neither a method" in done.stderr, done.stderr

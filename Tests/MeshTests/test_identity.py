"""Identities with real processes: why two sidecars do not believe each other, and a new root under load."""
import json
import subprocess

import pytest

from certificates import Issuer, spiffe
from mesh import BIN, free_block
from programs import EchoApp, Program, Sidecar, inbound_config, outbound_config, until
from towns import CallLoop, Town, call, failure


@pytest.fixture
def town(tmp_path) -> Town:
    return Town(tmp_path, Issuer.make())


def weft(*arguments, expect: int = 0) -> str:
    done = subprocess.run([BIN / "weft", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


class Pair:
    """A caller and a called one, each with an admin listener."""

    def __init__(self, town: Town, web: dict, course: dict, expected: str = spiffe("course")):
        ports = free_block(2)
        self.admins = [f"127.0.0.1:{ports}", f"127.0.0.1:{ports + 1}"]
        self.app = EchoApp()
        called = inbound_config("course", course, self.app.address)
        self.course = Sidecar(town.folder, called | {"instance": "course-1", "admin": {"listen": self.admins[1]}})
        calling = outbound_config("web", web, self.course.address("inbound"), expected)
        self.web = Sidecar(town.folder, calling | {"instance": "web-1", "admin": {"listen": self.admins[0]}})
        self.web.address("outbound")

    def why(self, expect: int) -> str:
        return weft("tls", "why", "web", "course", "--admin", self.admins[0], "--admin", self.admins[1], expect=expect)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.web.kill()
        self.course.kill()
        self.app.server.stop(None)


def test_tls_why_says_that_all_went_well(town):
    with Pair(town, town.member("web"), town.member("course")) as pair, pair.web.channel() as channel:
        assert call(channel, "/any.Service/Any", b"x") == b"x"
        story = pair.why(expect=0)
        assert "no handshake from web to course has failed lately" in story
        assert f"web-1 is {spiffe('web')}" in story and f"course-1 is {spiffe('course')}" in story
        assert "roots in common: " in story and "roots in common: none" not in story
        assert "web-1 to " + pair.course.address("inbound") in story


@pytest.mark.parametrize("make,words", [
    (lambda town: (town.member("web"), town.member("edge")),
     ["FAILED at web-1", "other_service (tls_identity_mismatch)", "refused by     web-1, the caller",
      f"it expected    {spiffe('course')}", f"was shown      {spiffe('edge')}", "another service answers at"]),
    (lambda town: (town.files("web", town.authority.leaf(spiffe("web"), begins=-3600, ends=-120)),
                   town.member("course")),
     ["FAILED at course-1", "expired (tls_expired)", "refused by     course-1, the called one",
      "it expected    any member of weft.local", "over since", "did not renew its certificate", "would fail now"]),
    (lambda town: (town.files("web", Issuer.make("another authority").leaf(spiffe("web"))), town.member("course")),
     ["FAILED at course-1", "unknown_authority (tls_untrusted)", "issued by CN=another authority",
      "course-1 does not trust CN=another authority"]),
], ids=["another-service", "expired", "another-authority"])
def test_tls_why_tells_one_story_of_both_sides(make, words, town):
    web, course = make(town)
    with Pair(town, web, course) as pair, pair.web.channel() as channel:
        failure(channel)
        # The side that refuses lets its alert out first and writes a moment later.
        story = until("the story is told", lambda: (text := pair.why(expect=1)) and words[0] in text and text)
        for word in words:
            assert word in story, f"{word!r} is not in\n{story}"
        assert story.count("FAILED at") == 1, story


class RootTown:
    """A control plane with short leaves, a service and its caller, and an operator's command line."""

    def __init__(self, folder):
        self.folder = folder
        port = free_block(2)
        self.control = f"127.0.0.1:{port}"
        services = ("course", "web", "operator")
        (folder / "tokens").write_text("".join(f"{service} token-of-{service}-0123456789\n" for service in services))
        self.programs = [Program(
            "weft-control", "--listen", self.control, "--admin", f"127.0.0.1:{port + 1}", "--state-dir",
            folder / "state", "--join-tokens", folder / "tokens", "--leaf-lifetime", "16s")]
        self.programs[0].wait_for("serving")
        (folder / "mesh.json").write_text(json.dumps({
            "sidecar": "127.0.0.1:1", "control": self.control, "edge": "127.0.0.1:1", "trust_domain": "weft.local",
            "namespace": "default", "roots": str(folder / "state/roots.pem"), "join_tokens": str(folder / "tokens")}))
        self.app = EchoApp()
        self.member("course", inbound={"listen": "127.0.0.1:0", "app": self.app.address})
        self.web = self.member("web")
        self.web.wait_for("the registry changed", "course 1")

    def member(self, service: str, **parts) -> Sidecar:
        sidecar = Sidecar(self.folder, {
            "service": service, "instance": f"{service}-1", "outbound": {"listen": "127.0.0.1:0"}, "control": {
                "address": self.control, "trust_domain": "weft.local",
                "roots_file": str(self.folder / "state/roots.pem"), "join_token": f"token-of-{service}-0123456789"},
            **parts})
        self.programs.append(sidecar)
        return sidecar

    def step(self, *arguments, expect: int = 0) -> str:
        return weft("tls", "rotate-root", *arguments, "--state", self.folder, expect=expect)

    def stop(self):
        for program in reversed(self.programs):
            program.kill()
        self.app.server.stop(None)


def test_a_root_is_replaced_under_load_and_no_call_fails(tmp_path):
    town = RootTown(tmp_path)
    try:
        with town.web.channel() as channel, CallLoop(lambda: call(channel, request=b"x") != b"x") as calls:
            before = (tmp_path / "state/ca.crt").read_text()
            assert "(signs)" in town.step("add")
            until("the step is taken", lambda: "refused" not in (text := try_step(town, "use")) and text, 20, 0.5)
            assert "still hold certificates" in town.step("drop", expect=1)
            until("the last leaf of the old root is replaced",
                  lambda: "refused" not in (text := try_step(town, "drop")) and text, 30, 1)
            after = (tmp_path / "state/roots.pem").read_text()
            assert before not in after and after.count("BEGIN CERTIFICATE") == 1
            done = calls.count
            until("calls go on", lambda: calls.count > done + 50)
        calls.check(least=200)
        for program in town.programs:
            refused = [entry for entry in program.entries if "TLS." in json.dumps(entry)]
            assert not refused, refused[:3]
    finally:
        town.stop()


def try_step(town: RootTown, step: str) -> str:
    done = subprocess.run(
        [BIN / "weft", "tls", "rotate-root", step, "--state", town.folder], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr

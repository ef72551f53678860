"""Policies of a running mesh: applied, waited for, refused with their lines, kept over a restart, and seen by all."""
import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

from mesh import BIN, TOP
from programs import until

GOOD = """
services:
  - service: course
    retry: {retries: 1}
    breaker: {mode: shadow}
"""


class Operator:
    """`weft apply`, `weft get policies` and `weft status` against a mesh."""

    def __init__(self, mesh, folder):
        self.mesh, self.folder = mesh, folder

    def weft(self, *arguments) -> subprocess.CompletedProcess:
        return subprocess.run(
            [BIN / "weft", *arguments, "--state", self.mesh.state], capture_output=True, text=True, timeout=60, cwd=TOP)

    def apply(self, text: str, *arguments) -> subprocess.CompletedProcess:
        file = self.folder / "policy.yaml"
        file.write_text(text)
        return self.weft("apply", "-f", file, *arguments)

    def policies(self) -> dict:
        return json.loads(self.weft("get", "policies", "-o", "json").stdout)

    def hash(self) -> str:
        return re.search(r"hash: (\w+)", self.weft("get", "policies").stderr)[1]


@pytest.fixture
def operator(mesh, tmp_path):
    """Leaves the mesh with the policies that it had."""
    operator = Operator(mesh, tmp_path)
    before = operator.weft("get", "policies").stdout
    yield operator
    undone = operator.apply(before, "--wait")
    assert undone.returncode == 0, undone.stderr


def test_all_members_go_by_what_was_applied(operator):
    applied = operator.apply(GOOD, "--wait")
    assert applied.returncode == 0, applied.stderr
    # Two replicas of course, one of progress, and the edge's sidecar, which is in no registry.
    assert "4 of 4 members go by it" in applied.stdout
    assert operator.policies()["services"] == [
        {"service": "course", "retry": {"retries": 1}, "breaker": {"mode": "BREAKER_MODE_SHADOW"}}]
    again = operator.apply(GOOD, "--wait")
    assert again.returncode == 0 and "was in force already" in again.stdout
    status = operator.weft("status")
    assert status.returncode == 0, status.stdout
    assert len(re.findall(r"^\w+ +[\w-]+ +\w{16} +yes +in \d+ min +yes$", status.stdout, re.M)) == 4, status.stdout
    assert "4 of 4 members go by the policies in force" in status.stdout


def test_what_is_printed_can_be_applied(operator):
    assert operator.apply(GOOD, "--wait").returncode == 0
    printed = operator.weft("get", "policies").stdout
    assert "retries: 1" in printed
    again = operator.apply(printed)
    assert again.returncode == 0 and "was in force already" in again.stdout, again.stderr


def test_faults_have_their_lines_and_change_nothing(operator):
    before = operator.hash()
    refused = operator.apply("services:\n  - service: course\n    retrys: {}\n    deadline: 5\n")
    assert refused.returncode == 2
    assert re.search(r"policy.yaml:3:5: services\[0\]: unknown key 'retrys'; did you mean 'retry'\?", refused.stderr)
    assert re.search(r"policy.yaml:4:15: services\[0\].deadline: a text should stand here", refused.stderr)
    refused = operator.apply("services:\n  - service: course\n    retry:\n      retries: 9\n")
    assert refused.returncode == 2
    assert re.search(r"policy.yaml:4:7: services\[course\].retry.retries: 9 is not in 0...5", refused.stderr)
    refused = operator.apply("services: [")
    assert refused.returncode == 2 and re.search(r"policy.yaml:\d+:\d+: ", refused.stderr)
    assert operator.hash() == before


def test_a_dry_run_changes_nothing(operator):
    before = operator.hash()
    dry = operator.apply(GOOD, "--dry-run")
    assert dry.returncode == 0 and "would be taken" in dry.stdout
    assert operator.hash() == before


def test_a_name_that_nobody_has_is_told(operator):
    dry = operator.apply(GOOD.replace("course", "cuorse"), "--dry-run")
    assert dry.returncode == 0
    assert re.search(
        r"warning: .*policy.yaml:3:5: services\[cuorse\]: no service .*; did you mean 'course'\?", dry.stderr)


def test_two_operators_do_not_overwrite_each_other(operator):
    seen = operator.hash()
    assert operator.apply(GOOD, "--expect", seen).returncode == 0
    refused = operator.apply(GOOD.replace("retries: 1", "retries: 2"), "--expect", seen)
    assert refused.returncode == 64 + 10
    assert f"the policies in force have the hash {operator.hash()}, not {seen}" in refused.stderr


def test_only_operators_apply(operator):
    before = operator.hash()
    refused = operator.apply(GOOD, "--as", "course")
    assert refused.returncode == 64 + 7
    assert "'course' may not apply policies, but operator" in refused.stderr
    assert operator.hash() == before


def test_a_rule_takes_effect_without_a_restart(operator, mesh):
    """With a deadline of a microsecond no call gets through; with the old rules every call does again."""
    def status() -> int:
        try:
            with urllib.request.urlopen(f"http://{mesh.edge}/v1/courses", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    assert status() == 200
    method = "learn.course.v1.CourseService/ListCourses"
    rule = f"services: [{{service: course, methods: [{{method: {method}, timeout: 1us}}]}}]"
    applied = operator.apply(rule, "--wait")
    assert applied.returncode == 0, applied.stderr
    assert status() == 504
    assert operator.apply("services: []", "--wait").returncode == 0
    assert status() == 200


def test_policies_outlive_the_control_plane(operator, mesh):
    assert operator.apply(GOOD, "--wait").returncode == 0
    applied = operator.hash()
    pid = mesh.pid("control")
    os.kill(pid, signal.SIGKILL)
    until("the control plane is back", lambda: mesh.pid("control") != pid, 30)
    until("it has what it had", lambda: operator.weft("get", "policies").returncode == 0 and operator.hash() == applied, 30)
    until("all members are back, in sync", lambda: operator.weft("status").returncode == 0, 30)
    status = operator.weft("status")
    assert "4 of 4 members" in status.stdout, status.stdout


def test_a_mesh_without_a_control_plane_is_told(operator, tmp_path):
    lost = subprocess.run(
        [BIN / "weft", "status", "--state", tmp_path / "none"], capture_output=True, text=True, timeout=60)
    assert lost.returncode == 1 and "no mesh runs here" in lost.stderr

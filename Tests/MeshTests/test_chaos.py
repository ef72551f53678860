"""Processes are killed, stopped and slowed while they are called: what callers may notice, and for how long."""
import json
import os
import signal
import subprocess
import time
import uuid

import pytest

from mesh import BIN, free_block
from programs import until
from rollouts import OpenLoop, RolloutTown, database_of, rows, town  # noqa: F401 (a fixture)

RATE = 150


def calm(load: OpenLoop, calls: int):
    """So many calls are answered from now on, and none of those that begin from now on fails."""
    begun = time.monotonic()
    done, failed = load.done, len(load.failures)
    until("calls are answered", lambda: load.done >= done + calls, timeout=30)
    late = [failure for failure in load.failures[failed:] if failure.begun > begun]
    assert not late, f"{load.summary()}: {late[:5]}"


def test_a_replica_that_is_killed_costs_no_read_and_does_no_write_twice(town):
    marker = f"kill {uuid.uuid4().hex}"
    with OpenLoop(town.target, RATE, marker) as load:
        for number in range(3):
            replica = town.replicas[number]
            seen = len(town.web.entries)
            replica.kill()
            calm_after = time.monotonic()
            replica.start()
            until("the caller knows all replicas again", lambda: town.knows_all(after=seen))
            assert time.monotonic() - calm_after < 30
        calm(load, 150)
    reads = [failure for failure in load.failures if not failure.is_write]
    assert not reads, f"{load.summary()}: {reads[:5]}"
    # A write whose answer was lost may be there or not; it is never there twice.
    assert load.created <= rows(town, marker) <= load.created + len(load.failures)


@pytest.mark.parametrize("part", ["app", "sidecar"])
def test_an_application_that_is_killed_alone_is_replaced(town, part):
    with OpenLoop(town.target, RATE, f"part {uuid.uuid4().hex}") as load:
        getattr(town.replicas[0], part).kill()
        calm_from = load.done
        until("calls go on", lambda: load.done > calm_from + 100)
        calm(load, 150)
    reads = [failure for failure in load.failures if not failure.is_write]
    assert not reads, f"{load.summary()}: {reads[:5]}"


def test_a_replica_that_hangs_is_left_alone_and_taken_back(town):
    hung = town.replicas[1].app.process
    with OpenLoop(town.target, RATE, f"hang {uuid.uuid4().hex}") as load:
        os.kill(hung.pid, signal.SIGSTOP)
        try:
            # A few calls find it out with their deadline: by their faults, or because one that is out weighs on its
            # endpoint. A third of all calls would go there otherwise.
            done = load.done
            until("calls go on", lambda: load.done >= done + 900, timeout=30)
            assert len(load.failures) < 45, load.summary()
        finally:
            os.kill(hung.pid, signal.SIGCONT)
        done = load.done
        until("what was out has ended", lambda: load.done >= done + 450, timeout=30)
        calm(load, 150)


def test_calls_go_on_without_a_control_plane_and_members_find_it_again(town):
    with OpenLoop(town.target, RATE, f"control {uuid.uuid4().hex}") as load:
        town.control.kill()
        calm(load, 300)
        town.start_control()
        # What it kept is what callers have: no replica is lost from the registry, none must be told again.
        calm(load, 150)
        seen = len(town.web.entries)
        town.replicas[2].stop(application_first=True)
        town.replicas[2].start()
        until("the caller is told of changes again", lambda: town.knows_all(after=seen))
        calm(load, 150)
    assert not load.failures, f"{load.summary()}: {load.failures[:5]}"


def test_a_control_plane_that_hangs_disturbs_no_call(town):
    with OpenLoop(town.target, RATE, f"stopped {uuid.uuid4().hex}") as load:
        os.kill(town.control.process.pid, signal.SIGSTOP)
        try:
            # Longer than a lease: it ends while nobody can renew it, and callers keep what they knew.
            end = time.monotonic() + 12
            until("a lease's time is over", lambda: time.monotonic() > end)
        finally:
            os.kill(town.control.process.pid, signal.SIGCONT)
        calm(load, 450)
    assert not load.failures, f"{load.summary()}: {load.failures[:5]}"


def test_a_slow_replica_gets_less_than_its_share(tmp_path, mesh):
    town = RolloutTown(tmp_path, database_of(mesh), slow=0.15)
    try:
        with OpenLoop(town.target, RATE, f"slow {uuid.uuid4().hex}") as load:
            calm(load, 600)
        slow = sum(latency > 0.28 for latency in load.latencies)
        assert not load.failures, load.failures[:5]
        assert 0 < slow < 0.1 * load.done, f"{slow} of {load.done} went to the slow replica: {load.summary()}"
    finally:
        town.stop()


@pytest.mark.parametrize("log", ["a full disk", "a reader that reads nothing"])
def test_a_log_that_takes_nothing_stops_no_call(town, log):
    port = free_block(1)
    config = town.folder / "unheard.json"
    config.write_text(json.dumps(
        town.sidecar_config("web", "web-2", outbound={"listen": f"127.0.0.1:{port}"})))
    with open("/dev/full", "w") as full:
        output = full if log == "a full disk" else subprocess.PIPE
        process = subprocess.Popen(
            [BIN / "weft-sidecar", "--config", config, "--log-level", "debug"], stdout=output, stderr=output)
    try:
        with OpenLoop(f"127.0.0.1:{port}", RATE, f"unheard {uuid.uuid4().hex}") as load:
            begun = load.done
            # At debug level a line a call: far more than a pipe holds.
            until("calls are answered", lambda: load.done > begun + 900, timeout=30)
            calm(load, 100)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()

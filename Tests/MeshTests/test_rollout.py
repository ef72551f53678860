"""Replicas are replaced while they are called, one after the other, and no caller notices.

`make rollout` runs a hundred restarts at a thousand calls a second with the optimised programs.
"""
import uuid

import grpc
import pytest

from contracts import course
from programs import CHANNEL, until
from rollouts import SERVICE, OpenLoop, RolloutTown, database_of, setting

RESTARTS = setting("WEFT_ROLLOUTS", 8)
RATE = setting("WEFT_ROLLOUT_RATE", 150)


@pytest.fixture
def town(tmp_path, mesh):
    running = RolloutTown(tmp_path, database_of(mesh))
    try:
        yield running
    finally:
        running.stop()


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


def test_rolling_restarts_lose_no_call_and_do_nothing_twice(town):
    marker = f"rollout {uuid.uuid4().hex}"
    with OpenLoop(town.target, RATE, marker) as load:
        for number in range(RESTARTS):
            replica = town.replicas[number % len(town.replicas)]
            replica.stop(application_first=number % 2 == 0)
            seen = len(town.web.entries)
            replica.start()
            until("the caller knows all replicas again", lambda: town.knows_all(after=seen))
    print(f"\n{RESTARTS} restarts at {RATE} calls/s: {load.summary()}")
    assert not load.failures, f"{load.summary()}: {load.failures[:5]}"
    assert rows(town, marker) == load.created

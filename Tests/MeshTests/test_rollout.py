"""Replicas are replaced while they are called, one after the other, and no caller notices.

`make rollout` runs a hundred restarts at a thousand calls a second with the optimised programs.
"""
import uuid

from programs import until
from rollouts import OpenLoop, rows, setting, town  # noqa: F401 (a fixture)

RESTARTS = setting("WEFT_ROLLOUTS", 8)
RATE = setting("WEFT_ROLLOUT_RATE", 150)


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

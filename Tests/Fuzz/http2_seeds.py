"""http2_seeds.py FOLDER: a seed of HTTP2Fuzz for each row of the conformance table, and of HPACKFuzz for its header blocks.

HTTP2Fuzz takes octets in runs of up to 128, each behind its length less one; see there.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Hostile"))
import conformance

folder = pathlib.Path(sys.argv[1])
for target in ("HTTP2", "HPACK"):
    (folder / target).mkdir(parents=True, exist_ok=True)
answers = bytes([0x90, 0xA0, 4, 0xC0, 0x8F])  # a head, some octets, trailers; and out with it
for row in conformance.rows():
    steps = [step for step in row.steps if step != "bare" and not step.startswith(("wait", "x"))]
    octets = b"".join(map(conformance.octets, steps))
    runs = b"".join(bytes([len(run) - 1]) + run for at in range(0, len(octets), 128) for run in [octets[at:at + 128]])
    if len(runs) > 4000:
        continue
    name = row.id.replace("/", "-")
    for engine in (0, 2):
        (folder / "HTTP2" / f"{name}-{engine}").write_bytes(bytes([engine | (8 if "bare" in row.steps else 0)]) + runs + answers)
    for index, step in enumerate(steps):
        if step.startswith("headers"):
            block = conformance.octets(step)[9:]
            if len(block) < 255:
                (folder / "HPACK" / f"{name}-{index}").write_bytes(bytes([0, len(block)]) + block)

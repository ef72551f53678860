"""Measures Weft's codecs beside swift-protobuf, C++ protobuf and protobuf-c, from the same bytes and in the same run.

Peers' code is generated and built in .peers/codec, which is never committed. Subjects take turns, pinned to one core, so
that what else the machine does meets them all; a time is the least of all short samples, a ratio the median of the rounds'
ratios. Allocations (a preloaded counter) and instructions (cachegrind) are the difference of 2N and N runs. QUICK=1 takes
fewer rounds and counts no instructions.
"""
import os, pathlib, re, shutil, statistics, subprocess, sys

TOP = pathlib.Path(__file__).resolve().parent.parent
SOURCES = TOP / "Sources/Benchmarks/codec-peers"
CONTRACTS = TOP / "proto/bench"
WORK = TOP / ".peers/codec"
INPUTS = WORK / "inputs"
QUICK = os.environ.get("QUICK")
ROUNDS = 3 if QUICK else 9
CORE = str(max(os.sched_getaffinity(0)))

WORKLOADS = ["small", "nested", "struct", "text", "blob", "packed", "doubles"]
OPERATIONS = ["decode", "encode", "encode-into", "encode-chunk", "view-field", "binary-to-json", "json-to-binary",
              "message-to-json", "json-to-message"]
CPP = [WORK / "codec-peer-cpp"]
SUBJECTS = {
    "weft": [TOP / ".build/release/bench-codec"],
    "swift-protobuf": [WORK / "swift/.build/release/codec-peer-swift"],
    "cpp-heap": CPP + ["heap"],
    "cpp-arena": CPP + ["arena"],
    "protobuf-c": [WORK / "codec-peer-c"],
}


def step(what, *command, cwd=None):
    """One command of the preparation; says what failed and goes on, because other peers can still be measured."""
    print(f"bench: {what}", file=sys.stderr)
    try:
        done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    except FileNotFoundError as error:
        print(f"bench: MISSING {error.filename}; {what} was not done", file=sys.stderr)
        return False
    if done.returncode:
        print(f"bench: FAILED: {what}\n{(done.stdout + done.stderr)[-2000:]}", file=sys.stderr)
    return done.returncode == 0


def flags(package):
    try:
        found = subprocess.run(["pkg-config", "--cflags", "--libs", package], capture_output=True, text=True)
    except FileNotFoundError:
        return []
    return found.stdout.split()


def prepare():
    """Builds all subjects, and answers those that can be measured."""
    generated, swift = WORK / "generated", WORK / "swift"
    generated.mkdir(parents=True, exist_ok=True)
    INPUTS.mkdir(exist_ok=True)
    if not step("building bench-codec", "swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "bench-codec", cwd=TOP):
        sys.exit("bench: the release build failed")
    if not step("writing the inputs", *SUBJECTS["weft"], "--write-inputs", INPUTS):
        sys.exit("bench: bench-codec wrote no inputs")
    step("building the counter of allocations", "cc", "-O2", "-shared", "-fPIC", SOURCES / "malloc-counter.c", "-o",
         WORK / "malloc-counter.so")
    contract = ["-I", CONTRACTS, "codec.proto"]
    if step("generating C++", "protoc", f"--cpp_out={generated}", *contract):
        step("building the C++ peer", "g++", "-O2", "-DNDEBUG", "-std=c++17", f"-I{generated}", SOURCES / "cpp/main.cpp",
             generated / "codec.pb.cc", "-o", *CPP, *flags("protobuf"))
    if step("generating C", "protoc-c", f"--c_out={generated}", *contract):
        step("building the C peer", "cc", "-O2", "-DNDEBUG", f"-I{generated}", SOURCES / "c/main.c",
             generated / "codec.pb-c.c", "-o", *SUBJECTS["protobuf-c"], *flags("libprotobuf-c"))
    shutil.copytree(SOURCES / "swift", swift, dirs_exist_ok=True)
    plugin = swift / ".build/release/protoc-gen-swift"
    build = ["swift", "build", "-c", "release", "--product"]
    if not plugin.exists():
        step("building swift-protobuf's generator (some minutes, once)", *build, "protoc-gen-swift", cwd=swift)
    out = swift / "Sources/codec-peer-swift"
    if step("generating Swift", "protoc", f"--plugin=protoc-gen-swift={plugin}", f"--swift_out={out}", *contract):
        step("building the Swift peer", *build, "codec-peer-swift", cwd=swift)
    present = {name: command for name, command in SUBJECTS.items() if pathlib.Path(command[0]).exists()}
    for name in SUBJECTS.keys() - present.keys():
        print(f"bench: MISSING {name}: it is in no row", file=sys.stderr)
    return present


def start(command, *arguments, before=(), env=None):
    line = ["taskset", "-c", CORE, *before, *map(str, command), "--inputs", str(INPUTS), *map(str, arguments)]
    # Hash seeds by chance would make two runs differ in what they do.
    env = dict(env or os.environ, SWIFT_DETERMINISTIC_HASHING="1")
    done = subprocess.run(line, capture_output=True, text=True, env=env)
    if done.returncode:
        sys.exit(f"bench: {' '.join(line)} failed: {done.stderr}")
    return done


def timed(command, workload, operation):
    """(least, median) in nanoseconds, or nothing if the subject does not do that."""
    text = start(command, "--time", workload, operation).stdout
    return None if text.strip() == "none" else tuple(float(word) for word in text.split())


def counted(pattern, repeats, command, workload, operation, **how):
    """What one operation adds to a counter that a program's end prints."""
    def total(count):
        found = re.search(pattern, start(command, "--repeat", count, workload, operation, **how).stderr)
        return int(found.group(1).replace(",", "")) if found else None
    first, second = total(repeats), total(2 * repeats)
    return None if first is None or second is None else (second - first) / repeats


def measure_one(subjects, workload, operation):
    bench = f"codec-{workload}-{operation}"
    times = {name: [timed(command, workload, operation)] for name, command in subjects.items()}
    present = {name: subjects[name] for name in times if times[name][0]}
    if "weft" not in present:
        return []
    for _ in range(ROUNDS - 1):
        for name, command in present.items():
            times[name].append(timed(command, workload, operation))
    rows = []
    for name, command in present.items():
        add = lambda metric, value, unit: value is not None and rows.append(
            {"bench": bench, "subject": name, "metric": metric, "value": round(value, 2), "unit": unit})
        least = min(low for low, _ in times[name])
        add("ns", least, "ns/op")
        add("median_ns", statistics.median(middle for _, middle in times[name]), "ns/op")
        pairs = zip(times[name], times["weft"])
        if name != "weft":
            add("ratio", statistics.median(theirs[0] / ours[0] for theirs, ours in pairs), "x weft")
        counter = WORK / "malloc-counter.so"
        if counter.exists():
            preload = dict(os.environ, LD_PRELOAD=str(counter))
            add("allocations", counted(r"allocations (\d+)", 100, command, workload, operation, env=preload), "/op")
        if not QUICK and shutil.which("valgrind"):
            grind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
            repeats = 1000 if least < 2000 else 100
            add("instructions", counted(r"I\s+refs:\s+([\d,]+)", repeats, command, workload, operation, before=grind), "/op")
    return rows


def measure(names=()):
    """Rows of all workloads, or of those named."""
    subjects = prepare()
    if not shutil.which("valgrind"):
        print("bench: MISSING valgrind: no instructions are counted", file=sys.stderr)
    rows = []
    for workload in names or WORKLOADS:
        for operation in OPERATIONS:
            print(f"bench: measuring codec-{workload}-{operation}", file=sys.stderr)
            rows += measure_one(subjects, workload, operation)
    return rows


def table(rows):
    if not rows:
        return
    print(f"\n{'bench':30} {'subject':16} {'ns/op':>10} {'median':>10} {'allocs':>8} {'instr':>10} {'ratio':>7}")
    for bench in dict.fromkeys(row["bench"] for row in rows):
        for subject in dict.fromkeys(row["subject"] for row in rows if row["bench"] == bench):
            values = {row["metric"]: row["value"] for row in rows if (row["bench"], row["subject"]) == (bench, subject)}
            show = lambda metric, form: format(values[metric], form) if metric in values else "-"
            print(f"{bench:30} {subject:16} {show('ns', ',.0f'):>10} {show('median_ns', ',.0f'):>10} "
                  f"{show('allocations', ',.0f'):>8} {show('instructions', ',.0f'):>10} {show('ratio', '.2f'):>7}")

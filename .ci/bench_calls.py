"""Measures calls with clients of our own: unary calls of a client, messages and bytes of streams, and two loops beside one.

bench-client and the C++ peer of Sources/Benchmarks/call-peers take the same arguments; the client is pinned to one core and
the server to the other. A row's CPU is that of the process that it is about; a ratio is of rows of the same run.
"""
import json, os, pathlib, re, shutil, signal, statistics, subprocess, sys, time, socket

TOP = pathlib.Path(__file__).resolve().parent.parent
WORK = TOP / ".peers"
BIN = TOP / ".build/release"
QUICK = os.environ.get("QUICK")
REPETITIONS = 1 if QUICK else 3
SECONDS = "2" if QUICK else "4"
PORT = 9001
HZ = os.sysconf("SC_CLK_TCK")

WEFT_CLIENT, CPP_CLIENT = str(BIN / "bench-client"), str(WORK / "cpp/client")
SERVERS = {
    "weft": [str(BIN / "bench-echo-server"), str(PORT)],
    "grpc-cpp": [str(WORK / "cpp/echo"), str(PORT), "callback"],
    "grpc-swift": [str(WORK / "swift-echo/.build/release/echo"), str(PORT), "proto"],
    "nghttp2": [str(WORK / "c_echo"), str(PORT)],
}
# name, kind, connections, concurrency, bytes, [(client, server)]
SHAPES = [
    ("client-unary", "unary", 8, 32, 64, [("weft", "nghttp2"), ("grpc-cpp", "nghttp2")]),
    ("stream-64B", "stream", 4, 4, 64, [("weft", "weft"), ("grpc-cpp", "grpc-cpp"), ("grpc-cpp", "grpc-swift")]),
    ("stream-64KiB", "stream", 1, 4, 65536, [("weft", "weft"), ("grpc-cpp", "grpc-cpp"), ("grpc-cpp", "grpc-swift")]),
    ("stream-1MiB", "stream", 1, 2, 1 << 20, [("weft", "weft"), ("grpc-cpp", "grpc-cpp"), ("grpc-cpp", "grpc-swift")]),
]


def prepare():
    """Builds both clients; answers the subjects that are there."""
    if subprocess.run(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "bench-client"], cwd=TOP).returncode:
        sys.exit("bench: the release build failed")
    cpp = WORK / "cpp"
    source = TOP / "Sources/Benchmarks/call-peers/cpp/client.cc"
    if (cpp / "bench.pb.cc").exists():
        found = subprocess.run(["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], capture_output=True, text=True)
        command = ["g++", "-O2", "-I.", "-o", "client", str(source), "bench.pb.cc", "bench.grpc.pb.cc", *found.stdout.split()]
        if subprocess.run(command, cwd=cpp).returncode:
            print("bench: the C++ client could not be built", file=sys.stderr)
    return {name for name, command in SERVERS.items() if pathlib.Path(command[0]).exists()}


def start(command, core):
    process = subprocess.Popen(["taskset", "-c", core, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
            return process
        except OSError:
            time.sleep(0.02)
    process.kill()
    sys.exit(f"bench: {command[0]} does not listen")


def stop(process):
    process.terminate()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / HZ


def once(client, server, kind, connections, concurrency, size):
    process = start(SERVERS[server], "1")
    try:
        before = cpu(process)
        done = subprocess.run(
            ["taskset", "-c", "0", WEFT_CLIENT if client == "weft" else CPP_CLIENT, f"127.0.0.1:{PORT}", kind, SECONDS,
             str(connections), str(concurrency), str(size)], capture_output=True, text=True, timeout=120)
        used = cpu(process) - before
    finally:
        stop(process)
    if done.returncode:
        print(f"bench: {client} -> {server}: {done.stdout}{done.stderr}", file=sys.stderr)
        return None
    row = json.loads(done.stdout)
    if row["failed"]:
        print(f"bench: {client} -> {server}: {row['failed']} failed", file=sys.stderr)
    # The server worked through the second of warming up as well.
    row["server_us"] = used * 1e6 / row["messages"] * row["seconds"] / (row["seconds"] + 1) if row["messages"] else 0
    return row


def shapes(there):
    rows = []
    for name, kind, connections, concurrency, size, pairs in SHAPES:
        for client, server in pairs:
            if server not in there or (client == "grpc-cpp" and not pathlib.Path(CPP_CLIENT).exists()):
                continue
            runs = [once(client, server, kind, connections, concurrency, size) for _ in range(REPETITIONS)]
            runs = [run for run in runs if run]
            if not runs:
                continue
            subject = client if client == server or name == "client-unary" else f"{server} server"
            middle = lambda value: statistics.median(value(run) for run in runs)
            add = lambda metric, value, unit: rows.append(
                {"bench": f"calls-{name}", "subject": subject, "metric": metric, "value": round(value, 3), "unit": unit})
            add("messages_s", middle(lambda r: r["messages"] / r["seconds"]), "1/s")
            add("gb_s", middle(lambda r: r["bytes"] / r["seconds"] / 1e9), "GB/s")
            add("client_us", middle(lambda r: r["cpu_us"]), "us/message")
            add("server_us", middle(lambda r: r["server_us"]), "us/message")
    return rows


def loops():
    """Two loops beside one, both with both cores and the same load: what is shared between loops would show here."""
    rows = []
    body = WORK / "out/body64.bin"
    for count in (1, 2):
        process = start([str(BIN / "bench-echo-server"), str(PORT), "--loops", str(count)], "0,1")
        try:
            before = cpu(process)
            load = ["h2load", "-t", "2", "-c", "16", "-m", "32", "-D", SECONDS, "-d", str(body), "-H", "te: trailers",
                    "-H", "content-type: application/grpc", f"http://127.0.0.1:{PORT}/bench.Echo/Unary"]
            text = subprocess.run(load, capture_output=True, text=True).stdout
            used = cpu(process) - before
        finally:
            stop(process)
        done = re.search(r"requests: \d+ total, \d+ started, (\d+) done", text)
        rate = re.search(r"finished in .*?, ([\d.]+) req/s", text)
        if not done or not rate:
            print(f"bench: {count} loops: {text[-300:]}", file=sys.stderr)
            continue
        for metric, value, unit in (("messages_s", float(rate[1]), "1/s"), ("server_us", used * 1e6 / int(done[1]), "us/message")):
            rows.append({"bench": "calls-loops", "subject": f"{count} loop{'s' if count > 1 else ''}", "metric": metric,
                         "value": round(value, 3), "unit": unit})
    return rows


def measure():
    there = prepare()
    return shapes(there) + loops()


def table(rows):
    if not rows:
        return
    value = lambda bench, subject, metric: next(
        (r["value"] for r in rows if (r["bench"], r["subject"], r["metric"]) == (bench, subject, metric)), None)
    print(f"\n{'calls':20} {'subject':18} {'messages/s':>12} {'GB/s':>7} {'client us':>10} {'server us':>10}   note")
    for bench in dict.fromkeys(r["bench"] for r in rows):
        subjects = list(dict.fromkeys(r["subject"] for r in rows if r["bench"] == bench))
        first = value(bench, subjects[0], "messages_s")
        for subject in subjects:
            cells = [value(bench, subject, m) for m in ("messages_s", "gb_s", "client_us", "server_us")]
            show = lambda v, form: format(v, form) if v is not None else "-"
            note = f"{cells[0] / first:.2f}x the rate of {subjects[0]}" if subject != subjects[0] and first else ""
            print(f"{bench.removeprefix('calls-'):20} {subject:18} {show(cells[0], ',.0f'):>12} {show(cells[1], '.2f'):>7} "
                  f"{show(cells[2], '.2f'):>10} {show(cells[3], '.2f'):>10}   {note}")

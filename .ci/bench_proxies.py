"""Measures proxies beside those of others in one run: open loops at fixed rates, bulk, idle connections, start and soak.

One proxy, and a pair over mTLS, each pinned to one core with the load and the application on the other, as the closed loops
of `.ci/bench mesh` are. Ours has every default policy and its telemetry on; the others are bare. SOAK=3600 soaks an hour.
"""
import json, os, pathlib, re, resource, shlex, socket, ssl, statistics, subprocess, sys, time, urllib.request

TOP = pathlib.Path(__file__).resolve().parent.parent
WORK = TOP / ".peers"
CLIENT = str(TOP / ".build/release/bench-client")
QUICK = os.environ.get("QUICK")
SECONDS = "2" if QUICK else "5"
RATES = (5000,) if QUICK else (1000, 5000, 20000)
IDLE = (1000,) if QUICK else (1000, 10000)
SOAK = int(os.environ.get("SOAK", "4" if QUICK else "60"))
STARTS = 3 if QUICK else 9
HZ = os.sysconf("SC_CLK_TCK")
IN, BETWEEN, APPLICATION = 9100, 9200, 9000
PEERS = ("nghttpx", "envoy", "haproxy", "nginx")
SHAPES = [(f"{kind}-{name}", kind, connections, concurrency, size)
          for name, size in (("64KiB", 64 << 10), ("1MiB", 1 << 20))
          for kind, connections, concurrency in (("unary", 4, 4), ("stream", 1, 4))]
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
BUDGET = {"start_ms": 50, "rss_mib": 14, "idle_tls_kib": 20}


def peer_commands(peers):
    """How the peers' scripts start each proxy: alone, and the two of a pair, the inbound one first."""
    words = lambda *modes: subprocess.run(
        ["bash", "-c", 'K="$1"; cd "$K"; . ./defs.sh; shift; for mode in "$@"; do eval "proxy_cmd $mode"; done', "-", str(peers), *modes],
        env=dict(os.environ, W=str(WORK)), capture_output=True, text=True).stdout.splitlines()
    found = {}
    for name in PEERS:
        found[name, "hop"] = words(f"{name} {name}-plain {IN} {APPLICATION} 9901 plain")
        found[name, "pair"] = words(f"{name} {name}-tlsin {BETWEEN} {APPLICATION} 9902 tlsin", f"{name} {name}-tlsout {IN} {BETWEEN} 9901 tlsout")
    return found


class Running:
    """The application on one core, and one or two proxies on the other."""

    def __init__(self, commands, tls):
        self.proxies, self.tls = [], tls
        self.application = self.begin(f"{WORK}/c_echo {APPLICATION}", "1")
        try:
            self.wait(APPLICATION)
            for number, command in enumerate(commands):
                self.proxies.append(self.begin(command, "0"))
                self.wait(BETWEEN if tls and number == 0 else IN)
            time.sleep(0.7)
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def begin(command, core):
        return subprocess.Popen(["taskset", "-c", core, *shlex.split(command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @staticmethod
    def wait(port, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"nobody listens on {port}")

    def pids(self):
        """The proxies with their children: some work in processes of their own."""
        found, todo = [], [proxy.pid for proxy in self.proxies]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                todo += map(int, task.read_text().split())
        return found

    def cpu(self):
        ticks = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / HZ

    def rss(self):
        sizes = [re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()) for pid in self.pids()]
        return sum(int(size[1]) for size in sizes if size)

    def stop(self):
        for process in [*self.proxies, self.application]:
            process.terminate()
        for process in [*self.proxies, self.application]:
            try:
                process.wait(4)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def client(kind, connections, concurrency, size):
    done = subprocess.run(
        ["taskset", "-c", "1", CLIENT, f"127.0.0.1:{IN}", kind, SECONDS, str(connections), str(concurrency), str(size)],
        capture_output=True, text=True, timeout=180)
    if done.returncode:
        raise RuntimeError(f"bench-client: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def open_loops(running, add):
    for rate in RATES:
        row = client("paced", 8, rate, 64)
        for metric in ("p50_us", "p99_us", "p999_us"):
            add(f"rate{rate}_{metric}", row[metric], "us")
        add(f"rate{rate}_failed", row["failed"], "calls")


def bulk(running, add):
    for name, kind, connections, concurrency, size in SHAPES:
        before = running.cpu()
        row = client(kind, connections, concurrency, size)
        used = running.cpu() - before
        if not row["messages"]:
            raise RuntimeError(f"{name}: no message came back")
        add(f"{name}_gb_s", row["bytes"] / row["seconds"] / 1e9, "GB/s")
        # The proxies worked through the client's second of warming up as well.
        add(f"{name}_us", used * 1e6 / row["messages"] * row["seconds"] / (row["seconds"] + 1), "us/message")


def idle(running, add):
    """What a connection costs that carries nothing: from applications on the outbound port, from others' sidecars on TLS."""
    for count in IDLE:
        hold(running, add, count, IN, None, f"idle{count}_kib")
    if running.tls:
        context = ssl.create_default_context(cafile=f"{WORK}/pki/ca.crt")
        context.load_cert_chain(f"{WORK}/pki/outbound.crt", f"{WORK}/pki/outbound.key")
        context.set_alpn_protocols(["h2"])
        for count in IDLE:
            hold(running, add, count, BETWEEN, context, f"idle{count}_tls_kib")


def hold(running, add, count, port, context, metric):
    before, held = running.rss(), []
    try:
        for _ in range(count):
            plain = socket.create_connection(("127.0.0.1", port), 5)
            one = context.wrap_socket(plain, server_hostname="inbound.mesh") if context else plain
            held.append(one)
            one.sendall(PREFACE)
            one.recv(4096)
            one.sendall(b"\0\0\0\4\1\0\0\0\0")
        time.sleep(2)  # until they have come to rest
        add(metric, (running.rss() - before) / count, "KiB/connection")
    finally:
        for one in held:
            one.close()
        time.sleep(0.5)


def soak(running, add):
    load = ["taskset", "-c", "1", "h2load", "-t", "1", "-c", "8", "-m", "32", "-d", f"{WORK}/out/body64.bin", "-H", "te: trailers",
            "-H", "content-type: application/grpc", f"http://127.0.0.1:{IN}/bench.Echo/Unary"]
    fresh = running.rss()
    subprocess.run([*load, "-D", "2"], capture_output=True)
    warm = running.rss()
    text = subprocess.run([*load, "-D", str(SOAK)], capture_output=True, text=True).stdout
    done = re.search(r"requests: .* (\d+) done", text)
    add("rss_fresh_mib", fresh / 1024, "MiB")
    add("rss_soaked_mib", running.rss() / 1024, "MiB")
    add("rss_soak_growth_kib", running.rss() - warm, "KiB")
    add("soak_calls", int(done[1]) if done else 0, "calls")


def start_time(command, ready):
    """From the fork to the first answer, in milliseconds: of the ready page where there is one, else of the port."""
    times = []
    for _ in range(STARTS):
        began = time.monotonic()
        process = Running.begin(command, "0")
        try:
            while time.monotonic() - began < 10:
                try:
                    if ready:
                        urllib.request.urlopen(ready, timeout=1).read()
                    else:
                        socket.create_connection(("127.0.0.1", IN), 1).close()
                    break
                except OSError:
                    time.sleep(0.001)
            times.append((time.monotonic() - began) * 1000)
        finally:
            process.terminate()
            process.wait()
    return statistics.median(times)


def measure(ours, peers):
    """`ours` has the commands of our hop, and of our pair with the inbound one first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    subjects = {("weft", shape): commands for shape, commands in ours.items()} | peer_commands(peers)
    rows = []
    for (subject, shape), commands in sorted(subjects.items(), key=lambda item: item[0][1]):
        add = lambda metric, value, unit: rows.append(
            {"bench": f"proxy-{shape}", "subject": subject, "metric": metric, "value": round(value, 3), "unit": unit})
        print(f"bench: {shape} of {subject}", file=sys.stderr, flush=True)
        for part in (open_loops, bulk, idle, soak):
            try:
                with Running(commands, tls=shape == "pair") as running:
                    part(running, add)
            except (OSError, RuntimeError, subprocess.TimeoutExpired) as fault:
                print(f"bench: {shape} of {subject}: {part.__name__}: {fault}", file=sys.stderr)
        if shape == "hop":
            add("start_ms", start_time(commands[0], "http://127.0.0.1:9190/ready" if subject == "weft" else None), "ms")
    return rows


def table(rows):
    value = lambda bench, subject, metric: next(
        (r["value"] for r in rows if (r["bench"], r["subject"], r["metric"]) == (bench, subject, metric)), None)
    for bench in dict.fromkeys(r["bench"] for r in rows):
        subjects = [s for s in ("weft", *PEERS) if any(r["bench"] == bench and r["subject"] == s for r in rows)]
        print(f"\n{bench:28}" + "".join(f"{s:>12}" for s in subjects) + "   weft against them")
        for metric in dict.fromkeys(r["metric"] for r in rows if r["bench"] == bench):
            cells = [value(bench, s, metric) for s in subjects]
            ours, others = cells[0], [cell for cell in cells[1:] if cell]
            note = ""
            if ours and others and not metric.endswith(("calls", "failed", "growth_kib")):
                best = max(others) if metric.endswith("gb_s") else min(others)
                note = f"{ours / best:.2f}x the best"
                if metric.endswith("gb_s") and value(bench, "envoy", metric):
                    note += f", {ours / value(bench, 'envoy', metric):.2f}x Envoy"
            budget = BUDGET.get("start_ms" if metric == "start_ms" else "rss_mib" if metric == "rss_fresh_mib" and bench == "proxy-hop"
                                else "idle_tls_kib" if "_tls_" in metric else "")
            if budget:
                note += f", budget {budget}"
            print(f"{metric:28}" + "".join(f"{cell:12,.2f}" if cell is not None else f"{'-':>12}" for cell in cells) + f"   {note}")

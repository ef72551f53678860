# The entry points. `make run` and `make test` do all set-up themselves, from a fresh clone.
.PHONY: setup run test test-full bench conformance interop simulate soak rollout fuzz format clean build

PROGRAMS = weft weft-control weft-sidecar weft-edge course-service progress-service

setup:
	@.ci/setup

# The programs of the mesh, optimised. Swift's own library goes into each: a call costs 7 % less, a process 2 MiB less.
build:
	@for program in $(PROGRAMS); do swift build -c release --static-swift-stdlib --product $$program || exit 1; done

# Brings the whole mesh up on this machine and prints what to try; Ctrl-C stops it.
run:
	@.ci/setup --run-only
	@$(MAKE) --no-print-directory build
	@.build/release/weft up

# Every check: format, build, generated code, manifests, tests with real peers, the mesh with real processes.
test: setup
	@.ci/test

# The same with the long corpora: more random contracts, the build plugin from a clean package, a minute of each fuzzer.
test-full: setup
	@.ci/test --full

# The side-by-side table with the peers; also writes .bench/results.json.
bench:
	@.ci/setup --bench
	@.ci/bench

# The codecs against protobuf's official conformance suite: by generated types, and by tables alone.
conformance: setup
	@.ci/conformance

# The interop cases of gRPC against grpcio, both ways, plaintext and TLS.
interop: setup
	swift build --build-tests
	WEFT_PYTHON="$(CURDIR)/.venv/bin/python" swift test --skip-build --filter InteropTests

# The runtime in one process on virtual time and a faulty network, from seeds: `make simulate SEEDS=10000`.
simulate:
	@SEEDS=$(or $(SEEDS),1000) .ci/simulate

# A million calls with random faults on real sockets, then 4 GiB through a slow reader, and what is left of them.
soak:
	@.ci/soak $(or $(CALLS),1000000) $(or $(MEBIBYTES),4096)

# Restarts of replicas under load with the optimised programs: `make rollout ROLLOUTS=100 RATE=1000`.
rollout: setup build
	@WEFT_BIN="$(CURDIR)/.build/release" WEFT_ROLLOUTS=$(or $(ROLLOUTS),100) WEFT_ROLLOUT_RATE=$(or $(RATE),1000) \
		.venv/bin/python -m pytest -q --no-header -s Tests/MeshTests/test_rollout.py

# The readers of foreign bytes under libFuzzer: `make fuzz`, or `make fuzz TARGET=Compiler SECONDS=600`.
fuzz:
	@.ci/fuzz $(or $(TARGET),all) $(or $(SECONDS),60)

format:
	swift format --in-place --parallel --recursive Package.swift Sources codegen sidecar Tests

clean:
	rm -rf .build .bench .weft .conformance .differential .fuzz

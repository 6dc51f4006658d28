# Two commands on a fresh machine: make demo, make test. Both install the Debian packages that are missing.
PREFIX ?= /usr/local
RELEASE := swift build -c release --static-swift-stdlib --product bitim
# So many tests at once: all of them would wait minutes for their turns, with a thousand files open.
SWIFT_TEST := TMPDIR=$$(./scripts/test-folder) swift test --experimental-maximum-parallelization-width 8
# The same tests whole, not a sample: program and tests optimised, in a build of their own (some 15 minutes once).
WHOLE := BITIM_EXHAUSTIVE=1 $(SWIFT_TEST) -c release -Xswiftc -enable-testing --scratch-path .build-campaigns
BENCH := swift build -c release --static-swift-stdlib --product bitim-bench

.PHONY: build demo test tamper proofs ways capitals faults power kills mutants corpus asan tsan fuzz lint fmt install packages test-packages registry bench bench-parts clean

build: packages
	$(RELEASE)

demo: build
	./scripts/demo

# Those that kill processes, fill disks or go on for long by themselves, so that others do not wait for them.
ALONE := ReliabilityTests|NetworkFaultTests|NetworkPowerTests|FuzzTests
test: test-packages
	swift build --build-tests
	$(SWIFT_TEST) --skip-build --skip "$(ALONE)"
	$(SWIFT_TEST) --skip-build --filter "$(ALONE)"

# Every byte of the shipped registry and of a generated one, not a sample: takes some minutes.
tamper: packages
	$(WHOLE) --filter Tamper

# Every byte of a proof of every entry of logs of all sizes up to 300: takes some minutes.
proofs: packages
	$(WHOLE) --filter EveryProofByte

# Every byte of statements and of entries read in both ways and of signatures that are taken over, and long random lives
# folded in all three.
ways: packages
	$(WHOLE) --filter "ReadingWays|FoldingWays|RandomLives|ExactProfile|ImportRefusal"

# 200 agreements by four processes that are killed at any moment, and every kind of bad server: takes some minutes.
capitals: test-packages
	$(WHOLE) --filter "FourProcesses|HostileServer"

# EIO, ENOSPC, EDQUOT and SIGKILL at every file-system call of add, record, publish, cosign, repair, mirror and a witness.
# TEST="CommandFaultTests" for a part.
TEST ?= CommandFaultTests|RepairFaultTests|NetworkFaultTests
faults: test-packages
	$(WHOLE) --filter "$(TEST)"

# A thousand or more of the states that a power cut may leave, spread over all, each of add, record, publish, cosign,
# repair, mirror and a witness. STATES=all for every one: 45,000 of mirror and 22,000 of a witness take many hours.
STATES ?= some
power: test-packages
	BITIM_POWER_STATES=$(STATES) $(WHOLE) --filter "PowerLossTests|NetworkPowerTests|RepairFaultTests"

# 1,000 kills of a bulk registration, and 8 writers beside 16 readers for a minute.
kills: test-packages
	$(WHOLE) --filter "KilledBulkTests|ManyAtOnceTests"

# A registry of 5,000 entries damaged in every way, and every byte of the right edge of one of 1,000.
mutants: test-packages
	$(WHOLE) --filter "ReliabilityTests.MutationTests|SignedOverTests"

# Every byte of every input in Fuzz/Corpus changed, removed and doubled, and each cut short at it.
corpus: packages
	$(WHOLE) --filter CorpusTests

# All tests but the campaigns, and the programs that they start, under AddressSanitizer and LeakSanitizer.
asan: test-packages
	./scripts/sanitize address

# The same under ThreadSanitizer.
tsan: test-packages
	./scripts/sanitize thread

# Each parser of outside bytes ten million times, and for an hour an entry that is taken the short way and that OpenSSL
# refuses; see scripts/fuzz for a part of it.
fuzz: packages
	./scripts/fuzz

lint:
	swift format lint --strict --recursive Sources Tests Benchmarks Fuzz Package.swift
	./scripts/check-style

fmt:
	swift format --in-place --recursive Sources Tests Benchmarks Fuzz Package.swift

install: build
	DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) ./scripts/install .build/release/bitim

# Makes registry/ and keys/ anew from examples/, with new keys: only when a format changes.
registry: build
	./scripts/make-registry

# Measures the parts, and whole commands beside their limits; writes docs/benchmarks.md. PLAN="audit bulk" for some rows.
bench: build
	./scripts/install-packages bench
	BITIM_BENCHMARKS=1 $(BENCH)
	./scripts/benchmark

# The parts alone, each by itself.
bench-parts: packages
	BITIM_BENCHMARKS=parts swift package --scratch-path .build-parts benchmark --target BitimParts

packages:
	@./scripts/install-packages

test-packages:
	@./scripts/install-packages test

clean:
	rm -rf .build

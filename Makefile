# Two commands on a fresh machine: make demo, make test. Both install the Debian packages that are missing.
PREFIX ?= /usr/local
RELEASE := swift build -c release --static-swift-stdlib --product bitim

.PHONY: build demo test tamper lint fmt install packages registry bench clean

build: packages
	$(RELEASE)

demo: build
	./scripts/demo

test: packages
	swift build --build-tests
	swift test --skip-build

# Every byte of the shipped registry and of a generated one, not a sample: takes some minutes.
tamper: packages
	BITIM_EXHAUSTIVE=1 swift test --filter Tamper

lint:
	swift format lint --strict --recursive Sources Tests Package.swift
	./scripts/check-style

fmt:
	swift format --in-place --recursive Sources Tests Package.swift

install: build
	DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) ./scripts/install .build/release/bitim

# Makes registry/ and keys/ anew from examples/, with new keys: only when a format changes.
registry: build
	./scripts/make-registry

# Measures, and writes docs/benchmarks.md.
bench: build
	./scripts/benchmark

packages:
	@./scripts/install-packages

clean:
	rm -rf .build

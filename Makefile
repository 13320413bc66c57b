# make help lists the targets. Everything builds into $(TARGET); helper files go to .build.

CARGO  ?= cargo
PYTHON ?= python3
CC     ?= cc
PREFIX ?= /usr/local
DESTDIR ?=
ME ?=
TO ?=
ARCH ?= $(shell uname -m)

export PATH := $(PATH):$(HOME)/.cargo/bin
TARGET  := $(or $(CARGO_TARGET_DIR),target)
BUILD   := .build
STAMP   := $(BUILD)/setup.stamp
DEBUG   := $(TARGET)/debug
RELEASE := $(TARGET)/release
DIST    := $(TARGET)/dist
XTASK   := $(CARGO) run --quiet --package xtask --
CFLAGS_EXAMPLES := -std=c99 -Wall -Wextra -Werror -g -Iinclude

# What the library is linked with for its size would only cost time in simulations.
SIMULATED := CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

.PHONY: help setup build debug demo serve chat-c chat-py chat-desktop chat-glib test-desktop test test-all fuzz lint fmt bench header bindings docs \
        install clean schedules simulate

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' | \
	    awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

setup: ## install what this machine lacks (Debian, Ubuntu), or say what it would take
	@scripts/setup.sh
	@mkdir -p $(BUILD) && touch $(STAMP)

$(STAMP): scripts/setup.sh
	@scripts/setup.sh
	@mkdir -p $(BUILD) && touch $@

# Alone, as a shared library and nothing else, the library is a tenth smaller than when cargo makes
# its static and Rust forms in the same run; kept apart, since those runs write over it.
build: $(STAMP) ## library and server, optimised
	$(CARGO) rustc --release --package tim --lib --crate-type cdylib
	install -D -m 755 $(RELEASE)/libtim.so $(DIST)/libtim.so
	$(CARGO) build --release --package timd

debug: $(STAMP)
	$(CARGO) build --package tim --package timd

$(BUILD)/chat: examples/c/chat.c examples/c/json.h include/tim.h | debug
	@scripts/place-library.sh --link $(DEBUG)/libtim.so $(BUILD)/lib
	$(CC) $(CFLAGS_EXAMPLES) -o $@ $< -L$(BUILD)/lib -Wl,-rpath,$(abspath $(BUILD)/lib) -ltim

CXXFLAGS_EXAMPLES := -Wall -Wextra -Werror -g -Iinclude -Ibindings/cpp

$(BUILD)/desktop: examples/cpp/desktop.cpp examples/cpp/qt_loop.hpp bindings/cpp/tim.hpp | debug
	@scripts/setup.sh desktop
	@scripts/place-library.sh --link $(DEBUG)/libtim.so $(BUILD)/lib
	$(CXX) -std=c++17 -fPIC $(CXXFLAGS_EXAMPLES) -o $@ $< $$(pkg-config --cflags --libs Qt5Widgets) \
	    -L$(BUILD)/lib -Wl,-rpath,$(abspath $(BUILD)/lib) -ltim

$(BUILD)/glib_chat: examples/cpp/glib_chat.cpp examples/cpp/glib_loop.hpp bindings/cpp/tim.hpp | debug
	@scripts/setup.sh desktop
	@scripts/place-library.sh --link $(DEBUG)/libtim.so $(BUILD)/lib
	$(CXX) -std=c++20 $(CXXFLAGS_EXAMPLES) -o $@ $< $$(pkg-config --cflags --libs glib-2.0) \
	    -L$(BUILD)/lib -Wl,-rpath,$(abspath $(BUILD)/lib) -ltim

demo: debug $(BUILD)/chat ## alice in C and bob in Python talk through a fresh server
	$(PYTHON) examples/demo/run.py --timd $(DEBUG)/timd --chat $(BUILD)/chat --library $(abspath $(DEBUG)/libtim.so)

serve: debug ## a server that stays, for chat-c and chat-py
	@examples/demo/chat.sh serve $(DEBUG)/timd

chat-c: debug $(BUILD)/chat ## chat in C with make serve (ME=alice TO=bob)
	@examples/demo/chat.sh chat $(DEBUG)/timd $(abspath $(DEBUG)/libtim.so) \
	    $(or $(ME),alice) $(or $(TO),bob) $(BUILD)/chat

chat-py: debug ## chat in Python with make serve (ME=bob TO=alice)
	@examples/demo/chat.sh chat $(DEBUG)/timd $(abspath $(DEBUG)/libtim.so) \
	    $(or $(ME),bob) $(or $(TO),alice) $(PYTHON) examples/python/chat.py

chat-desktop: debug $(BUILD)/desktop ## chat in a window, C++ with Qt, with make serve (ME=alice TO=bob)
	@examples/demo/chat.sh chat $(DEBUG)/timd $(abspath $(DEBUG)/libtim.so) \
	    $(or $(ME),alice) $(or $(TO),bob) $(BUILD)/desktop

chat-glib: debug $(BUILD)/glib_chat ## chat in C++20 with GLib's main loop, with make serve (ME=bob TO=alice)
	@examples/demo/chat.sh chat $(DEBUG)/timd $(abspath $(DEBUG)/libtim.so) \
	    $(or $(ME),bob) $(or $(TO),alice) $(BUILD)/glib_chat

test-desktop: debug $(BUILD)/desktop $(BUILD)/glib_chat ## the desktop examples under a virtual display (PICTURE=file)
	$(PYTHON) tests/desktop/run.py --timd $(DEBUG)/timd --library $(BUILD)/lib/libtim.so \
	    --qt $(BUILD)/desktop --glib $(BUILD)/glib_chat $(if $(PICTURE),--picture $(PICTURE))

test: $(STAMP) ## everything that is checked in 25 minutes
	CARGO="$(CARGO)" PYTHON="$(PYTHON)" scripts/test.sh

test-all: test ## besides: ThreadSanitizer, longer simulations, bad networks
	CARGO="$(CARGO)" scripts/test-slow.sh

fuzz: $(STAMP) ## each fuzzer for a minute (FUZZ_SECONDS, FUZZ_TARGETS)
	scripts/fuzz.sh

schedules: $(STAMP) ## short lives of several nodes, interleaved by chance (N=1000000, FROM=0)
	$(SIMULATED) TIM_SCHEDULES=$(or $(N),1000000) TIM_SCHEDULES_FROM=$(or $(FROM),0) \
	    $(CARGO) test --release --package tim-testkit --test schedules -- --nocapture promises

simulate: $(STAMP) ## a day of 100,000 users on 20 nodes: what grows with what (SIZES=users:nodes …)
	$(SIMULATED) $(CARGO) run --release --package tim-testkit --bin simulate -- $(SIZES)

lint: $(STAMP) ## formatting, clippy, generated files, docs, scripts
	CARGO="$(CARGO)" PYTHON="$(PYTHON)" scripts/lint.sh

fmt: ## format the Rust code
	$(CARGO) fmt --all

bench: build ## measure, beside the floors (BENCH=words picks measurements)
	$(CARGO) bench --bench bench -- $(BENCH)

header: ## write include/tim.h, include/symbols.txt and what has the other library's names
	$(XTASK) header
	$(XTASK) symbols
	$(XTASK) vendor

docs: ## reference pages with search: target/docs/index.html; and the drawings in docs/
	$(XTASK) docs
	scripts/setup.sh docs
	$(PYTHON) scripts/reference.py $(TARGET)/docs

bindings: ## write the declarations of the bindings
	$(XTASK) bindings

install: build static ## libraries, header, pkg-config, CMake and server into DESTDIR and PREFIX
	install -D -m 755 $(RELEASE)/timd $(DESTDIR)$(PREFIX)/bin/timd
	scripts/install.sh $(DIST)/libtim.so $(RELEASE)/libtim.a $(DESTDIR)$(PREFIX)

.PHONY: static release dist abi
static: $(STAMP)
	$(CARGO) rustc --release --package tim --lib --crate-type staticlib

release: $(STAMP) ## library and server that run on Linux systems since 2014 (ARCH=aarch64)
	CARGO="$(CARGO)" scripts/release.sh $(ARCH)

dist: release ## the same with header and the like, as an archive with its checksum
	scripts/dist.sh $(DIST)/linux-$(ARCH)

abi: $(STAMP) ## for a release: what programs rely on from now on (docs/releasing.md)
	scripts/abi.sh write

.PHONY: wheel test-wheel
LIBRARY ?=
wheel: $(STAMP) ## a Python wheel that carries the library (LIBRARY=file: this one)
	CARGO="$(CARGO)" scripts/wheel.sh $(DIST)/wheels $(LIBRARY)

test-wheel: wheel debug ## it is installed into an empty environment, where programs chat
	scripts/test-wheel.sh $(DEBUG)/timd $(DIST)/wheels/tim-*.whl

.PHONY: windows test-windows
test-windows: $(STAMP) ## tests of tim.dll, by Wine
	scripts/setup.sh windows
	CARGO="$(CARGO)" scripts/windows.sh test

windows: $(STAMP) ## tim.dll and what developers on Windows need, by MinGW
	scripts/setup.sh windows
	CARGO="$(CARGO)" scripts/windows.sh package $(DIST)/windows

.PHONY: arm64 test-arm64
arm64: $(STAMP) ## libtim.so for Linux on 64-bit ARM
	scripts/setup.sh arm64
	CARGO="$(CARGO)" scripts/arm64.sh library $(DIST)/arm64

test-arm64: $(STAMP) ## its tests, in an emulator
	scripts/setup.sh arm64
	CARGO="$(CARGO)" scripts/arm64.sh test

.PHONY: nuget unity
nuget: $(STAMP) ## a NuGet package for C# (LIBRARY=file: this one for Linux)
	scripts/setup.sh csharp
	CARGO="$(CARGO)" PYTHON="$(PYTHON)" scripts/csharp.sh nuget $(DIST) $(LIBRARY)

unity: $(STAMP) ## a Unity package (LIBRARY, MACOS, ANDROID, IOS: files of libraries)
	CARGO="$(CARGO)" PYTHON="$(PYTHON)" MACOS="$(MACOS)" ANDROID="$(ANDROID)" IOS="$(IOS)" \
	    scripts/csharp.sh unity $(DIST) $(LIBRARY)

.PHONY: unreal
# What make release, make windows and make release ARCH=aarch64 left goes in, too.
unreal: $(if $(LIBRARY),,build) ## a plugin for Unreal Engine (LIBRARY, MACOS: files of libraries)
	PYTHON="$(PYTHON)" scripts/unreal.sh package $(DIST)/unreal \
	    Linux=$(firstword $(LIBRARY) $(wildcard $(DIST)/linux-x86_64/libtim.so) $(DIST)/libtim.so) \
	    $(addprefix LinuxArm64=,$(wildcard $(DIST)/linux-aarch64/libtim.so)) \
	    $(if $(wildcard $(DIST)/windows/lib/tim.lib),Win64=$(DIST)/windows) $(addprefix Mac=,$(MACOS))

clean: ## remove what was built
	$(CARGO) clean
	rm -rf $(BUILD)

# SPDX-License-Identifier: Apache-2.0
# Tests: units (TAP programs of tests/unit), bats files, lint. tests/README.md says how to add one.

UNITS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/*_test.c)))
AGENTS := $(patsubst tests/agents/%.c,%,$(sort $(wildcard tests/agents/*.c)))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))
FUZZ_SECONDS ?= 20
DEPS ?= yes

.PHONY: check check-slow check-built units lint layers fuzz fuzzers fuzz-run bench conformance

check:
	$(if $(filter no,$(DEPS)),,tests/deps.sh check $(BUILD)/flags.mk)
	$(MAKE) -j$(shell nproc) tools units
	$(MAKE) check-built
check-slow:
	$(MAKE) check AB_SLOW=1
check-built: tools units
	AB_SLOW=$(AB_SLOW) tests/run.sh $(BUILD) $(TESTS)

units: $(UNITS:%=$(BUILD)/unit/%) $(AGENTS:%=$(BUILD)/agents/%) weak
# An ab-jail that leaves out the layer that AB_WEAKEN names (lib/jail/weaken.h), for the tests alone: it
# stands apart from the tools, and nothing installs it.
.PHONY: weak
weak:
	+@$(MAKE) --no-print-directory -s BUILD=$(BUILD)/weak CPPFLAGS="$(CPPFLAGS) -DAB_TEST_WEAKEN" $(BUILD)/weak/bin/ab-jail
# A hostile agent is no part of ours: static, not sanitized.
$(BUILD)/agents/%: tests/agents/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra $(WERROR) -static -o $@ $<
$(BUILD)/agents/attack: tests/agents/attack_tables.h
$(addprefix $(BUILD)/agents/,attack attack_more code): tests/agents/fork_again.h
# A unit test may reach into a room's private headers; it links every room.
$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(ROOMS:%=$(BUILD)/lib/%.a)
	@mkdir -p $(@D)
	$(Q)$(CC) -pie $(AB_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(ROOMS:%=$(BUILD)/lib/%.a) -Wl,--end-group $(LIBS_ALL:%=-l%)
$(BUILD)/tests/unit/jail_filter_test.o: $(BUILD)/gen/jail/agent.rules.h $(BUILD)/gen/jail/calls.h
$(BUILD)/unit/scrub_image_test: $(BUILD)/cmd/scrub/shipped.o
.PRECIOUS: $(BUILD)/tests/unit/%.o $(BUILD)/%.o

lint:
	tests/lint.sh
layers:
	tests/layers.sh Makefile

# libFuzzer targets: the real sources, all rooms, built once with clang and the sanitizers.
FUZZ_MAKE = $(MAKE) CC=clang SAN=address,undefined,fuzzer-no-link BUILD=build/fuzz \
	CPPFLAGS="$(CPPFLAGS) -DAB_TAR_PIECE=65536u"
fuzz:
	+$(FUZZ_MAKE) fuzzers
fuzzers: $(FUZZERS:%=$(BUILD)/bin/%)
$(BUILD)/bin/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(ROOMS:%=$(BUILD)/lib/%.a)
	@mkdir -p $(@D)
	$(Q)$(CC) -pie $(AB_LDFLAGS) -fsanitize=fuzzer -o $@ $< -Wl,--start-group $(ROOMS:%=$(BUILD)/lib/%.a) -Wl,--end-group $(LIBS_ALL:%=-l%)
fuzz-run: fuzz
	@for f in $(FUZZERS); do mkdir -p build/fuzz/corpus/$$f && echo "== $$f" && build/fuzz/bin/$$f -max_total_time=$(FUZZ_SECONDS) \
		-print_final_stats=0 -verbosity=0 build/fuzz/corpus/$$f $$(ls -d tests/fuzz/seeds/$$f 2>/dev/null) || exit 1; done

# Programs that measure a room by itself; and the least that a jail can cost, as most such programs are linked and with
# musl, as ab-jail is where it can be.
$(BUILD)/bench/jail_floor: tests/bench/jail_floor.c $(BUILD)/gen/jail/agent.filter.h
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra $(WERROR) -I$(BUILD)/gen -static-pie -o $@ $<
$(BUILD)/bench/jail_floor_musl: tests/bench/jail_floor.c lib/musl/linux.c $(BUILD)/gen/jail/agent.filter.h
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra $(WERROR) -I. -I$(BUILD)/gen $(MUSL_CFLAGS) -static -o $@ $(filter %.c,$^)
$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(ROOMS:%=$(BUILD)/lib/%.a)
	@mkdir -p $(@D)
	$(Q)$(CC) -pie $(AB_LDFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(ROOMS:%=$(BUILD)/lib/%.a) -Wl,--end-group $(LIBS_ALL:%=-l%)
bench: tools $(AGENTS:%=$(BUILD)/agents/%)
	tests/bench/run.sh $(BUILD)
conformance: tools
	tests/conformance.py $(BUILD)/bin/ab-validate $(SUITE)

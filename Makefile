# SPDX-License-Identifier: Apache-2.0
# The table of tools, rooms and libraries is the architecture; lib/README.md is its map.

VERSION = 0.1.0
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
HOSTCC ?= $(CC)
HOSTCFLAGS ?= -O1
ARCH = $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
SAN ?=
BUILD ?= build$(if $(SAN),/san)
STATIC ?= $(if $(SAN),no,yes)
VECTORSCAN ?= no
MUSL ?= auto
MUSL_CC ?= musl-gcc

# Each tool: the rooms it is made of, the libraries it names, and whether it may be static.
TOOLS := $(foreach t,ab-validate ab-jail ab-scrub ab-audit ab-bundle ab-run,$(if $(wildcard cmd/$t.c),$t))
ROOMS_ab-validate := schema receipt regex confine crypto json base
ROOMS_ab-jail     := jail tar receipt confine crypto json base
ROOMS_ab-scrub    := scrub receipt regex confine crypto json base
ROOMS_ab-audit    := audit note receipt confine crypto json base
ROOMS_ab-bundle   := bundle tar note receipt confine crypto json base
ROOMS_ab-run      := workflow receipt confine crypto json base
LIBS_ab-validate  := sodium jansson yaml pcre2-8
LIBS_ab-jail      := jansson m
LIBS_ab-scrub     := sodium jansson yaml pcre2-8 m
LIBS_ab-audit     := sodium jansson yaml
LIBS_ab-bundle    := sodium jansson yaml zstd
LIBS_ab-run       := sodium jansson yaml
ROOMS := schema jail scrub audit bundle workflow regex confine receipt note tar crypto json base
LIBS_ALL := zstd sodium jansson yaml pcre2-8 m

# vectorscan finds the same literals as our own tables, and takes milliseconds to start; it is C++ inside.
ifeq ($(VECTORSCAN),yes)
LIBS_ab-scrub += hs stdc++ m
LIBS_ALL += hs stdc++ m
VECTORSCAN_CFLAGS = -DAB_VECTORSCAN
endif

# A process of glibc asks the processor some seventy times what it is before main() begins, each time an exit to the
# hypervisor where there is one. Where musl-gcc is there (lib/musl/probe.sh), a tool that needs no library but jansson
# and is started for each run is linked with musl instead.
MUSL_TOOLS := ab-jail
MUSL_SOURCES = $(filter-out $(shell grep -lE '^.include <(sodium|yaml|zstd|pcre2|hs)' lib/*/*.c),$(wildcard $(1)))
use_musl = $(if $(filter yes,$(MUSL)),$(if $(MUSL_WHY_NOT),$(error MUSL=yes: $(MUSL_WHY_NOT)),yes),$(if \
	$(filter auto,$(MUSL)),$(if $(filter yes,$(STATIC)),$(if $(SAN),,$(MUSL_THERE)))))

# A packager's flags are untouched; ours stand beside them. Hardening is probed once, flag by flag.
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wwrite-strings \
	-Wpointer-arith -Wvla -Wundef -Wimplicit-fallthrough
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero \
	-fno-strict-overflow -fzero-call-used-regs=used-gpr
LOOPS := -fpeel-loops -funswitch-loops -fsplit-paths -fgcse-after-reload
AB_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DAB_VERSION='"$(VERSION)"' -I. -I$(BUILD)/gen -MMD -MP $(WARN) \
	-ffile-prefix-map=$(CURDIR)=. -ffunction-sections -fdata-sections -fPIE \
	-fvisibility=hidden $(HARDENED) $(VECTORSCAN_CFLAGS) $(WERROR)
MUSL_CFLAGS = -isystem $(BUILD)/musl/include -include lib/musl/linux.h
AB_LDFLAGS = -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-z,noexecstack
ifeq ($(SAN),)
AB_CFLAGS += $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
else
AB_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer -DAB_SANITIZED
AB_LDFLAGS += -fsanitize=$(SAN)
endif
link = $(if $(filter yes,$(STATIC)),-static-pie,-pie)
Q := $(if $(V),,@)

all: tools
-include $(BUILD)/flags.mk
-include tests/tests.mk

tools: $(TOOLS:%=$(BUILD)/bin/%) $(BUILD)/share/agentbox
.PHONY: all tools clean install uninstall deps demo completions dist deb

$(BUILD)/flags.mk: Makefile lib/musl/probe.sh lib/musl/checked.c
	@mkdir -p $(@D) && for f in $(HARDEN); do if $(CC) -Werror $$f -x c -c -o /dev/null /dev/null 2>/dev/null; \
		then echo "HARDENED += $$f"; fi; done >$@
	@for f in $(LOOPS); do if $(CC) -Werror $$f -x c -c -o /dev/null /dev/null 2>/dev/null; \
		then echo "LOOPED += $$f"; fi; done >>$@
	@CPPFLAGS="$(CPPFLAGS)" lib/musl/probe.sh "$(CC)" "$(MUSL_CC)" $(BUILD)/musl/include >>$@

# Rooms: each lib/ROOM/*.c into one archive. lib/ROOM/gen/*.c are programs that run at build time.
define room
$(BUILD)/lib/$(1).a: $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard lib/$(1)/*.c)))
	$$(Q)rm -f $$@; mkdir -p $$(@D); $$(AR) rcsD $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(BUILD)/%.o: %.c $(BUILD)/flags.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(AB_CFLAGS) $(CFLAGS) -c -o $@ $<

define musl_room
$(BUILD)/musl/lib/$(1).a: $(patsubst %.c,$(BUILD)/musl/%.o,$(sort $(call MUSL_SOURCES,lib/$(1)/*.c)))
	$$(Q)rm -f $$@; mkdir -p $$(@D); $$(AR) rcsD $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call musl_room,$(r))))

$(BUILD)/musl/%.o: %.c $(BUILD)/flags.mk
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(CPPFLAGS) $(AB_CFLAGS) $(MUSL_CFLAGS) $(CFLAGS) -c -o $@ $<

# Seccomp filters: each lib/ROOM/NAME.filter, a table, becomes gen/ROOM/NAME.filter.h.
FILTERS := $(patsubst lib/%,$(BUILD)/gen/%.h,$(wildcard lib/*/*.filter))
# The program that makes them runs where we build, also when the tools are for another machine.
$(BUILD)/gen/filter: lib/confine/gen/filter.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARN) $(WERROR) $(HOSTCFLAGS) -o $@ $< -lseccomp
$(BUILD)/gen/%.filter.h: lib/%.filter $(BUILD)/gen/filter $(wildcard lib/confine/*.filter lib/jail/*.filter)
	@mkdir -p $(@D)
	$(Q)$(BUILD)/gen/filter $(ARCH) $< >$@.new && mv $@.new $@
$(BUILD)/gen/jail/calls.h: $(BUILD)/gen/filter
	@mkdir -p $(@D)
	$(Q)$(BUILD)/gen/filter $(ARCH) --names >$@.new && mv $@.new $@
$(foreach o,lib/confine/confine.o lib/jail/filter.o,$(BUILD)/$o $(BUILD)/musl/$o): $(FILTERS)
$(BUILD)/gen/jail/agent.rules.h: lib/jail/agent.filter $(BUILD)/gen/filter
	@mkdir -p $(@D)
	$(Q)$(BUILD)/gen/filter $(ARCH) --rules $< >$@.new && mv $@.new $@
$(BUILD)/lib/jail/event.o $(BUILD)/musl/lib/jail/event.o: $(BUILD)/gen/jail/calls.h
$(BUILD)/lib/jail/profile.o $(BUILD)/musl/lib/jail/profile.o: $(BUILD)/gen/jail/agent.rules.h

# Evaluation returns from a dozen functions a value: clearing registers there is a fifth of its time. A scan has as many
# places to ask as a text has words: clearing takes 2 % there, and loops that are made for their cases give back 5.
UNCLEARED = $(if $(findstring zero-call-used-regs,$(HARDENED)),-fzero-call-used-regs=skip)
$(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/schema/eval*.c)): AB_CFLAGS += $(UNCLEARED)
$(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/scrub/*.c)): AB_CFLAGS += $(UNCLEARED) $(LOOPED)

# The metaschemas are embedded by the assembler.
$(BUILD)/lib/schema/metaschemas.o: $(wildcard lib/schema/metaschemas/*.json)

# What ab-scrub makes of the shipped policies is made here, by a program of its own rooms, and embedded. Where that is for
# another machine, RUN runs it (qemu-user); without one there is no image: each start reads the policies, and takes longer.
IMAGED := output input strict secrets logs
RUN ?=
can_run = $(or $(RUN),$(filter $(ARCH),$(shell uname -m)))
$(BUILD)/gen/scrub/image: $(BUILD)/lib/scrub/gen/image.o $(ROOMS_ab-scrub:%=$(BUILD)/lib/%.a)
	@mkdir -p $(@D)
	$(Q)$(CC) $(link) $(AB_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_ab-scrub:%=-l%)
$(BUILD)/gen/scrub/policies.image: $(BUILD)/gen/scrub/image $(wildcard share/policies/*.json share/policies/rules/*.json)
	$(Q)$(if $(can_run),$(RUN) $< $(IMAGED:%=share/policies/%.json),:) >$@.new && mv $@.new $@
$(BUILD)/cmd/scrub/shipped.o: $(BUILD)/gen/scrub/policies.image
$(BUILD)/cmd/scrub/shipped.o: AB_CFLAGS += -Wa,-I$(BUILD)

define tool
$(BUILD)/bin/$(1): $(BUILD)/cmd/$(1).o $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard cmd/$(1:ab-%=%)/*.c))) \
		$(ROOMS_$(1):%=$(BUILD)/lib/%.a)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(link) $$(AB_LDFLAGS) $$(LDFLAGS) -o $$@ $$^ $(LIBS_$(1):%=-l%)
endef
define musl_tool
$(BUILD)/bin/$(1): $(BUILD)/musl/cmd/$(1).o $(patsubst %.c,$(BUILD)/musl/%.o,$(sort $(wildcard cmd/$(1:ab-%=%)/*.c))) \
		$(ROOMS_$(1):%=$(BUILD)/musl/lib/%.a) $(patsubst %.c,$(BUILD)/musl/%.o,$(wildcard lib/musl/*.c)) lib/musl/order.ld
	@mkdir -p $$(@D)
	$$(Q)$$(MUSL_CC) -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text,-T,lib/musl/order.ld $$(AB_LDFLAGS) \
		$$(LDFLAGS) -o $$@ $$(MUSL_CRT)/rcrt1.o $$(MUSL_CRT)/crti.o -Wl,--start-group $$(filter-out %.ld,$$^) \
		$$(MUSL_JANSSON) -Wl,--end-group $$(MUSL_CRT)/crtn.o
endef
with_musl := $(if $(use_musl),$(MUSL_TOOLS))
$(foreach t,$(TOOLS),$(eval $(call $(if $(filter $t,$(with_musl)),musl_tool,tool),$(t))))

# What tools find at run time, relative to themselves.
$(BUILD)/share/agentbox: Makefile
	@mkdir -p $@ && for d in policies workflows doc apparmor; do ln -sfn $(CURDIR)/share/$$d $@/$$d; done
	@ln -sfn $(CURDIR)/schemas $@/schemas && touch $@

install: tools
	tests/install.sh install $(BUILD) $(DESTDIR)$(PREFIX)
uninstall:
	tests/install.sh uninstall $(BUILD) $(DESTDIR)$(PREFIX)
deps:
	tests/deps.sh check $(BUILD)/flags.mk
demo:
	tests/deps.sh demo $(BUILD)/flags.mk
	$(MAKE) -j$(shell nproc) tools
	share/demo/demo.sh $(BUILD)
completions: tools
	completions/generate.py $(BUILD)/bin completions
dist:
	share/packaging/dist.sh $(VERSION) $(BUILD)/dist
deb: dist
	share/packaging/deb.sh $(VERSION) $(BUILD)/dist
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/cmd $(BUILD)/lib $(BUILD)/musl $(BUILD)/tests -name '*.d' 2>/dev/null)

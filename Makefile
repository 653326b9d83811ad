# labc: make demo, make test. Nothing else is needed; `make help` lists the rest.

PREFIX ?= /usr/local
CC ?= cc
VARIANT ?= opt
STATIC ?= 1
BUILD := build/$(VARIANT)
MAKEFLAGS += --no-builtin-rules
# V=1 shows the commands
Q := $(if $(filter 1,$(V)),,@)

WARN := -std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wwrite-strings -Wpointer-arith -Wvla -Wundef -Wformat=2 -Wcast-qual -Wconversion
HARDEN := -fstack-protector-strong -fPIE
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -Icompiler -Ibuild/gen
ifeq ($(DEVELOPER),1)
WARN += -Werror
endif

# Variants live in folders of their own, so that switching rebuilds nothing else.
ifeq ($(VARIANT),opt)
CFLAGS ?= -O2 -g
CPPFLAGS += -D_FORTIFY_SOURCE=2
else ifeq ($(VARIANT),asan)
CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LDFLAGS += -fsanitize=address,undefined
CPPFLAGS += -DCT_VERIFY -DBUG_ABORTS
STATIC := 0
else ifeq ($(VARIANT),tsan)
CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LDFLAGS += -fsanitize=thread
STATIC := 0
else ifeq ($(VARIANT),cov)
CFLAGS := -O0 -g --coverage
LDFLAGS += --coverage
STATIC := 0
else ifeq ($(VARIANT),fuzz)
CC := clang
CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
LDFLAGS += -fsanitize=address,undefined
CPPFLAGS += -DCT_VERIFY -DBUG_ABORTS
STATIC := 0
else ifeq ($(VARIANT),clang)
CC := clang
CFLAGS := -O2 -g
else
$(error VARIANT is opt, asan, tsan, cov, fuzz or clang)
endif

PKGS := yaml-0.1 libpcre2-8 jansson libutf8proc libmd
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm
# A program that needs no shared library starts in two thirds of the time. STATIC=0 links the usual way.
ARCHIVES := $(foreach l,yaml pcre2-8 jansson utf8proc md m c,$(wildcard $(shell $(CC) -print-file-name=lib$(l).a 2>/dev/null)))
ifeq ($(STATIC)$(words $(ARCHIVES)),17)
LINK := -static-pie
else
LINK := -pie
endif

ROOMS := base diag yaml ctemplate schema model rules emit cli
SRC := $(sort $(wildcard $(ROOMS:%=compiler/%/*.c)))
MAIN := compiler/cli/main.c
GEN := build/gen/templates.c
OBJ := $(SRC:compiler/%.c=$(BUILD)/%.o)
LIB_OBJ := $(filter-out $(MAIN:compiler/%.c=$(BUILD)/%.o),$(OBJ)) $(BUILD)/gen/templates.o
EMBED_OBJ := $(filter $(BUILD)/base/% $(BUILD)/diag/% $(BUILD)/ctemplate/%,$(OBJ)) $(BUILD)/ctemplate/embed/embed.o
TEMPLATES := $(sort $(shell find templates -type f ! -name '*.md'))
# Shipped examples, for labc init.
EXAMPLES := $(sort $(wildcard examples/*/lab.yaml))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_OBJ := $(UNIT_SRC:tests/%.c=$(BUILD)/tests/%.o) $(BUILD)/tests/unit/main.o

ifeq ($(VARIANT),opt)
LABC := build/labc
else
LABC := $(BUILD)/labc
endif

.PHONY: all help demo test check check-asan check-clang check-valgrind check-layers check-headers golden-update docs docs-check \
	bench install uninstall clean unit deps deps-test
.DELETE_ON_ERROR:

all: $(LABC)

help:
	@sed -n 's/^## //p' Makefile

## make demo            install what is missing, build, compile the two-host example and show the result
demo: deps
	@$(MAKE) --no-print-directory -s all
	@sh tests/demo.sh

## make test            install what the tests need and run every suite
test: deps-test
	@$(MAKE) --no-print-directory run-tests

.PHONY: run-tests
run-tests:
	@sh tests/run.sh all

## make check           the quick suites (C only)
check:
	@sh tests/run.sh quick

## make check-asan      unit and golden tests under ASan and UBSan
check-asan:
	@sh tests/run.sh asan

## make check-valgrind  unit tests and the examples under valgrind
check-valgrind:
	@sh tests/run.sh valgrind

## make check-threads   lint and build on several threads under ThreadSanitizer
.PHONY: check-threads
check-threads:
	@$(MAKE) --no-print-directory -s VARIANT=tsan all
	@sh tests/threads.sh

## make test-boot       boot a Debian under qemu with a generated seed and log in (slow; root; installs qemu)
.PHONY: test-boot
test-boot: all
	@sh .ci/deps.sh boot
	@sh tests/boot/run.sh

deps:
	@sh .ci/deps.sh build
deps-test:
	@sh .ci/deps.sh test

ifeq ($(PKG_LIBS),)
$(OBJ) $(UNIT_OBJ): no-libraries
.PHONY: no-libraries
no-libraries:
	@echo "labc needs $(PKGS); 'make deps' installs their Debian packages." >&2; exit 1
endif

$(BUILD)/%.o: compiler/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(WARN) $(HARDEN) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/%.o: build/gen/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(WARN) -Wno-overlength-strings $(HARDEN) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -I. $(PKG_CFLAGS) $(WARN) $(HARDEN) $(CFLAGS) -MMD -MP -c -o $@ $<

# The shipped templates, compiled to bytecode by a tool made of the engine itself.
build/opt/embed: $(EMBED_OBJ)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(PKG_LIBS)
ifneq ($(VARIANT),opt)
.PHONY: embed-tool
embed-tool:
	@$(MAKE) --no-print-directory -s VARIANT=opt build/opt/embed
$(GEN): embed-tool
else
$(GEN): build/opt/embed
endif
$(GEN): $(TEMPLATES) $(EXAMPLES) Makefile
	@mkdir -p $(@D)
	@build/opt/embed $@.new templates $(TEMPLATES:templates/%=%) $(foreach e,$(EXAMPLES),$(e:/lab.yaml=.yaml)=$(e))
	@cmp -s $@.new $@ 2>/dev/null && touch $@ && rm $@.new || mv $@.new $@

$(LABC): $(LIB_OBJ) $(MAIN:compiler/%.c=$(BUILD)/%.o)
	$(Q)$(CC) $(LDFLAGS) $(LINK) -o $@ $^ $(PKG_LIBS)

# Linked the usual way: valgrind knows the C library only as a shared one.
build/opt/labc-shared: $(LIB_OBJ) $(MAIN:compiler/%.c=$(BUILD)/%.o)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(PKG_LIBS)

# --- unit tests: every tests/unit/test_NAME.c offers test_NAME_suite() ---
build/gen/suites.h: $(UNIT_SRC) Makefile
	@mkdir -p $(@D)
	@for f in $(UNIT_SRC:tests/unit/%.c=%); do echo "SUITE($$f)"; done > $@
$(BUILD)/tests/unit/main.o: build/gen/suites.h
unit: $(BUILD)/unit
$(BUILD)/unit: $(UNIT_OBJ) $(LIB_OBJ)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(shell pkg-config --libs check 2>/dev/null) $(PKG_LIBS)

# --- mutations: the front end over changed and cut specs, in one process (tests/mutate/run.sh) ---
MUTATE_OBJ := $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(sort $(wildcard tests/mutate/*.c)))
$(BUILD)/mutate: $(MUTATE_OBJ) $(LIB_OBJ)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(PKG_LIBS)

# --- hostile values in every place of every shipped template (tests/templates/run.sh) ---
PROBES_OBJ := $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(sort $(wildcard tests/templates/*.c)))
$(BUILD)/probes: $(PROBES_OBJ) $(LIB_OBJ)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(PKG_LIBS)

# --- hygiene ---
## make check-layers    an include may only point to a room on the left
check-layers:
	@awk -v rooms="$(ROOMS)" -f tests/layers.awk $(sort $(wildcard compiler/*/*.c compiler/*/*.h compiler/*/*.def compiler/*/*/*.c))

## make check-headers   every header compiles alone
check-headers:
	@for h in $(sort $(wildcard compiler/*/*.h)); do \
		printf '#include "%s"\nextern int a_declaration;\n' "$${h#compiler/}" | $(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(WARN) -Werror -fsyntax-only -x c - || { echo "$$h does not compile alone"; exit 1; }; \
	done; echo "headers: every header compiles alone"

## make golden-update   write the expected results of the golden tests anew (then review the diff)
golden-update: all
	@sh tests/golden.sh --update

## make docs            write the generated chapters of SPEC.md and docs/ anew
docs: all
	@sh tests/docs.sh --update
## make docs-check      fail when a generated chapter differs from the tables
docs-check: all
	@sh tests/docs.sh

## make bench           lint, rules, template engine and build against their floors in the same run (BENCH="lint build": some)
BENCH ?= lint rules engine build
bench: all
	@set -e; for b in $(BENCH); do sh tests/bench/$$b.sh; echo; done

# --- fuzzing: make fuzz-yaml SECONDS=60 (clang); make replay-yaml runs the corpus with gcc ---
FUZZ_SECONDS ?= 60
FUZZ_DICT = $(if $(findstring ct_,$*),$(wildcard tests/fuzz/ct.dict:%=-dict=%),-dict=tests/fuzz/yaml.dict)
FUZZ_SEEDS = $(wildcard tests/fuzz/corpus_$*) $(if $(findstring ct_,$*),templates templates/ps templates/lab-services,tests/golden/lint examples/two-hosts)
## make fuzz-NAME       run tests/fuzz/fuzz_NAME.c with libFuzzer for FUZZ_SECONDS (60; needs clang and libclang-rt-14-dev)
fuzz-%:
	@$(MAKE) --no-print-directory VARIANT=fuzz build/fuzz/fuzz_$*
	@mkdir -p build/fuzz/corpus_$*
	build/fuzz/fuzz_$* -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -timeout=10 $(FUZZ_DICT) build/fuzz/corpus_$* $(FUZZ_SEEDS)
replay-%:
	@$(MAKE) --no-print-directory -s VARIANT=asan build/asan/replay_$*
	@build/asan/replay_$* $(wildcard tests/fuzz/corpus_$*/*) $(if $(findstring ct_,$*),$(TEMPLATES),$(wildcard tests/golden/lint/*.yaml examples/*/lab.yaml))
$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(LIB_OBJ)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)
$(BUILD)/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(LIB_OBJ)
	$(Q)$(CC) $(LDFLAGS) -pie -o $@ $^ $(PKG_LIBS)
.SECONDARY:

## make install         PREFIX=/usr/local DESTDIR=
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/doc/labc/examples
	install -m 755 build/labc $(DESTDIR)$(PREFIX)/bin/labc
	install -m 644 docs/labc.1 $(DESTDIR)$(PREFIX)/share/man/man1/labc.1
	install -m 644 README.md SPEC.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/labc
	cp -R examples/. $(DESTDIR)$(PREFIX)/share/doc/labc/examples
uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/bin/labc $(DESTDIR)$(PREFIX)/share/man/man1/labc.1 $(DESTDIR)$(PREFIX)/share/doc/labc

## make clean
clean:
	rm -rf build

-include $(wildcard $(BUILD)/tests/fuzz/*.d) $(OBJ:.o=.d) $(UNIT_OBJ:.o=.d) $(MUTATE_OBJ:.o=.d) $(PROBES_OBJ:.o=.d) $(EMBED_OBJ:.o=.d)

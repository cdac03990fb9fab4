# The one-word commands. Meson and Ninja do the work; see CONTRIBUTING.md.
#
#   make            build everything into build/
#   make run        serve a demo recording, or ROOT=folder, on PORT (50051); pages on PAGES (50080)
#   make test       every test there is
#   make test-web   the pages: lint, their own tests, and a browser that reads
#   make screenshots  docs/screenshots anew
#   make coverage   how much of lib/ the tests run, in per cent of lines
#   make bench      every figure there is; QUICK=1: in two minutes; PEERS=folder: beside others
#   make performance  write docs/PERFORMANCE.md and its plots anew, from bench/results
#   make fuzz       each fuzz target for FUZZ_SECONDS (60)
#   make reference  write the man pages, docs/CONFIGURATION.md and the shells' completions anew,
#                   from the tables of settings and of commands
#   make docs       the API reference, docs/api/html, from the headers
#   make abi        write lib/libmef3.map and lib/libmef3.abi anew, from the headers
#   make format     let clang-format have its way
#   make clean      remove what was built
#
# PYTEST_ARGS goes to the system tests: make test-system PYTEST_ARGS='-k range'

ROOT ?=
PORT ?= 50051
PAGES ?= 50080
FUZZ_SECONDS ?= 60
PYTEST_ARGS ?=
QUICK ?=
PEERS ?=
ROUNDS ?=
# Less optimised and with lines alone: half the time to build. A warning of gcc needs more than that.
SANITIZERS = -Db_sanitize=address,undefined -Doptimization=1 '-Dc_args=-g1 -Wno-format-truncation'

# Two at a time: most of them wait for something.
PYTEST = /usr/bin/python3 -m pytest -n 2 --dist loadfile -p no:cacheprovider --timeout 120 \
	$(PYTEST_ARGS)
# No test asserts a time; the limits only end what hangs, also on a slow machine.
MESON_TEST = meson test --no-rebuild --print-errorlogs -t 10

.PHONY: all setup setup-test run test test-gcc test-clang test-sanitized test-system \
	test-system-sanitized test-web screenshots test-tsan test-msan test-valgrind coverage bench \
	performance fuzz docs abi reference format clean
.NOTPARALLEL:

all: setup
	@tools/build build

setup:
	@tools/setup run

setup-test:
	@tools/setup test

run: all
	@PORT='$(PORT)' PAGES='$(PAGES)' tools/run $(ROOT)

test: setup-test test-gcc test-clang test-sanitized test-tsan test-msan test-valgrind test-system \
	test-system-sanitized test-web

test-gcc:
	@CC=gcc tools/build build
	$(MESON_TEST) -C build

test-clang:
	@CC=clang tools/build build-clang
	$(MESON_TEST) -C build-clang --no-suite house

test-sanitized:
	@tools/build build-asan $(SANITIZERS)
	$(MESON_TEST) -C build-asan --no-suite house

test-tsan:
	@CC=clang TARGETS=tests/unit/test_threads tools/build build-tsan -Db_sanitize=thread -Db_lundef=false
	@# Where addresses are random in 32 bits the sanitizer's memory is in the way.
	without=; setarch -R true 2>/dev/null && without='setarch -R'; \
		$$without $(MESON_TEST) -C build-tsan --suite threads

# The library alone: what else it would be linked with, the sanitizer has not seen being built.
test-msan:
	@CC=clang TARGETS=library-tests tools/build build-msan -Db_sanitize=memory -Db_lundef=false
	$(MESON_TEST) -C build-msan --suite library

# The recordings that there are, and those with one fault each. Vectors that valgrind does not know
# it hides from programs, so that a narrower way is taken.
test-valgrind:
	@CC=gcc TARGETS=tests/golden/read_folders tools/build build
	/usr/bin/python3 tests/golden/make_bad.py --run valgrind -q --error-exitcode=9 \
		--leak-check=full build/tests/golden/read_folders --password readall tests/golden

coverage: setup-test
	@CC=gcc tools/build build-coverage -Db_coverage=true -Doptimization=1
	meson test --no-rebuild -t 20 -C build-coverage --suite unit --suite golden --suite compare \
		--suite fuzz
	tools/coverage build-coverage

test-system:
	MEF3_BUILD=build $(PYTEST) tests/system

# All but what looks at texts alone.
test-system-sanitized:
	MEF3_BUILD=build-asan $(PYTEST) --ignore tests/system/test_people.py \
		--ignore tests/system/test_monitoring.py tests/system

test-web: setup-test
	@CC=gcc tools/build build
	@tools/web-modules
	cd web && npm run --silent lint && npm test --silent
	MEF3_BUILD=build $(PYTEST) tests/browser

screenshots: setup-test
	@CC=gcc tools/build build
	@tools/web-modules
	/usr/bin/python3 tests/browser/screenshots.py docs/screenshots

bench: setup-test
	@tools/build build-bench -Dbuildtype=release
	QUICK='$(QUICK)' ROUNDS='$(ROUNDS)' PEERS='$(PEERS)' bench/run build-bench

performance:
	@tools/setup bench
	/usr/bin/python3 bench/report.py bench/results docs

fuzz: setup-test
	@CC=clang tools/build build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
	tools/fuzz build-fuzz '$(FUZZ_SECONDS)'

docs:
	@tools/setup docs
	@tools/docs docs/api

abi:
	@tools/abi --write

reference: all
	build/mef3d --print-reference=man > docs/mef3d.8
	build/mef3d --print-reference=markdown > docs/CONFIGURATION.md
	build/mef3 --print-reference=man > docs/mef3.1
	build/mef3 --print-reference=bash > packaging/completions/mef3.bash
	build/mef3 --print-reference=zsh > packaging/completions/_mef3
	build/mef3 --print-reference=fish > packaging/completions/mef3.fish

format:
	git ls-files -z '*.c' '*.h' '*.cpp' '*.hpp' | xargs -0 clang-format -i

clean:
	rm -rf build build-*

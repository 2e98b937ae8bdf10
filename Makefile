# Thin entrances. What is installed, checked and tested stands in pyproject.toml.
bin := .venv/bin
cpp := $(shell find kernel -name '*.hpp' -o -name '*.cpp' -o -name '*.c')

.PHONY: lab demo test bench lint sanitize

lab: .venv/installed
	$(bin)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) tutorials/index.ipynb

demo: .venv/installed
	$(bin)/nest-lab run brunel --out out/brunel
	$(bin)/nest-lab run brunel --classroom --out out/classroom

# Tests that look at a clock or keep all processors busy have the machine to themselves. The others run side by side, notebooks as
# wholes. 5 means that $(ARGS) chose none.
alone := tests/api/test_import.py tests/api/test_speed.py tests/browser tests/gallery/test_microcircuit_full.py tests/packaging \
	tests/widgets
notebooks := tests/notebooks tutorials

# The browser tests drive the browser of the system. It is installed where that is allowed without a question.
test: .venv/installed
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit; done; \
		{ test $$(id -u) = 0 && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null; } || \
		echo "No Chromium here, and this account cannot install one: the browser tests will not run." >&2
	@set -x; failed=; run() { $(bin)/python -m pytest "$$@" $(ARGS) || test $$? = 5 || failed=yes; }; \
		run -n logical --dist worksteal --doctest-modules tests nest_lab $(alone:%=--ignore=%) --ignore=tests/notebooks; \
		run -n logical --dist loadfile --nbval-lax $(notebooks); \
		run $(alone); test -z "$$failed"

bench: .venv/installed
	$(bin)/uv pip install --quiet --python $(bin)/python --group bench
	$(bin)/python -m tests.bench $(ARGS)

# The tests on a kernel that stops where memory or arithmetic goes wrong; several times slower. The C++ runtime is loaded at once,
# or libraries of others end the process with their first exception.
sanitize: .venv/installed
	$(bin)/cmake -G Ninja -S kernel -B build/sanitize -DCMAKE_BUILD_TYPE=Sanitize -DNEST_LAB_ISA=native \
		-DPython_EXECUTABLE=$(CURDIR)/$(bin)/python -Dpybind11_DIR=$$($(bin)/python -m pybind11 --cmakedir)
	$(bin)/cmake --build build/sanitize
	LD_PRELOAD="$$($${CC:-cc} -print-file-name=libasan.so) $$($${CC:-cc} -print-file-name=libstdc++.so.6)" \
		ASAN_OPTIONS=detect_leaks=0 NEST_LAB_KERNEL=$(CURDIR)/build/sanitize \
		$(bin)/python -m pytest -n logical --dist worksteal -m "not clock" $(or $(ARGS),tests/api tests/contract tests/reference)

lint: .venv/installed
	$(bin)/ruff check . && $(bin)/ruff format --check . && $(bin)/mypy && $(bin)/clang-format --dry-run -Werror $(cpp)

# The file is touched last, so what was interrupted is taken up again. It is older than a changed kernel: that is rebuilt.
# Python files are used where they lie (--editable). Builds are incremental, for which build tools must stay (no isolation), and
# for the instruction set of this machine; a wheel, or `pip install .`, carries all of them.
.venv/installed: pyproject.toml Makefile $(shell find kernel)
	test -x $(bin)/uv || { python3 -m venv .venv && $(bin)/pip install --quiet --disable-pip-version-check uv; }
	$(bin)/uv pip install --quiet --python $(bin)/python --group build
	$(bin)/uv pip install --quiet --python $(bin)/python --no-build-isolation-package nest-lab -C build-dir=build -C cmake.define.NEST_LAB_ISA=native --editable '.[lab,test]'
	touch $@

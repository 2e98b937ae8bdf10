# Thin entrances. What is installed, checked and tested stands in pyproject.toml.
bin := .venv/bin
cpp := $(shell find kernel -name '*.hpp' -o -name '*.cpp' -o -name '*.c')

.PHONY: lab demo test bench lint

lab: .venv/installed
	$(bin)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) tutorials

demo: .venv/installed
	$(bin)/nest-lab run brunel --out out/brunel
	$(bin)/nest-lab run brunel --classroom --out out/classroom

test: .venv/installed
	$(bin)/python -m pytest --nbval-lax --doctest-modules tests tutorials nest_lab $(ARGS)

bench: .venv/installed
	$(bin)/uv pip install --quiet --python $(bin)/python --group bench
	$(bin)/python -m tests.bench $(ARGS)

lint: .venv/installed
	$(bin)/ruff check . && $(bin)/ruff format --check . && $(bin)/mypy && $(bin)/clang-format --dry-run -Werror $(cpp)

# The file is touched last, so what was interrupted is taken up again. It is older than a changed kernel: that is rebuilt.
# Python files are used where they lie (--editable). Builds are incremental, for which build tools must stay (no isolation).
.venv/installed: pyproject.toml Makefile $(shell find kernel)
	test -x $(bin)/uv || { python3 -m venv .venv && $(bin)/pip install --quiet --disable-pip-version-check uv; }
	$(bin)/uv pip install --quiet --python $(bin)/python --group build
	$(bin)/uv pip install --quiet --python $(bin)/python --no-build-isolation-package nest-lab -C build-dir=build --editable '.[lab,test]'
	touch $@

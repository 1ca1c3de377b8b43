# `make run` and `make test` need Python 3.11 or newer with its venv module, and nothing else.
PYTHON ?= python3
BIN = var/venv/bin

.PHONY: run test test-validators test-scale test-faults check editor bench profile lock

run:
	@$(PYTHON) config/start.py run

test:
	@$(PYTHON) config/start.py test

# Frictionless, mlcroissant, pyld, schemathesis and the Nu HTML checker on all that the site hands out: heavy, and
# installed for this only. The last one needs npm and Java, and is left out without them. `make test VALIDATORS=1` runs
# these after the others, as soon as a core has nothing else to do.
test-validators:
	@$(PYTHON) config/start.py test-validators

# Every query of every page over a hundred thousand statements has its index: takes minutes on either database.
test-scale:
	@$(PYTHON) config/start.py test-scale

# A thousand edits under load, two hundred kills, full disks, two thousand nonsensical addresses, two seconds for each at most; in
# `make test` 200, 10, all, 150, and no clock.
test-faults:
	@$(PYTHON) config/start.py test-faults

editor:
	@$(PYTHON) config/start.py editor

# Linters, types, templates, migrations. The tests of `make test` besides.
check:
	@$(PYTHON) config/start.py check

# What the site costs beside its limits and peers, and where the time of a page goes: bench/README.md. Needs wrk.
bench:
	@$(PYTHON) config/start.py bench

profile:
	@$(PYTHON) config/start.py profile

# Pinned versions with hashes, from pyproject.toml. Needs pip-tools; the files carry no address of a registry.
LOCK = pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock:
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --output-file requirements.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --allow-unsafe --extra test --constraint requirements.txt --output-file requirements-test.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --allow-unsafe --extra test --extra validators --constraint requirements-test.txt --output-file requirements-validators.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --extra fast --constraint requirements.txt --output-file requirements-fast.txt pyproject.toml

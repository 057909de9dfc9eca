# Two commands: `make demo` and `make test`. Both make .venv first; a second run starts at once.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
export QT_LOGGING_RULES ?= qt.qpa.*=false

.PHONY: demo test test-slow lint lock shortcuts docs-pictures bundle bundle-check icons help

help:
	@echo "make demo       open the window on the demo folder (without a display: write pictures)"
	@echo "make test       ruff, mypy, import-linter, pytest"
	@echo "make test-slow  the long property tests (many thousand broken files)"
	@echo "make shortcuts  write docs/shortcuts.md from the table of commands"
	@echo "make bundle     a folder that runs without Python, in dist/ecgview"
	@echo "make bundle-check  move the bundle, use it with an empty home, print sizes and times"
	@echo "make icons      draw the icon in all sizes from its two drawings"
	@echo "make docs-pictures  draw the guide's pictures with the program itself"
	@echo "make lock       write constraints.txt anew from what pyproject.toml allows"

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Python 3.11 to 3.13 is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

demo: $(INSTALLED)
	@sh packaging/qt-system-libraries
	@$(BIN)/ecgview demo demo-output

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	@sh packaging/qt-system-libraries
	@sh packaging/postgresql-for-tests
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m 'not slow and not alone' --numprocesses auto --maxprocesses 4 --benchmark-disable
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m 'alone and not slow'

test-slow: $(INSTALLED)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m slow

shortcuts: $(INSTALLED)
	$(BIN)/python -m ecgview.ui.shortcuts docs/shortcuts.md

bundle: $(INSTALLED)
	@sh packaging/qt-system-libraries
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[team,bundle]'
	$(BIN)/python -m PyInstaller --noconfirm --log-level WARN --distpath dist --workpath build/pyinstaller packaging/ecgview.spec

bundle-check: $(INSTALLED)
	$(BIN)/python packaging/check_bundle.py

icons: $(INSTALLED)
	$(BIN)/python packaging/icons/draw.py

docs-pictures: $(INSTALLED)
	@sh packaging/qt-system-libraries
	QT_QPA_PLATFORM=offscreen $(BIN)/python docs/draw_pictures.py

lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet torch==2.13.0
	build/lock/bin/pip install --quiet '.[test,bundle]'
	build/lock/bin/pip freeze --exclude ecgview | sed 's/+cpu$$//' > constraints.txt

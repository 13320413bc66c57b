#!/usr/bin/env python3
"""Runs the tests beside it and closes with `python: N passed, N failed, N skipped`.

TIMD and TIM_LIBRARY_PATH name the server and the library; scripts/test.sh sets both.
"""

import signal
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent

sys.path.insert(0, str(HERE.parent))
# Who is started in the background may ignore Ctrl-C, and so would the programs of the tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
suite = unittest.defaultTestLoader.discover(str(HERE))
result = unittest.TextTestRunner(verbosity=2).run(suite)
failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
skipped = len(result.skipped)
passed = result.testsRun - failed - skipped
print(f"python: {passed} passed, {failed} failed, {skipped} skipped", flush=True)
sys.exit(0 if failed == 0 and passed > 0 else 1)

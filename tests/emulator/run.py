"""Runs the tests and says how it went; called by the script `run`."""

import pathlib
import signal
import sys
import time
import unittest

import world

HERE = pathlib.Path(__file__).parent
LOG_LINES = 60


def interrupted(number, _):
    raise KeyboardInterrupt(signal.Signals(number).name)


def main(names):
    # As for Ctrl-C: whatever was started is ended, see world.shared.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    started = time.monotonic()
    loader = unittest.defaultTestLoader
    tests = loader.loadTestsFromNames(names) if names else loader.discover(str(HERE))
    result = unittest.TextTestRunner(verbosity=2, failfast=False).run(tests)

    failed = len(result.failures) + len(result.errors)
    print(f"\n{result.testsRun} tests, {failed} failed, {time.monotonic() - started:.0f} s", end="")
    if world.shared.cache_info().currsize:
        here = world.shared()
        print(f" ({here.seconds_to_start:.0f} s of them to start the emulator and deploy)")
        if failed:
            lines = here.stack.function_logs().splitlines()[-LOG_LINES:]
            print(f"\nthe last {LOG_LINES} lines of the functions' logs:", *lines, sep="\n")
            print("\nKEEP=1 keeps the folder with all logs" if here.folder_goes else f"\nall logs: {here.folder}")
    else:
        print()
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

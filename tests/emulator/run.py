"""Runs the tests and says how it went; called by the script `run`."""

import pathlib
import signal
import sys
import time
import unittest

import world

HERE = pathlib.Path(__file__).parent
LOG_LINES = 60


class Timed(unittest.TextTestResult):
    """Says of each test how long it took."""

    def startTest(self, test):
        self.begun = time.monotonic()
        super().startTest(test)

    def getDescription(self, test):
        return test.id()

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self.stream.writeln(f"ok ({time.monotonic() - self.begun:.1f} s)")
        self.stream.flush()


def interrupted(number, _):
    raise KeyboardInterrupt(signal.Signals(number).name)


def main(names):
    # Whatever was started is ended, see world.shared; also where a script that ignores Ctrl-C has started us.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    started = time.monotonic()
    loader = unittest.defaultTestLoader
    tests = loader.loadTestsFromNames(names) if names else loader.discover(str(HERE))
    result = unittest.TextTestRunner(verbosity=2, resultclass=Timed).run(tests)

    failed = len(result.failures) + len(result.errors)
    print(f"\n{result.testsRun} tests, {failed} failed, {time.monotonic() - started:.0f} s", end="")
    if here := world.running():
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

"""Runs the tests and says how it went; called by the script `run`."""

import os
import pathlib
import signal
import sys
import time
import unittest

import crew
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


def run(names, stream=None):
    """Runs tests in this process; returns how many there were, and how many failed."""
    tests = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(stream, verbosity=2, resultclass=Timed).run(tests)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    here = world.running()
    if failed and here:
        lines = here.stack.function_logs().splitlines()[-LOG_LINES:]
        print(f"\nthe last {LOG_LINES} lines of the functions' logs:", *lines, sep="\n", file=stream)
        print("\nKEEP=1 keeps the folder with all logs" if here.folder_goes else f"\nall logs: {here.folder}", file=stream)
    if here and (changes := here.changes()):
        print(f"\nFAIL: {' '.join(names)} did not leave the emulator as it was:", *changes, sep="\n  ", file=stream)
        failed += 1
    return result.testsRun, failed


def main(names):
    # Whatever was started is ended, see world.shared; also where a script that ignores Ctrl-C has started us.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    if names == [crew.WORKER]:
        return crew.work(run)
    started = time.monotonic()
    if names:
        tests, failed = run(names)
    else:
        os.environ["FUNCTIONS"] = str(world.build_functions())
        modules = sorted(file.stem for file in HERE.glob("test_*.py"))
        tests, failed = crew.run(modules, [sys.executable, "-B", __file__, crew.WORKER])
    print(f"\n{tests} tests, {failed} failed, {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

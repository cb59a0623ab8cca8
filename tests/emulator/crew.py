"""Modules of tests shared out among processes: most of a test's time is waiting, and each process has its own emulator."""

import concurrent.futures
import io
import json
import os
import queue
import subprocess
import sys

WORKER = "--worker"
# Two cores are busy for half of the time with so many. With more, deadlines of tests are missed that have nothing to do with
# what they test.
PROCESSES = 4
# Begun first, or the last process would be alone with one of them.
LONGEST = ["test_hour", "test_bot", "test_delivery", "test_notify", "test_memory", "test_doctor", "test_reconcile", "test_invoke",
           "test_torture", "test_deploy", "test_templates", "test_redrive"]


def run(modules, command):
    """Runs all modules, and prints what each says as soon as it is done. Returns how many tests there were, and how many
    failed; a process that ends early is a failure, and so is every module that nobody is left to run."""
    waiting = queue.SimpleQueue()
    for module in [it for it in LONGEST if it in modules] + [it for it in modules if it not in LONGEST]:
        waiting.put(module)
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as threads:
        try:
            done = [count for counts in threads.map(lambda worker: supervise(worker, waiting), workers) for count in counts]
        except BaseException:
            for worker in workers:
                worker.terminate()    # so that the threads have nothing more to wait for
            raise
        finally:
            for worker in workers:
                worker.wait()
    return sum(tests for tests, _ in done), sum(failed for _, failed in done) + waiting.qsize()


def supervise(worker, waiting):
    """Hands one module after the other to a worker, until there is none left or it is gone. Returns their counts."""
    counts = []
    while True:
        try:
            module = waiting.get_nowait()
        except queue.Empty:
            worker.stdin.close()    # which ends it
            return counts
        try:
            print(module, file=worker.stdin, flush=True)
        except BrokenPipeError:
            pass    # so there is no answer
        line = worker.stdout.readline()
        if not line:
            print(f"{module}: the process that ran it ended", flush=True)
            return [*counts, (0, 1)]
        answer = json.loads(line)
        print(answer["said"], end="", flush=True)
        counts.append((answer["tests"], answer["failed"]))


def work(run_here):
    """A worker: runs the modules that it is told on stdin, one a line, and answers in JSON, one line each."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())    # whatever else is printed is no answer
    for line in sys.stdin:
        stream = io.StringIO()
        tests, failed = run_here([line.strip()], stream)
        print(json.dumps({"said": stream.getvalue(), "tests": tests, "failed": failed}), file=answers, flush=True)
    return 0

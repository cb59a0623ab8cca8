"""The real functions while everything around them fails and they are killed; then everything is counted.

ROLEWATCH_TORTURE_EVENTS says how many events; `make torture` takes 500."""

import collections
import os
import random
import threading
import time
import unittest

import events
from end_to_end import EndToEnd

COUNT = int(os.environ.get("ROLEWATCH_TORTURE_EVENTS", "40"))
SEED = 7
RATE = 0.05    # of all calls
WINDOW = "15s"
KILL_EVERY = 4    # seconds

KINDS = (
    "unlisted-owner/quiet-our-own",
    "unlisted-context/fires-branch",
    "unlisted-owner/fires-a-stranger",
    "denied-assumption/fires-trust-policy-said-no",
)


class Torture(EndToEnd):
    def test_no_finding_is_lost_and_every_event_counts_once(self):
        dice = random.Random(SEED)
        distinct = [self.event(dice, number) for number in range(COUNT)]
        sent = distinct + dice.sample(distinct, COUNT // 10)
        dice.shuffle(sent)
        with self.stack.quiet_window(WINDOW), self.stack.retried_after("EventsQueueUrl", seconds=8):
            with self.faults.chaos(RATE, SEED) as injected, self.killing() as kills:
                self.stack.put_events(sent)
                self.wait_for_events(60 + COUNT)
            # What waits for a dead function's lease comes back until that is over.
            self.stack.settle(seconds=150)
            findings = self.sweep_until_told()
        truth = collections.Counter(event.check for event in distinct if event.check)
        told, again = self.told(findings)
        unheard = sum(self.was_unheard(finding) for finding in again)
        self.print_table(distinct, sent, kills, injected, findings, truth, told, len(again), unheard)
        for check, count in truth.items():
            self.assertGreaterEqual(told[check], count, f"{check}: findings were lost")
        self.assertLessEqual({check for check in told if check not in events.OF_MEMORY}, set(truth), "findings of nothing")
        if not kills.count and not any(times for what, times in injected.items() if what.startswith("store")):
            self.assertEqual(len(again), unheard, "told again for nothing")
        self.assertEqual(self.outcomes_of(distinct), self.counted(), "the rollups are not the truth")
        print("  rollups       exactly the truth")

    def event(self, dice, number):
        name = dice.choice(KINDS)
        change = ("refs/heads/dev", f"refs/heads/x{number % 40}") if name.endswith("fires-branch") else None
        return events.sample(name, change=change)

    def killing(self):
        return Killer(self.world.emulator, self.stack.outputs["DetectFunctionName"])

    def wait_for_events(self, seconds):
        deadline = time.monotonic() + seconds
        while self.stack.messages_in("EventsQueueUrl") != (0, 0) and time.monotonic() < deadline:
            time.sleep(0.2)

    def sweep_until_told(self):
        """Until two sweeps, with all windows closed in between, find nothing any more."""
        findings, quiet = [], 0
        deadline = time.monotonic() + 300
        while quiet < 4:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(5)
            self.assertIsNone(self.stack.sweep())
            self.stack.settle()
            fresh = self.findings()
            findings += fresh
            quiet = 0 if fresh else quiet + 1
        return findings

    def was_unheard(self, finding):
        """Whether an answer of SNS about this finding was lost: then the SDK itself sends it again."""
        return any(publish.answer_lost and finding["id"] in publish.message for publish in self.faults.publishes)

    def told(self, findings):
        """How many findings the messages tell of, by check, and the messages that came again."""
        told, again, ids = collections.Counter(), [], set()
        for finding in findings:
            if finding["about"] == "allowlist" or "memory is down" in finding["message"]:
                continue
            if finding["id"] in ids:
                again.append(finding)
                continue
            ids.add(finding["id"])
            repeats = finding.get("repeats")
            gathered = finding["severity"] in ("low", "info") and " more: " not in finding["title"]
            told[finding["check"]] += 1 if repeats is None else repeats + gathered
        return told, again

    def counted(self):
        """The outcomes in the days' counts."""
        counted = collections.Counter()
        table = self.stack.outputs["TableName"]
        for page in self.stack.dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                if item["pk"]["S"].startswith("day#"):
                    for name, value in item.items():
                        if name.startswith("c_n:"):
                            counted[name.removeprefix("c_n:")] += int(value["N"])
        return counted

    def outcomes_of(self, distinct):
        outcome = {None: "expected", "denied-assumption": "denied"}
        return collections.Counter(outcome.get(event.check, "unexpected") for event in distinct)

    def print_table(self, distinct, sent, kills, injected, findings, truth, told, again, unheard):
        print(f"\n{len(distinct)} events, {len(sent) - len(distinct)} duplicates, on the emulator")
        print(f"  injected {kills.count:>8}  process: killed")
        for what, times in sorted(injected.items()):
            print(f"  injected {times:>8}  {what}")
        print(f"  alerts   {len(findings):>8}  arrived")
        print(f"           {again:>8}  of them a repeat of one that had arrived")
        print(f"           {unheard:>8}    because of: the answer of its delivery was lost")
        print(f"           {again - unheard:>8}    because of: a kill, or a failure of the store, before it was recorded")
        twice = sum(max(0, told[check] - count) for check, count in truth.items())
        print(f"           {twice:>8}  findings told by themselves and in a count, because it was not recorded")
        for check, count in sorted(truth.items()):
            print(f"  findings {count:>8}  {check}, {told[check]} told of")


class Killer:
    """Kills a function every few seconds; a context."""

    def __init__(self, emulator, function):
        self.count = 0
        self._emulator, self._function = emulator, function
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        while not self._over.wait(KILL_EVERY):
            self.count += self._emulator.kill_function(self._function)


if __name__ == "__main__":
    unittest.main()

"""Slack refuses everything for an hour, in every way it can, and is well again: what arrives, of the real function and its queues.

A minute and a half stands for the hour: pauses grow to a minute within it, as they do in an hour. The hour itself is simulated in
crates/rolewatch/tests/dispatch, with the same dispatcher."""

import collections
import random
import time
import unittest

import events
from end_to_end import EndToEnd

BAD = 90    # seconds
EVERY = 5    # seconds from some alerts to the next
SEED = 20261128


def refusals(dice):
    """What a request meets, as often as each kind is in an outage."""
    kinds = [(429, {"Retry-After": "1"}), (429, {"Retry-After": "4"}), (429, {}), 500, 502, 503, "dropped", "dropped", "hangs", "lost"]
    return lambda: dice.choice(kinds)


class AnHour(EndToEnd):
    def test_every_alert_arrives_and_what_is_critical_first(self):
        self.slack.weather = refusals(random.Random(SEED))
        began = time.monotonic()
        count = 0
        while time.monotonic() - began < BAD:
            self.stack.put_events(self.some_events(count))
            count += 1
            time.sleep(EVERY)
        with self.slack.held():
            self.slack.weather = None
            well = time.monotonic()
        self.stack.settle(seconds=240)
        findings = self.findings()
        stories = [self.story(finding) for finding in findings]
        self.print_table(findings, stories, well)
        self.assertGreater(len(findings), 4 * count - 1)
        for finding, (arrived, lost) in zip(findings, stories):
            self.assertGreaterEqual(len(arrived), 1, f"never arrived: {finding}")
            self.assertLessEqual(len(arrived), 1 + lost, f"{len(arrived)} times, after {lost} lost answers: {finding}")
        # Each in a message of its own.
        for finding, (arrived, _) in zip(findings, stories):
            if finding["severity"] == "critical":
                self.assertTrue(all(sum(it["id"] in post.text for it in findings) == 1 for post in arrived), finding)
        for channel in {it.channel for it in self.slack.deliveries}:
            critical, others = ([min(it.at for it in late) for finding, (arrived, _) in zip(findings, stories)
                                 if (late := [it for it in arrived if it.at > well and it.channel == channel])
                                 and (finding["severity"] == "critical") == is_critical] for is_critical in (True, False))
            self.assertTrue(critical, f"nothing critical was left for {channel} when Slack was well")
            self.assertLess(max(critical), min(others, default=float("inf")), channel)
            # A second between any two, whoever posted.
            times = [it.at for it in self.slack.deliveries if it.channel == channel]
            self.assertGreaterEqual(min(b - a for a, b in zip(times, times[1:])), 0.8, channel)

    def some_events(self, number):
        """Strangers, and what has an owner without a route, are for the default webhook; a re-created repository's has one."""
        name = "unlisted-subject/fires-workflow-of-another-branch"
        some = [events.sample(name, change=("refs/heads/debug", f"refs/heads/x{number}-{i}")) for i in range(3)]
        critical = ("unlisted-owner/fires-a-stranger", "repository-id-mismatch/fires-re-created-repository")
        return [*some, events.sample(critical[number % 2])]

    def story(self, finding):
        """The messages about it that people see, and how many of them had a lost answer."""
        about = [it for it in self.slack.deliveries if finding["id"] in it.text and it.posted]
        return about, sum(it.status == "lost" for it in about)

    def print_table(self, findings, stories, well):
        met = collections.Counter(str(delivery.status) for delivery in self.slack.deliveries if delivery.at <= well)
        print(f"\n{len(findings)} alerts in {BAD} seconds of refusals, on the emulator (seed {SEED})\n  requests met")
        for what, times in sorted(met.items()):
            print(f"    {what:<8} {times:>4}")
        print("  severity   sent  arrived  again  after lost answers  first when well (s)  last (s)")
        for severity in ("critical", "high", "medium", "low", "info"):
            of = [story for finding, story in zip(findings, stories) if finding["severity"] == severity]
            times = [min(it.at for it in arrived if it.at > well) - well for arrived, _ in of if any(it.at > well for it in arrived)]
            if of:
                arrived, again = sum(bool(arrived) for arrived, _ in of), sum(len(arrived) - 1 for arrived, _ in of if arrived)
                lost = sum(lost for _, lost in of)
                first, last = (f"{f(times):.1f}" if times else "-" for f in (min, max))
                print(f"  {severity:<9} {len(of):>5}  {arrived:>7}  {again:>5}  {lost:>18}  {first:>19}  {last:>8}")
        print(f"  {sum(it.at > well for it in self.slack.deliveries)} requests when well")


if __name__ == "__main__":
    unittest.main()

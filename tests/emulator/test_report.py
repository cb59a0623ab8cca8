"""The weekly report: from the events of a week to its page, a message and a mail."""

import json
import re
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import events
from end_to_end import EndToEnd
from stack import ALLOWLIST, WEBHOOK

# Of the sample's event.
WEEK = "2026-W47"


class Report(EndToEnd):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail = cls.subscribed("ReportMailTopicArn")
        cls.bucket = cls.stack.outputs["ReportsBucketName"]
        cls.without_tls = cls.stack.report(first="2026-11-16", last="2026-11-16")
        cls.enterClassContext(cls.stack.reports_without_tls())

    def setUp(self):
        super().setUp()
        self.stack.take(self.mail)

    def page(self, name=WEEK):
        return self.stack.s3.get_object(Bucket=self.bucket, Key=f"reports/{name}.html")

    def happened(self, *names):
        self.stack.put_events([events.sample(name) for name in names])
        self.stack.settle()
        self.slack.clear()

    def test_a_week_is_kept_and_told_once(self):
        self.happened("unlisted-context/fires-branch", "unlisted-owner/fires-a-stranger")
        first = self.stack.report(week=WEEK, again=True)
        self.assertEqual((WEEK, True, True), (first["report"], first["slack"], first["mail"]), first)
        self.assertIn("2 unexpected", first["verdict"])

        page = self.page()
        html = page["Body"].read().decode()
        self.assertEqual("text/html; charset=utf-8", page["ContentType"])
        self.assertTrue(html.startswith("<!doctype html>"), html[:80])
        self.assertIn(first["verdict"], html)
        (post,) = self.slack.posts
        self.assertIn("2 unexpected", post)
        self.assertIn(f"prefix=reports/{WEEK}.html", post)
        (mail,) = self.stack.take(self.mail)
        self.assertEqual(f"rolewatch: report {WEEK}", mail["Subject"])
        self.assertIn("2 unexpected", mail["Message"])
        self.assertIn(f"prefix=reports/{WEEK}.html", mail["Message"])
        # Nobody who expects findings gets anything else.
        self.assertEqual({"finding"}, {json.loads(it["Message"])["type"] for it in self.stack.take_findings()})

        # What came late is on the page, and nobody is told again.
        self.happened("unlisted-repository/fires-another-repository-of-ours")
        second = self.stack.report(week=WEEK)
        self.assertEqual((False, False), (second["slack"], second["mail"]), second)
        self.assertIn("3 unexpected", self.page()["Body"].read().decode())
        self.assertEqual(([], []), (self.slack.posts, self.stack.take(self.mail)))

    def test_without_a_webhook_mail_alone_is_told(self):
        with self.stack.function_with("Report", ROLEWATCH_SLACK_WEBHOOK=""):
            answer = self.stack.report(first="2026-11-09", last="2026-11-10", again=True)
        self.assertEqual((False, True), (answer["slack"], answer["mail"]), answer)
        self.assertEqual(([], 1), (self.slack.posts, len(self.stack.take(self.mail))))
        # With one from here on: Slack was not told yet.
        answer = self.stack.report(first="2026-11-09", last="2026-11-10")
        self.assertEqual((True, False), (answer["slack"], answer["mail"]), answer)
        self.slack.clear()

    def test_without_a_request_it_is_the_last_complete_week(self):
        answer = self.stack.report()
        self.assertRegex(answer["report"], r"^20[0-9]{2}-W[0-9]{2}$")
        self.slack.clear()

    def successes(self):
        """How often its log had CloudWatch count that the report of the last complete week was made and told."""
        lines = [json.loads(line) for line in self.stack.function_logs("Report").splitlines() if '"_aws"' in line]
        for line in lines:
            (directive,) = line["_aws"]["CloudWatchMetrics"]
            self.assertEqual(("rolewatch", [["FunctionName"]]), (directive["Namespace"], directive["Dimensions"]))
            self.assertEqual([{"Name": "Reports", "Unit": "Count"}], directive["Metrics"])
            self.assertEqual(self.stack.outputs["ReportFunctionName"], line["FunctionName"])
        return sum(line["Reports"] for line in lines)

    def test_a_success_is_counted_and_nothing_else(self):
        before = self.successes()
        self.stack.report(first="2026-11-02", last="2026-11-04")    # not what the schedule asks for
        self.slack.clear()
        self.stack.report(weak=WEEK)
        self.slack.answer_next(503)
        self.assertIn("Slack: 503", self.stack.report(again=True))
        self.assertEqual(before, self.successes())
        self.stack.report()    # makes up for it
        self.stack.report()    # told before: the page alone
        self.assertEqual(before + 2, self.successes())
        self.slack.clear()

    def told_by_mail(self, **request):
        """Asks for a report, and what its mail says in tables of two columns."""
        answer = self.stack.report(**request, again=True)
        (mail,) = self.stack.take(self.mail)
        self.slack.clear()
        rows = [re.split(r"\s{2,}", line.strip()) for line in mail["Message"].splitlines()]
        return answer, {row[0]: row[1] for row in rows if len(row) == 2}, mail["Message"]

    def test_what_waits_in_dead_letter_queues_is_counted(self):
        request = {"first": "2026-11-16", "last": "2026-11-23"}
        _, rows, text = self.told_by_mail(**request)
        self.assertEqual(("0", "0"), (rows["dead letters, waiting now"], rows["deliveries failed, waiting now"]))
        self.assertNotIn("could not be", text)
        waiting = {"RuleDeadLettersUrl": 1, "EventDeadLettersUrl": 2, "AlertDeadLettersUrl": 4}
        for queue, many in waiting.items():
            self.addCleanup(self.stack.sqs.purge_queue, QueueUrl=self.stack.outputs[queue])
            for _ in range(many):
                self.stack.sqs.send_message(QueueUrl=self.stack.outputs[queue], MessageBody="{}")
        _, rows, text = self.told_by_mail(**request)
        self.assertEqual(("3", "4"), (rows["dead letters, waiting now"], rows["deliveries failed, waiting now"]))
        self.assertIn("! 3 of the events that came to this region could not be handled", text)
        self.assertIn("! 4 of the alerts could not be delivered", text)
        for queue in waiting:
            self.stack.sqs.purge_queue(QueueUrl=self.stack.outputs[queue])

    def test_a_queue_that_does_not_say_is_not_an_empty_one(self):
        request = {"first": "2026-11-16", "last": "2026-11-24"}
        # One that is there, and that its role says nothing of.
        other = self.stack.sqs.create_queue(QueueName="not-for-report")["QueueUrl"]
        self.addCleanup(self.stack.sqs.delete_queue, QueueUrl=other)
        for queues in (other, self.stack.outputs["EventDeadLettersUrl"] + "-gone"):
            with self.stack.function_with("Report", ROLEWATCH_DEAD_LETTERS=queues):
                answer, rows, text = self.told_by_mail(**request)
            self.assertIn(f"cannot count what waits in {queues}: SQS:", answer)
            self.assertEqual("not measured", rows["dead letters, waiting now"])

    def test_the_versions_of_the_allowlist_are_told(self):
        today = datetime.now(timezone.utc).date()
        version = self.stack.ssm.get_parameter(Name=ALLOWLIST)["Parameter"]["Version"]
        _, rows, text = self.told_by_mail(first=str(today - timedelta(days=1)), last=str(today))
        self.assertGreaterEqual(int(rows["allowlist versions in force"]), 1)
        self.assertRegex(text, rf"(?m)^ +{version} of [0-9]+ +20[0-9-]+ [0-9:]+ UTC +arn:")
        # Of days before the stack there is none.
        _, rows, _ = self.told_by_mail(week=WEEK)
        self.assertEqual("not measured", rows["allowlist versions in force"])

    def test_slack_away_keeps_nobodys_mail_and_is_made_up_for(self):
        self.slack.answer_next(503)
        failed = self.stack.report(first="2026-11-16", last="2026-11-17")
        self.assertIn("Slack: 503", failed)
        self.assertEqual(1, len(self.stack.take(self.mail)))
        again = self.stack.report(first="2026-11-16", last="2026-11-17")
        self.assertEqual((True, False), (again["slack"], again["mail"]))
        self.slack.clear()

    def test_a_webhook_that_cannot_be_read_is_slacks_failure_alone(self):
        request = {"first": "2026-11-15", "last": "2026-11-17"}
        name = "2026-11-15_2026-11-17"
        self.addCleanup(self.put_webhook, self.slack.webhook)
        for parameter, value, problem in (("/rolewatch-test/gone", self.slack.webhook, "cannot read"),
                                          (WEBHOOK, "no webhook", "the Slack webhook is not")):
            with self.subTest(problem):
                self.put_webhook(value)
                with self.stack.function_with("Report", ROLEWATCH_SLACK_WEBHOOK=f"ssm:{parameter}", ROLEWATCH_TEST=problem):
                    failed = self.stack.report(**request, again=True)
                self.assertIn(problem, failed)
                self.assertEqual((0, 1), (len(self.slack.posts), len(self.stack.take(self.mail))))
                self.assertIn(b"<!doctype html>", self.page(name)["Body"].read())
        self.put_webhook(self.slack.webhook)
        again = self.stack.report(**request)
        self.assertEqual((True, False), (again["slack"], again["mail"]))
        self.slack.clear()

    def put_webhook(self, value):
        self.stack.ssm.put_parameter(Name=WEBHOOK, Value=value, Type="SecureString", Overwrite=True)

    def test_two_runs_at_the_very_same_moment_tell_once(self):
        # A period that no other test tells, several times over: whoever is late finds it told.
        for last in ("2026-11-18", "2026-11-19", "2026-11-20"):
            with self.subTest(last=last), ThreadPoolExecutor(4) as runs:
                answers = list(runs.map(lambda _: self.stack.report(first="2026-11-16", last=last), range(4)))
                for place in ("slack", "mail"):
                    self.assertEqual([False, False, False, True], sorted(answer[place] for answer in answers), answers)
                self.assertEqual((1, 1), (len(self.slack.posts), len(self.stack.take(self.mail))))
                self.slack.clear()

    def test_a_run_that_died_is_made_up_for_when_its_lease_has_run_out(self):
        request = {"first": "2026-11-16", "last": "2026-11-21"}
        self.stack.report(**request)
        self.slack.clear()
        self.stack.take(self.mail)
        # What a run leaves that ended between taking its turn and telling: a lease for a minute from then.
        for lease, told in ((int(time.time()) + 60, False), (int(time.time()) - 1, True)):
            self.stack.set_told(json.dumps({"lease": lease}))
            answer = self.stack.report(**request)
            self.assertEqual((told, told), (answer["slack"], answer["mail"]), lease)
        self.assertEqual((1, 1), (len(self.slack.posts), len(self.stack.take(self.mail))))
        self.slack.clear()

    def test_a_page_that_cannot_be_kept_fails_the_run_and_is_not_told(self):
        self.assertIn("cannot keep the page reports/2026-11-16_2026-11-16.html: S3: AccessDenied", self.without_tls)
        answer = self.stack.report(first="2026-11-16", last="2026-11-16")
        self.assertEqual((True, True), (answer["slack"], answer["mail"]))
        self.slack.clear()

    def test_a_request_that_makes_no_sense_is_an_error_with_the_cure(self):
        self.assertIn("2026-W47", self.stack.report(weak="2026-W47"))
        self.assertIn("not a week", self.stack.report(week="2026-W99"))


if __name__ == "__main__":
    unittest.main()

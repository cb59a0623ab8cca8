"""The weekly report: from events that were judged to a page in the bucket, a message in Slack and a mail, each once."""

import json
import unittest

import events
from end_to_end import EndToEnd

WEEK = "2026-W47"    # the week of most samples
PAGE = f"reports/{WEEK}.html"


class Report(EndToEnd):
    def setUp(self):
        super().setUp()
        self.mail_queue = self.mails()

    def mails(self):
        """A queue on the topic of reports, as a mailbox would have it."""
        url = self.stack.sqs.create_queue(QueueName="tests-reports")["QueueUrl"]
        self.stack.sqs.purge_queue(QueueUrl=url)
        arn = self.stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.stack.sns.subscribe(TopicArn=self.stack.outputs["ReportsTopicArn"], Protocol="sqs", Endpoint=arn)
        return url

    def take_mails(self):
        taken = []
        while messages := self.stack.sqs.receive_message(QueueUrl=self.mail_queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                taken.append(json.loads(message["Body"]))
                self.stack.sqs.delete_message(QueueUrl=self.mail_queue, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def report(self, **payload):
        """What the function answers, and whether it failed."""
        name = self.stack.outputs["ReportFunctionName"]
        answer = self.stack.lambda_.invoke(FunctionName=name, Payload=json.dumps(payload))
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    def page(self):
        answer = self.stack.s3.get_object(Bucket=self.stack.outputs["ReportBucketName"], Key=PAGE)
        return answer, answer["Body"].read().decode()

    def judge_samples(self):
        """Events of the week, judged."""
        samples = [it for it in events.all_samples() if json.loads(it.detail).get("eventTime", "").startswith("2026-11-2")]
        self.stack.put_events(samples)
        self.stack.settle()
        self.slack.clear()
        return samples

    def test_a_week_is_a_page_a_message_and_a_mail_and_all_of_them_once(self):
        samples = self.judge_samples()
        answer, failed = self.report(week=WEEK)
        self.assertFalse(failed, answer)
        self.assertEqual((WEEK, PAGE, True, True), tuple(answer[it] for it in ("report", "key", "slack", "mail")))
        self.assertRegex(answer["verdict"], r"^[1-9][0-9,]* assumptions? by ")

        kept, html = self.page()
        self.assertTrue(kept["ContentType"].startswith("text/html"))
        self.assertTrue(html.startswith("<!doctype html>") or html.startswith("<!DOCTYPE html>"), html[:100])
        self.assertIn("GitHubActionsDeployRole-Production", html)

        (post,) = self.slack.posts
        self.assertIn(answer["verdict"], post)
        self.assertIn(f"console.aws.amazon.com/s3/object/{self.stack.outputs['ReportBucketName']}", post)
        (mail,) = self.take_mails()
        self.assertEqual(f"rolewatch: report {WEEK}", mail["Subject"])
        self.assertIn(answer["verdict"].split(";")[0].split(" by ")[0], mail["Message"])
        self.assertIn(PAGE, mail["Message"])

        # Again, with an event that came late: the page is another, and nobody is told again.
        self.stack.put_events(samples[:1])
        self.stack.settle()
        self.slack.clear()
        again, failed = self.report(week=WEEK)
        self.assertFalse(failed, again)
        self.assertEqual((PAGE, False, False), tuple(again[it] for it in ("key", "slack", "mail")))
        self.assertEqual(([], []), (self.slack.posts, self.take_mails()))
        listed = self.stack.s3.list_objects_v2(Bucket=self.stack.outputs["ReportBucketName"])
        self.assertEqual(1, [it["Key"] for it in listed["Contents"]].count(PAGE))

    def test_the_schedule_makes_the_last_week_and_an_empty_one_says_so(self):
        answer, failed = self.report()
        self.assertFalse(failed, answer)
        self.assertRegex(answer["report"], r"^20[0-9]{2}-W[0-9]{2}$")
        (post,) = self.slack.posts
        self.assertIn(answer["verdict"], post)
        counted = [json.loads(it) for it in self.stack.function_logs("Report").splitlines() if '"Reports"' in it]
        self.assertEqual({(1, self.stack.outputs["ReportFunctionName"])},
                         {(it["Reports"], it["FunctionName"]) for it in counted})

    def test_what_slack_refused_is_told_by_the_next_run_and_the_mail_is_not_repeated(self):
        self.slack.answer_next(503)
        answer, failed = self.report(week=WEEK)
        self.assertTrue(failed, answer)
        self.assertEqual(1, len(self.take_mails()))
        again, failed = self.report(week=WEEK)
        self.assertFalse(failed, again)
        self.assertEqual((True, False), (again["slack"], again["mail"]))
        self.assertEqual((1, []), (len(self.slack.posts), self.take_mails()))

    def test_a_payload_that_is_not_understood_makes_no_report(self):
        answer, failed = self.report(weeks=WEEK)
        self.assertTrue(failed, answer)
        self.assertEqual([], self.slack.posts)


if __name__ == "__main__":
    unittest.main()

"""The store's DynamoDB adapter keeps the contract of a table: its own tests, on a table of the emulator's."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from emulator import CREDENTIALS, Emulator, free_port

ROOT = pathlib.Path(__file__).parents[2]
NAME = "rolewatch"
# With the features of the whole workspace, as `make test` has already built it: with its own, the SDK is built once more.
TESTS = ["--workspace", "--test", "dynamodb"]


class Table(unittest.TestCase):
    def test_dynamodb_keeps_the_contract(self):
        with tempfile.TemporaryDirectory(prefix="rolewatch-table-") as folder:
            port = free_port()
            with Emulator(pathlib.Path(folder), port, f"http://127.0.0.1:{port}") as emulator:
                self.create_table(emulator.client("dynamodb"))
                tests = self.run_tests(emulator.url)
        output = tests.stdout.decode(errors="replace")
        self.assertEqual(0, tests.returncode, output)
        # No test would be a success too.
        self.assertRegex(output, r"test result: ok\. [1-9][0-9]* passed; 0 failed; 0 ignored", output)

    @staticmethod
    def create_table(dynamodb):
        dynamodb.create_table(
            TableName=NAME,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        dynamodb.get_waiter("table_exists").wait(TableName=NAME)
        dynamodb.update_time_to_live(
            TableName=NAME,
            TimeToLiveSpecification={"AttributeName": "x", "Enabled": True},
        )

    @staticmethod
    def run_tests(endpoint):
        environment = os.environ | CREDENTIALS | {
            "AWS_REGION": CREDENTIALS["AWS_DEFAULT_REGION"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "ROLEWATCH_TEST_ENDPOINT": endpoint,
            "ROLEWATCH_TEST_TABLE": NAME,
        }
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
            environment.pop(name, None)
        return subprocess.run(
            [os.environ.get("CARGO", "cargo"), "test", "--locked", *TESTS, "--", "--ignored"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


if __name__ == "__main__":
    unittest.main()

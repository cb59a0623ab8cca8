"""Events made of samples/records: each with an event id of its own, so that none is a duplicate by accident.

A record's own time stays as it is, because it is judged by it."""

import dataclasses
import json
import pathlib
import uuid

ROOT = pathlib.Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
SOURCE = "aws.sts"
DETAIL_TYPE = "AWS API Call via CloudTrail"

# What records-truth.json says of a record that is no finding.
NO_FINDING = {"expected", "ignored", "other", "none"}

# Checks that depend on what came before: records-truth.json is silent about them, memory-truth.json is not.
OF_MEMORY = {"first-use", "classic-after-immutable", "repository-renamed", "probing"}


@dataclasses.dataclass(frozen=True)
class Event:
    """A record on its way through EventBridge."""

    name: str
    truth: str
    id: str
    detail: str    # the record's JSON, its escapes as they are in the sample

    @property
    def check(self):
        """The check that has to fire, or None."""
        return None if self.truth in NO_FINDING else self.truth

    @property
    def entry(self):
        """For PutEvents."""
        return {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": self.detail}

    @property
    def body(self):
        """What EventBridge hands to the queue."""
        envelope = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": DETAIL_TYPE,
            "source": SOURCE,
            "account": "123456789012",
            "time": json.loads(self.detail)["eventTime"],
            "region": "eu-central-1",
            "resources": [],
        }
        return json.dumps(envelope)[:-1] + f', "detail": {self.detail}}}'


TRUTH = json.loads((SAMPLES / "records-truth.json").read_text())


def sample(name, change=None) -> Event:
    """A fresh event of samples/records/`name`.json; `change` is a text in it and what stands there instead."""
    path = f"records/{name}.json"
    text = (SAMPLES / path).read_text()
    if change:
        if change[0] not in text:
            raise ValueError(f"{path}: {change[0]} is not in it")
        text = text.replace(*change)
    return fresh(name, TRUTH[path], text)


def fresh(name, truth, text):
    old, new = json.loads(text)["eventID"], str(uuid.uuid4())
    if text.count(old) != 1:
        raise ValueError(f"{name}: its event id is not there exactly once")
    return Event(name, truth, new, text.replace(old, new))


def before(name) -> list[Event]:
    """What came before a sample: samples/before/`name`.jsonl."""
    lines = (SAMPLES / f"before/{name}.jsonl").read_text().splitlines()
    return [fresh(name, "before", line) for line in lines]


def all_samples() -> list[Event]:
    return [sample(path.removeprefix("records/").removesuffix(".json")) for path in TRUTH]

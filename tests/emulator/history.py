"""CloudTrail's own history, as LookupEvents hands it out: of a region, by a call's name, between two moments, the newest
first, in pages. MiniStack knows the call, but it has one page, and no calls but its own."""

import contextlib
import datetime
import hashlib
import json
import threading
import time

PAGE = 3    # AWS has 50, and hands out fewer as it likes
CALL = "AssumeRoleWithWebIdentity"
PATIENCE = 10    # longer than a function waits for an answer


class Refused(Exception):
    """The code of an error."""


class History:
    def __init__(self):
        self.clear()

    def clear(self):
        """Nothing ever happened, and all is well."""
        self._records = []
        self.asked = []    # what was asked for, as (when, region, call), throttled calls too
        self._throttled = 0
        self._refused = None
        self.held = threading.Event()
        self._held_call = None

    def happened(self, region, detail):
        self._records.append((region, json.loads(detail)["eventTime"], detail))

    def throttle_next(self, calls):
        self._throttled = calls

    def hold_call(self, number):
        """The call with this number, counted from one, gets no answer; `held` says when it came."""
        self._held_call = number

    @contextlib.contextmanager
    def refused_in(self, region):
        self._refused = region
        try:
            yield
        finally:
            self._refused = None

    def answer(self, region, call):
        """A status, and what is answered; nothing where the caller waits in vain."""
        self.asked.append((time.monotonic(), region, call))
        if len(self.asked) == self._held_call:
            self.held.set()
            time.sleep(PATIENCE)
            return None
        try:
            return 200, self._look_up(region, call)
        except Refused as error:
            return 400, {"__type": str(error), "message": "as the test wants it"}

    def _look_up(self, region, call):
        if self._throttled:
            self._throttled -= 1
            raise Refused("ThrottlingException")
        if self._refused == region:
            raise Refused("AccessDeniedException")
        if call["LookupAttributes"] != [{"AttributeKey": "EventName", "AttributeValue": CALL}]:
            raise Refused("InvalidLookupAttributesException")
        token = call.pop("NextToken", None)
        name = hashlib.sha256(json.dumps([region, call], sort_keys=True).encode()).hexdigest()
        start = 0
        if token:
            of, start = token.split("/")
            if of != name:    # a token goes on with the same question, and no other
                raise Refused("InvalidNextTokenException")
        found = sorted((record for record in self._records if record[0] == region and
                        call["StartTime"] <= seconds(record[1]) <= call["EndTime"]), key=lambda it: it[1], reverse=True)
        start = int(start)
        page = found[start:start + min(PAGE, call["MaxResults"])]
        more = {"NextToken": f"{name}/{start + PAGE}"} if start + PAGE < len(found) else {}
        return {"Events": [event(time, detail) for _, time, detail in page]} | more


def event(time, detail):
    record = json.loads(detail)
    return {"EventId": record["eventID"], "EventName": record["eventName"], "EventSource": record["eventSource"],
            "EventTime": seconds(time), "CloudTrailEvent": detail}


def seconds(time):
    return datetime.datetime.fromisoformat(time).timestamp()

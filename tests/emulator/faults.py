"""Stands between the functions and the emulator: hands every call on, remembers SNS's, fails those it is told to.

MiniStack has no way to make a call fail, and the promises of the service are about calls that fail. CloudTrail's history it
has only asked whether the caller may: what is in it is the tests' (see history.py)."""

import collections
import contextlib
import dataclasses
import http.client
import http.server
import json
import random
import re
import threading
import time
import urllib.parse

from calls import Call
from history import History

SECONDS_OF_A_TIMEOUT = 6    # longer than the functions wait for an answer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}

THROTTLED = b"""<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>\
<Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>fault</RequestId></ErrorResponse>"""


def port_of(headers, body):
    """Which of the service's ports a call belongs to, if any."""
    target = headers.get("X-Amz-Target", "")
    if target.startswith("DynamoDB_"):
        return "store"
    if target.startswith("AmazonSSM."):
        return "allowlist"
    return "sns" if b"Action=Publish" in body else None


def throttled(port):
    """The headers and the text of a throttled call's answer."""
    if port == "sns":
        return [("Content-Type", "text/xml")], THROTTLED
    return [("Content-Type", "application/x-amz-json-1.0")], b'{"__type":"ThrottlingException","message":"Rate exceeded"}'


def region_of(headers):
    """Whom a call is signed for."""
    return re.search(r"Credential=[^/]+/[0-9]+/([a-z0-9-]+)/", headers["Authorization"])[1]


class Chaos:
    """Decides which calls fail, and how."""

    WAYS = ("throttled", "error", "no answer", "answer lost")

    def __init__(self, rate, seed):
        self.injected = collections.Counter()
        self._rate = rate
        self._dice = random.Random(seed)
        self._lock = threading.Lock()

    def strikes(self, port):
        with self._lock:
            if port is None or self._dice.random() >= self._rate:
                return None
            way = self._dice.choice(self.WAYS)
            self.injected[f"{port}: {way}"] += 1
            return way


@dataclasses.dataclass
class Publish:
    """One call of SNS's Publish."""

    topic: str
    message: str
    throttled: bool


class Faults(contextlib.AbstractContextManager):
    def __init__(self, port: int, emulator_port: int):
        self.url = f"http://127.0.0.1:{port}"
        self.publishes: list[Publish] = []
        self.history = History()
        self._lock = threading.Lock()
        self._faults = []
        self._chaos = None
        self._stand_ins = []
        self.calls: list[Call] = []
        faults = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"    # connections are kept, as AWS keeps them
            # Headers and body are two writes: the second would wait for 40 ms, for the first to be acknowledged.
            disable_nagle_algorithm = True

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                call = Call.read(self.command, self.path, self.headers, body)
                if answer := faults._stand_in(call):
                    status, headers, text = answer
                    self._answer(status, headers, text.encode())
                    return
                if faults._fails(body):
                    self._answer(400, [("Content-Type", "text/xml")], THROTTLED)
                    return
                fault = faults._chaos and faults._chaos.strikes(port_of(self.headers, body))
                if fault == "throttled":
                    self._answer(400, *throttled(port_of(self.headers, body)))
                    return
                if fault == "error":
                    self._answer(500, [], b"")
                    return
                if fault == "no answer":
                    time.sleep(SECONDS_OF_A_TIMEOUT)
                    self.close_connection = True
                    return
                # The host too stays as it is, because the call's signature covers it.
                upstream = http.client.HTTPConnection("127.0.0.1", emulator_port, timeout=60)
                try:
                    upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() not in HOP_BY_HOP:
                            upstream.putheader(name, value)
                    upstream.putheader("Content-Length", str(len(body)))
                    upstream.endheaders(body)
                    answer = upstream.getresponse()
                    content = answer.read()
                    if fault == "answer lost":
                        self.close_connection = True
                        return
                    if answer.status == 200 and self.headers.get("X-Amz-Target", "").endswith(".LookupEvents"):
                        told = faults.history.answer(region_of(self.headers), json.loads(body))
                        if told is None:
                            self.close_connection = True
                            return
                        self._answer(told[0], answer.getheaders(), json.dumps(told[1]).encode())
                        return
                    self._answer(answer.status, answer.getheaders(), content)
                finally:
                    upstream.close()

            do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

            def _answer(self, status, headers, body):
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def publishes_to(self, topic):
        """Those to one topic: what relay hands on are publishes of their own."""
        return [publish for publish in self.publishes if publish.topic == topic]

    @contextlib.contextmanager
    def throttle_sns(self, times=None, mentioning=""):
        """Throttles the next `times` publishes, or all until the context ends, of messages that hold this text."""
        fault = {"left": times, "mentioning": mentioning}
        with self._lock:
            self._faults.append(fault)
        try:
            yield
        finally:
            with self._lock:
                self._faults.remove(fault)

    @contextlib.contextmanager
    def chaos(self, rate, seed):
        """Meanwhile so many of all calls of store, SNS and allowlist fail, in all ways. Yields what counts them."""
        self._chaos = Chaos(rate, seed)
        try:
            yield self._chaos.injected
        finally:
            self._chaos = None

    @contextlib.contextmanager
    def standing_in(self, action, text, status=200, content_type="application/json", region=None, date=None):
        """Meanwhile this is what AWS answers to an action (as IAM names it), in one region or in all; `date` is its clock."""
        headers = [("Content-Type", content_type)] + ([("Date", date)] if date else [])
        entry = (action, region, (status, headers, text))
        with self._lock:
            self._stand_ins.append(entry)
        try:
            yield
        finally:
            with self._lock:
                self._stand_ins.remove(entry)

    def _stand_in(self, call):
        if call is None:
            return None
        with self._lock:
            self.calls.append(call)
            for action, region, answer in reversed(self._stand_ins):
                if action == call.action and region in (None, call.region):
                    return answer
        return None

    def clear(self):
        with self._lock:
            self.publishes.clear()
            self.calls.clear()

    def _fails(self, body):
        call = urllib.parse.parse_qs(body.decode(errors="replace")) if b"Action=Publish" in body else {}
        if call.get("Action") != ["Publish"]:
            return False
        topic, message = call["TopicArn"][0], call["Message"][0]
        with self._lock:
            throttled = False
            for fault in self._faults:
                if fault["mentioning"] in message and fault["left"] != 0:
                    fault["left"] = None if fault["left"] is None else fault["left"] - 1
                    throttled = True
                    break
            self.publishes.append(Publish(topic, message, throttled))
            return throttled

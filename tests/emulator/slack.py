"""A stand-in for Slack's incoming webhooks and for what a bot may call, as strict as Slack and a little stricter."""

import contextlib
import dataclasses
import http.server
import json
import re
import secrets
import threading
import time

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

BLOCK_TYPES = {"actions", "context", "divider", "header", "image", "section"}
# Slack reads these as commands. Ours are links to two places, and dates.
OUR_MARKUP = re.compile(
    r"<(https://(github\.com|[a-z0-9-]+\.console\.aws\.amazon\.com)/[^<>|\s]*(\|[^<>|]*)?"
    r"|!date\^\d+\^[^<>|^]*(\^https://[^<>|]*)?\|[^<>|]*)>"
)
# What Slack says with a status.
ANSWERS = {200: b"ok", 429: b"rate_limited", 404: b"no_service", 403: b"action_prohibited", 400: b"invalid_blocks"}
SECONDS_OF_A_TIMEOUT = 11    # longer than notify waits for an answer
CHANNEL = "B00000000"    # where the default webhook posts
METHODS = ("chat.postMessage", "chat.update")
ESCAPE = re.compile(r"&(amp|lt|gt);")


def problems(payload, mentions=()) -> list[str]:
    """What Slack would refuse, what its documents forbid, and what no message of ours may hold."""
    if not isinstance(payload, dict):
        return ["the payload is not an object"]
    found = []

    def need(holds, problem):
        if not holds:
            found.append(problem)

    need(isinstance(payload.get("text"), str) and payload["text"].strip(), "text is empty: a notification says nothing")
    need(len(payload.get("text") or "") <= 40_000, "text is over 40000 characters")
    found += markup_problems("text", payload.get("text") or "", mentions)

    blocks = payload.get("blocks", [])
    need("blocks" not in payload or 0 < len(blocks) <= 50, f"{len(blocks)} blocks")
    for block in blocks:
        kind = block.get("type")
        need(kind in BLOCK_TYPES, f"block type {kind!r}")
        if kind == "header":
            need(block["text"]["type"] == "plain_text", "a header is not plain_text")
            need(0 < len(block["text"]["text"]) <= 150, "header text is empty or over 150 characters")
        if kind == "section":
            need("text" in block or block.get("fields"), "a section is empty")
            need(0 < len(block.get("text", {"text": "-"})["text"]) <= 3000, "section text is empty or over 3000")
            need(len(block.get("fields", [])) <= 10, "over 10 fields")
            for field in block.get("fields", []):
                need(0 < len(field["text"]) <= 2000, "field text is empty or over 2000 characters")
        if kind == "context":
            need(0 < len(block.get("elements", [])) <= 10, "context elements: none, or over 10")
        if kind == "actions":
            need(0 < len(block.get("elements", [])) <= 25, "actions: none, or over 25")
    for text in text_objects(blocks):
        if text["type"] == "mrkdwn":
            found += markup_problems("a text", text["text"], mentions)

    try:
        for block in filter(None, Block.parse_all(blocks)):    # None is what it makes of a type it does not know
            block.validate_json()
    except SlackObjectFormationError as error:
        found.append(str(error))
    return found


def markup_problems(where, text, mentions=()):
    rest = OUR_MARKUP.sub("", text)
    for mention in mentions:
        rest = rest.replace(mention, "")
    found = [f"{where} has unescaped {sign!r}: {rest[:200]!r}" for sign in "<>" if sign in rest]
    if "&" in ESCAPE.sub("", rest):
        found.append(f"{where} has an unescaped '&': {rest[:200]!r}")
    # An unescaped line end would let a name begin a quote or a list of its own; control characters hide text.
    if any(ord(c) < 32 and c != "\n" or c in "\x7f\u202a\u202b\u202d\u202e\u2066\u2067" for c in text):
        found.append(f"{where} has control characters: {text[:200]!r}")
    return found


def text_objects(node):
    """Every text object of a message, wherever it stands."""
    if isinstance(node, list):
        for child in node:
            yield from text_objects(child)
    elif isinstance(node, dict):
        if node.get("type") in ("mrkdwn", "plain_text"):
            yield node
        for child in node.values():
            yield from text_objects(child)


@dataclasses.dataclass
class NotOk:
    """An answer of a method that is no error of HTTP: what a bot is refused."""

    error: str
    headers: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Delivery:
    """One request, and what it was answered."""

    at: float
    text: str
    status: int | str    # of a webhook; the word of a method that says no
    problems: list[str]
    channel: str = ""
    method: str = "webhook"
    ts: str | None = None    # of the message that it made or changed
    thread: str | None = None    # of the message that it is a reply to
    broadcast: bool = False

    @property
    def posted(self):
        return self.status in (200, "lost") and self.method != "chat.update"


class Slack(contextlib.AbstractContextManager):
    """Listens on 127.0.0.1, records what it gets."""

    def __init__(self):
        # As in Slack, who knows the path may post: it is a secret, and must not turn up anywhere.
        self.secret = secrets.token_hex(12)
        self.signing_secret = secrets.token_hex(16)
        self.token = f"xoxb-1-{secrets.token_hex(12)}"
        self.channels: dict[str, str] = {}    # those that the bot is in, and their ids
        self.mentions: set[str] = set()    # markup that the operator asked for
        self.weather = None    # what a request meets that no answer is planned for
        self.deliveries: list[Delivery] = []
        self._answers = []
        self._changed = threading.Condition()
        slack = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                slack._take(self)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def webhook(self):
        return self.webhook_of(CHANNEL)

    def webhook_of(self, channel):
        """Each channel has a webhook of its own."""
        return f"http://127.0.0.1:{self._server.server_port}/services/T00000000/{channel}/{self.secret}"

    @property
    def api(self):
        return f"http://127.0.0.1:{self._server.server_port}/api"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answer_next(self, *answers):
        """Plans the next answers: a status, a status and its headers, a NotOk, or what happens instead of an answer:
        "hangs", "dropped", or "lost", where it is posted and nobody hears of it."""
        with self._changed:
            self._answers += [answer if isinstance(answer, tuple) else (answer, {}) for answer in answers]
            self._changed.notify_all()

    @property
    def planned(self):
        """How many of the planned answers were not given yet."""
        with self._changed:
            return len(self._answers)

    def clear(self):
        with self._changed:
            self.deliveries.clear()
            self._answers.clear()
            self.channels.clear()
            self.mentions.clear()
            self.weather = None

    @property
    def posts(self) -> list[str]:
        """The messages that people see, as JSON text."""
        with self._changed:
            return [delivery.text for delivery in self.deliveries if delivery.posted]

    @contextlib.contextmanager
    def held(self):
        """Meanwhile no request is answered."""
        with self._changed:
            yield

    def wait_for_posts(self, count, seconds):
        """True as soon as there are so many."""
        with self._changed:
            return self._changed.wait_for(
                lambda: sum(delivery.posted for delivery in self.deliveries) >= count, timeout=seconds
            )

    def _take(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        text, found, payload = body.decode(errors="replace"), [], {}
        try:
            payload = json.loads(body)
            # Without the escapes that only JSON needs, so that a search finds what is shown.
            text, found = json.dumps(payload, ensure_ascii=False), problems(payload, self.mentions)
        except ValueError:
            found = ["not JSON"]
        if not (request.headers.get("Content-Type") or "").startswith("application/json"):
            found.append("Content-Type is not application/json")
        with self._changed:
            delivery = Delivery(time.monotonic(), text, 200, found)
            if request.path.startswith("/api/"):
                headers, answer = self._method(request, payload, delivery)
            else:
                headers, answer = self._webhook(request, delivery)
            self.deliveries.append(delivery)
            self._changed.notify_all()
        if delivery.status in ("hangs", "dropped", "lost"):
            if delivery.status == "hangs":
                time.sleep(SECONDS_OF_A_TIMEOUT)
            request.close_connection = True
            return
        request.send_response(delivery.status if isinstance(delivery.status, int) else 200)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Type", "text/plain" if delivery.method == "webhook" else "application/json")
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    def _planned_answer(self):
        """The next that is planned, or what the weather is like: (status, headers)."""
        if self._answers:
            return self._answers.pop(0)
        met = self.weather() if self.weather else 200
        return met if isinstance(met, tuple) else (met, {})

    def _webhook(self, request, delivery):
        _, _, _, delivery.channel, secret = (request.path + "/////").split("/")[:5]
        headers = {}
        if secret != self.secret or not request.path.startswith(f"/services/T00000000/{delivery.channel}/"):
            delivery.status = 404
        elif delivery.problems:
            delivery.status = 400
        else:
            delivery.status, headers = self._planned_answer()
        return headers, ANSWERS.get(delivery.status, b"server_error")

    def _method(self, request, payload, delivery):
        """Calls of a bot. What it is refused is said with status 200."""
        delivery.method = request.path.removeprefix("/api/")
        delivery.channel, delivery.thread = payload.get("channel", ""), payload.get("thread_ts")
        delivery.broadcast = payload.get("reply_broadcast", False)
        if "token" in payload:
            delivery.problems.append("the token is where it may be logged")
        headers, error = {}, self._refusal(request, payload, delivery)
        if not error:
            planned, headers = self._planned_answer()
            if isinstance(planned, NotOk):
                error, headers = planned.error, planned.headers
            else:
                delivery.status = planned
        if error:
            delivery.status = error
            return headers, json.dumps({"ok": False, "error": error}).encode()
        if delivery.status not in (200, "lost"):
            return headers, b"{}"
        channel = self.channels.get(delivery.channel, delivery.channel)
        delivery.ts = payload.get("ts") or f"{1_795_000_000 + len(self.deliveries)}.000{len(self.deliveries):03}"
        answer = {"ok": True, "channel": channel, "ts": delivery.ts, "message": payload}
        return headers, json.dumps(answer).encode()

    def _refusal(self, request, payload, delivery):
        known = {it.ts for it in self.deliveries if it.posted and it.ts}
        if delivery.method not in METHODS:
            return "unknown_method"
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return "invalid_auth"
        if delivery.problems:
            return "invalid_blocks"
        ids = set(self.channels.values())
        if delivery.method == "chat.update":    # it takes no name
            return None if delivery.channel in ids and payload.get("ts") in known else "message_not_found"
        if delivery.channel not in ids | set(self.channels):
            return "channel_not_found"
        return "thread_not_found" if delivery.thread and delivery.thread not in known else None

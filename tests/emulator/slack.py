"""A stand-in for Slack's incoming webhooks, as strict as Slack and a little stricter."""

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
ESCAPE = re.compile(r"&(amp|lt|gt);")


def problems(payload) -> list[str]:
    """What Slack would refuse, what its documents forbid, and what no message of ours may hold."""
    if not isinstance(payload, dict):
        return ["the payload is not an object"]
    found = []

    def need(holds, problem):
        if not holds:
            found.append(problem)

    need(isinstance(payload.get("text"), str) and payload["text"].strip(), "text is empty: a notification says nothing")
    need(len(payload.get("text") or "") <= 40_000, "text is over 40000 characters")
    found += markup_problems("text", payload.get("text") or "")

    blocks = payload.get("blocks", [])
    need(0 < len(blocks) <= 50, f"{len(blocks)} blocks")
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
            found += markup_problems("a text", text["text"])

    try:
        for block in filter(None, Block.parse_all(blocks)):    # None is what it makes of a type it does not know
            block.validate_json()
    except SlackObjectFormationError as error:
        found.append(str(error))
    return found


def markup_problems(where, text):
    rest = OUR_MARKUP.sub("", text)
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
class Delivery:
    """One request to the webhook, and what it was answered."""

    at: float
    text: str
    status: int
    problems: list[str]

    @property
    def posted(self):
        return self.status == 200


class Slack(contextlib.AbstractContextManager):
    """Listens on 127.0.0.1, records what it gets."""

    def __init__(self):
        # As in Slack, who knows the path may post: it is a secret, and must not turn up anywhere.
        self.secret = secrets.token_hex(12)
        self.signing_secret = secrets.token_hex(16)
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
        return f"http://127.0.0.1:{self._server.server_port}/services/T00000000/B00000000/{self.secret}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answer_next(self, *answers):
        """Plans the next answers: a status, or a status and its headers."""
        with self._changed:
            self._answers += [answer if isinstance(answer, tuple) else (answer, {}) for answer in answers]

    def clear(self):
        with self._changed:
            self.deliveries.clear()
            self._answers.clear()

    @property
    def posts(self) -> list[str]:
        """The messages that people see, as JSON text."""
        with self._changed:
            return [delivery.text for delivery in self.deliveries if delivery.posted]

    def wait_for_posts(self, count, seconds):
        """True as soon as there are so many."""
        with self._changed:
            return self._changed.wait_for(
                lambda: sum(delivery.posted for delivery in self.deliveries) >= count, timeout=seconds
            )

    def _take(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        text, found = body.decode(errors="replace"), []
        try:
            payload = json.loads(body)
            # Without the escapes that only JSON needs, so that a search finds what is shown.
            text, found = json.dumps(payload, ensure_ascii=False), problems(payload)
        except ValueError:
            found = ["not JSON"]
        if not (request.headers.get("Content-Type") or "").startswith("application/json"):
            found.append("Content-Type is not application/json")
        with self._changed:
            if request.path != f"/services/T00000000/B00000000/{self.secret}":
                status, headers, answer = 404, {}, b"no_service"
            elif found:
                status, headers, answer = 400, {}, b"invalid_blocks"
            elif self._answers:
                status, headers = self._answers.pop(0)
                answer = b"ok" if status == 200 else b"rate_limited" if status == 429 else b"server_error"
            else:
                status, headers, answer = 200, {}, b"ok"
            self.deliveries.append(Delivery(time.monotonic(), text, status, found))
            self._changed.notify_all()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Type", "text/plain")
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

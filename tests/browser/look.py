"""Looks at the report of each account, and says what is wrong with it; called by the script `run`."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from playwright.sync_api import sync_playwright

from accounts import accounts

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
LOOK = (HERE / "look.js").read_text()
WINDOWS = {"phone": (390, 844), "desktop": (1280, 900)}
# The pictures of the README, of an account that has something of everything.
SHOWN = "40-roles"
# Of which page they were drawn: its hash. Pictures themselves differ between machines.
DRAWN = ROOT / "docs/images/drawn.json"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]


def report(allowlist, logs):
    command = [os.environ["ROLEWATCH"], "report", "--quiet", "--format", "html", "--week", "2026-W47"]
    run = subprocess.run([*command, "--allowlist", allowlist, logs], capture_output=True, cwd=ROOT, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"{logs}: {run.stderr.decode()}")
    return run.stdout


def pages(folder):
    """The page of every account, by name."""
    made = {"samples": report("samples/allowlist.toml", "samples/archive")}
    for account in accounts():
        made[account.name] = report(*account.write(folder))
    for name, page in made.items():
        path = pathlib.Path(folder, f"{name}.html")
        path.write_bytes(page)
        yield name, path


def stale(path):
    """Whether the pictures of the README are of another page; with ROLEWATCH_WRITE_DOCS it is noted what they are of."""
    now = {"report": hashlib.sha256(path.read_bytes()).hexdigest()}
    if os.environ.get("ROLEWATCH_WRITE_DOCS"):
        DRAWN.write_text(json.dumps(now, indent=2) + "\n")
    drawn = json.loads(DRAWN.read_text())
    return [] if drawn == now else ["docs/images/report-*.png were drawn of another page than is made now: make docs"]


def open_page(browser, path, wrong, **settings):
    """The page, with whatever it says or asks for noted as wrong."""
    page = browser.new_context(**settings).new_page()
    page.on("console", lambda message: wrong.append(f"the console says: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"the script fails: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
    page.on("request", lambda it: it.url == path.as_uri() or wrong.append(f"it asks for {it.url}"))
    page.goto(path.as_uri())
    return page


def look(browser, path, window, scheme, keep):
    """What is wrong with a page in one window and scheme."""
    wrong = []
    width, height = WINDOWS[window]
    settings = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    page = open_page(browser, path, wrong, **settings)
    wrong += page.evaluate(LOOK)
    page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    wrong += [f"with all opened: {it}" for it in page.evaluate(LOOK)]
    page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = false; })")
    if keep:
        page.screenshot(path=keep / f"{path.stem}-{window}-{scheme}.png", full_page=True)
        if path.stem == SHOWN:
            page.screenshot(path=keep / f"report-{window}-{scheme}.png")
    page.context.close()
    return wrong


def sorts(browser, path):
    """Whether the tables can be sorted with the keyboard alone."""
    wrong = []
    page = open_page(browser, path, wrong, viewport={"width": 1280, "height": 900})
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.className") != "skip":
        wrong.append("the keyboard does not begin with the way to the report")
    head = page.locator("#roles table.sort th", has_text="assumptions").first
    head.locator("button").focus()
    column = head.evaluate("(it) => it.cellIndex")
    for key, wanted, descending in (("Enter", "descending", True), (" ", "ascending", False)):
        page.keyboard.press(key)
        rows = page.locator("#roles table.sort").first.locator("tbody tr")
        values = rows.evaluate_all(f"(rows) => rows.map((row) => Number(row.cells[{column}].dataset.k))")
        if head.get_attribute("aria-sort") != wanted or values != sorted(values, reverse=descending):
            wrong.append(f"not sorted: {wanted}")
    page.context.close()
    return wrong


def paper(browser, path, keep):
    """What is wrong with the page on paper."""
    wrong = []
    page = open_page(browser, path, wrong, viewport={"width": 718, "height": 1000}, color_scheme="dark")
    page.emulate_media(media="print")
    wrong += page.evaluate(LOOK)
    target = {"path": keep / f"{path.stem}.pdf"} if keep else {}
    pdf = page.pdf(format="A4", print_background=True, **target)
    sheets = pdf.count(b"/Type /Page\n")
    if not 1 <= sheets <= 25:
        wrong.append(f"{sheets} sheets of paper")
    page.context.close()
    return wrong


def main(keep):
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    problems = 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS)
        for name, path in pages(folder):
            looks = [(window, scheme) for window in WINDOWS for scheme in ("light", "dark")]
            found = {f"{window}, {scheme}": look(browser, path, window, scheme, keep) for window, scheme in looks}
            found["paper"] = paper(browser, path, keep)
            if name == SHOWN:
                found["README"] = stale(path)
            if name in ("samples", "500-roles"):
                found["keyboard"] = sorts(browser, path)
            for where, wrong in found.items():
                problems += len(wrong)
                for problem in wrong[:10]:
                    print(f"{name} ({where}): {problem}")
            print(f"{name}: {'looked at' if not any(found.values()) else 'WRONG'}")
        browser.close()
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None))

"""Draws pages into pictures of the same names: draw.py FOLDER WHERE. Fails on a picture with next to nothing on it, and
where the pictures of docs/alerts are of other pages than these; with ROLEWATCH_WRITE_DOCS it notes what they are of."""

import hashlib
import json
import os
import pathlib
import sys

from playwright.sync_api import sync_playwright

from look import FLAGS

# As wide as Slack shows a message.
WIDTH = 720
# A blank page of this size packs into far less.
LEAST_BYTES = 8000


# What the pictures of docs/alerts were drawn of: hashes of the pages. Pictures themselves differ between machines.
DRAWN = pathlib.Path(__file__).parents[2] / "docs/alerts/drawn.json"


def note_or_compare(pages):
    now = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in pages}
    if os.environ.get("ROLEWATCH_WRITE_DOCS"):
        DRAWN.write_text(json.dumps(now, indent=2) + "\n")
        return
    drawn = json.loads(DRAWN.read_text())
    for name in now.keys() | drawn.keys():
        if now.get(name) != drawn.get(name):
            sys.exit(f"docs/alerts/{name}.png was drawn of another message than is posted now: make docs")


def main(folder, where):
    pages = sorted(folder.glob("*.html"))
    if not pages:
        sys.exit(f"no page in {folder}")
    note_or_compare(pages)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS)
        for path in pages:
            page = browser.new_page(viewport={"width": WIDTH, "height": 100})
            page.goto(path.as_uri())
            picture = where / f"{path.stem}.png"
            page.screenshot(path=picture, full_page=True)
            if picture.stat().st_size < LEAST_BYTES:
                sys.exit(f"{picture} is blank")
            beyond = page.evaluate("document.documentElement.scrollWidth") - WIDTH
            if beyond > 0:
                sys.exit(f"{picture}: {beyond} pixels are beyond the edge")
            print(f"{path.stem}: drawn")
        browser.close()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())

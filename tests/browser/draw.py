"""Draws pages into pictures of the same names: draw.py FOLDER [WHERE]. Fails on a picture with next to nothing on it."""

import os
import pathlib
import sys

from playwright.sync_api import sync_playwright

from look import FLAGS

# As wide as Slack shows a message.
WIDTH = 720
# A blank page of this size packs into far less.
LEAST_BYTES = 8000


def main(folder, where):
    pages = sorted(folder.glob("*.html"))
    if not pages:
        sys.exit(f"no page in {folder}")
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
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else sys.argv[1]).resolve())

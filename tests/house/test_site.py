"""Builds the site of mkdocs.yml: every link leads somewhere, the search index has every page, and no page asks another
host for anything."""

import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TEST_SKIPPED = 77  # SKIP_RETURN_CODE of the ctest test


class Page(html.parser.HTMLParser):
    """Targets of links, what the browser loads by itself, names of places, and the heading."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.names = set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.names |= {values[key] for key in ("id", "name") if values.get(key)}
        if tag == "a" and values.get("href"):
            self.links.add(values["href"])
        elif tag == "link" and values.get("rel") not in ("canonical", "next", "prev"):
            self.loads.add(values.get("href"))
        elif values.get("src"):
            self.loads.add(values["src"])


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-site-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--site-dir", cls.folder], cwd=SOURCE, capture_output=True, text=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.pages = {path: Page(path.read_text()) for path in cls.folder.glob("*.html") if path.name != "404.html"}

    def test_there_is_a_page_for_each_document(self):
        expected = {path.stem for path in (SOURCE / "docs").glob("*.md")} - {"README"} | {"index", "atlas-table"}
        self.assertEqual({path.stem for path in self.pages}, expected)

    def test_links_lead_somewhere(self):
        checked = 0
        for path, page in self.pages.items():
            for link in page.links | page.loads:
                if re.match(r"[a-z]+:", link):
                    continue
                to = urllib.parse.urlsplit(link)
                there = (path.parent / urllib.parse.unquote(to.path)).resolve() if to.path else path
                there = there / "index.html" if there.is_dir() else there
                checked += 1
                with self.subTest(page=path.name, link=link):
                    self.assertTrue(there.exists())
                    if to.fragment and there in self.pages:
                        self.assertIn(to.fragment, self.pages[there].names)
        self.assertGreater(checked, 300)

    def test_nothing_is_loaded_from_another_host(self):
        for path, page in self.pages.items():
            self.assertEqual({load for load in page.loads if re.match(r"(?:[a-z]+:)?//", load)}, set(), path.name)
        for style in self.folder.glob("assets/stylesheets/*.css"):
            self.assertNotRegex(style.read_text(), r"url\(\s*[\"']?(?:https?:)?//")

    def test_the_first_page_is_the_readme_and_the_search_finds_it(self):
        first = (self.folder / "index.html").read_text()
        self.assertIn("How to read a verdict", first)
        self.assertNotIn("like=this", first)
        found = json.loads((self.folder / "search/search_index.json").read_text())["docs"]
        for page in "index.html", "tutorial.html", "memmap-nfs-zeros.html":
            self.assertTrue([one for one in found if one["location"].split("#")[0] in (page, page.replace("index.html", ""))])

    def test_the_table_of_the_atlas_leads_to_pages_of_the_site(self):
        table = self.pages[self.folder / "atlas-table.html"]
        self.assertLessEqual({"atlas.html", "file-systems.html", "glossary.html"}, table.links)
        self.assertIn("atlas-table.html", self.pages[self.folder / "atlas.html"].links)

    def test_blocks_inside_lists_are_blocks(self):
        for path in self.pages:
            self.assertNotIn("```", path.read_text(), path.name)


if __name__ == "__main__":
    try:
        from mkdocs.utils import get_theme_names
        missing = "" if "material" in get_theme_names() else "mkdocs has no theme material"
    except ImportError as error:
        missing = str(error)
    if missing:
        print(f"skipped: {missing} (Debian: mkdocs-material)")
        sys.exit(TEST_SKIPPED)
    unittest.main(verbosity=2)

"""Opens a page in headless Chromium. The test's JavaScript is inserted into a copy of the page, and its result is read
from the document that Chromium dumps."""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HAS_CHART_JS = os.path.exists("/usr/share/javascript/chart.js/chart.min.js")

# Inserted before all scripts of the page: collects errors.
WATCH = """<script>
window.npyraceTrouble = [];
addEventListener("error", (event) => npyraceTrouble.push(String(event.message)));
addEventListener("securitypolicyviolation", (event) => npyraceTrouble.push("refused: " + event.blockedURI));
</script>"""
# Inserted after all scripts of the page: `probe` is JavaScript whose return value the test reads.
PROBE = """<script>
addEventListener("load", () => setTimeout(() => {
  let seen;
  try { seen = {value: (() => { %s })(), trouble: npyraceTrouble}; }
  catch (error) { seen = {trouble: [String(error.stack)]}; }
  const out = document.createElement("pre");
  out.id = "npyrace-probe";
  out.textContent = JSON.stringify(seen);
  document.body.append(out);
}, 200));
</script>"""


class Seen:
    """The probe's return value, errors in the page, and the console's messages."""

    def __init__(self, value, trouble, console):
        self.value = value
        self.trouble = trouble
        self.console = console


def chromium(*arguments):
    with tempfile.TemporaryDirectory(prefix="npyrace-chromium-") as profile:
        # Chromium has no sandbox as root. The page is our own.
        return subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--disable-extensions", "--enable-logging=stderr", "--virtual-time-budget=5000",
             f"--user-data-dir={profile}", *arguments],
            capture_output=True, text=True, timeout=120, check=True, stdin=subprocess.DEVNULL)


def look(page, probe, dark=False, width=1200):
    """Opens the page (a path) and runs `probe` in it."""
    page = pathlib.Path(page)
    text = page.read_text()
    assert text.count("<head>") == 1
    copy = page.with_name("probed-" + page.name)
    copy.write_text(text.replace("<head>", "<head>" + WATCH).replace("</body>", PROBE % probe + "</body>"))
    done = chromium("--dump-dom", f"--window-size={width},3000",
                    *(["--blink-settings=preferredColorScheme=0"] if dark else []), copy.as_uri())
    found = re.search(r'<pre id="npyrace-probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    seen = json.loads(html.unescape(found.group(1)))
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Seen(seen.get("value"), seen["trouble"], console)


def print_to_pdf(page, target):
    chromium(f"--print-to-pdf={target}", "--no-pdf-header-footer", pathlib.Path(page).as_uri())
    return pathlib.Path(target).read_bytes()

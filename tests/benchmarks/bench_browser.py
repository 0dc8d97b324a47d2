"""What a person waits for, in a real Chromium: `python tests/benchmarks/bench_browser.py`.

For each page, milliseconds from a key press on a setting to the painted page (median, smallest and largest of the
rounds); an empty Streamlit script with one number input, measured the same way, is the yardstick. Then the pictures a
second of each chart of the Train page while it plays at 30 a second, and the first load on a fresh server.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
EMPTY = "import streamlit as st\nst.number_input('Learning rate', 0.0, 1.0, 0.03, step=0.01)\nst.write('done')\n"
PAGES = ("train", "layers", "backprop", "loss_surface", "optimizers", "depth")

# Resolves when the script has run, nothing is stale, every chart is drawn, and two frames have been painted.
PAINTED = """async (started) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const app = () => document.querySelector(".stApp");
  while (app().dataset.testScriptState !== "running" && performance.now() - started < 400) await frame();
  const busy = () => app().dataset.testScriptState !== "notRunning" || document.querySelector("[data-stale=true]")
    || [...document.querySelectorAll(".js-plotly-plot")].some((chart) => !chart._fullLayout);
  do { while (busy()) await frame(); await frame(); await frame(); } while (busy());
  return performance.now() - started;
}"""
COUNT = """() => {
  window.drawn = {};
  for (const chart of document.querySelectorAll(".js-plotly-plot")) {
    const name = chart.closest("[class*=st-key-]").className.match(/st-key-([a-z]+)/)[1];
    window.drawn[name] = 0;
    chart.on("plotly_afterplot", () => { window.drawn[name] += 1; });
  }
}"""


def serve(script):
    """Start a server of its own for a script; its process and its address, before it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--server.port={port}", "--server.headless=true", "--server.fileWatcherType=none"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options, "--browser.gatherUsageStats=false"]
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=quiet, stderr=quiet)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return process, url
    raise RuntimeError(f"{script} did not come up")


def settle(page, charts):
    """Wait for the first picture of a page."""
    page.wait_for_selector(".js-plotly-plot .main-svg" if charts else "text=done")
    page.evaluate(f"() => ({PAINTED})(performance.now() - 400)")


def presses(page, rounds):
    """Milliseconds from the arrow key on the learning rate to the painted page."""
    field = page.get_by_label("Learning rate", exact=True).first
    taken = []
    for number in range(rounds + 1):
        field.focus()
        page.evaluate("addEventListener('keydown', () => { window.pressed = performance.now(); }, { once: true })")
        page.keyboard.press("ArrowUp" if number % 2 else "ArrowDown")
        page.keyboard.press("Enter")
        taken.append(page.evaluate(f"() => ({PAINTED})(window.pressed)"))
        page.wait_for_timeout(300)
    return taken[1:]


def main():
    """Print a row for each page, then pictures a second and the first load."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".py") as empty, sync_playwright() as playwright:
        empty.write(EMPTY)
        empty.flush()
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=FLAGS)
        for name, script in [("empty script", empty.name), *((name, "app.py") for name in PAGES)]:
            process, url = serve(script)
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            begin = time.perf_counter()
            page.goto(url if script != "app.py" else f"{url}/{name}")
            settle(page, charts=script == "app.py")
            load = time.perf_counter() - begin
            taken = presses(page, chosen.rounds)
            row = f"{statistics.median(taken):6.0f} ms ({min(taken):.0f} - {max(taken):.0f})"
            print(f"{name:13} change {row}; first load on a fresh server {load:.1f} s")  # noqa: T201
            if name == "train":
                page.get_by_label("Speed in frames a second").select_option("30")
                page.evaluate(COUNT)
                page.get_by_label("Play", exact=True).click()
                page.wait_for_timeout(3000)
                drawn = page.evaluate("window.drawn")
                print("  pictures a second:", {key: round(count / 3, 1) for key, count in drawn.items()})  # noqa: T201
            page.context.close()
            process.terminate()
        browser.close()


if __name__ == "__main__":
    main()

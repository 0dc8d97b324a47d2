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
EMPTY = """import streamlit as st
rate = st.number_input('Learning rate', 0.0, 1.0, 0.03, step=0.01)
st.write('done', rate)
"""
PAGES = ("train", "layers", "backprop", "loss_surface", "optimizers", "depth")
FIELDS = {"optimizers": "Start x", "depth": "Width"}  #: the setting that is changed; elsewhere the learning rate

# Resolves when the run that a change causes has ended, nothing is stale, every chart is drawn, and two frames have been
# painted. `answer` is a text that is another one after the change.
PAINTED = """async (before) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const app = () => document.querySelector(".stApp");
  const busy = () => app().dataset.testScriptState !== "notRunning" || document.querySelector("[data-stale=true]")
    || [...document.querySelectorAll("[data-testid=stPlotlyChart]")]
      .some((chart) => !chart.querySelector(".js-plotly-plot")?._fullLayout);
  while (before !== null && window.answer() === before) await frame();
  do { while (busy()) await frame(); await frame(); await frame(); } while (busy());
  return performance.now() - window.pressed;
}"""
# What a page shows: the graph divs, which Streamlit makes anew with a change, or the text of the empty script.
ANSWER = """() => {
  const names = new WeakMap();
  let count = 0;
  const name = (node) => names.get(node) ?? names.set(node, ++count).get(node);
  window.answer = () => {
    const charts = [...document.querySelectorAll(".js-plotly-plot")];
    return charts.length ? charts.map(name).join() : document.querySelector(".stMain").innerText;
  };
}"""
# Plays until the end, at most 3 s, and gives pictures a second of each chart: refreshes of the screen in which its
# elements changed, or renderings of its scene.
PLAYED = """async (button) => {
  const drawn = {}, frame = () => new Promise((done) => requestAnimationFrame(done));
  for (const chart of document.querySelectorAll(".js-plotly-plot")) {
    const name = chart.closest(".stElementContainer").className.match(/st-key-(\\S+)/)[1];
    drawn[name] = 0;
    for (const id of chart._fullLayout._subplots.gl3d ?? []) {
      const plot = chart._fullLayout[id]._scene.glplot, { onrender } = plot;
      plot.onrender = (...about) => { drawn[name] += 1; onrender?.(...about); };
    }
    let last = null; // the refresh of the screen in which it changed last
    if (!chart._fullLayout._subplots.gl3d?.length) new MutationObserver(() => {
      const now = document.timeline.currentTime;
      if (now !== last) drawn[name] += 1;
      last = now;
    }).observe(chart, { subtree: true, childList: true, attributes: true });
  }
  const began = performance.now();
  button.click();
  do { await frame(); } while (button.ariaLabel === "Pause" && performance.now() - began < 3000);
  const seconds = (performance.now() - began) / 1000;
  return Object.entries(drawn).map(([name, count]) => `${name} ${(count / seconds).toFixed(1)}`).join(", ");
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
    """Wait for the first picture of a page; milliseconds from the start of its loading."""
    page.wait_for_selector(".js-plotly-plot .main-svg" if charts else "text=done")
    page.evaluate("() => { window.pressed = 0; }")
    load = page.evaluate(f"() => ({PAINTED})(null)")
    page.wait_for_timeout(1500)  # the rest of the app's code loads when nothing else is to do
    page.evaluate(ANSWER)
    return load


def presses(page, label, rounds):
    """Milliseconds from the arrow key on a setting to the painted page."""
    field = page.get_by_label(label, exact=True).first
    taken = []
    for number in range(rounds + 1):
        field.focus()
        before = page.evaluate(
            "() => { addEventListener('keydown', () => { window.pressed = performance.now(); }, { once: true });"
            " return window.answer(); }"
        )
        page.keyboard.press("ArrowUp" if number % 2 else "ArrowDown")
        page.keyboard.press("Enter")
        taken.append(page.evaluate(f"(before) => ({PAINTED})(before)", before))
        page.wait_for_timeout(300)
    return taken[1:]


def main():
    """Print a row for each page, then pictures a second and the first load."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", default=PAGES, help="names such as train; all without")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".py") as empty, sync_playwright() as playwright:
        empty.write(EMPTY)
        empty.flush()
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=FLAGS)
        for name, script in [("empty script", empty.name), *((name, "app.py") for name in chosen.pages)]:
            process, url = serve(script)
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.goto(url if script != "app.py" else f"{url}/{name}")
            load = settle(page, charts=script == "app.py") / 1000
            taken = presses(page, FIELDS.get(name, "Learning rate"), chosen.rounds)
            row = f"{statistics.median(taken):6.0f} ms ({min(taken):.0f} - {max(taken):.0f})"
            print(f"{name:13} change {row}; first load on a fresh server {load:.1f} s")  # noqa: T201
            if script == "app.py":
                page.get_by_label("Speed in frames a second").select_option("30")
                print("  pictures a second:", page.get_by_label("Play", exact=True).evaluate(PLAYED))  # noqa: T201
            page.context.close()
            process.terminate()
        browser.close()


if __name__ == "__main__":
    main()

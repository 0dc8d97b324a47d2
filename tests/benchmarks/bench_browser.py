"""What a person waits for, in a real Chromium: `python tests/benchmarks/bench_browser.py`.

The yardstick is a script that shows the four figures of Train by four plain `st.plotly_chart`, measured in the same run
and in turns with the pages, so that other work of the machine meets all alike: ratios are what counts. For each page
the milliseconds from a key press on a setting to the painted page, and from the address to the first painted page on a
fresh server, with an empty browser cache and with a warm one. Then the pictures a second of each chart while it plays
at 30 a second. On Lessons the change is that of the chapter which takes longest.
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
YARDSTICK = """import streamlit as st
from engine import train
from engine.experiment import Experiment
from pages.figures.diagram import diagram_figure
from pages.figures.norms import norms_figure
from pages.figures.train.boundary import boundary_figure
from pages.figures.train.history import history_figure

st.set_page_config(layout="wide")
rate = st.number_input("Learning rate", 0.001, 1.0, 0.03, step=0.001, format="%g")
run = st.cache_resource(lambda rate: train(Experiment(lr=rate)))(rate)
makers = (diagram_figure, boundary_figure, norms_figure, history_figure)
for key, (make, column) in enumerate(zip(makers, [*st.columns(2), *st.columns(2)])):
    column.plotly_chart(make(run), key=str(key))
"""
PAGES = ("train", "layers", "backprop", "loss_surface", "optimizers", "depth", "convolution", "study", "lessons")
STILL = ("study", "lessons")  #: pages without a player
#: The setting that is changed; elsewhere the learning rate. Of a study, so that its rows are there from the second on.
FIELDS = {"optimizers": "Start x", "depth": "Width", "convolution": "Epochs", "study": "Seeds"}
CHAPTERS = ("1", "2", "3", "4", "5", "All")  #: of Lessons, where one after the other is chosen; the slowest one counts

# Resolves when the run that a change causes has ended, nothing is stale, every chart in sight is drawn, and two frames
# have been painted. `answer` is a text that is another one once every chart in sight has been drawn anew.
PAINTED = """async (before) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const busy = () => document.querySelector(".stApp")?.dataset.testScriptState !== "notRunning"
    || document.querySelector("[data-stale=true]") || !window.charts().length
    || window.charts().some((chart) => !chart._fullLayout && !chart.matches(".gallery"));
  while (before !== null && window.answer() === before) await frame();
  do { while (busy()) await frame(); await frame(); await frame(); } while (busy());
  return performance.now() - window.pressed;
}"""
# The charts in sight, which those behind the player are not, and a name for what each has drawn last; on Lessons its
# cards, and the first heading over them.
ANSWER = """() => {
  const names = new WeakMap();
  let count = 0;
  const name = (node) => names.get(node) ?? names.set(node, ++count).get(node);
  const end = () => document.querySelector(".stage .player")?.getBoundingClientRect().top || Infinity;
  const inSight = ({ top, height }) => height > 20 && top < Math.min(window.innerHeight, end());
  window.pressed = 0;
  const cards = () => [...document.querySelectorAll(".st-key-gallery *")].map((one) => one.shadowRoot)
    .flatMap((root) => root?.querySelector(".gallery") ?? []);
  window.charts = () => [...document.querySelectorAll(".stColumn .stPlotlyChart, .stage .chart:not(.refused) .graph")]
    .filter((chart) => inSight(chart.getBoundingClientRect()))
    .map((chart) => chart.querySelector(".js-plotly-plot") ?? chart).concat(cards());
  const last = (chart) => chart._fullData ?? chart.querySelector("h2");
  window.answer = () => window.charts().map((chart) => last(chart) ? name(last(chart)) : 0).join();
}"""
# Resolves when no script has run for two seconds.
QUIET = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const running = () => document.querySelector(".stApp").dataset.testScriptState !== "notRunning";
  for (let since = performance.now(); performance.now() - since < 2000; await frame())
    if (running()) since = performance.now();
}"""
# Plays until the end, at most 3 s, and gives pictures a second of each chart: renderings of its scene, or refreshes of
# the screen at which it has come to another step of the player, whether or not that step moves it: a chart of gradients
# stands still while a network computes forward, and is in time.
PLAYED = """async (button) => {
  const drawn = {}, flat = [], frame = () => new Promise((done) => requestAnimationFrame(done));
  const end = button.closest(".player").getBoundingClientRect().top; // what it stands over is not drawn
  for (const chart of document.querySelectorAll(".stage .js-plotly-plot")) {
    if (chart.getBoundingClientRect().top >= end) continue;
    const name = chart.closest(".chart").dataset.chart;
    const times = (drawn[name] = []);
    for (const id of chart._fullLayout._subplots.gl3d ?? []) {
      const plot = chart._fullLayout[id]._scene.glplot, { onrender } = plot;
      plot.onrender = (...about) => { times.push(performance.now()); onrender?.(...about); };
    }
    if (!chart._fullLayout._subplots.gl3d?.length) flat.push([chart.closest(".chart").chart, times]);
  }
  const began = performance.now();
  button.click();
  do {
    await frame();
    for (const [chart, times] of flat) {
      if (chart.step !== times.step) times.push(performance.now());
      times.step = chart.step;
    }
  } while (button.ariaLabel === "Pause" && performance.now() - began < 3000);
  const rate = (times) => times.length > 1 ? 1000 * (times.length - 1) / (times.at(-1) - times[0]) : 0;
  return Object.entries(drawn).map(([name, times]) => `${name} ${rate(times).toFixed(1)}`).join(", ");
}"""


def serve(script):
    """Start a server of its own for a script; its process and its address, when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--server.port={port}", "--server.headless=true", "--server.fileWatcherType=none"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options, "--browser.gatherUsageStats=false"]
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # what was compiled once is kept, as on a host
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


def load(browser, address, context=None):
    """Open an address; the page, and milliseconds until its first picture."""
    context = context or browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(f"({ANSWER})()")
    page.goto(address)
    page.wait_for_selector(".stColumn .main-svg, .stage .main-svg, .gallery .card")
    return page, page.evaluate(f"() => ({PAINTED})(null)")


def timed(page, field, *keys):
    """Milliseconds from the first of some keys on a control to the painted page."""
    page.bring_to_front()
    field.focus()
    note = "addEventListener('keydown', () => { window.pressed = performance.now(); }, { once: true, capture: true })"
    before = page.evaluate(f"() => {{ {note}; return window.answer(); }}")
    for key in keys:
        page.keyboard.press(key)
    taken = page.evaluate(f"(before) => ({PAINTED})(before)", before)
    page.wait_for_timeout(300)
    return taken


def press(page, name, up):
    """Milliseconds that a change of a page takes; `up` says which of two."""
    if name == "lessons":
        chapters = page.locator(".st-key-lchapter button")
        return max(timed(page, chapters.filter(has_text=one), "Enter") for one in CHAPTERS)
    field = page.get_by_label(FIELDS.get(name, "Learning rate"), exact=True).first
    return timed(page, field, "ArrowUp" if up else "ArrowDown", "Enter")


def row(taken, yardstick):
    """A median with its spread, and how many times the yardstick's that is."""
    middle = statistics.median(taken)
    ratios = [own / other for own, other in zip(taken, yardstick, strict=True)]
    spread = f"{min(ratios):.2f} - {max(ratios):.2f}"
    return f"{middle:6.0f} ms, {middle / statistics.median(yardstick):.2f} times the yardstick ({spread})"


def first_loads(browser, shown, rounds):
    """Milliseconds of the first load on fresh servers, with an empty and with a warm cache, for each name."""
    first, warm = ({name: [] for name in shown} for _ in range(2))
    for _ in range(rounds):
        for name, (script, path) in shown.items():
            process, url = serve(script)
            page, taken = load(browser, url + path)
            first[name].append(taken)
            page.close()
            warm[name].append(load(browser, url + path, page.context)[1])
            page.context.close()
            process.terminate()
    return first, warm


def changes(pages, rounds):
    """Milliseconds of a change for each name; the first one warms up, with all that is measured while one looks."""
    taken = {name: [] for name in pages}
    for number in range(rounds + 1):
        for name, page in pages.items():
            taken[name].append(press(page, name, number % 2))
            if number == 0:
                page.evaluate(QUIET)
    return {name: times[1:] for name, times in taken.items()}


def main():
    """Print a row for each page and what is measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", default=PAGES, help="names such as train; all without")
    parser.add_argument("--rounds", type=int, default=9, help="of changes")
    parser.add_argument("--loads", type=int, default=3, help="of first loads")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".py") as yardstick, sync_playwright() as playwright:
        yardstick.write(YARDSTICK)
        yardstick.flush()
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=FLAGS)
        shown = {"yardstick": (yardstick.name, ""), **{name: ("app.py", f"/{name}") for name in chosen.pages}}
        first, warm = first_loads(browser, shown, chosen.loads)
        servers = {script: serve(script) for script, _ in shown.values()}
        pages = {name: load(browser, servers[script][1] + path)[0] for name, (script, path) in shown.items()}
        every = {"change": changes(pages, chosen.rounds), "first load": first, "warm cache": warm}
        for title, taken in every.items():
            for name in shown if taken["yardstick"] else ():
                print(f"{title:11} {name:13} {row(taken[name], taken['yardstick'])}")  # noqa: T201
        for name in [name for name in chosen.pages if name not in STILL]:
            pages[name].bring_to_front()
            pages[name].get_by_label("Speed in frames a second").select_option("30")
            drawn = pages[name].get_by_label("Play", exact=True).evaluate(PLAYED)
            print(f"pictures a second on {name}: {drawn}")  # noqa: T201
        browser.close()
        for process, _ in servers.values():
            process.terminate()


if __name__ == "__main__":
    main()

"""A real Chromium on a real Streamlit server: what the browser tests stand on.

    server(script)      address of `streamlit run script` in a process of its own, one for each script;
                        server(script, fresh=True) starts another one, where no session has been yet
    app_url             the same for the project's app.py
    open_page(url, **options)   a page of its own, 1280x800 unless told otherwise
    page                such a page, still empty
    shared_page         one for the whole file: its goto(url) starts a new session
    wait_idle(page)     until the script has run and every chart is drawn; while a stage plays, those in sight once
    rerun(page)         `with rerun(page): <change a setting>`: until the run it causes is over
    expect(locator)     `expect(locator).to_have_value("1")`: Playwright's, with the patience of all the rest
    screencast(page)    `with screencast(page) as film: ...`: all that the screen showed, as film.frames
    play_a_while(page)  play from where the player is for some key steps, then pause and wait until all is drawn
    at_rest(page, says) what a function in the browser says, as soon as it says the same for a while
    shoot(page, name)   a screenshot as an image; kept as a file where DESCENT_LAB_SHOTS names a folder

A test (or the last of a file with a shared page) fails if the browser's console reported an error meanwhile.
"""

from __future__ import annotations

import base64
import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL.Image import Image

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
TIMEOUT = 60_000  #: milliseconds; generous, because the machine may be busy

# Counts the whole runs of the script that have ended, and the changes that none of them knows yet, by the messages that
# say so (Streamlit's BackMsg and ForwardMsg): a run that is over at once leaves no trace in the page, and one that ends
# after a change may have begun before it. The server takes the messages of a browser in their order, and hears no more
# of a run that a change has cut short. So behind each change goes a heartbeat, and the first end of a whole run behind
# its echo is that of a run that knows the change. An echo is lost where a run begins before it was sent, and late where
# the run is short: then it is enough that a run has ended, and no other one has begun for a second. Runs of a fragment,
# such as a stage's report of the step at which it rests, count as neither.
COUNT_RUNS = """
window.__runs = 0;
window.__unknown = 0;
(() => {
  const RERUN = 11, FRAGMENT = 5; // in a message to the server
  const FINISHED = 6, ECHO = 26; // in one from there
  const WHOLE = [0, 1]; // ways to finish: neither cut short nor a fragment
  const HEARTBEAT = Uint8Array.of(0x88, 0x01, 0x01);
  function fieldsOf(bytes) {
    const fields = {};
    let at = 0;
    const number = () => {
      let value = 0;
      for (let unit = 1; ; unit *= 128) {
        const byte = bytes[at++];
        value += (byte & 127) * unit;
        if (byte < 128) return value;
      }
    };
    while (at < bytes.length) {
      const tag = number();
      const size = number();
      fields[tag >> 3] = tag & 2 ? bytes.subarray(at, (at += size)) : size;
    }
    return fields;
  }
  window.WebSocket = class extends WebSocket {
    constructor(...about) {
      super(...about);
      window.__unknown = 0;
      let echoed = 0;
      window.__ended = false; // whether a whole run has, since the last change
      this.addEventListener("message", ({ data }) => {
        const fields = fieldsOf(new Uint8Array(data));
        if (ECHO in fields || FINISHED in fields) window.__heard = performance.now();
        if (ECHO in fields) echoed += 1;
        if (!WHOLE.includes(fields[FINISHED])) return;
        window.__runs += 1;
        window.__unknown -= echoed;
        window.__ended = true;
        echoed = 0;
      });
    }
    send(data) {
      super.send(data);
      const asks = fieldsOf(data)[RERUN];
      if (!asks || fieldsOf(asks)[FRAGMENT]?.length) return;
      window.__unknown += 1;
      window.__heard = performance.now();
      window.__ended = false;
      super.send(HEARTBEAT);
    }
  };
})();
"""

IDLE = """async () => {
  const idle = () => {
    const app = document.querySelector(".stApp");
    const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
    const stages = [...document.querySelectorAll(".stage")].map(({ stage }) => stage);
    const graphs = [...document.querySelectorAll(".stage .chart:not(.refused) .graph")];
    const inSight = ({ top, height }) => height > 0 && top < window.innerHeight;
    const unfinished = '[data-stale="true"], [data-testid="stSkeleton"], [data-testid="stAppSkeleton"]';
    return app?.dataset.testConnectionState === "CONNECTED" && app.dataset.testScriptState === "notRunning"
      && (!window.__unknown || performance.now() - window.__heard > (window.__ended ? 1000 : 5000))
      && document.querySelector(".stMain .stElementContainer")
      && !document.querySelector(unfinished)
      && stages.every((stage) => stage && (stage.player.memory?.playing || !(stage.raf || stage.resting)))
      && charts.every((chart) => chart.querySelector(".js-plotly-plot")?._fullLayout)
      && graphs.every((graph) => graph._fullLayout || !inSight(graph.getBoundingClientRect()));
  };
  const painted = () => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(done));
    setTimeout(done, 500); // a hidden tab paints nothing
  });
  if (!idle()) return false;
  await painted();
  return Boolean(idle());
}"""

AT_REST = """async () => {
  const says = %s;
  for (let same = 0, before = ""; same < 20; ) {
    await new Promise(requestAnimationFrame);
    const now = JSON.stringify(says());
    same = now === before ? same + 1 : 0;
    before = now;
  }
  return JSON.parse(JSON.stringify(says()));
}"""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; without one the tests skip, or fail where DESCENT_LAB_REQUIRE_BROWSER=1."""
    named = os.environ.get("DESCENT_LAB_CHROMIUM")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = (
            f"no Chromium found as {named or ', '.join(NAMES)}: install one (on Debian: apt-get install "
            "chromium) or set DESCENT_LAB_CHROMIUM to its path"
        )
        if os.environ.get("DESCENT_LAB_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    running: dict[Path, str] = {}
    processes: list[subprocess.Popen] = []

    def start(script: str | Path, *, fresh: bool = False) -> str:
        script = (ROOT / script).resolve()
        if script in running and not fresh:
            return running[script]
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        log = tmp_path_factory.mktemp("server") / f"{script.stem}.log"
        options = {
            "server.port": port,
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                str(script),
                *(f"--{k}={v}" for k, v in options.items()),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        processes.append(process)
        deadline = time.monotonic() + TIMEOUT / 1000
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                if not fresh:
                    running[script] = url
                return url
            time.sleep(0.1)
        return pytest.fail(f"streamlit run {script} did not come up:\n{log.read_text()[-2000:]}")

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def app_url(server: Callable[..., str]) -> str:
    return server("app.py")


@pytest.fixture(scope="session")
def expect() -> Any:
    api = pytest.importorskip("playwright.sync_api")
    api.expect.set_options(timeout=TIMEOUT)
    return api.expect


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Any) -> Iterator[Callable[..., Any]]:
    """A browser context for these options: one for all tests, whose cache has the scripts, as a reader's has."""
    contexts: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(**options: Any) -> Any:
        key = tuple(sorted(options.items()))
        if key not in contexts:
            contexts[key] = browser.new_context(**options)
            contexts[key].set_default_timeout(TIMEOUT)
            contexts[key].add_init_script(COUNT_RUNS)
        return contexts[key]

    yield of
    for one in contexts.values():
        one.close()


@contextlib.contextmanager
def pages(context: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    opened: list[Any] = []
    errors: list[str] = []

    def note(message: Any) -> None:
        url = message.location.get("url", "")
        looks_for_root = url.endswith(("/_stcore/health", "/_stcore/host-config"))  # Streamlit's, on any deep link
        if message.type == "error" and not looks_for_root:
            errors.append(f"{message.text} ({url})")

    def start(url: str | None = None, *, width: int = 1280, height: int = 800, **options: Any) -> Any:
        page = context(**options).new_page()
        opened.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        if url is not None:
            page.goto(url)
            idle(page)
        return page

    yield start
    for page in opened:
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")
        page.context.clear_cookies()
        page.close()
    assert not errors, "the browser's console reported: " + "; ".join(errors)


@pytest.fixture
def open_page(context: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    with pages(context) as start:
        yield start


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    return open_page()


@pytest.fixture(scope="module")
def shared_page(context: Callable[..., Any]) -> Iterator[Any]:
    with pages(context) as start:
        yield start()


def idle(page: Any) -> None:
    """Asked again and again: to `wait_for_function`, the promise of an async function is as good as true."""
    from playwright.sync_api import Error

    deadline = time.monotonic() + TIMEOUT / 1000
    while time.monotonic() < deadline:
        with contextlib.suppress(Error):  # the page that was asked is gone: ask the next one
            if page.evaluate(IDLE):
                return
        page.wait_for_timeout(50)
    pytest.fail(f"{page.url} did not come to rest")


@pytest.fixture(scope="session")
def wait_idle() -> Callable[[Any], None]:
    return idle


@pytest.fixture(scope="session")
def play_a_while() -> Callable[[Any], None]:
    def play(page: Any) -> None:
        count = page.locator("[data-part=count]").first
        page.get_by_label("Play", exact=True).first.click()
        for _ in range(5):
            page.wait_for_function(
                "([one, said]) => one.textContent !== said", arg=[count.element_handle(), count.inner_text()]
            )
        page.evaluate("document.querySelector('[data-part=play][aria-label=Pause]')?.click()")  # if it has not ended
        idle(page)

    return play


@pytest.fixture(scope="session")
def at_rest() -> Callable[[Any, str], Any]:
    return lambda page, says: page.evaluate(AT_REST % says)


@pytest.fixture(scope="session")
def rerun() -> Callable[[Any], contextlib.AbstractContextManager[None]]:
    @contextlib.contextmanager
    def wait(page: Any) -> Iterator[None]:
        idle(page)
        before = page.evaluate("window.__runs")
        yield
        page.wait_for_function(f"window.__runs > {before}")
        idle(page)

    return wait


class Frame(NamedTuple):
    """What the screen showed from a moment on: seconds since the epoch, and the picture."""

    time: float
    image: Image

    def ink(self, box: dict[str, float]) -> float:
        """Share of the pixels in a bounding box that differ from the one in its top left corner."""
        from PIL import Image, ImageChops

        corner = (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
        part = self.image.crop(tuple(map(round, corner)))
        background = Image.new("RGB", part.size, part.getpixel((0, 0)))
        difference = ImageChops.difference(part, background).convert("L")
        return 1 - sum(difference.histogram()[:12]) / (part.width * part.height)


class Screencast:
    """The DevTools screencast: a picture of each change of the screen, where screenshots would miss most."""

    def __init__(self, page: Any) -> None:
        self.page, self._raw = page, []

    def __enter__(self) -> Screencast:
        self._session = self.page.context.new_cdp_session(self.page)
        self._session.on("Page.screencastFrame", self._keep)
        self._session.send("Page.startScreencast", {"format": "jpeg", "quality": 70})
        return self

    def _keep(self, event: dict[str, Any]) -> None:
        self._raw.append((event["metadata"]["timestamp"], event["data"]))
        self._session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    def __exit__(self, *_: object) -> None:
        self._session.send("Page.stopScreencast")
        self._session.detach()

    @property
    def frames(self) -> list[Frame]:
        from PIL import Image

        pictures = [Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB") for _, data in self._raw]
        return [Frame(at, picture) for (at, _), picture in zip(self._raw, pictures, strict=True)]


@pytest.fixture(scope="session")
def screencast() -> type[Screencast]:
    return Screencast


@pytest.fixture(scope="session")
def shoot() -> Callable[..., Image]:
    def take(page: Any, name: str, **options: Any) -> Image:
        from PIL import Image

        picture = page.screenshot(**options)
        if folder := os.environ.get("DESCENT_LAB_SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            Path(folder, f"{name}.png").write_bytes(picture)
        return Image.open(io.BytesIO(picture)).convert("RGB")

    return take

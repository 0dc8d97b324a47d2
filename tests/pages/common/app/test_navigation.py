"""Every address of a page opens the page, with the settings of the link, on a server that nobody has visited yet."""

import ast
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.experiment import Experiment
from pages.common.app import navigation
from pages.common.menu import HOME, PAGES

ROOT = Path(__file__).resolve().parents[4]
LINK = {"data": "moons", "optimizer": "momentum", "momentum": "0.5", "lr": "0.07", "arch": "4-3", "steps": "20"}


@pytest.fixture
def fresh_server(tmp_path):
    """The address of a new process; it is asked through Streamlit's own interface for agents, without a browser."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "enableAgentApi": "true"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [f"--server.{name}={value}" for name, value in options.items()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}/_stcore"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"{url}/agent/interact"
        process.terminate()
        process.wait(10)


def ask(url, **request):
    sent = urllib.request.Request(url, json.dumps(request).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(sent, timeout=60) as answer:
        return json.load(answer)


def elements(node):
    yield node
    for child in node.get("children", []):
        yield from elements(child)


def test_the_browser_is_told_what_to_load_before_the_menu_is_built(monkeypatch):
    order = []
    for name in ("bring_plotly", "navigate"):
        monkeypatch.setattr(navigation, name, lambda name=name: order.append(name))
    monkeypatch.setattr(navigation.st, "rerun", lambda: order.append("rerun"))
    navigation.ensure_router()
    assert order == ["bring_plotly", "navigate", "rerun"]


@pytest.mark.parametrize("page", ["", *(entry.name for entry in PAGES)])
def test_a_deep_link_opens_whole_on_a_fresh_server(fresh_server, page):
    asked = {"query_params": {key: [value] for key, value in LINK.items()}} | ({"page": page} if page else {})
    answer = ask(fresh_server, **asked)
    shown = list(elements(answer["tree"]))
    assert answer["status"] == "ready"
    values = {element["key"]: element.get("value") for element in shown if element.get("key")}
    title = next(entry.title for entry in PAGES if entry.name == (page or HOME))
    assert title in [element["props"].get("body") for element in shown if element["type"] == "title"]
    shows = {"optimizer": "Momentum", "lr": 0.07, "steps": 20}
    assert {key: values.get(key, shows[key]) for key in shows} == shows
    components = [element for element in shown if element["type"] == "components.v2.component"]
    given = {element["key"]: element["props"].get("data") for element in components}
    assert given.get("pictures", {"chosen": "moons"})["chosen"] == "moons"
    assert given.get("network", {"widths": [4, 3]})["widths"] == [4, 3]
    if page in ("", "train"):
        assert {*shows, "pictures", "network"} <= {*values, *given}
    link = next(element["props"]["body"] for element in shown if element["type"] == "code")
    assert {key: "-".join(texts) for key, texts in parse_qs(urlsplit(link).query).items() if key in LINK} == LINK


def test_both_addresses_of_the_first_page_show_the_same(app, experiment):
    sessions = [app(LINK), app(LINK)]
    sessions[1].switch_page("pages/train.py").run()
    assert not sessions[1].exception
    assert [title.value for title in sessions[1].title] == ["Train"]
    assert experiment(sessions[0]) == experiment(sessions[1]) == Experiment.from_params(LINK)


def test_a_page_stands_where_the_address_says():
    for entry in PAGES:
        assert (ROOT / "pages" / f"{entry.name}.py").is_file()
        assert entry.help.endswith(".")


def test_every_page_begins_with_the_guard_before_what_takes_long_to_import():
    for entry in PAGES:
        _, first, second, *_ = ast.parse((ROOT / "pages" / f"{entry.name}.py").read_text(encoding="utf-8")).body
        assert ast.unparse(first) == "from pages.common.app.navigation import ensure_router"
        assert ast.unparse(second) == "ensure_router()"


def test_page_parameters_are_no_settings():
    for entry in PAGES:
        own = import_module(f"pages.sections.{entry.name}.settings").SETTINGS
        assert not set(own) & {*Experiment().to_params()}
        assert [setting.key for setting in own.values()] == list(own)

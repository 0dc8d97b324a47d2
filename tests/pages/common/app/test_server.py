"""The server is ready before it answers, has the browser load Plotly with the page, and does not wait in between."""

import asyncio
import multiprocessing
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
import streamlit as st

from pages.common.app import server

ROOT = Path(__file__).resolve().parents[4]
IMPORTED = re.compile(r"^from ((?:engine|pages)[\w.]*) import", re.MULTILINE)
STATIC = Path(st.__file__).parent / "static"


@pytest.fixture
def listening():
    """A socket as Streamlit binds its own: by hand, so that Python does not know its protocol."""
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(("::", 0))
        one.listen()
        yield one


def run(task):
    """In a thread of its own: this one may have a loop, a browser's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, task).result()


def nodelay(one):
    return bool(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_connections_inherit_that_small_pieces_are_sent_at_once(listening):
    port = listening.getsockname()[1]
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        assert not nodelay(listening)
        server.send_at_once(port)
        assert not nodelay(other)
    assert nodelay(listening)
    with socket.create_connection(("127.0.0.1", port)):
        accepted, _ = listening.accept()
        with accepted:
            assert nodelay(accepted)


def answered(kind, *, scope="http", path="/train"):
    """The messages that come through for an app that answers with something of that content type."""
    sent = []
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}

    async def app(_scope, _receive, send):
        await send(start)
        await send({"type": "http.response.body", "body": b"whole"})

    async def send(message):
        sent.append(message)

    run(server.Announce(app)({"type": scope, "path": path}, None, send))
    assert sent[1] == {"type": "http.response.body", "body": b"whole"}
    return dict(sent[0]["headers"])


def test_a_page_says_what_the_browser_will_need():
    said = answered(b"text/html; charset=utf-8")[b"link"].decode().split(", ")
    paths = [re.fullmatch(r"<\./(\S+)>; rel=modulepreload", one)[1] for one in said]
    assert [Path(path).name.split(".")[0] for path in paths[:3]] == ["PlotlyChart", "BidiComponent", "Html"]
    assert len(set(paths)) == len(paths)
    named = (STATIC / "index.html").read_text(encoding="utf-8")
    for path in paths:
        assert path not in named
        begins = (STATIC / path).read_text(encoding="utf-8")[:4000]
        for other in re.findall(r'import[^;"]*"\./([\w.-]+)"', begins):
            assert other in named or f"static/js/{other}" in paths


def test_under_a_path_of_its_own_the_app_announces_what_lies_there():
    path = re.match(r"<(\S+)>", answered(b"text/html")[b"link"].decode())[1]
    assert urljoin("https://host/lab/train", path).startswith("https://host/lab/static/js/PlotlyChart.")


def test_nothing_else_is_touched():
    assert answered(b"text/javascript") == {b"content-type": b"text/javascript"}
    assert answered(b"text/html", path="/media/12ab.html") == {b"content-type": b"text/html"}
    assert answered(b"text/html", scope="websocket") == {b"content-type": b"text/html"}


def test_what_pages_import_is_there_before_they_run():
    wanted = {
        module
        for page in (ROOT / "pages").glob("*.py")
        for module in re.findall(
            r"^from ((?:engine|pages)[\w.]*) import", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert "engine.landscape" in wanted
    code = (
        "import sys, asyncio, app\n"
        "async def starts():\n    async with app.ready(app.app): pass\n"
        f"asyncio.run(starts()); print(sorted({wanted!r} - set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.fixture
def started(monkeypatch, capsys):
    """Start an app as the given program does: what is said, and what is opened in the browser."""

    def start(program=ROOT / "app.py", **options):
        opened = []
        options = {"server.headless": True, "browser.serverAddress": "localhost", "server.port": 1} | options
        monkeypatch.setattr(st, "get_option", options.get)
        monkeypatch.setattr(server, "LIBRARIES", ())
        monkeypatch.setattr(server, "get_url", lambda host: f"http://{host}:1")
        monkeypatch.setattr(server, "open_browser", opened.append)
        monkeypatch.setattr(sys, "argv", [str(program)])

        async def starts():
            async with server.ready_with()(SimpleNamespace(script_path=ROOT / "app.py")):
                await asyncio.sleep(0.05)

        run(starts())
        return capsys.readouterr().out, opened

    return start


def test_the_address_is_said_and_opens_by_itself_where_there_is_a_browser(started):
    assert started() == ("Descent Lab: http://localhost:1\n", [])
    assert started(**{"server.headless": False})[1] == ["http://localhost:1"]


@pytest.mark.parametrize(
    ("address", "shown"), [("0.0.0.0", "localhost"), ("::", "localhost"), ("10.0.0.7", "10.0.0.7")]
)
def test_it_is_the_address_at_which_the_server_listens(started, address, shown):
    assert started(**{"server.address": address})[0] == f"Descent Lab: http://{shown}:1\n"


def test_hosted_by_another_server_it_says_nothing_of_an_address(started):
    assert started(program="/usr/bin/uvicorn", **{"server.headless": False}) == ("", [])


def test_a_module_that_cannot_be_imported_keeps_no_server_from_starting(started, monkeypatch, caplog):
    monkeypatch.setattr(server, "modules", lambda _packages: ("json", "no_such_module"))
    assert started()[0]
    assert "no_such_module cannot be imported." in caplog.text


def test_processes_of_studies_end_with_the_server(started):
    child = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(600,))
    child.start()
    started()
    child.join(30)
    assert child.exitcode == -signal.SIGTERM

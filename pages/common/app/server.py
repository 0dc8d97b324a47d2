"""The server that `streamlit run app.py` starts: Streamlit's own, made quick for first visits.

It has imported what the pages need before it answers. It says in the head of its answer which parts of Streamlit's
bundle every page needs, so that the browser loads and compiles 5 MB of Plotly while Streamlit's own script begins, and
has components and looks when the first of them come. And it sends each file at once. It also does what Streamlit does
for a plain script and not for an application: it says where it is, opens the browser, and leaves no process behind.
"""

import asyncio
import logging
import multiprocessing
import os
import socket
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.cli_util import open_browser
from streamlit.web.server.server_util import get_display_address, get_url

from pages.common.app.bundle import with_imports
from pages.common.app.plotly import PLOTLY

LIBRARIES = ("pandas",)  #: what Streamlit imports with the first table
PARTS = (PLOTLY, "BidiComponent", "Html")  #: of the bundle, for charts, components, and the looks of the app
DESCRIPTORS = "/dev/fd"  #: of this process; there is no such folder on Windows, where files then come as ever


class Announce:
    """ASGI middleware: pages say in a `Link` header what the browser will want next (HTML, "modulepreload")."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with a header more on each page."""

        async def send_with_link(message: Message) -> None:
            headers = message.get("headers", ())
            if any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                message = message | {"headers": [*headers, (b"link", _link().encode())]}
            await send(message)

        is_page = scope["type"] == "http" and "." not in scope["path"].rpartition("/")[2]  # and no film, to be saved
        await self.app(scope, receive, send_with_link if is_page else send)


def ready_with(*packages: str) -> Callable[[st.App], AbstractAsyncContextManager[None]]:
    """What is done before the server answers, with all modules of these packages, and after its last answer."""

    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[None]:
        for name in (*LIBRARIES, *modules(packages)):
            try:
                import_module(name)
            except Exception:  # the page that needs it says so, and the others open
                logging.getLogger(__name__).exception("%s cannot be imported.", name)
        send_at_once(st.get_option("server.port"))
        if Path(sys.argv[0]).resolve() == app.script_path.resolve():  # another server says by itself where it is
            _say_where()
        try:
            yield
        finally:
            for process in multiprocessing.active_children():  # of studies; killed, Python would not end them
                process.terminate()

    return lifespan


def modules(packages: Sequence[str]) -> Iterator[str]:
    """The names of all modules in some packages."""
    for package in packages:
        yield from (found.name for found in walk_packages(import_module(package).__path__, f"{package}."))


def send_at_once(port: int) -> None:
    """Have what listens at a port send small pieces without waiting until the ones before are acknowledged (RFC 896).

    An answer is written in two pieces, its head and its body. With Nagle's algorithm the second one waits for the
    browser, which takes 40 ms to acknowledge the first, a hundred times for a first page. Python turns it off for
    connections, but not for those of a socket that was bound by hand, as Streamlit's is. They inherit it from there.
    """
    for descriptor in map(int, os.listdir(DESCRIPTORS) if os.path.isdir(DESCRIPTORS) else ()):
        if not _is_socket(descriptor):
            continue
        with socket.socket(fileno=os.dup(descriptor)) as one:
            internet = one.family in (socket.AF_INET, socket.AF_INET6) and one.type == socket.SOCK_STREAM
            if internet and one.getsockname()[1] == port:
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:  # that by which they were listed
        return False


def _link() -> str:
    return ", ".join(f"<./static/js/{name}>; rel=modulepreload" for name in with_imports(PARTS))


def _say_where() -> None:
    address = get_display_address(st.get_option("server.address") or st.get_option("browser.serverAddress"))
    url = get_url(address)
    sys.stdout.write(f"Descent Lab: {url}\n")
    sys.stdout.flush()
    if not st.get_option("server.headless"):
        asyncio.get_running_loop().run_in_executor(None, open_browser, url)

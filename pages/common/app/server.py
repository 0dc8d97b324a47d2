"""The server that `streamlit run app.py` starts: Streamlit's own, told three things about first visits.

It has imported what the pages need before it answers. It says in the head of its answer which parts of Streamlit's
bundle every page needs, so that the browser loads and compiles 5 MB of Plotly while Streamlit's own script begins, and
has components and looks when the first of them come. And it sends each file at once.
"""

import asyncio
import os
import socket
import stat
import sys
import webbrowser
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import walk_packages

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.common.app.bundle import with_imports
from pages.common.app.plotly import PLOTLY

ROOMS = ("pages.common", "pages.figures", "pages.sections")  #: all that a page imports of ours
LIBRARIES = ("pandas",)  #: what Streamlit imports with the first table
DESCRIPTORS = "/dev/fd"  #: of this process; there is no such folder on Windows, where files then come as ever
PARTS = (PLOTLY, "BidiComponent", "Html")  #: charts, components, and the looks of the app
OPENS = 0.5  #: seconds until the server listens


class Announce:
    """ASGI middleware: documents say in a `Link` header what the browser will want next (HTML, "modulepreload")."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with a header more on each document."""

        async def told(message: Message) -> None:
            headers = message.get("headers", ())
            if any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                message = message | {"headers": [*headers, (b"link", _link().encode())]}
            await send(message)

        await self.app(scope, receive, told if scope["type"] == "http" else send)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """What is done before the server answers, and where it can be found."""
    for name in modules():
        import_module(name)
    if send_at_once(st.get_option("server.port")):  # else another server has the app, and says where by itself
        address = _address()
        sys.stdout.write(f"Descent Lab: {address}\n")
        if not st.get_option("server.headless"):
            asyncio.get_running_loop().call_later(OPENS, webbrowser.open, address)
    yield


def modules() -> Iterator[str]:
    """The names of what pages import: tables, and all modules in the rooms of pages, which import the engine's."""
    yield from LIBRARIES
    for room in ROOMS:
        yield from (found.name for found in walk_packages(import_module(room).__path__, f"{room}."))


def send_at_once(port: int) -> bool:
    """Have what listens at a port send small pieces without waiting until the ones before are acknowledged (RFC 896).

    An answer is written in two pieces, its head and its body. With Nagle's algorithm the second one waits for the
    browser, which takes 40 ms to acknowledge the first, a hundred times for a first page. Python turns it off for
    connections, but not for those of a socket that was bound by hand, as Streamlit's is. They inherit it from there.

    Returns:
        Whether this process has the port, as far as that can be told.
    """
    if not os.path.isdir(DESCRIPTORS):
        return True
    found = False
    for descriptor in map(int, os.listdir(DESCRIPTORS)):
        if not _is_socket(descriptor):
            continue
        with socket.socket(fileno=os.dup(descriptor)) as one:
            if one.family in (socket.AF_INET, socket.AF_INET6) and one.getsockname()[1] == port:
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                found = True
    return found


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:  # that by which they were listed
        return False


def _base() -> str:
    path = st.get_option("server.baseUrlPath").strip("/")
    return f"/{path}/" if path else "/"


def _link() -> str:
    return ", ".join(f"<{_base()}static/js/{name}>; rel=modulepreload" for name in with_imports(PARTS))


def _address() -> str:
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    return f"{scheme}://{st.get_option('browser.serverAddress')}:{st.get_option('server.port')}{_base()}"

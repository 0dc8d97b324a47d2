"""The app as a reader opens it, without a browser."""

import base64
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def open_app(link=None, page=None):
    """A new session on a link (`{key: text or texts}`), on the first page or on `pages/{page}.py`, run once."""
    session = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    if page:
        session.switch_page(f"pages/{page}.py")
    for key, value in (link or {}).items():
        session.query_params[key] = value
    session.run()
    assert not session.exception
    return session


@pytest.fixture(scope="session")
def app():
    return open_app


@pytest.fixture(scope="module")
def opened(request):
    """A new session on the page that the module tests, its PAGE: `opened(link)`."""
    return partial(open_app, page=request.module.PAGE)


@pytest.fixture(scope="session")
def charts():
    """The charts of a session as they travel: `charts(session)`."""
    return lambda session: [json.loads(element.proto.spec) for element in session.get("plotly_chart")]


@pytest.fixture(scope="session")
def array():
    """An array as it travels, decoded: `array(value)`."""

    def decode(value):
        if not isinstance(value, dict):
            return np.array(value)
        flat = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
        return flat.reshape([int(size) for size in value["shape"].split(",")]) if "shape" in value else flat

    return decode


@pytest.fixture(scope="session")
def experiment():
    """What a session would train: `experiment(session)`."""
    return lambda session: session.session_state["settings_chosen"].experiment


@pytest.fixture(scope="session")
def address():
    """The address of a session as `Experiment.from_params` takes it: repeated parameters joined."""

    def read(session):
        texts = session.query_params.items()
        return {key: value if isinstance(value, str) else "-".join(value) for key, value in texts}

    return read

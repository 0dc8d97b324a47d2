"""The app as a reader opens it, without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def open_app(link=None):
    """A new session on a link (`{key: text or texts}`), run once."""
    session = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for key, value in (link or {}).items():
        session.query_params[key] = value
    session.run()
    assert not session.exception
    return session


@pytest.fixture(scope="session")
def app():
    return open_app


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

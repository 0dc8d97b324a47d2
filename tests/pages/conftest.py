"""The app as a reader opens it, without a browser."""

import base64
import re
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from pages.common.stage.parts import unpacked
from pages.figures import arrays

ROOT = Path(__file__).resolve().parents[2]
FOLDS = ("fold_data", "fold_network", "fold_optimizer", "fold_training", "fold_reg")


def open_app(link=None, page=None, *, unfolded=False):
    """A new session on a link (`{key: text or texts}`), on the first page or on `pages/{page}.py`, run once.

    `unfolded` has all folds of the sidebar opened: their widgets are not made before.
    """
    session = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    if page:
        session.switch_page(f"pages/{page}.py")
    for key, value in (link or {}).items():
        session.query_params[key] = value
    for fold in FOLDS if unfolded else ():
        session.session_state[fold] = True
    session.run()
    assert not session.exception
    return session


@pytest.fixture(scope="session", autouse=True)
def made_once():
    """Each session would look through all installed packages for components and compile app and page anew."""
    scan, scripts = cache(manifest_scanner.scan_component_manifests), ScriptCache()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: scripts)
        yield


def choose(session, **settings):
    """Change settings that the lab's own components show, which no test can touch without a browser."""
    for key, value in settings.items():
        session.session_state[key] = value
    return session.run()


@pytest.fixture(scope="session")
def app():
    return open_app


@pytest.fixture(scope="session", name="choose")
def chosen_by_hand():
    """Change settings of the lab's own components: `choose(session, data="moons")`."""
    return choose


@pytest.fixture(scope="session")
def by_card():
    """Open a lesson as its card does, which no test can touch without a browser: `by_card(session, key)`."""
    return lambda session, key: choose(session, lesson_wanted=key)


@pytest.fixture(scope="module")
def opened(request):
    """A new session on the page that the module tests, its PAGE: `opened(link)`."""
    return partial(open_app, page=request.module.PAGE)


def given(session):
    """What the stages of a session were given."""
    return [unpacked(element.proto.bytes) for element in session.get("bidi_component") if element.proto.bytes]


def travelled(value):
    """Arrays as Plotly writes them, whichever way they travelled."""
    if isinstance(value, dict):
        return {key: travelled(part) for key, part in value.items()}
    return arrays.encoded(value) if isinstance(value, np.ndarray) else value


def value_at(move, frame):
    """What a move puts in place at a frame, the inverse of `parts.columns`."""
    at = int(move["at"][frame])
    if "values" in move:
        return move["values"][at]
    if "ends" in move:
        return move["flat"][move["ends"][at - 1] if at else 0 : move["ends"][at]]
    size = int(np.prod(move["shape"]))
    return move["flat"][at * size : (at + 1) * size].reshape(move["shape"])


def nested(parts, path, value):
    *way, last = path
    for key in way:
        parts = parts.setdefault(key, {})
    parts[last] = value


def spec(sent):
    """A chart of a stage as `st.plotly_chart` would have it, whole again: data, layout and frames."""
    film, figure = unpacked(sent["film"].tobytes()), unpacked(sent["still"].tobytes())
    frames = []
    for index, step in enumerate(film["steps"]):
        traces, layout = {}, {}
        for move in film["moves"]:
            part = layout if move["trace"] < 0 else traces.setdefault(move["trace"], {})
            nested(part, move["path"], travelled(value_at(move, index)))
        frames.append({"name": str(step), "traces": [*traces], "data": [*traces.values()], "layout": layout})
    traces = [trace for trace in figure["data"] if not (trace.get("meta") or {}).get("twin")]
    layout = figure["layout"] | {"title": {"text": figure["title"]}}
    whole = {"data": [travelled(trace) for trace in traces], "layout": travelled(layout)}
    return whole | ({"frames": frames} if frames else {})


@pytest.fixture(scope="session")
def given_stages():
    """What the stages of a session were given: `given_stages(session)`."""
    return given


@pytest.fixture(scope="session")
def charts():
    """The charts of a session as they travel: `charts(session)`."""
    return lambda session: [spec(chart) for stage in given(session) for chart in stage["charts"]]


@pytest.fixture(scope="session")
def stages():
    """What the stages of a session were given: `stages(session)`."""
    return given


@pytest.fixture(scope="session")
def metrics():
    """The numbers over the charts of a session, at the last step: `{title: text}`."""
    return lambda session: {title: texts[-1] for stage in given(session) for title, texts, *_ in stage["metrics"]}


@pytest.fixture(scope="session")
def captions():
    """The captions of a session as they read, without the marks of words that explain themselves."""
    return lambda session: [re.sub(r"</?span[^>]*>", "", caption.value) for caption in session.caption]


@pytest.fixture(scope="session")
def explained(captions):
    """All that a session says of its charts: the captions, and what stands behind "Why?"."""
    return lambda session: [*captions(session), *(re.sub(r"</?span[^>]*>", "", one.value) for one in session.markdown)]


@pytest.fixture(scope="session")
def sent():
    """How many bytes the stages of a session take: `sent(session)`."""
    return lambda session: sum(len(element.proto.bytes) for element in session.get("bidi_component"))


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

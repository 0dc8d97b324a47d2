"""Links that were shared keep their meaning: each opens to the state that it opened to when it was written down."""

import json
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.experiment import SETTINGS
from engine.expressions import ExpressionError, parse
from pages.common.link.link import read
from pages.common.menu import HOME, PAGES
from pages.sections.optimizers.settings import SAMPLE

LISTED = json.loads((Path(__file__).parent / "links.json").read_text(encoding="utf-8"))
LINKS = LISTED["links"]
#: What was usual then; of a setting that came later, that it changes nothing unless it is asked for.
USUAL = {key: setting.format(setting.default) for key, setting in SETTINGS.items()} | LISTED["usual"]
OF_PAGES = {
    key: setting
    for entry in PAGES
    for key, setting in import_module(f"pages.sections.{entry.name}.settings").SETTINGS.items()
}


def query(link):
    return parse_qs(urlsplit(link).query, keep_blank_values=True)


def test_there_are_links_of_every_page():
    pages = [urlsplit(entry["link"]).path.strip("/") or HOME for entry in LINKS]
    assert len(LINKS) >= 60
    assert all(pages.count(entry.name) >= 10 for entry in PAGES)


@pytest.mark.parametrize("entry", LINKS, ids=lambda entry: entry["link"][:60])
def test_a_link_is_read_as_it_was(entry):
    opened = read(query(entry["link"]), OF_PAGES)
    before, now = USUAL | entry["experiment"], opened.experiment.to_params()
    means = {key for key, setting in SETTINGS.items() if setting.when(opened.experiment)} | {"v"}
    assert {key: now[key] for key in means} == {key: before[key] for key in means}
    for key in (opened.of_pages.keys() & entry["page"].keys()) - {"pin"}:  # which the page writes anew
        there = entry["page"][key]
        assert OF_PAGES[key].read(there if isinstance(there, str) else "-".join(there)) == (opened.of_pages[key], "")


@pytest.mark.parametrize("entry", LISTED["mended"], ids=lambda entry: entry["means"][:60])
def test_where_a_meaning_was_mended_the_settings_are_still_read_as_they_stand(entry):
    opened = read(query(entry["link"]), OF_PAGES)
    written = {key: values[0] for key, values in query(entry["link"]).items()}
    now = opened.experiment.to_params()
    assert {key: now[key] for key in written} == written | entry["now"]
    assert {problem.partition(":")[0] for problem in opened.problems} == set(entry["now"])


def refused(formula):
    """Whether it cannot be read: then the page races on its sample, and the address says so."""
    try:
        parse(formula)
    except ExpressionError:
        return True
    return False


@pytest.mark.parametrize("entry", LINKS[::3], ids=lambda entry: entry["link"][:60])
def test_a_page_opens_as_it_was(app, entry):
    path, link = urlsplit(entry["link"]).path.strip("/"), query(entry["link"])
    session = app({key: values if values[1:] else values[0] for key, values in link.items()}, path or None)
    shared = query(next(code.value for code in session.code if "optimizer=" in code.value))
    before = USUAL | entry["experiment"]
    assert {key: shared[key][0] for key in before} == before
    now = {key: shared.get(key, [OF_PAGES[key].format(OF_PAGES[key].default)]) for key in entry["page"]}
    of_page = entry["page"] | ({"fxy": SAMPLE} if refused(entry["page"].get("fxy", SAMPLE)) else {})
    assert {key: values if values[1:] else values[0] for key, values in now.items()} == of_page


@pytest.mark.parametrize("page", ["train", "layers", "backprop", "loss_surface", "optimizers"])
def test_a_sample_that_joins_the_batch_before_is_said_wherever_the_run_is_shown(app, page):
    link = {"samples": "88", "norm": "batch", "batch": "13", "steps": "8", "arch": "3", "track": "network", "res": "25"}
    said = "Of 66 training samples, batches of 13 leave a single one"
    shown, whole = app(link | {"racers": "sgd"}, page), app(link | {"racers": "sgd", "batch": "11"}, page)
    assert any(said in element.value for element in (*shown.caption, *shown.warning))
    assert not any("leave a single one" in element.value for element in (*whole.caption, *whole.warning))


def test_depth_trains_batch_normalised_networks_by_two_samples_at_least(app):
    session = app(
        {"dview": "training", "dnorm": "batch", "batch": "1", "steps": "8", "depth": "3", "width": "4"}, "depth"
    )
    assert any("batches of 2" in element.value for element in (*session.caption, *session.markdown))

"""Lessons in the app: each opens by its link, asks before it shows, and leads through what its claims rest on."""

import json
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from engine import Experiment
from engine.lessons import CHAPTERS, LESSONS, experiment_of
from pages.common.lesson.state import SKIPPED
from pages.common.lesson.teacher import OwnLesson, written
from pages.common.stage.parts import unpacked
from pages.sections.lessons.gallery import found
from pages.sections.lessons.published import rows
from pages.sections.train.welcome import STATES

PAGE = "lessons"
KEPT = json.loads((Path(__file__).parent / "links.json").read_text(encoding="utf-8"))["lessons"]
VEIL = "Covered until the question is answered"


def veiled(charts):
    return [[note.get("text") for note in chart["layout"].get("annotations", ())] == [VEIL] for chart in charts]


def given(session):
    """What the stages of a session were given."""
    return [unpacked(element.proto.bytes) for element in session.get("bidi_component") if element.proto.bytes]


def button(session, key):
    return next(one for one in session.button if one.key == key)


def shown(session):
    return " ".join(one.value for one in session.markdown)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_every_lesson_opens_by_its_link(app, charts, experiment, lesson):
    session = app({"lesson": lesson.key}, lesson.page)
    said = [one.value for one in session.warning]
    assert len(said) == (lesson.experiment.bug != "none"), said  # a wrong backward pass is named on every page
    assert experiment(session) == experiment_of(lesson.params)
    assert [one.key for one in session.radio if one.key == "lesson_choice"]
    assert lesson.title in shown(session).replace("\\", "")
    if charts(session):  # a run that has to be asked for shows none yet
        assert sum(veiled(charts(session))) == len(lesson.covered)
        there = {chart["name"] for stage in given(session) for chart in stage["charts"]}
        assert there >= {look.chart for look in lesson.watch}
        last = max((stage["steps"][-1] for stage in given(session) if len(stage["steps"])), default=0)
        assert all(look.at <= last for look in lesson.watch if look.at is not None)
    else:
        assert [one for one in session.button if one.key == "run_it"]


@pytest.mark.parametrize("key", ["standardised-inputs", "speeds-of-learning"])
def test_what_a_lesson_sets_together_with_its_data_stays(app, by_card, experiment, key):
    """Though it is what was usual for the data before: only data that a person chooses bring what is usual along."""
    session = by_card(app(page=PAGE), key)
    assert experiment(session) == experiment_of(LESSONS[key].params)


def test_the_handout_says_how_many_rows_there_are_instead_of_all_of_them(app):
    sheet = shown(app({"lesson": "raw-inputs"}, "loss_surface")).replace("\\", "")
    assert "; Rows: 20 given by hand; Hidden layers: none;" in sheet


def test_a_formula_that_a_lesson_sets_is_on_its_sheet_and_comes_back(app):
    lesson = next(each for each in LESSONS.values() if "fxy" in each.params and each.page == "optimizers")
    session = app({"lesson": lesson.key, "lanswer": str(lesson.answer)}, lesson.page)
    assert f"f(x, y): {lesson.params['fxy']}" in shown(session).replace("\\", "")
    assert not [one for one in session.button if one.key == "lesson_undo"]
    session.text_input(key="fxy").set_value("x**2 + y**2").run()
    button(session, "lesson_undo").click().run()
    assert session.text_input(key="fxy").value == lesson.params["fxy"]
    assert not [one for one in session.button if one.key == "lesson_undo"]


@pytest.mark.parametrize("link", KEPT)
def test_links_of_lessons_open_for_ever(link):
    page, key = urlsplit(link).path.strip("/"), parse_qs(urlsplit(link).query)["lesson"][0]
    assert LESSONS[key].page == page  # and that each opens there is tested above


def test_every_lesson_is_in_the_list_of_links():
    assert {f"/{lesson.page}?lesson={key}" for key, lesson in LESSONS.items()} <= set(KEPT)


def test_a_lesson_asks_first_then_leads_and_ends_with_numbers(app, charts, address):
    lesson = LESSONS["rate-too-large"]
    session = app({"lesson": lesson.key}, lesson.page)
    assert not any(one.value.startswith(":red") for one in session.markdown)  # no verdict: it would be the answer
    session.radio(key="lesson_choice").set_value(lesson.answer).run()
    assert "**Right.**" in shown(session)
    assert not any(veiled(charts(session)))
    assert address(session)["lanswer"] == str(lesson.answer)
    for place, look in enumerate(lesson.watch):
        assert f"**{place + 1} of {len(lesson.watch)}**" in shown(session)
        assert address(session).get("at") == (None if look.at is None else str(look.at))
        button(session, "lesson_next" if place + 1 < len(lesson.watch) else "lesson_why").click().run()
    table = session.dataframe[0].value
    assert list(table["agrees"]) == ["yes"] * len(lesson.claims)
    button(session, "lesson_following").click().run()
    assert LESSONS[lesson.next].title in shown(session).replace("\\", "")


@pytest.mark.parametrize("given", [0, SKIPPED])
def test_a_wrong_answer_and_none_are_told_the_right_one(app, given):
    lesson = LESSONS["rate-too-large"]
    session = app({"lesson": lesson.key, "lanswer": str(given)}, lesson.page)
    right = lesson.fill(lesson.choices[lesson.answer])
    assert right in shown(session)
    assert ("**Not quite**" in shown(session)) == (given == 0)


def test_what_was_changed_can_be_undone_and_is_kept_in_the_link(app, experiment):
    lesson = LESSONS["rate-too-large"]
    session = app({"lesson": lesson.key, "lr": "0.5", "optimizer": "sgd", "lanswer": "0"}, lesson.page)
    assert experiment(session).lr == 0.5
    button(session, "lesson_undo").click().run()
    assert experiment(session) == experiment_of(lesson.params)
    assert not [one for one in session.button if one.key == "lesson_undo"]


def test_a_lesson_can_be_left_and_the_settings_stay(app, experiment, address):
    lesson = LESSONS["rate-too-large"]
    session = app({"lesson": lesson.key}, lesson.page)
    button(session, "lesson_close").click().run()
    assert "lesson" not in address(session)
    assert not [one for one in session.radio if one.key == "lesson_choice"]
    assert experiment(session) == experiment_of(lesson.params)


@pytest.mark.parametrize("text", ["nothing-of-that-name", "", "x" * 500, "<b>"])
def test_a_lesson_that_is_not_there_is_no_lesson(app, text):
    session = app({"lesson": text}, "train")
    assert not [one for one in session.radio if one.key == "lesson_choice"]


def cards(session):
    """What the cards of a session show, chapter by chapter."""
    protos = [element.proto for element in session.get("bidi_component")]
    (proto,) = (one for one in protos if one.component_name == "descent_lab_gallery")
    return json.loads(proto.json)["chapters"]


def test_a_card_opens_its_lesson_and_is_marked_once_answered(opened, by_card, experiment):
    session = by_card(opened(), "rate-too-large")
    assert experiment(session) == experiment_of(LESSONS["rate-too-large"].params)
    session.radio(key="lesson_choice").set_value(0).run()
    session.switch_page("pages/lessons.py").run()
    marked = [card["key"] for chapter in cards(session) for card in chapter["cards"] if card["answered"]]
    assert marked == ["rate-too-large"]


def test_the_cards_are_the_lessons_chapter_by_chapter(opened):
    told = [(chapter["title"], [card["key"] for card in chapter["cards"]]) for chapter in cards(opened())]
    assert told == [
        (f"{one.number}. {one.title}", [card.key for card in found(str(one.number), "")]) for one in CHAPTERS
    ]
    (second,) = cards(opened({"lchapter": "2"}))
    assert second["title"] == told[1][0]
    assert all(card["title"] == LESSONS[card["key"]].title and card["question"] for card in second["cards"])


def test_every_lesson_has_a_card_and_search_finds_by_words():
    assert found("all", "") == list(LESSONS.values())
    assert {lesson.key for lesson in found("all", "glorot")} >= {"standard-initialisation"}
    assert found("all", "no such words at all") == []
    for chapter in CHAPTERS:
        assert {lesson.chapter for lesson in found(str(chapter.number), "")} == {chapter.number}


def test_the_first_visit_is_greeted_and_plays_once(app, experiment):
    session = app()
    assert [one.label for one in session.button if (one.key or "").startswith("try ")] == list(STATES)
    button(session, "try The spiral").click().run()
    assert experiment(session) == STATES["The spiral"]
    assert button(session, "try No hidden layer")
    session.selectbox(key="batch").set_value("16").run()
    assert not [one for one in session.button if (one.key or "").startswith("try ")]
    session.selectbox(key="batch").set_value("full").run()
    assert not [one for one in session.button if (one.key or "").startswith("try ")]


def test_whoever_comes_by_a_link_is_not_greeted(app):
    session = app({"lr": "0.1"})
    assert not [one for one in session.button if (one.key or "").startswith("try ")]


def test_the_states_to_try_are_what_they_say():
    assert STATES["No hidden layer"].arch == ()
    assert STATES["The spiral"].data == "spiral"
    assert STATES["20 sigmoid layers"].activations == ("sigmoid",) * 20
    assert STATES["A rate too large"].replace(lr=Experiment(optimizer="sgd").lr) == Experiment(optimizer="sgd")


def test_published_numbers_stand_beside_ours(opened):
    """The quick ones are measured while one looks; here, pass by pass."""
    session = opened({"lchapter": "5"})
    for _ in range(40):
        table = session.dataframe[0].value
        if not (table["ours"] == "…").any() or (table["ours"] == "…").sum() == sum(not c.quick for _, c in rows()):
            break
        session.run()
    quick = [claim.quick for _, claim in rows()]
    assert len(table) == len(quick)
    said = [text for text, fast in zip(table["agrees"], quick, strict=True) if fast]
    assert all(text == "yes" or text.startswith("no: ") for text in said)
    assert all(
        address.endswith(f"lesson={lesson.key}") for address, (lesson, _) in zip(table["open"], rows(), strict=True)
    )
    unmeasured = [claim for _, claim in rows() if not claim.measured]  # none where the engine's tests ran before
    assert [one.key for one in session.button if one.key == "measure_long"] == ["measure_long"] * bool(unmeasured)


OWN = OwnLesson("Week <3>", "Think.", "Which?", ("left", "right"), 1, ("data",), ("optimizer",), covered=True)


def test_a_teachers_lesson_covers_asks_and_locks(app, charts, experiment):
    session = app({"class": written(OWN), "lr": "0.05", "v": "1"}, "train")
    assert "Week \\<3\\>" in shown(session)
    assert all(veiled(charts(session)))
    session.number_input(key="lr").set_value(0.5).run()
    assert experiment(session).lr == 0.05
    session.radio(key="class_choice").set_value(0).run()
    assert not any(veiled(charts(session)))
    assert "**Not quite**" in shown(session)


@pytest.mark.parametrize("text", ["1.damaged", "7.abc", "1." + "A" * 13_000])
def test_a_damaged_lesson_is_one_sentence_and_the_page_is_whole(app, charts, text):
    session = app({"class": text}, "train")
    assert len(session.warning) == 1
    assert charts(session)


def test_the_builder_gives_a_link_that_opens_as_it_was_built(opened, app, experiment):
    session = opened({"lr": "0.07", "data": "moons"})
    for key, value in {"title": "Mine", "question": "Why?", "choices": "this\nthat"}.items():
        box = next(one for one in (*session.text_input, *session.text_area) if one.key == f"build_{key}")
        box.set_value(value).run()
    assert not [code for code in session.code if "class=" in code.value]  # which line is right is asked, not guessed
    session.selectbox(key="build_answer").set_value(1).run()
    session.text_area(key="build_choices").set_value("this").run()  # what was right is gone: not the first one instead
    session.text_area(key="build_choices").set_value("this\nthat").run()
    assert not [code for code in session.code if "class=" in code.value]
    session.selectbox(key="build_answer").set_value(1).run()
    link = next(code.value for code in session.code if "class=" in code.value)
    params = {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}
    there = app(params, "train")
    assert "Mine" in shown(there)
    there.radio(key="class_choice").set_value(1).run()
    assert "**Right.**" in shown(there)
    assert (experiment(there).lr, experiment(there).data) == (0.07, "moons")
    session.text_area(key="build_text").set_value("x" * 601).run()  # pasted: nothing holds it back
    assert "601 characters; at most 600" in session.warning[0].value
    assert not [code for code in session.code if "class=" in code.value]


def test_the_next_lesson_opens_as_it_is_whatever_the_link_before_said(app, experiment):
    """Settings that both lessons have, such as no hidden layer, are not lost on the way: after a reload, too."""
    first = LESSONS["one-neuron"]
    session = app({"lesson": first.key, "lanswer": "1", "llook": str(len(first.watch))}, first.page)
    session.session_state["unbound_last"] = session.session_state["unbound_last"]._replace(when=0.0)
    button(session, "lesson_following").click().run()
    session.run()
    assert experiment(session) == experiment_of(LESSONS[first.next].params)
    assert not [one for one in session.button if one.key == "lesson_undo"]


@pytest.mark.parametrize("key", ["exploding", "race-one-rate", "rare-class"])
def test_an_opened_lesson_has_what_its_page_adds_in_its_address(key, app):
    """Number fields, too, or a reload would show another run than the lesson tells of."""
    session, lesson = app({}, "lessons"), LESSONS[key]
    session.session_state["lesson_wanted"] = key
    session.run()
    declared = import_module(f"pages.sections.{lesson.page}.settings").SETTINGS
    wanted = {name: declared[name].read(text)[0] for name, text in lesson.params.items() if name in declared}
    differing = {name: value for name, value in wanted.items() if value != declared[name].default}
    address = {name: session.query_params.get(name, "") for name in differing}
    texts = {name: text if isinstance(text, str) else "-".join(text) for name, text in address.items()}
    assert {name: declared[name].read(text)[0] for name, text in texts.items()} == differing != {}


def test_before_the_answer_nothing_beside_the_covered_charts_of_depth_gives_it_away(app, explained):
    for answered in ({}, {"lanswer": "0"}):
        session = app(LESSONS["exploding"].params | {"lesson": "exploding"} | answered, "depth")
        (stage,) = given(session)
        titles = [title for title, _ in stage["metrics"]]
        assert ("First / last" in titles) == bool(answered)
        assert any("times the gradient" in said for said in explained(session)) == bool(answered)
        assert all(stage["findings"]) == bool(answered)

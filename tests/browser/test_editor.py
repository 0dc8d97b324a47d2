"""The network and the data in the hand, as people use them: by pointer, by keyboard and by touch."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

LINK = "/train?steps=20&samples=60"
SIZES = [(1280, 800), (390, 844)]


def asked(page, key):
    """What the address says of a setting; None if nothing."""
    return parse_qs(urlsplit(page.url).query).get(key, [None])[0]


def says(page, key, text):
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get(key, [None])[0] == text)


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


@pytest.fixture(params=SIZES, ids=["wide", "phone"])
def opened(request, app_url, open_page, wait_idle):
    """The Train page, its sidebar open."""
    width, height = request.param
    page = open_page(f"{app_url}{LINK}", width=width, height=height, has_touch=width < 700)
    if width < 700:
        page.get_by_test_id("stExpandSidebarButton").click()
    wait_idle(page)
    page.get_by_role("spinbutton", name="Units of layer 2").wait_for()
    return page


def test_layers_and_units_are_added_and_removed_by_hand(opened, rerun, expect):
    press = "tap" if opened.viewport_size["width"] < 700 else "click"
    with rerun(opened):
        getattr(button(opened, "Add a layer"), press)()
    says(opened, "arch", "8-8-8")
    with rerun(opened):
        getattr(button(opened, "Remove a unit from layer 2"), press)()
    says(opened, "arch", "8-7-8")
    with rerun(opened):
        getattr(button(opened, "Add a unit to every layer"), press)()
    says(opened, "arch", "9-8-9")
    with rerun(opened):  # layer 2 is the chosen one since its button was pressed
        getattr(button(opened, "Insert before"), press)()
    says(opened, "arch", "9-8-8-9")
    getattr(opened.get_by_role("spinbutton", name="Units of layer 1"), press)()
    with rerun(opened):
        getattr(button(opened, "Remove"), press)()
    says(opened, "arch", "8-8-9")
    with rerun(opened):
        getattr(button(opened, "Remove the last layer"), press)()
    says(opened, "arch", None)  # as at first
    expect(opened.get_by_role("textbox", name="Hidden layers")).to_have_value("8-8")


def test_a_burst_of_clicks_is_shown_at_once_and_makes_one_run(opened, wait_idle):
    runs = opened.evaluate("window.__runs")
    button(opened, "Remove a unit from layer 1").click(click_count=6)
    assert opened.get_by_role("spinbutton", name="Units of layer 1").input_value() == "2"
    says(opened, "arch", "2-8")
    opened.wait_for_timeout(1000)  # for more of them
    wait_idle(opened)
    assert opened.evaluate("window.__runs") - runs <= 2  # the run, and that of a page that follows its player


def test_a_button_that_is_held_repeats(opened, expect):
    """After 0.4 seconds every 70 milliseconds, at most: timers are late on a busy machine, never early."""
    units = opened.get_by_role("spinbutton", name="Units of layer 1")
    opened.evaluate(
        """() => ["pointerdown", "pointerup"].forEach((kind) =>
             addEventListener(kind, () => { window[kind] = performance.now(); }, true))"""
    )
    button(opened, "Add a unit to layer 1").hover()
    opened.mouse.down()
    expect(units).to_have_value(re.compile("1[2-9]|[2-9].|..."))
    opened.mouse.up()
    opened.wait_for_url(re.compile("arch="))
    first = int(asked(opened, "arch").split("-")[0])
    held = opened.evaluate("window.pointerup - window.pointerdown")
    assert 12 <= first <= 8 + (held - 400) / 70 + 1
    opened.wait_for_timeout(600)
    assert units.input_value() == str(first)


@pytest.mark.parametrize(
    ("typed", "arch"), [("6 5 4", "6-5-4"), ("6,5,4", "6-5-4"), ("20x64", "-".join(["64"] * 20)), ("none", "none")]
)
def test_layers_are_typed_as_people_write_them(app_url, page, wait_idle, rerun, typed, arch):
    page.goto(f"{app_url}{LINK}")
    wait_idle(page)
    with rerun(page):
        page.get_by_role("textbox", name="Hidden layers").fill(typed)
        page.keyboard.press("Enter")
    says(page, "arch", arch)
    sidebar = page.get_by_test_id("stSidebar").bounding_box()
    editor = page.locator(".st-key-network").bounding_box()
    assert editor["x"] + editor["width"] <= sidebar["x"] + sidebar["width"]


@pytest.mark.parametrize(
    ("typed", "said"), [("8-x", "“x” is no number of units"), ("600", "1 to 512 units"), ("101x8", "at most 100")]
)
def test_a_wrong_text_is_said_beside_the_field_and_the_network_stays(
    app_url, page, wait_idle, rerun, expect, typed, said
):
    page.goto(f"{app_url}{LINK}")
    wait_idle(page)
    field = page.get_by_role("textbox", name="Hidden layers")
    field.fill(typed)
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert").filter(has_text=said)
    alert.wait_for()
    assert alert.bounding_box()["y"] - field.bounding_box()["y"] < 60
    assert page.get_by_role("spinbutton").count() >= 2
    says(page, "arch", None)
    with rerun(page):
        button(page, "Add a unit to layer 1").click()
    says(page, "arch", "9-8")
    alert.wait_for(state="hidden")
    expect(field).to_have_value("9-8")


def test_the_network_is_edited_by_the_keyboard_alone(app_url, page, wait_idle):
    page.goto(f"{app_url}{LINK}")
    wait_idle(page)
    page.get_by_role("spinbutton", name="Units of layer 1").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    says(page, "arch", "9-1")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.ariaLabel") == "Remove a unit from layer 2"
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    says(page, "arch", "9-12")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Insert")
    says(page, "arch", "9-12-12")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Delete")
    says(page, "arch", "12-12")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.ariaLabel") == "Add a unit to layer 1"


def test_each_layer_has_an_activation_of_its_own(app_url, page, wait_idle, rerun, expect):
    page.goto(f"{app_url}{LINK}")
    wait_idle(page)
    whole = page.get_by_role("combobox", name="Activation", exact=True)
    with rerun(page):
        whole.select_option("One for each layer")
    with rerun(page):
        page.get_by_role("combobox", name="Activation of layer 2").select_option("ReLU")
    says(page, "act", "tanh-relu")
    with rerun(page):
        button(page, "Add a layer").click()
    says(page, "act", "tanh-relu-relu")
    expect(page.get_by_test_id("stSidebar").get_by_test_id("stAlert")).to_have_count(0)
    with rerun(page):
        whole.select_option("Sine")
    says(page, "act", "sin")


def test_data_are_chosen_by_one_click_and_by_arrows(opened, rerun, expect):
    with rerun(opened):
        opened.get_by_role("radio", name="Spiral", exact=True).click()
    says(opened, "data", "spiral")
    with rerun(opened):
        opened.keyboard.press("ArrowRight")
    says(opened, "data", "moons")
    sets = opened.get_by_role("radiogroup", name="Data set")
    expect(sets.get_by_role("radio")).to_have_count(8)
    sets.get_by_text("more data sets").click()
    sets.get_by_role("radio").nth(18).wait_for()
    with rerun(opened):
        opened.get_by_role("radio", name="Sine", exact=True).click()
    says(opened, "data", "sine")


def test_of_a_link_to_one_of_the_folded_data_sets_the_fold_is_open(app_url, page, wait_idle):
    page.goto(f"{app_url}/train?steps=20&data=parabola")
    wait_idle(page)
    assert page.get_by_role("radio", name="Parabola", exact=True).is_checked()


def test_targets_are_large_enough_for_a_finger_and_nothing_is_cut(opened):
    opened.get_by_text("more data sets").click()
    boxes = [one.bounding_box() for one in opened.locator(".st-key-network button:visible").all()]
    boxes += [one.bounding_box() for one in opened.locator(".st-key-pictures label").all()]
    assert len(boxes) > 15
    assert all(box["width"] >= 32 and box["height"] >= 32 for box in boxes)
    cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    assert opened.locator(".st-key-pictures span").evaluate_all(cut) == []


def test_what_is_folded_stays_in_the_address_on_every_page_and_through_opening(app_url, page, wait_idle, rerun, expect):
    page.goto(f"{app_url}{LINK}&l2=0.01&arch=4&init=he")
    wait_idle(page)
    for name in ("Layers", "Train"):
        with rerun(page):
            page.get_by_role("link", name=name, exact=True).first.click()
        page.get_by_role("heading", name=name, exact=True, level=1).wait_for()
        for key, text in {"l2": "0.01", "arch": "4", "init": "he"}.items():
            says(page, key, text)
    with rerun(page):
        page.get_by_text("Penalties, dropout, stopping").click()
    penalty = page.get_by_role("spinbutton", name="L2 penalty")
    expect(penalty).to_have_value("0.01")
    with rerun(page):
        penalty.fill("0")
        page.keyboard.press("Enter")
    says(page, "l2", None)
    assert [asked(page, key) for key in ("arch", "init")] == ["4", "he"]


def test_back_undoes_an_edit(app_url, page, wait_idle, rerun, expect):
    page.goto(f"{app_url}{LINK}")
    wait_idle(page)
    with rerun(page):
        button(page, "Add a layer").click()
    says(page, "arch", "8-8-8")
    with rerun(page):
        page.go_back()
    expect(page.get_by_role("textbox", name="Hidden layers")).to_have_value("8-8")
    says(page, "arch", None)


def test_points_are_drawn_and_taken_away(app_url, open_page, rerun, expect):
    """By touch on a phone: two of the third class, and back by Undo."""
    page = open_page(f"{app_url}/train?steps=20&data=drawn", width=390, height=844, has_touch=True)
    page.get_by_test_id("stExpandSidebarButton").click()
    plane = page.get_by_role("application", name="Points drawn")
    plane.wait_for()
    page.get_by_text("4 of 60 points").wait_for()
    page.get_by_role("radio", name="class 2").click()
    size, dots = plane.bounding_box()["width"], page.locator(".canvas circle")
    lower, middle = ({"x": x * size, "y": y * size} for x, y in [(0.25, 0.75), (0.5, 0.5)])
    with rerun(page):
        for place in (lower, middle):
            plane.tap(position=place)
    expect(dots).to_have_count(6)
    whole = re.compile(r"a-3_-2a-2_1.5b2_-1.5b3_2c-[\d.]+_-[\d.]+c-?[\d.]+_-?[\d.]+")
    page.wait_for_url(lambda url: whole.fullmatch(parse_qs(urlsplit(url).query).get("points", [""])[0]))
    drawn = asked(page, "points")
    x, y = map(float, drawn.split("c")[1].split("_"))
    assert abs(x + 3) < 0.1
    assert abs(y + 3) < 0.1
    with rerun(page):
        plane.tap(position=lower)
    expect(dots).to_have_count(5)
    with rerun(page):
        button(page, "Undo").click()
    expect(dots).to_have_count(6)
    says(page, "points", drawn)
    button(page, "Clear").click()
    expect(dots).to_have_count(0)
    page.get_by_role("alert").filter(has_text="until there is one").wait_for()
    says(page, "points", drawn)


def test_points_are_drawn_by_the_keyboard(app_url, page, wait_idle):
    page.goto(f"{app_url}/train?steps=20&data=drawn")
    wait_idle(page)
    page.get_by_role("application", name="Points drawn").focus()
    for key in ("2", "Shift+ArrowUp", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    says(page, "points", "a-3_-2a-2_1.5b2_-1.5b3_2b0.25_1")
    page.keyboard.press("Enter")
    says(page, "points", None)
    page.get_by_text("4 of 60 points").wait_for()


def test_new_weights_are_one_press_and_keep_the_data(app_url, page, wait_idle, rerun):
    page.goto(f"{app_url}{LINK}")
    wait_idle(page)
    with rerun(page):
        button(page, "New weights").click()
    says(page, "seed", "1")
    says(page, "dseed", "0")
    with rerun(page):
        button(page, "New data").click()
    says(page, "dseed", None)
    assert asked(page, "seed") == "1"


def test_each_group_of_the_sidebar_can_be_hidden_by_a_lesson(app_url, page, wait_idle):
    page.goto(f"{app_url}{LINK}")
    wait_idle(page)
    for name, inside in (("data", "Spiral"), ("network", "Hidden layers"), ("optimizer", "Learning rate")):
        page.locator(f".st-key-group_{name}").get_by_label(inside).first.wait_for()
    assert page.locator(".st-key-group_training").is_visible()
    assert page.locator(".st-key-group_regularisation").is_visible()

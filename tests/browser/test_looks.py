"""Every page on every screen: a phone, a tablet, a laptop, a projector (in projector size, too), a laptop at 200 %.

One load of a page serves two sizes where nothing but the window differs. What is looked at are boxes, as the browser
lays them out, and the colours of all words on the screen, in the light and in the dark.
"""

from contextlib import suppress
from pathlib import Path

import pytest

from pages.common.menu import PAGES

NAMES = [entry.name for entry in PAGES]
PHONE, TABLET, LAPTOP, PROJECTOR = (390, 844), (820, 1180), (1280, 800), (1920, 1080)
SMALL, LOW, ZOOMED = (1366, 768), (1280, 720), (640, 360)  #: laptops, one at 200 % zoom
MENU_FROM = 768  #: pixels, from which on Streamlit has its menu on top

OTHER_VIEWS = [
    "train?data=moons&arch=5-4",
    "train?data=moons&lr=0.003",
    "layers?look=matrices&pin=v:1~lr:0.1",
    "layers?look=matrices&arch=20&pin=v:1~lr:0.1",
    "layers?look=matrices&layer=2&arch=30-2",
    "layers?look=distributions&arch=8-8-8-8&pin=v:1~act:relu~init:he",
    "layers?data=digits&arch=20-20-20-20-20-20",
    "backprop?arch=6-6&pin=v:1~lr:0.1",
    "loss_surface?plane=slice",
    "loss_surface?plane=random&pseed=5&data=moons",
    "optimizers?track=goldstein_price",
    "depth?dview=training",
]  #: where more stands on the page than at first

HERE = Path(__file__).parent
FAULTS, PALE = ((HERE / name).read_text(encoding="utf-8") for name in ("faults.js", "pale.js"))
#: Whether the charts in sight have been drawn for the room that they have now.
FITTED = """() => [...document.querySelectorAll(".stage .graph")].every((graph) => {
  const { top } = graph.getBoundingClientRect(), { width, height } = graph._fullLayout ?? {};
  return top > innerHeight || (Math.abs(width - graph.clientWidth) < 2 && height < graph.clientHeight + 2);
})"""


def drawn(page, wait_idle):
    """Wait until the page and what is in sight of its stage have been drawn at the present size."""
    page.wait_for_selector(".stMain h1")
    wait_idle(page)
    if page.locator(".stage").count() or "lessons" not in page.url:
        page.wait_for_selector(".stage .js-plotly-plot .main-svg", state="attached")
    page.wait_for_timeout(250)
    page.wait_for_function(FITTED)
    wait_idle(page)


def too_pale(page):
    """Words that stay too pale: Streamlit pales for a moment what is about to change."""
    with suppress(pytest.importorskip("playwright.sync_api").TimeoutError):
        page.wait_for_function(f"() => ({PALE})().length === 0", timeout=5000)
    return page.evaluate(PALE)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_or_overlaps_at_any_size_and_all_words_can_be_read(name, app_url, shared_page, wait_idle, shoot):
    page, faults = shared_page, {}
    page.emulate_media(reduced_motion="reduce", color_scheme="light")

    def look(size, room=""):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        drawn(page, wait_idle)
        page.evaluate("() => document.querySelector('.stMain').scrollTo(0, 0)")
        shoot(page, f"{name}-{size[0]}{room}")
        found = faults[*size, room] = page.evaluate(FAULTS)
        if size[0] < MENU_FROM:
            way = page.get_by_test_id("stExpandSidebarButton")
            named = way.evaluate("button => getComputedStyle(button, '::after').content")
            found += [] if "Pages" in named else ["the way to the pages has no name"]
        else:
            links = page.get_by_test_id("stTopNavLink").evaluate_all(
                "links => links.filter((link) => link.closest('.rc-overflow-item').style.opacity !== '0').length"
            )
            found += [] if links == len(NAMES) else [f"{links} of {len(NAMES)} pages are in the menu"]

    page.goto(f"{app_url}/{name}?projector=true")
    for size in (TABLET, PROJECTOR, LOW, ZOOMED):
        look(size, "-room")
    for sizes in ((ZOOMED, PHONE), (TABLET,), (PROJECTOR, LAPTOP)):
        page.set_viewport_size({"width": sizes[0][0], "height": sizes[0][1]})
        page.goto(f"{app_url}/{name}")
        for size in sizes:
            look(size)
    faults["light"] = too_pale(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'")
    drawn(page, wait_idle)
    faults["dark"] = too_pale(page)
    assert not any(faults.values()), "\n".join(f"{size}: {fault}" for size, found in faults.items() for fault in found)


@pytest.mark.parametrize("link", OTHER_VIEWS)
def test_nothing_is_cut_or_overlaps_where_there_is_more(link, app_url, shared_page, wait_idle):
    page, faults = shared_page, {}
    page.set_viewport_size({"width": SMALL[0], "height": SMALL[1]})
    page.goto(f"{app_url}/{link}")
    for size in (SMALL, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        drawn(page, wait_idle)
        # the first screen is that of the view which a page opens with
        faults[size] = [fault for fault in page.evaluate(FAULTS) if "first screen" not in fault]
    assert not any(faults.values()), faults

"""The browser's history: one entry for each change, whoever writes it; and what closes behind a choice."""

from urllib.parse import urlsplit


def test_back_takes_back_one_change_at_a_time(page, app_url, wait_idle, rerun, expect):
    page.goto(app_url)
    wait_idle(page)

    def shows(lr, arch, path):
        expect(page.locator(".st-key-lr input").first).to_have_value(lr)
        expect(page.get_by_role("textbox", name="Hidden layers")).to_have_value(arch)
        page.wait_for_url(lambda url: urlsplit(url).path == path)

    assert page.locator(".st-key-changes").is_hidden()  # which says what the browser knows, and is for nobody's eyes
    states = [("0.03", "8-8", "/")]
    shows(*states[-1])
    with rerun(page):
        page.locator(".st-key-lr input").first.fill("0.1")
        page.keyboard.press("Enter")
    states.append(("0.1", "8-8", "/"))
    shows(*states[-1])
    with rerun(page):  # the app changes the rate along with it
        page.locator(".st-key-optimizer").click()
        page.get_by_role("option", name="Gradient descent").click()
    states.append(("0.5", "8-8", "/"))
    shows(*states[-1])
    with rerun(page):
        page.get_by_label("Add a layer").click()
    states.append(("0.5", "8-8-8", "/"))
    shows(*states[-1])
    with rerun(page):  # the menu leaves out what the app then writes
        page.get_by_role("link", name="Layers").click()
    shows("0.5", "8-8-8", "/layers")
    for state in reversed(states):
        with rerun(page):
            page.go_back()
        shows(*state)
    page.locator(".st-key-welcome").wait_for()


def test_a_popover_and_the_drawer_of_a_phone_close_behind_a_choice(open_page, app_url, rerun):
    page = open_page(f"{app_url}/depth?depth=3&width=4", width=390, height=844, has_touch=True, is_mobile=True)
    body = page.locator('[data-testid="stPopoverBody"]:visible')
    page.get_by_role("button", name="Presets").tap()
    with rerun(page):
        body.get_by_role("button", name="Zero initialisation").tap()
    body.wait_for(state="detached")
    page.get_by_test_id("stExpandSidebarButton").tap()
    with rerun(page):
        page.get_by_test_id("stSidebar").get_by_role("link", name="Optimizers").tap()
    page.locator('[data-testid="stSidebar"][data-collapsed="true"]').wait_for(state="attached")
    page.get_by_role("heading", name="Optimizers").wait_for()

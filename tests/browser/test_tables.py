"""Every chart of every page has a table, or says that it has no numbers: its rows are as long as its head."""

import pytest

LINKS = [
    "train",
    "layers",
    "layers?look=distributions",
    "layers?look=matrices&pin=v:1~lr:0.1",
    "backprop",
    "loss_surface",
    "loss_surface?plane=slice",
    "optimizers",
    "depth",
    "convolution",
    "convolution?cvview=cell",
    "convolution?cvview=image",
    "study",
]
TABLES = """(box) => [...box.querySelectorAll("dialog table")].map((table) => ({
  caption: table.caption.textContent,
  rows: [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
}))"""


def tables(chart):
    chart.locator("summary").click()
    chart.get_by_role("button", name="As a table").click()
    chart.get_by_role("dialog").wait_for()
    found = chart.evaluate(TABLES)
    assert found or "no numbers" in chart.get_by_role("dialog").inner_text()
    chart.get_by_role("button", name="Close").click()
    return found


@pytest.mark.parametrize("link", LINKS)
def test_every_chart_has_its_table(link, app_url, shared_page, wait_idle):
    page = shared_page
    page.goto(f"{app_url}/{link}")
    wait_idle(page)
    for chart in page.locator(".stage .chart:not(.refused)").all():
        for table in tables(chart):
            head, *rows = table["rows"]
            assert rows
            assert {len(row) for row in rows} == {len(head)}
            assert "undefined" not in str(rows)


def test_a_matrix_of_two_runs_has_the_numbers_of_both(app_url, shared_page, wait_idle):
    """Those of A are what the same link without B shows."""
    found = {}
    for link in ("&lr=0.1", "&pin=v:1~lr:0.1"):
        shared_page.goto(f"{app_url}/layers?look=matrices{link}")
        wait_idle(shared_page)
        found[link] = tables(shared_page.locator("[data-chart=matrix-weight]"))
    (alone,), (first, second) = found.values()
    assert (first["caption"], second["caption"]) == ("A", "B")
    assert first["rows"] == alone["rows"] != second["rows"]

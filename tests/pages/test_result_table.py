"""Small tables say what they hold, in the text and in a file."""

import csv
import io
import xml.etree.ElementTree as ET

from pages.sections.optimizers.result_table import as_csv, as_html


def test_rows_and_columns_are_named_and_words_are_taken_as_they_are():
    region = ET.fromstring(as_html('Who "won"', {"Optimizer": ["Adam", "A: <b> & *y*"], "Final loss": ["0.5", "–"]}))
    assert (region.get("role"), region.get("tabindex"), region.get("aria-label")) == ("region", "0", 'Who "won"')
    cells = [[(cell.tag, cell.get("scope"), cell.text) for cell in row] for row in region.iter("tr")]
    assert cells == [
        [("th", "col", "Optimizer"), ("th", "col", "Final loss")],
        [("th", "row", "Adam"), ("td", None, "0.5")],
        [("th", "row", "A: <b> & *y*"), ("td", None, "–")],
    ]


def test_a_file_has_every_digit_and_nothing_where_there_is_nothing():
    read = list(csv.reader(io.StringIO(as_csv({"Optimizer": ["Adam", "SGD, slow"], "Final loss": [1 / 3, None]}))))
    assert read == [["Optimizer", "Final loss"], ["Adam", "0.3333333333333333"], ["SGD, slow", ""]]

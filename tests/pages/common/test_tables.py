"""Small tables say what they hold, in the text and in a file."""

import csv
import io

from pages.common.tables import as_csv, as_markdown

COLUMNS = {"Optimizer": ["Adam", "A: f(x) | *y*"], "Final loss": ["0.5", "–"]}


def test_markdown_has_a_line_for_each_row_and_takes_words_as_they_are():
    assert as_markdown(COLUMNS).splitlines() == [
        "| Optimizer | Final loss |",
        "| --- | ---: |",
        "| Adam | 0.5 |",
        r"| A\: f\(x\) \| \*y\* | – |",
    ]


def test_a_file_has_the_same_in_the_words_of_the_screen():
    read = list(csv.reader(io.StringIO(as_csv(COLUMNS))))
    assert read == [[*COLUMNS], *map(list, zip(*COLUMNS.values(), strict=True))]

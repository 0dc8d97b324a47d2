"""Backpropagation, number by number: one update of one weight, traced back through every sum it comes from.

A recording shows what a run looked like; here the run is had again and held at one step. `replay` gives everything that
goes into that step and comes out of it, with what the optimizer remembers, and lets a number be typed over; `course` is
what then comes of the whole run. `trace` follows one weight and one sample through the chain rule; `written_update`
writes the update out as its paper does; `worked_examples` are the networks of textbooks, small enough to be done by
hand.
"""

from engine.backprop.course import Course, course_of
from engine.backprop.replay import LARGEST, Edit, Moment, Replay, read_edits
from engine.backprop.trace import (
    Pass,
    Slopes,
    count_paths,
    examine,
    is_plain,
    kinked_units,
    paths,
    slopes,
)
from engine.backprop.worked_examples import EXAMPLES, Example
from engine.backprop.written_update import write_out

__all__ = [
    "EXAMPLES",
    "LARGEST",
    "Course",
    "Edit",
    "Example",
    "Moment",
    "Pass",
    "Replay",
    "Slopes",
    "count_paths",
    "course_of",
    "examine",
    "is_plain",
    "kinked_units",
    "paths",
    "read_edits",
    "slopes",
    "write_out",
]

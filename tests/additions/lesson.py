"""A made-up lesson: four steps of descent, and the number of them."""

from engine.lessons.lesson import Claim, Lesson, Look, Source
from engine.lessons.measures import run

FOUR = Lesson(
    key="four-steps",
    title="Four steps",
    chapter=2,
    page="train",
    params={"steps": "4"},
    system="A small network, {steps} steps.",
    question="How many steps are made in {steps} steps?",
    choices=("As many", "More"),
    answer=0,
    watch=(Look("The last one.", "history"),),
    why="They are {made:.0f}.",
    claims=(
        Claim(
            name="made",
            words="steps that were made",
            of=lambda params: run(params).steps,
            expected=4,
            tolerance=0,
            source=Source("Counting"),
        ),
    ),
    covered=("history",),
)

LESSONS = (FOUR,)

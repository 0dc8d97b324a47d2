"""What the Lessons page adds to the link: the chapter, and what is searched for."""

from engine.experiment.settings import Choice, Text, keyed
from engine.lessons import CHAPTERS

ALL = "all"
SETTINGS = keyed(
    lchapter=Choice(
        ALL,
        "Chapter",
        "",
        {ALL: "All"} | {str(chapter.number): str(chapter.number) for chapter in CHAPTERS},
        control="segments",
    ),
    lfind=Text("", "Search", "Words of a title, a question or a source.", 100),
)

"""Lessons: one question each, the state to see it in, and claims that the engine measures.

    LESSONS["vanishing"].question, .choices, .page, .params      what a page opens and asks
    LESSONS["vanishing"].fill(lesson.why)                        a text with its measured numbers
    claim.measure(), claim.expected, claim.holds(value)          what the answer rests on

A chapter is a folder, its lessons stand in files by their subject, and a lesson is data: whoever adds one touches that
file alone. What a lesson is stands in `lesson`, what claims measure with in `measures`. Everything that a lesson says
of a run is measured, and tests hold it.
"""

from engine.lessons import depth, descent, networks, one_gradient, published
from engine.lessons.lesson import Chapter, Claim, Lesson, Look, Params, Source, experiment_of

_CHAPTERS = (one_gradient, descent, depth, networks, published)
CHAPTERS: tuple[Chapter, ...] = tuple(chapter.CHAPTER for chapter in _CHAPTERS)
_IN_ORDER = [lesson for chapter in _CHAPTERS for lesson in chapter.LESSONS]
_NEXT = [*(lesson.key for lesson in _IN_ORDER[1:]), ""]

#: All lessons by key, in the order of teaching; `next` is empty only in the last one.
LESSONS: dict[str, Lesson] = {
    lesson.key: lesson.replace(next=lesson.next or following)
    for lesson, following in zip(_IN_ORDER, _NEXT, strict=True)
}

__all__ = ["CHAPTERS", "LESSONS", "Chapter", "Claim", "Lesson", "Look", "Params", "Source", "experiment_of"]

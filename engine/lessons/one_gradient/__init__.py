"""Chapter 1, one gradient by hand: where each number of a step comes from, and how to find a wrong one."""

from engine.lessons.lesson import Chapter
from engine.lessons.one_gradient import bugs, lines, worked

CHAPTER = Chapter(1, "One gradient by hand", "Where every number of a step comes from, and how to find a wrong one.")
LESSONS = (*lines.LESSONS, *worked.LESSONS, *bugs.LESSONS)

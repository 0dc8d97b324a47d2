"""Chapter 5, published results, run again here: the published number, ours, and how far apart they may be.

A row is a lesson like any other: `system` is the setting as it was published, the claims have the published numbers as
`expected`, and `params` open the state nearest to it. Where authors drew random numbers of their own, the claim is the
range over seeds. What this engine does not reproduce stays, with the reason (`Claim.miss`).
"""

from engine.lessons.lesson import Chapter
from engine.lessons.published import courses, cs231n, deep_starts, micrograd, papers, textbooks

CHAPTER = Chapter(5, "Published results", "Numbers from textbooks, courses and papers, and ours beside them.")
_PARTS = (textbooks, cs231n, micrograd, courses, deep_starts, papers)
LESSONS = tuple(lesson for part in _PARTS for lesson in part.LESSONS)

"""Chapter 2, descent: how long a step may be, how many samples it needs, and what better steps buy."""

from engine.lessons.descent import batches, learning_rates, optimizers, scaling, schedules, searches, terrain
from engine.lessons.lesson import Chapter

CHAPTER = Chapter(2, "Descent", "How long a step may be, how many samples it needs, and what better steps buy.")
_PARTS = (learning_rates, searches, schedules, batches, optimizers, terrain, scaling)
LESSONS = tuple(lesson for part in _PARTS for lesson in part.LESSONS)

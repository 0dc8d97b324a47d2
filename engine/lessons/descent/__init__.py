"""Chapter 2, descent: how long a step may be, how many samples it needs, and what better steps buy."""

from engine.lessons.descent import batches, learning_rates, optimizers, schedules, terrain
from engine.lessons.lesson import Chapter

CHAPTER = Chapter(2, "Descent", "How long a step may be, how many samples it needs, and what better steps buy.")
LESSONS = (*learning_rates.LESSONS, *schedules.LESSONS, *batches.LESSONS, *optimizers.LESSONS, *terrain.LESSONS)

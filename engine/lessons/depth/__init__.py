"""Chapter 3, depth: how far a gradient gets, what loses it on the way, and what carries it through."""

from engine.lessons.depth import gradients, normalisation, starts
from engine.lessons.lesson import Chapter

CHAPTER = Chapter(3, "Depth", "Why gradients vanish and explode in deep networks, and what carries them through.")
LESSONS = (*gradients.LESSONS, *starts.LESSONS, *normalisation.LESSONS)

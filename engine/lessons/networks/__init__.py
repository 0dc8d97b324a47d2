"""Chapter 4, networks at work: classifiers of images, what their accuracy hides, and networks that learn by heart."""

from engine.lessons.lesson import Chapter
from engine.lessons.networks import classifiers, convolutional, overfitting, rare_class

CHAPTER = Chapter(4, "Networks at work", "Classifiers, what their accuracy hides, and networks that learn by heart.")
LESSONS = (*rare_class.LESSONS, *classifiers.LESSONS, *convolutional.LESSONS, *overfitting.LESSONS)

"""Words that a beginner meets, each in one sentence, explained where it stands."""

from pages.common.glossary.marking import caption, help_of, marked_terms, style
from pages.common.glossary.terms import TERMS

__all__ = ["TERMS", "caption", "help_of", "marked_terms", "style"]

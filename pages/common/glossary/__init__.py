"""Words that a beginner meets, each in one sentence, explained where it stands."""

from pages.common.glossary.marking import STYLE, caption, help_of, marked_terms
from pages.common.glossary.terms import TERMS

__all__ = ["STYLE", "TERMS", "caption", "help_of", "marked_terms"]

"""Formulas that people type: parsed, never evaluated as code; differentiated exactly; written out as LaTeX."""

from engine.expressions.parser import parse
from engine.expressions.tokens import ExpressionError

__all__ = ["ExpressionError", "parse"]

"""Formulas that people type: parsed, never evaluated as code; differentiated exactly; written out as LaTeX."""

from engine.expressions.parser import ExpressionError, parse

__all__ = ["ExpressionError", "parse"]

"""Formulas that people type: parsed, never evaluated as code; differentiated exactly; written out as LaTeX."""

"""Diagnosis of a run: what is measured in each layer, the verdict on it, and what would help."""

from engine.diagnostics.measures import Activity, activity, update_ratio
from engine.diagnostics.remedies import Remedy
from engine.diagnostics.verdicts import Finding, verdicts

__all__ = ["Activity", "Finding", "Remedy", "activity", "update_ratio", "verdicts"]

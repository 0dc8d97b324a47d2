"""An experiment: the frozen description of a run, what each setting may be, and how a link tells it."""

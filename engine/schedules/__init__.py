"""Learning-rate schedules: closed forms of the step, and the one that waits for the loss to stall."""

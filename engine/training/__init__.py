"""Training: from an experiment to a recording of every loss, norm and key frame of the run."""

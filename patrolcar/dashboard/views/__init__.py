"""Views: functions from a frame and a size to lines of text, nothing else."""

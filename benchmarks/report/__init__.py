"""What a run's results say, and how it is shown."""

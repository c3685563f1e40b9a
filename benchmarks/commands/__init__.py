"""The subcommands of `python -m benchmarks`, one module each. Only this room ties the others together."""

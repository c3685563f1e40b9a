"""Run a job on this computer as the app runs it on a phone: the same files in and out, virtual.

`runner` has the entry points. A job's own fault becomes a failed result; a bug keeps its traceback.
"""

"""Run a job on this machine as the app runs it on a phone: same files in, same files out, all of it virtual.

Importing this room imports no TensorFlow; running a job does. `runner` is the way in. A job's own fault becomes a
failed result; a bug keeps its traceback.
"""

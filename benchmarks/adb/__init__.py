"""One `Phone` over adb, whichever way it is attached.

A transport opens a named service on a phone as a stream of bytes; there are two, the adb server's smart socket and
adb's own protocol spoken directly over USB or TCP. Everything else (shell, sync, install) is written once, on top.
"""

"""Phones over adb, however they are attached.

A transport opens a named service on a phone as a stream of bytes. There are two: the adb server's smart socket, and
adb's own protocol directly over USB or TCP. Everything else (shell, sync, install) is the same for both.
"""

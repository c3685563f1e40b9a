"""Renders a `Comparison`: page, Markdown, JSON, CSV, JUnit and terminal. Nothing is computed here."""

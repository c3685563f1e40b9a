"""Why a phone does not answer as Keras does: which arrow, which cause, and how sure that is."""

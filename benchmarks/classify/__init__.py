"""Pictures through packed models on this computer, and through Keras and phones where that is wanted."""

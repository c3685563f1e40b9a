"""Where an export ends: the manifest, the app's assets, and the fingerprint of what they were made from."""

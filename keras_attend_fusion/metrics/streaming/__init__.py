"""Keras metrics that stream through `fit` and `evaluate`."""

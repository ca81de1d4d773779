"""Small models are compiled often here and run once."""

from __future__ import annotations

import keras

if keras.backend.backend() == "jax":
    import jax

    jax.config.update("jax_disable_most_optimizations", True)

"""JAX compiles hundreds of small layers and models here and runs each once.

Importing this module has it compile them without much optimisation, and the
same one only once: what was compiled is kept in a folder until the tests end.
"""

from __future__ import annotations

import tempfile

import keras

if keras.backend.backend() == "jax":
    import jax

    folder = tempfile.TemporaryDirectory(prefix="compiled-")
    jax.config.update("jax_disable_most_optimizations", True)
    jax.config.update("jax_compilation_cache_dir", folder.name)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

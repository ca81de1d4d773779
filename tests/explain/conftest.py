"""Quick compilation on JAX."""

from __future__ import annotations

import tests.quick_jax  # noqa: F401

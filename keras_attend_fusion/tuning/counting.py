"""The parameters of a model that is never made."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras


def count_parameters(build: Callable[[], keras.Model]) -> int:
    """Counts the parameters of what `build` returns, from shapes alone.

    No weight is allocated or drawn, so a model too large for the machine is
    counted as quickly as a small one.

    Args:
        build: builds a functional model.

    Returns:
        The number of parameters, those that are not trained included.

    Example:

    >>> inputs = keras.Input((1_000_000,))
    >>> dense = keras.layers.Dense(1_000_000)
    >>> count_parameters(lambda: keras.Model(inputs, dense(inputs)))
    1000001000000
    """

    def count() -> int:
        with keras.StatelessScope(initialize_variables=False):
            return int(build().count_params())

    # Keras keeps a list of variables to be allocated by the next scope; it is
    # the thread's, and ends with it.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(count).result()

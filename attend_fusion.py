"""The command `attend-fusion`, also `python -m attend_fusion`.

TensorFlow writes start-up notices to standard error while it is imported,
and importing the package imports Keras and with it the backend. So the
notices have to be kept away from outside the package.
"""

import contextlib
import os
import sys
from collections.abc import Iterator


def run() -> None:
    """Runs the command line and exits with its status."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _quiet():
            # Shards are read with TensorFlow on every backend; Keras comes
            # first, because PyTorch has to be loaded before TensorFlow.
            import keras  # noqa: F401
            import tensorflow as tf

            from keras_attend_fusion.cli.main import main
    except KeyboardInterrupt:
        print("attend-fusion: interrupted", file=sys.stderr)
        raise SystemExit(130) from None
    tf.get_logger().setLevel("ERROR")
    raise SystemExit(main())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drops what C++ libraries write to standard error in the block."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


if __name__ == "__main__":
    run()

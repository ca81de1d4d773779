"""Precision and compilation that suit the machine, by measurement."""

from __future__ import annotations

from pathlib import Path

import keras

from keras_attend_fusion.training.mirrored import is_mirrored


def has_accelerator() -> bool:
    """Whether the Keras backend has anything but a CPU to compute on."""
    if keras.backend.backend() == "torch":
        import torch

        return bool(torch.cuda.is_available())
    devices = keras.distribution.list_devices()
    return any(not device.lower().startswith("cpu") for device in devices)


def has_bfloat16_cpu(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the CPU multiplies matrices in bfloat16 by itself."""
    try:
        flags = cpuinfo.read_text().split()
    except OSError:
        return False
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags)


def default_dtype_policy() -> str:
    """The dtype policy that trains fastest on this machine.

    "mixed_bfloat16" on an accelerator, and on a CPU with bfloat16
    instructions under TensorFlow and PyTorch, whose matrix products use
    them; "float32" elsewhere. JAX's CPU compiler does not use them yet:
    there bfloat16 is the slower of the two (`benchmarks/epoch.py`).
    """
    if has_accelerator():
        return "mixed_bfloat16"
    if keras.backend.backend() == "jax" or not has_bfloat16_cpu():
        return "float32"
    return "mixed_bfloat16"


def default_jit_compile() -> bool | str:
    """What to pass as `compile(jit_compile=…)` on this machine.

    False for TensorFlow on a CPU, whose own kernels are faster there than
    XLA's in bfloat16 (`benchmarks/epoch.py`), and on several devices, whose
    sums XLA cannot compile; "auto" elsewhere.
    """
    if is_mirrored():
        return False
    if keras.backend.backend() == "tensorflow" and not has_accelerator():
        return False
    return "auto"

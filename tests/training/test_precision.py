"""The precision that suits a machine."""

from __future__ import annotations

import keras
import pytest

from keras_attend_fusion.training import precision


def cpuinfo(tmp_path, flags):
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor\t: 0\nflags\t\t: fpu sse2 {flags} avx2\n")
    return path


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("avx512_bf16", True),
        ("amx_bf16", True),
        ("avx512f", False),
        ("avx512_bf16x", False),
    ],
)
def test_the_flags_of_the_cpu_say_it(tmp_path, flags, expected):
    path = cpuinfo(tmp_path, flags)
    assert precision.has_bfloat16_cpu(path) is expected


def test_a_machine_without_cpuinfo_has_none(tmp_path):
    assert not precision.has_bfloat16_cpu(tmp_path / "nope")


@pytest.mark.parametrize("accelerator", [True, False])
@pytest.mark.parametrize("bfloat16", [True, False])
def test_the_policy_is_what_is_fastest(monkeypatch, accelerator, bfloat16):
    monkeypatch.setattr(precision, "has_accelerator", lambda: accelerator)
    monkeypatch.setattr(precision, "has_bfloat16_cpu", lambda: bfloat16)
    on_jax = keras.backend.backend() == "jax"
    half = accelerator or (bfloat16 and not on_jax)
    expected = "mixed_bfloat16" if half else "float32"
    assert precision.default_dtype_policy() == expected


@pytest.mark.parametrize("accelerator", [True, False])
def test_tensorflow_on_a_cpu_is_not_compiled(monkeypatch, accelerator):
    monkeypatch.setattr(precision, "has_accelerator", lambda: accelerator)
    on_tensorflow = keras.backend.backend() == "tensorflow"
    plain = on_tensorflow and not accelerator
    expected = False if plain else "auto"
    assert precision.default_jit_compile() == expected

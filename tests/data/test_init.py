from __future__ import annotations

import importlib
import sys

import pytest


def test_a_missing_tensorflow_is_named_with_a_hint(monkeypatch):
    importlib.import_module("keras_attend_fusion.data")
    monkeypatch.delitem(sys.modules, "keras_attend_fusion.data")
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ImportError, match="pip install tensorflow"):
        importlib.import_module("keras_attend_fusion.data")

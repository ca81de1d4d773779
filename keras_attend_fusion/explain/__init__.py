"""What a model saw and heard: the evidence behind its scores."""

from keras_attend_fusion.explain.explain import explain as explain
from keras_attend_fusion.explain.explanation import Explanation as Explanation

"""How many floating-point operations a video costs."""

from keras_attend_fusion.models import flops as flops

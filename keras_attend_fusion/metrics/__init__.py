"""Metrics of multi-label video classification, exact and streaming."""

from keras_attend_fusion.metrics.evaluate import evaluate as evaluate
from keras_attend_fusion.metrics.evaluator import Evaluator as Evaluator
from keras_attend_fusion.metrics.global_average_precision import (
    GlobalAveragePrecision as GlobalAveragePrecision,
)
from keras_attend_fusion.metrics.hit_at_one import HitAtOne as HitAtOne
from keras_attend_fusion.metrics.top_k import top_k_classes as top_k_classes
from keras_attend_fusion.metrics.calibration import Calibration as Calibration
from keras_attend_fusion.metrics.class_scores import ClassScores as ClassScores
from keras_attend_fusion.metrics.precision_recall import (
    PrecisionRecall as PrecisionRecall,
)
from keras_attend_fusion.metrics.segment_evaluator import (
    SegmentEvaluator as SegmentEvaluator,
)

"""Metrics of multi-label video classification, exact and streaming."""

from keras_attend_fusion.metrics.exact.evaluate import evaluate as evaluate
from keras_attend_fusion.metrics.exact.evaluator import Evaluator as Evaluator
from keras_attend_fusion.metrics.streaming.global_average_precision import (
    GlobalAveragePrecision as GlobalAveragePrecision,
)
from keras_attend_fusion.metrics.streaming.hit_at_one import (
    HitAtOne as HitAtOne,
)
from keras_attend_fusion.metrics.exact.top_k import (
    top_k_classes as top_k_classes,
)
from keras_attend_fusion.metrics.exact.calibration import (
    Calibration as Calibration,
)
from keras_attend_fusion.metrics.exact.class_scores import (
    ClassScores as ClassScores,
)
from keras_attend_fusion.metrics.exact.precision_recall import (
    PrecisionRecall as PrecisionRecall,
)
from keras_attend_fusion.metrics.exact.segment_evaluator import (
    SegmentEvaluator as SegmentEvaluator,
)
from keras_attend_fusion.metrics.streaming.calibration_error import (
    CalibrationError as CalibrationError,
)
from keras_attend_fusion.metrics.streaming.f1 import F1 as F1
from keras_attend_fusion.metrics.streaming.mean_average_precision import (
    MeanAveragePrecision as MeanAveragePrecision,
)
from keras_attend_fusion.metrics.streaming.precision_at_equal_recall import (
    PrecisionAtEqualRecall as PrecisionAtEqualRecall,
)
from keras_attend_fusion.metrics.streaming.precision_at_k import (
    PrecisionAtK as PrecisionAtK,
)
from keras_attend_fusion.metrics.streaming.recall_at_k import (
    RecallAtK as RecallAtK,
)

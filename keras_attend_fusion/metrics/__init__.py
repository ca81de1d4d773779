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
from keras_attend_fusion.metrics.calibration_error import (
    CalibrationError as CalibrationError,
)
from keras_attend_fusion.metrics.f1_metric import F1 as F1
from keras_attend_fusion.metrics.mean_average_precision import (
    MeanAveragePrecision as MeanAveragePrecision,
)
from keras_attend_fusion.metrics.precision_at_equal_recall import (
    PrecisionAtEqualRecall as PrecisionAtEqualRecall,
)
from keras_attend_fusion.metrics.precision_at_k import (
    PrecisionAtK as PrecisionAtK,
)
from keras_attend_fusion.metrics.recall_at_k import RecallAtK as RecallAtK

"""Scores to files and back."""

from keras_attend_fusion.predictions.evaluation import (
    Evaluation as Evaluation,
    evaluate_file as evaluate_file,
    evaluate_model as evaluate_model,
)
from keras_attend_fusion.predictions.chosen_video import (
    Video as Video,
    find_video as find_video,
)
from keras_attend_fusion.predictions.kaggle import read_kaggle as read_kaggle
from keras_attend_fusion.predictions.writing import (
    Written as Written,
    top_segments as top_segments,
    write as write,
)

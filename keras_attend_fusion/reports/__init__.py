"""Pages and plots of runs and of explanations."""

from keras_attend_fusion.reports.comparison import (
    Comparison as Comparison,
    compare as compare,
)
from keras_attend_fusion.reports.evaluation import (
    write_classes as write_classes,
    write_plots as write_plots,
)
from keras_attend_fusion.reports.explanation import (
    explain_video as explain_video,
    explanation_page as explanation_page,
)
from keras_attend_fusion.reports.run import run_page as run_page

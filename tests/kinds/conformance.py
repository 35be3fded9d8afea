"""What each layer has for the kinds and outputs, checked by mypy against the Protocols; not run."""

from __future__ import annotations

import dlcli.evaluation.classification
import dlcli.evaluation.forecasting
import dlcli.evaluation.generated_image
import dlcli.evaluation.next_token
import dlcli.evaluation.regression
import dlcli.explanation.classification
import dlcli.explanation.forecasting
import dlcli.explanation.image
import dlcli.explanation.language_modeling
import dlcli.explanation.next_token
import dlcli.explanation.regression
import dlcli.explanation.sequence
import dlcli.explanation.series
import dlcli.explanation.table
import dlcli.explanation.text
import dlcli.models.attention
import dlcli.models.cnn
import dlcli.models.dlinear
import dlcli.models.gan
import dlcli.models.linear
import dlcli.models.mlp
import dlcli.models.pooled
import dlcli.models.recurrent
import dlcli.models.resnet
import dlcli.models.transformer
import dlcli.prediction.classification
import dlcli.prediction.forecasting
import dlcli.prediction.image
import dlcli.prediction.language_modeling
import dlcli.prediction.next_token
import dlcli.prediction.regression
import dlcli.prediction.sequence
import dlcli.prediction.series
import dlcli.prediction.table
import dlcli.prediction.text
import dlcli.reporting.examples.image
import dlcli.reporting.examples.language_modeling
import dlcli.reporting.examples.sequence
import dlcli.reporting.examples.series
import dlcli.reporting.examples.table
import dlcli.reporting.examples.text
import dlcli.reporting.outputs.classification
import dlcli.reporting.outputs.forecasting
import dlcli.reporting.outputs.generated_image
import dlcli.reporting.outputs.next_token
import dlcli.reporting.outputs.regression
import dlcli.serving.forms.image
import dlcli.serving.forms.image_generation
import dlcli.serving.forms.language_modeling
import dlcli.serving.forms.sequence
import dlcli.serving.forms.series
import dlcli.serving.forms.table
import dlcli.serving.forms.text
import dlcli.tasks.classification
import dlcli.tasks.entry.image
import dlcli.tasks.entry.image_generation
import dlcli.tasks.entry.language_modeling
import dlcli.tasks.entry.sequence
import dlcli.tasks.entry.series
import dlcli.tasks.entry.table
import dlcli.tasks.entry.text
import dlcli.tasks.forecasting
import dlcli.tasks.generated_image
import dlcli.tasks.next_token
import dlcli.tasks.regression
import dlcli.tensorboard.classification
import dlcli.tensorboard.regression
from dlcli import models
from dlcli.kinds import protocols
from dlcli.outputs import protocols as of_outputs

_entry: list[protocols.Entry] = [
    dlcli.tasks.entry.image,
    dlcli.tasks.entry.image_generation,
    dlcli.tasks.entry.language_modeling,
    dlcli.tasks.entry.sequence,
    dlcli.tasks.entry.series,
    dlcli.tasks.entry.table,
    dlcli.tasks.entry.text,
]

_families: list[models.Family] = [
    dlcli.models.attention,
    dlcli.models.cnn,
    dlcli.models.dlinear,
    dlcli.models.gan,
    dlcli.models.linear,
    dlcli.models.mlp,
    dlcli.models.pooled,
    dlcli.models.recurrent,
    dlcli.models.resnet,
    dlcli.models.transformer,
]
_recurrent: models.RecurrentFamily = dlcli.models.recurrent
_training: models.TrainingFamily = dlcli.models.gan

# dlcli.tasks
_heads: list[of_outputs.Head] = [
    dlcli.tasks.classification,
    dlcli.tasks.forecasting,
    dlcli.tasks.generated_image,
    dlcli.tasks.next_token,
    dlcli.tasks.regression,
]

# dlcli.evaluation
_evaluation: list[of_outputs.Evaluation] = [
    dlcli.evaluation.classification,
    dlcli.evaluation.forecasting,
    dlcli.evaluation.generated_image,
    dlcli.evaluation.next_token,
    dlcli.evaluation.regression,
]

# dlcli.reporting
_reports: list[of_outputs.Report] = [
    dlcli.reporting.outputs.classification,
    dlcli.reporting.outputs.forecasting,
    dlcli.reporting.outputs.generated_image,
    dlcli.reporting.outputs.next_token,
    dlcli.reporting.outputs.regression,
]
# Not image_generation: `generated_image` is judged by no example.
_reported_examples: list[protocols.ReportedExamples] = [
    dlcli.reporting.examples.image,
    dlcli.reporting.examples.language_modeling,
    dlcli.reporting.examples.sequence,
    dlcli.reporting.examples.series,
    dlcli.reporting.examples.table,
    dlcli.reporting.examples.text,
]

# dlcli.tensorboard, of the outputs that have labels
_views: list[of_outputs.Views] = [
    dlcli.tensorboard.classification,
    dlcli.tensorboard.regression,
]

_prediction: list[protocols.Prediction] = [
    dlcli.prediction.image,
    dlcli.prediction.language_modeling,
    dlcli.prediction.sequence,
    dlcli.prediction.table,
    dlcli.prediction.text,
]
_forecasts: list[protocols.Forecasts] = [dlcli.prediction.series]
_predictions: list[of_outputs.InputPredictions] = [
    dlcli.prediction.classification,
    dlcli.prediction.next_token,
    dlcli.prediction.regression,
]
_steps: list[of_outputs.StepPredictions] = [dlcli.prediction.forecasting]

_explanation: list[protocols.Explanation] = [
    dlcli.explanation.image,
    dlcli.explanation.language_modeling,
    dlcli.explanation.sequence,
    dlcli.explanation.series,
    dlcli.explanation.table,
    dlcli.explanation.text,
]
_explained: list[of_outputs.Explanation] = [
    dlcli.explanation.classification,
    dlcli.explanation.forecasting,
    dlcli.explanation.next_token,
    dlcli.explanation.regression,
]

_forms: list[protocols.Form] = [
    dlcli.serving.forms.image,
    dlcli.serving.forms.image_generation,
    dlcli.serving.forms.language_modeling,
    dlcli.serving.forms.table,
    dlcli.serving.forms.text,
]
_values: list[protocols.ValuesForm] = [dlcli.serving.forms.sequence]
_forecast_forms: list[protocols.ForecastForm] = [dlcli.serving.forms.series]

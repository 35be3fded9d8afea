"""What each layer has for the kinds, checked by mypy against the Protocols; nothing runs this."""

from __future__ import annotations

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
import dlcli.tasks.entry.image
import dlcli.tasks.entry.image_generation
import dlcli.tasks.entry.language_modeling
import dlcli.tasks.entry.sequence
import dlcli.tasks.entry.series
import dlcli.tasks.entry.table
import dlcli.tasks.entry.text
from dlcli import models
from dlcli.kinds import protocols

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

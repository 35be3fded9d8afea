"""What each layer has for the kinds, checked by mypy against the Protocols; nothing runs this."""

from __future__ import annotations

import dlcli.baselines.classification
import dlcli.baselines.image
import dlcli.baselines.image_generation
import dlcli.baselines.language_modeling
import dlcli.baselines.regression
import dlcli.baselines.sequence
import dlcli.baselines.series
import dlcli.baselines.table
import dlcli.baselines.text
import dlcli.data.builtin.breast_cancer
import dlcli.data.builtin.california_housing
import dlcli.data.builtin.diabetes
import dlcli.data.builtin.digits
import dlcli.data.builtin.fashion_mnist
import dlcli.data.builtin.imdb
import dlcli.data.builtin.iris
import dlcli.data.builtin.line
import dlcli.data.builtin.mackey_glass
import dlcli.data.builtin.mnist
import dlcli.data.builtin.python_source
import dlcli.data.builtin.reuters
import dlcli.data.builtin.waves
import dlcli.data.builtin.wine
import dlcli.data.corpus_file
import dlcli.data.image_folder
import dlcli.data.image_generation
import dlcli.data.picture_folder
import dlcli.data.sequence_file
import dlcli.data.series_file
import dlcli.data.table_file
import dlcli.data.targets.classification
import dlcli.data.targets.regression
import dlcli.data.text_file
import dlcli.preprocessing.image
import dlcli.preprocessing.image_generation
import dlcli.preprocessing.language_modeling
import dlcli.preprocessing.sequence
import dlcli.preprocessing.series
import dlcli.preprocessing.table
import dlcli.preprocessing.text
import dlcli.recipe.sections.image
import dlcli.recipe.sections.image_generation
import dlcli.recipe.sections.language_modeling
import dlcli.recipe.sections.sequence
import dlcli.recipe.sections.series
import dlcli.recipe.sections.table
import dlcli.recipe.sections.text
from dlcli.kinds import protocols
from dlcli.outputs import protocols as output_protocols

_sections: list[protocols.Sections] = [
    dlcli.recipe.sections.image,
    dlcli.recipe.sections.image_generation,
    dlcli.recipe.sections.language_modeling,
    dlcli.recipe.sections.sequence,
    dlcli.recipe.sections.series,
    dlcli.recipe.sections.table,
    dlcli.recipe.sections.text,
]

_sources: list[protocols.Source] = [
    dlcli.data.corpus_file,
    dlcli.data.image_folder,
    dlcli.data.picture_folder,
    dlcli.data.sequence_file,
    dlcli.data.series_file,
    dlcli.data.table_file,
    dlcli.data.text_file,
]

_built_in: list[protocols.BuiltIn] = [
    dlcli.data.builtin.breast_cancer,
    dlcli.data.builtin.california_housing,
    dlcli.data.builtin.diabetes,
    dlcli.data.builtin.digits,
    dlcli.data.builtin.fashion_mnist,
    dlcli.data.builtin.imdb,
    dlcli.data.builtin.iris,
    dlcli.data.builtin.line,
    dlcli.data.builtin.mackey_glass,
    dlcli.data.builtin.mnist,
    dlcli.data.builtin.python_source,
    dlcli.data.builtin.reuters,
    dlcli.data.builtin.waves,
    dlcli.data.builtin.wine,
]
_borrower: protocols.Borrower = dlcli.data.image_generation

_preprocessing: list[protocols.Preprocessing] = [
    dlcli.preprocessing.image,
    dlcli.preprocessing.image_generation,
    dlcli.preprocessing.language_modeling,
    dlcli.preprocessing.sequence,
    dlcli.preprocessing.series,
    dlcli.preprocessing.table,
    dlcli.preprocessing.text,
]

_baselines: list[protocols.Baselines] = [
    dlcli.baselines.image,
    dlcli.baselines.image_generation,
    dlcli.baselines.language_modeling,
    dlcli.baselines.sequence,
    dlcli.baselines.series,
    dlcli.baselines.table,
    dlcli.baselines.text,
]

_simple_models: list[output_protocols.SimpleModels] = [
    dlcli.baselines.classification,
    dlcli.baselines.regression,
]

_targets: list[output_protocols.Targets] = [
    dlcli.data.targets.classification,
    dlcli.data.targets.regression,
]

"""The recipe: read, checked, overridden, written back."""

import json
import random
import re
from pathlib import Path

import jsonschema
import pydantic
import pytest

from dlcli import catalog, kinds
from dlcli.errors import RecipeError, UsageError
from dlcli.recipe import schema, sections

SMALLEST = "task: image-classification\nmodel: {family: cnn}\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "my.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


@pytest.mark.parametrize("name", catalog.recipe_names())
def test_every_shipped_recipe_is_valid_and_says_what_it_trains(name):
    assert schema.load(name).task in kinds.tasks()
    assert catalog.recipe_description(name)
    assert f"dlcli train {name}" in schema.read(name).splitlines()[0]


def test_every_default_is_written_out():
    loaded = schema.load(write(SMALLEST))
    assert loaded.training == sections.Training()
    assert loaded.training.epochs == 10
    assert loaded.data.source is None
    assert loaded.model.arguments()["filters"] == (32, 64)


def test_a_recipe_cannot_be_changed():
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        schema.load("digits-cnn").training.epochs = 3


def test_a_section_whose_keys_are_commented_out_keeps_its_defaults():
    text = SMALLEST + "training:\n  # epochs: 3\ndata:\n"
    assert schema.load(write(text)) == schema.load(write(SMALLEST))


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_a_byte_order_mark_and_foreign_newlines_are_read(mark, newline):
    Path("my.yaml").write_bytes(mark + SMALLEST.encode().replace(b"\n", newline))
    assert schema.load("my.yaml").model.family == "cnn"


def test_all_problems_are_told_at_once_in_the_order_of_their_lines():
    path = write("""task: image-clasification
data: {sorce: digits, validation_fraction: 1.5}
preprocessing: {image_size: [28], color_mode: gray}
epochs: 3
model: {family: cnn, filtrs: [32], dense_units: 128, padding: [1], dropout: .nan}
training:
  epochs: ten
  learning_rate: 0
  momentum: no
  seed: 1.5
  early_stopping_epochs: 2.0
  model: {a: 1}
augmentaton: {}
""")
    with pytest.raises(RecipeError, match=r"my\.yaml has 17 problems") as raised:
        schema.load(path)
    assert raised.value.message == (
        f"""my.yaml has 17 problems:
  task: unknown task "image-clasification" (my.yaml line 1). """
        f"""Expected one of: {", ".join(kinds.tasks())}. Did you mean 'image-classification'?
  data.validation_fraction: received 1.5 (my.yaml line 2). """
        """Expected a number, more than 0 and less than 1.
  'sorce' is not a key of data (my.yaml line 2). Similar: source (default null).
  preprocessing.image_size: received the list [28] (my.yaml line 3). """
        """Expected a list of 2, each a whole number from 1 to 4096.
  preprocessing.color_mode: received "gray" (my.yaml line 3). """
        """Expected one of: rgb, grayscale. Did you mean 'grayscale'?
  'epochs' is not a section of a recipe (my.yaml line 4). It is a key of training: training.epochs.
  model.padding: received the list [1] (my.yaml line 5). Expected one of: valid, same.
  model.dense_units: received 128 (my.yaml line 5). """
        """Expected a list, each a whole number, at least 1.
  model.dropout: received NaN (my.yaml line 5). """
        """Expected a number, at least 0 and less than 1, and finite.
  'filtrs' is not a key of model (my.yaml line 5). Similar: filters (default [32, 64]).
  training.epochs: received "ten" (my.yaml line 7). Expected a whole number, at least 1.
  training.learning_rate: received 0 (my.yaml line 8). Expected a number, more than 0.
  training.momentum: received "no" (my.yaml line 9). """
        """Expected a number, at least 0 and less than 1.
  training.seed: received 1.5 (my.yaml line 10). Expected a whole number from 0 to 2147483647.
  training.early_stopping_epochs: received 2.0 (my.yaml line 11). """
        """Expected a whole number, at least 1, or auto, or null.
  'model' is not a key of training (my.yaml line 12). """
        """It belongs at the top of the recipe, without indentation.
  'augmentaton' is not a section of a recipe (my.yaml line 13). Similar: augmentation."""
    )
    assert len(raised.value.problems) == 17
    assert "\n  ".join(raised.value.problems) in raised.value.message


@pytest.mark.parametrize("task", ["task: rows", "# no task"])
@pytest.mark.parametrize(
    "sections",
    [
        "data: {target: price, header: false}\nmodel: {family: mlp}",
        "preprocessing: {horizon: 3}\nmodel: {family: mlp}",
        "model: {family: dlinear}",
    ],
)
def test_a_recipe_without_a_known_task_is_checked_as_the_task_that_it_fits(task, sections):
    with pytest.raises(RecipeError, match="has 1 problem") as raised:
        schema.load(write(f"{task}\n{sections}"))
    assert "task" in raised.value.problems[0]


def test_a_misspelt_task_is_checked_as_the_nearest():
    text = "task: table-regresion\nmodel: {family: cnn}\naugmentation: {rotation: 3}"
    with pytest.raises(RecipeError, match="has 3 problems") as raised:
        schema.load(write(text))
    expected = ", ".join(schema.families_for("table-regression"))
    assert f"Expected one of: {expected}." in raised.value.message


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "data.header=3",
            "  data.header: received 3 (the override data.header=3). "
            "Expected true or false, or auto.",
        ),
        (
            "training.intra_op_threads=0",
            "  training.intra_op_threads: received 0 (the override training.intra_op_threads=0). "
            "Expected a whole number, at least 1, or auto, or null.",
        ),
        (
            "data.features=[1]",
            "  data.features[0]: received 1 (the override data.features=[1]). "
            "Expected text: quote it if it is meant as text.",
        ),
        (
            "data.target=1995",
            "  data.target: received 1995 (the override data.target=1995). Expected text, or null: "
            "quote it if it is meant as text, 'data.target=\"1995\"'.",
        ),
        (
            "data.target=true",
            "  data.target: received true (the override data.target=true). Expected text, or null: "
            "quote it if it is meant as text, 'data.target=\"true\"'.",
        ),
    ],
)
def test_a_value_that_may_be_of_several_types_is_refused_once(override, message):
    with pytest.raises(RecipeError, match="has 1 problem:") as raised:
        schema.load("iris-mlp", [override])
    assert raised.value.message.splitlines()[1:] == [message]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            "gradient_clip_norm: 1, gradient_clip_value: 0.5",
            "training.gradient_clip_value: received 0.5 (my.yaml line 3): "
            "gradient_clip_norm is given as well; gradients are clipped one way.",
        ),
        (
            "learning_rate: 0.1, min_learning_rate: 0.2",
            "training.min_learning_rate: received 0.2 (my.yaml line 3): "
            "must be less than learning_rate, which is 0.1.",
        ),
        (
            "decay_at_epochs: [10, 5]",
            "training.decay_at_epochs: received the list [10, 5] (my.yaml line 3): "
            "each epoch must be later than the one before it.",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_named(keys, message):
    with pytest.raises(RecipeError, match=re.escape(message)):
        schema.load(write(f"{SMALLEST}training: {{{keys}}}"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "my.yaml holds nothing, not the sections of a recipe."),
        ("- a\n- b", 'my.yaml holds the list ["a", "b"], not the sections of a recipe.'),
        ("just words", 'my.yaml holds "just words", not the sections of a recipe.'),
        ("data: {}", "my.yaml has 2 problems:\n  task is missing (my.yaml). Expected one of: "),
        (SMALLEST + "training: 3", "training: received 3 (my.yaml line 3). Expected a section"),
        ("task: [a]\nmodel: {family: {a: 1}}", "model.family: received a section (my.yaml line 2)"),
        ("task: [a]\nmodel: {family: {a: 1}}", 'task: received the list ["a"] (my.yaml line 1)'),
        ("task: image-classification\nmodel: [1]", "model: received the list [1] (my.yaml line 2)"),
        (SMALLEST + "'': 3", "my.yaml line 3 has a key that is not a name: ''."),
        (SMALLEST + "x: 3", "'x' is not a section of a recipe (my.yaml line 3). Expected one of:"),
        (SMALLEST + "data: {source: 7}", "Expected text, or null: quote it if it is meant as text"),
        (f"task: {'x' * 99}\n", f'task: unknown task "{"x" * 56}... (my.yaml line 1)'),
        (SMALLEST + "a: b: c", "my.yaml line 3 is not valid YAML: mapping values are not allowed"),
    ],
)
def test_what_is_no_recipe_is_refused(text, message):
    with pytest.raises(RecipeError, match=re.escape(message)):
        schema.load(write(text))


def test_a_file_that_is_no_text_is_refused():
    Path("model.keras").write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(RecipeError, match=r"model.keras is not UTF-8 text \(byte 4\)"):
        schema.load("model.keras")


def test_a_large_file_is_not_read_to_its_end():
    write("a: " + "x" * 1_200_000)
    with pytest.raises(RecipeError, match="a recipe has at most 1,000,000"):
        schema.load("my.yaml")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("digits-cn", "unknown recipe 'digits-cn'. Did you mean 'digits-cnn'?"),
        (
            "qqq",
            "unknown recipe 'qqq'. Expected a path ending in .yaml, or one of: "
            f"{', '.join(catalog.recipe_names())}.",
        ),
        ("nowhere/my.yaml", "there is no recipe file nowhere/my.yaml."),
        ("folder", "folder is a folder. Expected a recipe: a YAML file, or one of: "),
        ("", "unknown recipe ''"),
        ("x" * 300, "unknown recipe 'xxxxxxxx"),
        ("~nobody-of-this-name/my.yaml", "there is no recipe file ~nobody-of-this-name/my.yaml."),
        ("a\0b", "unknown recipe 'a"),
    ],
)
def test_a_recipe_that_does_not_exist_is_named(name, message):
    Path("folder").mkdir()
    with pytest.raises(UsageError, match=re.escape(message)):
        schema.load(name)


def test_an_override_is_read_as_yaml_and_the_later_one_wins():
    overrides = ["training.epochs=3", "model.filters=[4, 8]", "training.learning_rate=1e-4"]
    loaded = schema.load("digits-cnn", [*overrides, "training.epochs=5", "model.dropout=0"])
    assert loaded.training.epochs == 5
    assert loaded.model.arguments()["filters"] == (4, 8)
    assert loaded.training.learning_rate == 1e-4
    assert loaded.training.seed == schema.load("digits-cnn").training.seed


def test_an_override_may_bring_the_section_that_the_recipe_lacks():
    path = write("task: image-classification\nmodel:\n")
    assert schema.load(path, ["model.family=cnn", "training.epochs=2"]).training.epochs == 2


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epochs", "'training.epochs' is not an override. Expected key=value, such as"),
        ("=3", "'=3' is not an override."),
        ("a..b=3", "'a..b=3' is not an override."),
        ("training.=3", "'training.=3' is not an override."),
        ("training.epochs.x=3", "the override 'training.epochs.x=3' goes into 'epochs', which is a "
         "value, not a section."),
    ],
)  # fmt: skip
def test_what_is_no_override_is_refused(override, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        schema.load("digits-cnn", [override])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epochs=", "training.epochs: received nothing (the override training.epochs=). "
         "Expected a whole number, at least 1."),
        ("training.epoch=3", "'epoch' is not a key of training (the override training.epoch=3). "
         "Similar: epochs (default 10)."),
        ("a=b", "'a' is not a section of a recipe (the override a=b). Expected one of: task, "),
        ("training=3", "training: received 3 (the override training=3). Expected a section with "
         "keys of its own."),
        ("training.epochs=3=4", 'training.epochs: received "3=4" (the override '
         "training.epochs=3=4). Expected a whole number, at least 1."),
        ("model.filters=[1,0]", "model.filters[1]: received 0 (the override model.filters=[1,0]). "
         "Expected a whole number, at least 1."),
        ("model.filters[0]=3", "'filters[0]' is not a key of model (the override "
         "model.filters[0]=3). Similar: filters (default [32, 64])."),
        ("model.family=resnett", 'model.family: unknown family "resnett" (the override '
         "model.family=resnett). Expected one of: "),
        ("task=", "task is missing (the override task=). Expected one of: "
         f"{', '.join(kinds.tasks())}."),
    ],
)  # fmt: skip
def test_a_problem_of_an_override_names_the_override(override, message):
    with pytest.raises(RecipeError, match=re.escape(message)) as raised:
        schema.load("digits-cnn", [override])
    assert raised.value.message.startswith("recipe digits-cnn has 1 problem:\n")


@pytest.mark.parametrize("mark", [*",;|#:-& '\""])
def test_an_override_of_one_mark_is_this_mark(mark):
    recipe = schema.load("text-multilabel", [f"data.label_separator={mark}"])
    assert recipe.data.label_separator == mark


def test_an_override_that_is_no_yaml_asks_for_quotes():
    with pytest.raises(RecipeError, match=r"the override 'model.filters=\[1,' line 1 is") as raised:
        schema.load("digits-cnn", ["model.filters=[1,"])
    assert raised.value.hint == ("Quote the whole override in the shell: 'model.filters=[16, 32]'")


def test_a_path_in_a_recipe_is_relative_to_its_file_and_on_the_command_line_to_here(tmp_path):
    Path("recipes", "photos").mkdir(parents=True)
    Path("here").mkdir()
    path = write(SMALLEST + "data: {source: photos}", "recipes/my.yaml")
    assert schema.load(path).data.source == str(tmp_path / "recipes" / "photos")
    assert schema.load(path, ["data.source=here"]).data.source == str(tmp_path / "here")
    assert schema.load(path, ["data.source=../x"]).data.source == str(tmp_path.parent / "x")
    assert schema.load(path, ["data.source=elsewhere"]).data.source == "elsewhere"


def test_a_built_in_data_set_is_meant_even_where_a_file_has_its_name(tmp_path):
    Path("digits").mkdir()
    path = write(SMALLEST + "data: {source: digits}")
    assert schema.load(path).data.source == "digits"
    assert schema.load(path, ["data.source=./digits"]).data.source == str(tmp_path / "digits")


@pytest.mark.parametrize("comments", [False, True])
@pytest.mark.parametrize("name", catalog.recipe_names())
def test_what_is_dumped_loads_as_the_same_recipe(name, comments):
    source = json.dumps("/data/猫 'und' \"Hund\": #1/\u3000")
    loaded = schema.load(name, [f"data.source={source}"])
    assert schema.load(write(schema.dump(loaded, comments))) == loaded


def test_the_dump_has_every_key_with_what_it_takes_above_it():
    text = schema.dump(schema.load("digits-cnn"), comments=True)
    assert (
        "\ntraining:\n"
        "  # Passes over the train split.\n"
        "  # A whole number, at least 1. Default: 10.\n"
        "  epochs: 25\n"
        "  # Examples a step, of all devices together.\n"
        "  # A whole number, at least 1. Default: 64.\n"
        "  batch_size: 64\n"
    ) in text
    assert max(map(len, text.splitlines())) < 80
    keys = [key.name for key in schema.described_keys("image-classification", "cnn")]
    assert len(re.findall(r"^ *[a-z0-9_]+: ", text, re.MULTILINE)) == len(keys)


def test_keys_are_told_of_in_words():
    keys = {key.name: key for key in schema.described_keys("image-classification", "cnn")}
    expected = {
        "task": ("image-classification", None, ("image-classification",)),
        "data.source": ("text, or null", "null", ()),
        "data.on_bad_file": ("one of: skip, fail", "skip", ("skip", "fail")),
        "preprocessing.image_size": (
            "a list of 2, each a whole number from 1 to 4096",
            "[128, 128]",
            (),
        ),
        "model.family": ("cnn", None, ("cnn",)),
        "model.filters": (
            "a list of at least 1, each a whole number, at least 1",
            "[32, 64]",
            (),
        ),
        "model.pool_last": ("true or false", "true", ("true", "false")),
        "training.learning_rate": ("a number, more than 0", "0.001", ()),
        "training.max_minutes": ("a number, more than 0, or null", "null", ()),
    }
    found = {
        name: (keys[name].expected, keys[name].default, keys[name].values) for name in expected
    }
    assert found == expected
    assert all(key.description for key in keys.values())


def test_the_json_schema_takes_what_the_loader_takes():
    described = schema.json_schema()
    jsonschema.Draft202012Validator.check_schema(described)
    validator = jsonschema.Draft202012Validator(described)
    for name in catalog.recipe_names():
        validator.validate(json.loads(schema.load(name).model_dump_json()))
    wrong = {"task": "image-classification", "model": {"family": "cnn", "filtrs": [3]}}
    assert not validator.is_valid(wrong)


def test_values_from_an_artifact_are_checked_like_a_file():
    loaded = schema.load("digits-cnn")
    assert schema.from_values(loaded.model_dump(mode="json"), "the recipe in x") == loaded
    with pytest.raises(RecipeError, match="the recipe in x has 3 problems"):
        schema.from_values({"old": 1}, "the recipe in x")
    with pytest.raises(RecipeError, match='the recipe in x is "old", not a recipe'):
        schema.from_values("old", "the recipe in x")


def test_a_copy_keeps_the_comments_and_trains_the_same():
    assert schema.copy("digits-cnn", Path()) == Path("digits-cnn.yaml")
    assert Path("digits-cnn.yaml").read_text(encoding="utf-8") == schema.read("digits-cnn")
    assert schema.load("digits-cnn.yaml") == schema.load("digits-cnn")


def test_a_copy_never_replaces_a_file_unasked():
    write("mine")
    with pytest.raises(UsageError, match=r"my.yaml exists already\."):
        schema.copy("digits-cnn", Path("my.yaml"))
    assert Path("my.yaml").read_text(encoding="utf-8") == "mine"
    schema.copy("digits-cnn", Path("my.yaml"), overwrite=True)
    assert schema.load("my.yaml") == schema.load("digits-cnn")


def test_a_copy_that_would_mean_other_data_is_refused():
    Path("recipes").mkdir()
    write(SMALLEST + "data: {source: ../photos}", "recipes/my.yaml")
    with pytest.raises(UsageError, match="names its data relative to its own folder"):
        schema.copy("recipes/my.yaml", Path("other.yaml"))
    assert not Path("other.yaml").exists()
    schema.copy("recipes/my.yaml", Path("recipes/other.yaml"))
    assert schema.load("recipes/other.yaml") == schema.load("recipes/my.yaml")


def test_a_copy_that_cannot_be_written_names_the_file():
    with pytest.raises(UsageError, match=r"nowhere/my.yaml cannot be written: No such file"):
        schema.copy("digits-cnn", Path("nowhere/my.yaml"))


PIECES = [*"\n\t :-#&*!|>%@`'\"[]{},?~", "- ", ": ", "\n  ", "<<: ", "*a", "&a ", "!!int ", "1e999",
          "0x", ".nan", "null", "\\", '"\\uD800"', "\x00", "\x85", "\u2028", "\ufeff", "数", "1: 2",
          "9" * 30, "--- ", "...\n", "? ", "-1", "2020-01-01", "true", "[[[[", "}}}}"]  # fmt: skip


def mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice([0, 0, 1, 2, 20]))
        taken = text[start:end] * chance.choice([0, 0, 2, 3])
        text = text[:start] + chance.choice(PIECES) + taken + text[end:]
    return text


@pytest.mark.parametrize("seed", range(10))
def test_a_damaged_recipe_gives_a_recipe_error_and_nothing_else(seed):
    chance = random.Random(seed)
    texts = [schema.read(name) for name in catalog.recipe_names()]
    num_refused = 0
    for _ in range(30):
        text = mutated(chance.choice(texts), chance)
        Path("my.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            schema.load("my.yaml")
        except RecipeError as error:
            num_refused += 1
            assert error.message.startswith("my.yaml")  # noqa: PT017 - it may also load
    assert num_refused > 10


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_override_gives_an_error_of_ours_and_nothing_else(seed):
    chance = random.Random(seed)
    keys = [key.name for key in schema.described_keys("image-classification", "cnn")]
    num_refused = 0
    for _ in range(40):
        override = mutated(f"{chance.choice(keys)}={chance.choice(PIECES)}", chance)
        try:
            schema.load("digits-cnn", [override])
        except (RecipeError, UsageError):
            num_refused += 1
    assert num_refused > 10

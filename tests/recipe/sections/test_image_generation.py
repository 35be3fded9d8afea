"""Keys of pictures that are to be made: those of files of images, and the noise."""

from dlcli.recipe.sections import image, image_generation


def test_files_are_read_as_those_of_images_without_classes():
    assert image_generation.Data().model_dump() == {**image.Files().model_dump(), "source": None}


def test_a_picture_has_the_form_of_an_image_and_no_choice_of_a_scale():
    assert image_generation.Preprocessing().model_dump() == {
        **image.Form().model_dump(),
        "noise_size": 64,
    }


def test_a_picture_is_made_from_one_number_at_least(takes):
    takes(image_generation.Preprocessing, "noise_size", [1, 1000], [0, 1.5, None])

"""Each change of an image against the same one in NumPy."""
import math

from d2lcnn import Batches, evaluate_accuracy, predict, set_seed
from d2lcnn.augment import Augmentation, warp

import numpy
import pytest
from mxnet import np

from .small import CPU, ready, small_data


def images(n=12, high=6, wide=8, channels=3, seed=0):
    """Random images without black pixels, so that black ones are those that came in."""
    return numpy.random.RandomState(seed).randint(1, 256, (n, high, wide, channels)).astype("uint8")


def augmented(pixels, batch_size=5, seed=3, shuffle=False, resize=None, **strengths):
    """All images of one pass, augmented, as (n, height, width, channels), and their labels."""
    batches = Batches(pixels, numpy.arange(len(pixels)), batch_size, resize, shuffle, CPU).augmented(**strengths)
    set_seed(seed)
    Xs, ys = zip(*batches, strict=True)
    X = np.concatenate(Xs).asnumpy().transpose(0, 2, 3, 1)
    assert X.dtype == numpy.float32 and X.min() >= 0 and X.max() <= 1
    return X, np.concatenate(ys).asnumpy()


def shifted(image, down, right):
    """The image moved, with black where nothing was."""
    high, wide = image.shape[:2]
    out = numpy.zeros_like(image)
    for row in range(high):
        for column in range(wide):
            if 0 <= row - down < high and 0 <= column - right < wide:
                out[row, column] = image[row - down, column - right]
    return out


def test_a_certain_flip_is_the_mirror_image():
    pixels = images()
    X, _ = augmented(pixels, flip=1)
    numpy.testing.assert_allclose(X * 255, pixels[:, :, ::-1], atol=1e-4)


def test_a_flip_strikes_the_share_of_images_that_was_asked_for():
    pixels = images(400, 2, 3, 1)
    X, _ = augmented(pixels, batch_size=100, flip=0.3)
    mirrored = [numpy.allclose(x * 255, p[:, ::-1], atol=1e-3) for x, p in zip(X, pixels, strict=True)]
    plain = [numpy.allclose(x * 255, p, atol=1e-3) for x, p in zip(X, pixels, strict=True)]
    assert all(a or b for a, b in zip(mirrored, plain, strict=True)) and 0.2 < numpy.mean(mirrored) < 0.4


@pytest.mark.parametrize("flip", [0, 1])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_shift_moves_by_whole_pixels_and_lets_black_in(flip, shuffle):
    pixels, seen = images(60), set()
    X, order = augmented(pixels, shift=2, flip=flip, shuffle=shuffle)
    moves = [(down, right) for down in range(-2, 3) for right in range(-2, 3)]
    for x, label in zip(X, order, strict=True):
        image = pixels[label][:, ::-1] if flip else pixels[label]
        found = [move for move in moves if numpy.allclose(x * 255, shifted(image, *move), atol=1e-3)]
        assert len(found) == 1
        seen |= set(found)
    assert {down for down, _ in seen} == {right for _, right in seen} == set(range(-2, 3)) and len(seen) > 12


def changed(X, changes, **strengths):
    """Images (n, channels, height, width) changed by numbers in -1..1: angle, brightness, contrast, place, size."""
    rows = numpy.zeros((6, len(X)), "float32")
    for name, values in changes.items():
        rows[["angle", "brightness", "contrast", "row", "column", "size"].index(name)] = values
    return Augmentation(**strengths).change(np.array(X, dtype="float32"), np.array(rows)).asnumpy()


def floats(n=4, high=6, wide=6, seed=1):
    return numpy.random.RandomState(seed).rand(n, 3, high, wide).astype("float32")


def test_a_quarter_turn_is_counterclockwise_and_exact():
    X = floats()
    for angle, turns in ((1, 1), (-1, -1), (0, 0)):
        found = changed(X, {"angle": angle}, rotate=90)
        numpy.testing.assert_allclose(found, numpy.rot90(X, turns, axes=(2, 3)), atol=1e-4)
    numpy.testing.assert_allclose(changed(X, {"angle": 1}, rotate=180), X[:, :, ::-1, ::-1], atol=1e-4)
    turned = changed(X, {"angle": [1, -1, 0, 0.5]}, rotate=180)  # each image by its own angle
    numpy.testing.assert_allclose(turned[3], numpy.rot90(X[3], axes=(1, 2)), atol=1e-4)
    numpy.testing.assert_allclose(turned[2], X[2], atol=1e-4)


def test_a_wide_image_turns_without_being_squashed():
    X = numpy.zeros((1, 1, 9, 15), "float32")
    X[0, 0, 4, 10:14] = 1  # a bar that points to the right of the middle
    up = changed(X, {"angle": 1}, rotate=90)
    expected = numpy.zeros_like(X)
    expected[0, 0, 0:2, 7] = 1  # now it points up, and what lies outside is cut off
    numpy.testing.assert_allclose(up, expected, atol=1e-4)
    numpy.testing.assert_allclose(changed(X, {"angle": 1}, rotate=180)[0, 0, 4, 1:5], 1, atol=1e-4)


def test_corners_of_a_turned_image_are_black():
    found = changed(numpy.ones((1, 3, 20, 20), "float32"), {"angle": 1}, rotate=45)
    assert not found[:, :, [0, 0, -1, -1], [0, -1, 0, -1]].any() and (found[:, :, 10, :] > 0.99).all()


def test_a_size_is_multiplied_around_the_middle_and_each_image_has_its_own():
    X = numpy.zeros((3, 1, 9, 13), "float32")
    X[:, 0, 3:6, 4:9] = 1
    found = changed(X, {"size": [1, 0, -1]}, scale=0.5)
    numpy.testing.assert_allclose(found[1], X[1], atol=1e-5)
    areas = found.sum(axis=(1, 2, 3)) / 15
    assert 1.9 < areas[0] < 2.4 and 0.19 < areas[2] < 0.35  # 1.5² and 0.5²
    numpy.testing.assert_allclose(found, found[:, :, ::-1, ::-1], atol=1e-5)
    twice = warp(np.array(X), scale=2).asnumpy()
    numpy.testing.assert_allclose(twice[:, 0, 4, [1, 2, 10, 11]], [[0.5, 1, 1, 0.5]] * 3, atol=1e-5)
    numpy.testing.assert_allclose(warp(np.array(X), 180, np.array([1, 2, 0.5])).asnumpy()[1], twice[1], atol=1e-5)


def test_a_turn_and_a_size_act_together():
    X = floats()
    both = warp(np.array(X), 90, 1.5).asnumpy()
    numpy.testing.assert_allclose(both, warp(np.array(numpy.rot90(X, axes=(2, 3))), scale=1.5).asnumpy(), atol=1e-4)


def test_brightness_multiplies_and_contrast_multiplies_distances_from_the_mean_within_0_and_1():
    X = floats()
    for value in (-1, 0.5, 1):
        numpy.testing.assert_allclose(changed(X, {"brightness": value}, brightness=0.4),
                                      numpy.clip(X * (1 + 0.4 * value), 0, 1), atol=1e-5)
        mean = X.mean(axis=(1, 2, 3), keepdims=True)
        numpy.testing.assert_allclose(changed(X, {"contrast": value}, contrast=0.6),
                                      numpy.clip(mean + (X - mean) * (1 + 0.6 * value), 0, 1), atol=1e-5)
    both = changed(X, {"brightness": 1, "contrast": 1}, brightness=0.4, contrast=0.6)
    bright = X * 1.4
    mean = bright.mean(axis=(1, 2, 3), keepdims=True)
    numpy.testing.assert_allclose(both, numpy.clip(mean + (bright - mean) * 1.6, 0, 1), atol=1e-5)


@pytest.mark.parametrize("place, inside", [(0, (2, 5)), (-1, (0, 1)), (1, (6, 7)), (0.4, (3, 6))])
def test_a_square_is_erased_around_its_place_and_cut_off_at_the_border(place, inside):
    X = numpy.ones((2, 3, 7, 10), "float32")
    found = changed(X, {"row": place, "column": -1}, erase=3)
    expected = X.copy()
    expected[:, :, inside[0]:inside[1], :1] = 0  # the left border is its middle
    numpy.testing.assert_array_equal(found, expected)
    numpy.testing.assert_array_equal(changed(X, {"row": -1, "column": place}, erase=20), 0 * X)


def test_strengths_bound_what_is_drawn():
    """With numbers drawn by NumPy, each as often on one side as on the other, up to the strength."""
    gray = numpy.full((400, 4, 4, 1), 100, "uint8")
    X, _ = augmented(gray, batch_size=100, brightness=0.5)
    factors = X[:, 0, 0, 0] * 255 / 100
    assert 0.5 <= factors.min() < 0.55 and 1.45 < factors.max() <= 1.5 and abs(factors.mean() - 1) < 0.05
    X, _ = augmented(numpy.full((400, 8, 8, 1), 255, "uint8"), batch_size=100, erase=3)
    black = (X == 0).sum(axis=(1, 2, 3))
    assert black.max() <= 9 and {6, 9} <= set(black) and black.min() >= 1
    middles = [numpy.argwhere(x[:, :, 0] == 0).mean(axis=0) for x in X]
    assert (numpy.ptp(middles, axis=0) >= 6).all() and abs(numpy.mean(middles) - 3.5) < 0.2


def test_each_pass_and_image_draws_its_own_numbers_and_the_same_ones_under_the_same_seed():
    same = numpy.repeat(images(1), 12, axis=0)
    everything = dict(flip=0.5, shift=2, rotate=20, scale=0.2, brightness=0.3, contrast=0.3, erase=2)
    first, _ = augmented(same, **everything)
    numpy.testing.assert_array_equal(first, augmented(same, **everything)[0])
    assert len({x.tobytes() for x in first}) == 12
    batches = Batches(same, [0] * 12, 12, device=CPU).augmented(**everything)
    passes = [next(iter(batches))[0].asnumpy() for _ in range(2)]
    assert not numpy.allclose(*passes)


def test_it_acts_before_an_image_is_scaled_by_pixels_of_the_original():
    pixels = images(4, 6, 6)
    X, _ = augmented(pixels, shift=1, resize=12, flip=1)
    assert X.shape == (4, 12, 12, 3)
    plain, _ = next(iter(Batches(pixels[:, :, ::-1], [0] * 4, 4, resize=12, device=CPU)))
    inner = slice(3, 9)
    moves = [(down, right) for down in (-2, 0, 2) for right in (-2, 0, 2)]
    for x, p in zip(X, plain.asnumpy().transpose(0, 2, 3, 1), strict=True):
        assert any(numpy.allclose(x[inner, inner], shifted(p, *move)[inner, inner], atol=1e-3) for move in moves)


def test_only_training_sees_augmented_images():
    net, batches = ready(), small_data(shuffle=False)
    strong = batches.augmented(flip=1, shift=3, brightness=1, erase=6)
    assert not all((a[0] == b[0]).all() for a, b in zip(batches, strong, strict=True))
    assert all((a[0] == b[0]).all() for a, b in zip(batches, strong.plain(), strict=True))
    assert evaluate_accuracy(net, batches) == evaluate_accuracy(net, strong)
    assert (predict(net, batches) == predict(net, strong)).all()


def test_no_strength_changes_nothing_and_draws_nothing():
    batches = small_data(shuffle=False)
    none = batches.augmented(flip=0, shift=0, rotate=0.0)
    numpy.random.seed(1)
    assert all((a[0] == b[0]).all() for a, b in zip(batches, none, strict=True)) and repr(none) == repr(batches)
    after = numpy.random.rand()
    numpy.random.seed(1)
    assert after == numpy.random.rand()


def test_whole_numbers_of_numpy_are_whole_numbers():
    pixels = images(12)
    given, plain = dict(shift=numpy.int64(2), erase=numpy.uint8(3)), dict(shift=2, erase=3)
    numpy.testing.assert_array_equal(augmented(pixels, **given)[0], augmented(pixels, **plain)[0])
    assert repr(Augmentation(**given)) == repr(Augmentation(**plain))


@pytest.mark.parametrize("high, wide", [(1, 8), (8, 1), (1, 1)])
@pytest.mark.parametrize("strengths", [{"rotate": 5}, {"scale": 0.1}])
def test_a_line_of_pixels_is_neither_turned_nor_scaled(high, wide, strengths):
    with pytest.raises(ValueError, match=f"images of {high} x {wide} pixels cannot be turned or scaled"):
        augmented(images(2, high, wide), **strengths)
    assert augmented(images(2, high, wide), resize=4, **strengths)[0].any()


def test_what_is_augmented_says_so_and_the_original_stays():
    batches = small_data()
    changed = batches.augmented(flip=0.5, rotate=10)
    assert repr(changed) == repr(batches) + ".augmented(flip=0.5, rotate=10)" and ".augmented" not in repr(batches)
    assert repr(changed.augmented(erase=2)) == repr(batches) + ".augmented(erase=2)"  # anew, not on top
    assert math.isclose(Augmentation(shift=3).strengths["shift"], 3) and Augmentation().strengths["shift"] == 0

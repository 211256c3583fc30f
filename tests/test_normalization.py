"""A layer that normalizes: it stays with its network."""
from d2lcnn import Normalization, export_onnx, fit, load_weights, predict, summary, train

import numpy
import pytest
from mxnet import gluon, init, np
from mxnet.gluon import nn

from .small import CPU, equal, sequence, small_data, weights

MEAN, STD = [0.4, 0.5, 0.25], [0.5, 0.25, 2.0]


def normalized(mean=(0.3,), std=(0.2,)):
    net = sequence(Normalization(mean, std), nn.Conv2D(2, 3, activation="relu"), nn.Dense(3))
    net.initialize(init.Xavier(), ctx=CPU)
    return net


@pytest.mark.parametrize("hybrid", [False, True])
def test_each_channel_is_shifted_and_scaled(hybrid):
    layer = Normalization(MEAN, STD)
    layer.initialize(ctx=CPU)
    if hybrid:
        layer.hybridize()
    X = np.random.uniform(size=(2, 3, 4, 5))
    expected = (X.asnumpy() - numpy.reshape(MEAN, (3, 1, 1))) / numpy.reshape(STD, (3, 1, 1))
    for _ in range(2):
        numpy.testing.assert_allclose(layer(X).asnumpy(), expected, rtol=1e-5, atol=1e-6)
    assert repr(layer) == "Normalization(mean=[0.4, 0.5, 0.25], std=[0.5, 0.25, 2.0])"


def test_images_of_a_set_become_mean_0_and_deviation_1():
    batches = small_data(40, 40)
    net = Normalization(*batches.mean_and_std())
    net.initialize(ctx=CPU)
    X = net(next(iter(batches))[0]).asnumpy()
    assert abs(X.mean()) < 1e-5 and X.std() == pytest.approx(1, abs=1e-5)


def test_one_number_serves_gray_images_and_other_channels_are_refused():
    layer = Normalization(0.5, 0.5)
    layer.initialize(ctx=CPU)
    assert layer(np.ones((1, 1, 2, 2))).asnumpy().tolist() == [[[[1, 1], [1, 1]]]]
    with pytest.raises(ValueError, match="Normalization has 1 channels, the images have 3"):
        layer(np.ones((1, 3, 2, 2)))


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("mine, others", [(1, 3), (3, 1)])
def test_images_of_other_channels_do_not_fit_its_network(mine, others, hybrid, tmp_path):
    net = sequence(Normalization([0.5] * mine, [1] * mine), nn.GlobalAvgPool2D(), nn.Flatten())
    shape = (2, others, 8, 8)
    net.initialize(ctx=CPU)
    net.hybridize(hybrid)
    assert predict(net, np.zeros((2, mine, 8, 8))).shape == (2, mine)
    for look in (lambda: predict(net, np.zeros(shape)), lambda: summary(net, shape),
                 lambda: export_onnx(net, tmp_path / "net.onnx", shape)):
        with pytest.raises(ValueError, match=rf"shape \(2, {others}, 8, 8\) do(es)? not fit the network"):
            look()


def test_it_survives_training_and_a_new_start_and_goes_with_the_saved_network(tmp_path):
    def constants(net):
        return weights(net)[:2]
    net, data = normalized(), (small_data(), small_data(shuffle=False))
    for start in (init.Xavier(), None):
        fit(net, data, 1, 0.05, CPU, init=start, weight_decay=0.1, show=False)
        assert equal(constants(net), [numpy.full((1, 1, 1, 1), value, "float32") for value in (0.3, 0.2)])
    net.save_parameters(str(tmp_path / "net.params"))
    train(net, *data, 1, 0.05, CPU, seed=0, show=False, checkpoint=tmp_path / "run.checkpoint")
    for load in (lambda other: other.load_parameters(str(tmp_path / "net.params"), ctx=CPU),
                 lambda other: load_weights(other, tmp_path / "run.checkpoint")):
        other = normalized((0.9,), (0.9,))
        load(other)
        assert equal(constants(other), constants(net))
    numpy.testing.assert_array_equal(predict(other, data[1]).asnumpy(), predict(net, data[1]).asnumpy())


def test_a_summary_counts_it_neither_as_parameters_nor_as_statistics():
    row = summary(normalized(), (1, 1, 8, 8))[0]
    assert (row.layer, row.shape) == ("0 Normalization", (1, 1, 8, 8))
    assert row.parameters == row.statistics == row.macs == 0


@pytest.mark.filterwarnings("ignore:Cannot decide type")
def test_it_can_be_exported_with_its_network(tmp_path):
    net, X = normalized(), np.random.uniform(size=(2, 1, 8, 8))
    net.hybridize()
    expected = net(X).asnumpy()
    net.export(str(tmp_path / "net"))
    again = gluon.SymbolBlock.imports(str(tmp_path / "net-symbol.json"), ["data"], str(tmp_path / "net-0000.params"))
    numpy.testing.assert_allclose(again(X).asnumpy(), expected, rtol=1e-6)

from d2lcnn import draw_network, draw_networks, summary
from d2lcnn.models.lenet import lenet

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, init, np, npx
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision

from .small import sequence, symbol_block


def costs(layer, shape):
    """(output shape, parameters, statistics, multiply-adds) of a network of one layer."""
    row, = summary(layer, shape)
    return row.shape, row.parameters, row.statistics, row.macs


@pytest.mark.parametrize("layer, shape, expected", [
    # 10 x 10 output positions, each 16 x (6 x 5 x 5) products
    (nn.Conv2D(16, 5), (1, 6, 14, 14), ((1, 16, 10, 10), 16 * 150 + 16, 0, 240_000)),
    (nn.Conv2D(16, 5, use_bias=False), (1, 6, 14, 14), ((1, 16, 10, 10), 2400, 0, 240_000)),
    (nn.Conv2D(16, 5), (3, 6, 14, 14), ((3, 16, 10, 10), 2416, 0, 720_000)),
    # stride 2, padding 1: 4 x 4 positions; groups 4: each output sees 8 / 4 = 2 channels
    (nn.Conv2D(12, 3, strides=2, padding=1, groups=4), (1, 8, 8, 8), ((1, 12, 4, 4), 12 * 18 + 12, 0, 16 * 216)),
    # dilation 2 spreads a 3 x 3 kernel over 5 x 5: 9 - 5 + 1 = 5 positions per side
    (nn.Conv2D(2, 3, dilation=2), (1, 1, 9, 9), ((1, 2, 5, 5), 20, 0, 25 * 18)),
    (nn.Conv2D(4, (1, 3)), (1, 2, 6, 6), ((1, 4, 6, 4), 4 * 6 + 4, 0, 24 * 24)),
    # every input position is spread by 3 x (2 x 2 x 2) products
    (nn.Conv2DTranspose(2, 2, strides=2), (1, 3, 5, 5), ((1, 2, 10, 10), 24 + 2, 0, 25 * 24)),
    (nn.Dense(120), (1, 16, 5, 5), ((1, 120), 48_120, 0, 48_000)),
    (nn.Dense(7, flatten=False), (2, 3, 5), ((2, 3, 7), 42, 0, 6 * 35)),
    (nn.MaxPool2D(3, 2), (1, 4, 55, 55), ((1, 4, 27, 27), 0, 0, 0)),
    (nn.GlobalAvgPool2D(), (1, 4, 7, 7), ((1, 4, 1, 1), 0, 0, 0)),
    (nn.BatchNorm(), (1, 5, 3, 3), ((1, 5, 3, 3), 10, 10, 0)),
    (nn.BatchNorm(scale=False), (1, 5, 3, 3), ((1, 5, 3, 3), 5, 10, 0)),
    (nn.BatchNorm(scale=False, center=False), (1, 5, 3, 3), ((1, 5, 3, 3), 0, 10, 0)),
    (nn.LayerNorm(), (2, 5), ((2, 5), 10, 0, 0)),
    (nn.Dropout(0.5), (1, 5), ((1, 5), 0, 0, 0)),
    (nn.Embedding(10, 4), (1, 3), ((1, 3, 4), 40, 0, 0)),
])
def test_one_layer_costs_what_counting_by_hand_gives(layer, shape, expected):
    assert costs(layer, shape) == expected


def test_lenet_has_the_published_numbers():
    cost = summary(lenet(), (1, 1, 28, 28))
    assert [row.shape[1:] for row in cost] == [
        (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (400,), (120,), (84,), (10,)]
    assert [row.parameters for row in cost if row.parameters] == [156, 2416, 48_120, 10_164, 850]
    assert (cost.parameters, cost.macs) == (61_706, 416_520)
    assert cost.values == 784 + 4704 + 1176 + 1600 + 400 + 400 + 120 + 84 + 10


@pytest.mark.parametrize("name, parameters, macs", [  # torchvision's and the papers' counts
    ("alexnet", 61_100_840, 714_188_480), ("vgg16", 138_357_544, 15_470_264_320)])
def test_large_networks_are_counted_without_memory_for_them(name, parameters, macs):
    cost = summary(getattr(vision, name)(), (1, 3, 224, 224))
    assert (cost.parameters, cost.macs) == (parameters, macs)


class PlainResidual(nn.Block):
    """In the style of d2l: computes with npx, so it takes arrays only."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2D(4, 3, padding=1)
        self.norm = nn.BatchNorm()

    def forward(self, X):
        return npx.relu(X + self.norm(self.conv(X)))


def net_with(*blocks, kind=nn.HybridSequential):
    net = kind()
    net.add(*blocks)
    return net


def state(net):
    return {name: p.data().asnumpy().copy() for name, p in net.collect_params().items()}


def test_nested_and_plain_and_hybridized_networks_count_alike():
    inner = (nn.Conv2D(4, 3, padding=1, activation="relu"), nn.BatchNorm(), nn.Dense(10))
    flat = summary(net_with(*inner), (1, 3, 8, 8))
    nested = summary(net_with(net_with(*inner[:2]), inner[2]), (1, 3, 8, 8))
    plain = summary(net_with(*inner, kind=nn.Sequential), (1, 3, 8, 8))
    hybrid = net_with(*inner)
    hybrid.initialize()
    hybrid.hybridize(static_alloc=True)
    hybrid(np.ones((2, 3, 8, 8)))
    before = state(hybrid)
    hybridized = summary(hybrid, (1, 3, 8, 8))
    for other in (nested, plain, hybridized):
        assert [row.layer.split()[1:] for row in other] == [row.layer.split()[1:] for row in flat]
        assert (other.parameters, other.statistics, other.macs, other.values) == (
            flat.parameters, flat.statistics, flat.macs, flat.values)
    assert [row.layer for row in nested] == ["0.0 Conv2D", "0.1 BatchNorm", "1 Dense"]
    assert all((before[name] == value).all() for name, value in state(hybrid).items())
    assert hybrid._active


def test_an_uninitialized_network_stays_so():
    net = lenet()
    summary(net, (1, 1, 28, 28))
    with pytest.raises(RuntimeError, match="not been initialized"):
        net[0].weight.data()
    assert net[2].weight.shape == (16, -1, 5, 5)


def test_plain_blocks_that_compute_are_run_once_and_keep_their_state():
    net = net_with(PlainResidual(), net_with(nn.Flatten(), nn.Dense(2)), kind=nn.Sequential)
    net.initialize(init.Xavier())
    with pytest.raises(ValueError, match="cannot be traced .*initialize it and pass one batch"):
        summary(net, (1, 4, 6, 6))
    net.hybridize()
    net(np.ones((1, 4, 6, 6)))
    before = state(net)
    cost = summary(net, (1, 4, 6, 6))
    assert [row.layer for row in cost] == ["0.conv Conv2D", "0.norm BatchNorm", "1.0 Flatten", "1.1 Dense"]
    assert cost.macs == 36 * 144 + 288 and cost.parameters == 148 + 8 + 290 and cost.statistics == 8
    assert all((before[name] == value).all() for name, value in state(net).items())
    assert net[1]._active and not net[0]._forward_hooks


def test_a_plain_block_with_a_layer_that_awaits_its_first_batch_stays_as_it_is():
    net = net_with(PlainResidual(), nn.Dense(2), kind=nn.Sequential)
    net.initialize(init.Xavier())
    net[0](np.ones((1, 4, 6, 6)))
    with pytest.raises(ValueError, match="cannot be traced .*initialize it and pass one batch"):
        summary(net, (1, 4, 6, 6))
    with pytest.raises(RuntimeError):
        net[1].weight.data()


def test_a_shape_that_does_not_fit_a_plain_block_is_named():
    net = net_with(PlainResidual(), kind=nn.Sequential)
    net.initialize()
    net(np.ones((1, 4, 6, 6)))
    with pytest.raises(ValueError, match=r"input shape \(1, 3, 6, 6\) does not fit"):
        summary(net, (1, 3, 6, 6))


def test_a_layer_used_twice_computes_twice_and_is_stored_once():
    layer = nn.Dense(6)
    cost = summary(net_with(layer, layer), (1, 6))
    assert cost.parameters == 42 and cost.macs == 72
    under_two = net_with(net_with(layer, nn.Dense(6)), net_with(layer))
    for depth in (None, 1):
        cost = summary(under_two, (1, 6), depth)
        assert cost.parameters == 84 and cost.macs == 108
    assert [row.macs for row in cost] == [72, 36]


def test_only_weights_are_multiplied_with_positions():
    class Scale(nn.HybridBlock):
        def __init__(self):
            super().__init__()
            self.gamma = self.params.get("gamma", shape=(1, 4, 1, 1))

        def hybrid_forward(self, F, X, gamma):
            return X * gamma
    cost = summary(Scale(), (1, 4, 8, 8))
    assert (cost.parameters, cost.macs, cost.values) == (4, 0, 512)


def test_a_block_with_two_outputs_and_an_unused_parameter_is_counted():
    class Two(nn.HybridBlock):
        def __init__(self):
            super().__init__()
            self.dense = nn.Dense(3)
            self.spare = nn.Dense(5, in_units=7)

        def hybrid_forward(self, F, X):
            return self.dense(X), X
    cost = summary(Two(), (2, 4))
    assert [row.layer for row in cost] == ["dense Dense"] and cost.parameters == 15


class Join(nn.HybridBlock):
    def hybrid_forward(self, F, parts):
        return F.np.concatenate(parts, axis=1)


class Split(nn.HybridBlock):
    """Two dense layers side by side, whose outputs come in a list, a tuple or a dict."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.a, self.b = nn.Dense(3, in_units=4), nn.Dense(3, in_units=4)

    def hybrid_forward(self, F, X):
        parts = self.a(X), self.b(X)
        return dict(zip("ab", parts, strict=True)) if self.kind is dict else self.kind(parts)


class Branches(nn.HybridBlock):
    def __init__(self, kind):
        super().__init__()
        self.split, self.join = Split(kind), Join()

    def hybrid_forward(self, F, X):
        parts = self.split(X)
        return self.join(list(parts.values() if isinstance(parts, dict) else parts))


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_blocks_that_take_or_return_lists_tuples_or_dicts_are_counted(kind):
    cost = summary(Branches(kind), (1, 4))
    assert (cost.parameters, cost.macs, cost.values) == (30, 24, 4 + 3 + 3 + 6)
    assert [row.layer for row in cost] == ["split.a Dense", "split.b Dense", "join Join"]
    assert [row.shape for row in summary(Branches(kind), (1, 4), depth=1)] == [(1, 3), (1, 6)]  # the first output's


def test_a_frozen_network_has_the_same_parameters():
    net = net_with(nn.Conv2D(4, 3), nn.BatchNorm(), nn.Dense(10))
    before = summary(net, (1, 3, 8, 8))
    net.collect_params().setattr("grad_req", "null")
    after = summary(net, (1, 3, 8, 8))
    assert (before.parameters, before.statistics) == (after.parameters, after.statistics) == (112 + 8 + 1450, 8)


def test_whole_numbers_of_numpy_are_whole_numbers():
    cost = summary(lenet(), tuple(numpy.array([1, 1, 28, 28])))
    assert cost.parameters == 61_706 and cost.input_shape == (1, 1, 28, 28)
    assert all(type(n) is int for n in cost.input_shape)


def test_multiply_adds_and_activations_grow_with_the_batch_and_parameters_do_not():
    one, five = (summary(lenet(), (n, 1, 28, 28)) for n in (1, 5))
    assert (five.parameters, five.macs, five.values) == (one.parameters, 5 * one.macs, 5 * one.values)


def test_totals_do_not_depend_on_how_layers_are_nested_or_how_deep_one_looks():
    random = numpy.random.RandomState(0)

    def nested(layers):
        if len(layers) < 2 or random.rand() < 0.3:
            return layers
        cut = random.randint(1, len(layers))
        return [net_with(*nested(layers[:cut])), *nested(layers[cut:])]

    def layers():
        return [nn.Conv2D(3, 3, padding=1), nn.BatchNorm(), nn.Activation("relu"), nn.MaxPool2D(2), nn.Dense(5),
                nn.Dropout(0.5), nn.Dense(2)]
    flat = summary(net_with(*layers()), (2, 3, 8, 8))
    for _ in range(8):
        net = net_with(*nested(layers()))
        for depth in (None, 1, 2, 9):
            cost = summary(net, (2, 3, 8, 8), depth)
            assert (cost.parameters, cost.statistics, cost.macs, cost.values) == (
                flat.parameters, flat.statistics, flat.macs, flat.values)


def test_windows_of_convolutions_and_poolings_are_told():
    cost = summary(net_with(nn.Conv2D(4, (3, 5)), nn.MaxPool2D(2), nn.GlobalAvgPool2D(), nn.Dense(3)), (1, 1, 20, 20))
    assert [row.kernel for row in cost] == [(3, 5), (2, 2), (), ()]


def test_a_sequence_is_called_by_its_prefix_if_it_was_given_one():
    named = nn.HybridSequential(prefix="stage1_")
    named.add(nn.Dense(3))
    cost = summary(net_with(named, net_with(nn.Dense(2))), (1, 4), depth=1)
    assert [row.layer for row in cost] == ["0 stage1", "1 block of 1"]


def test_a_plain_network_is_measured_in_predict_mode_also_while_recording():
    seen = []

    class Look(nn.Block):
        def forward(self, X):
            seen.append((autograd.is_training(), autograd.is_recording(), X.ctx, X.asnumpy().any()))
            return X
    net = net_with(Look(), nn.Dense(2, in_units=3), kind=nn.Sequential)
    net.initialize(ctx=mx.cpu(1))
    with autograd.record():
        summary(net, (1, 3))
    assert seen == [(False, True, mx.cpu(1), False)]
    assert summary(net_with(Look(), kind=nn.Sequential), (1, 3)).values == 6  # without parameters, on the CPU


def test_depth_shows_a_row_per_child_with_the_same_totals():
    net = net_with(net_with(nn.Conv2D(4, 3), nn.BatchNorm()), nn.Dense(10))
    deep, shallow = summary(net, (1, 3, 8, 8)), summary(net, (1, 3, 8, 8), depth=1)
    assert [(row.layer, row.shape) for row in shallow] == [
        ("0 block of 2", (1, 4, 6, 6)), ("1 Dense", (1, 10))]
    assert (deep.parameters, deep.macs, deep.values) == (shallow.parameters, shallow.macs, shallow.values)


def test_it_works_while_recording_and_leaves_no_hook():
    net = lenet()
    with autograd.record():
        summary(net, (1, 1, 28, 28))
    assert not any(block._forward_hooks for block in [net, *net])


@pytest.mark.parametrize("shape, message", [
    ((1, 1, 3, 3), r"input shape \(1, 1, 3, 3\) does not fit"), ((1, 28), r"input shape \(1, 28\) does not fit"),
    (784, "such as .* got 784"), ((1, 0, 28, 28), "got")])
def test_a_shape_that_does_not_fit_is_named(shape, message):
    with pytest.raises(ValueError, match=message):
        summary(lenet(), shape)


def test_a_network_that_has_seen_another_size_says_so():
    net = lenet()
    net.initialize()
    net(np.zeros((1, 1, 28, 28)))
    assert summary(net, (5, 1, 28, 28)).parameters == 61_706
    with pytest.raises(ValueError, match=r"\(1, 1, 32, 32\) does not fit .*weight has the shape \(120, 400\)"):
        summary(net, (1, 1, 32, 32))


@pytest.mark.parametrize("look", [summary, draw_network, lambda net, shape: draw_networks({"net": (net, shape)})],
                         ids=["summary", "draw_network", "draw_networks"])
def test_a_graph_without_layers_is_refused_before_it_breaks(look):
    graph = symbol_block()
    for net in (graph, sequence(graph, nn.Dense(2))):
        with pytest.raises(ValueError, match="a SymbolBlock is a graph without layers: build the network of its own"):
            look(net, (1, 4))
    assert graph(np.ones((2, 4))).shape == (2, 3)


def test_a_mistake_in_a_block_is_not_hidden():
    class Wrong(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            return undefined(X)  # noqa: F821
    with pytest.raises(NameError, match="undefined"):
        summary(Wrong(), (1, 4))


TEXT = """\
layer        output shape                     parameters  statistics  multiply-adds  activations
------------------------------------------------------------------------------------------------
input        (2, 3, 8, 8)                                                                    384
0 Conv2D     (2, 4, 6, 6)                            112           0          7,776          288
1 BatchNorm  (2, 4, 6, 6)                              8           8              0          288
------------------------------------------------------------------------------------------------
total        0.00 MiB of float32 activations         120           8          7,776          960"""


def test_text_shows_every_row_and_the_totals():
    assert repr(summary(net_with(nn.Conv2D(4, 3), nn.BatchNorm()), (2, 3, 8, 8))) == TEXT
    plain = repr(summary(lenet(), (512, 1, 28, 28)))
    assert "statistics" not in plain.splitlines()[0]
    assert "18.12 MiB" in plain.splitlines()[-1]  # 512 x 9,278 numbers of 4 bytes


def test_html_shows_every_row_and_the_totals():
    class Odd(nn.Dense):
        """Its name must be escaped."""
    Odd.__name__ = "<Odd>"
    html = summary(net_with(Odd(4)), (1, 3))._repr_html_()
    left, right = '<td style="text-align: left">', '<td style="text-align: right">'
    assert f"<tr>{left}0 &lt;Odd&gt;</td>{left}(1, 4)</td>{right}16</td>{right}12</td>{right}4</td></tr>" in html
    assert html.startswith('<table><thead><tr><th style="text-align: left">layer</th>')
    assert html.count("<tr>") == 4 and html.endswith('<th style="text-align: right">7</th></tr></tfoot></table>')

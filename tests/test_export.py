"""A network that leaves as an ONNX file gives with onnxruntime what it gives in MXNet; what cannot leave is named."""
import json
import os
import runpy
import sys

import d2lcnn
from d2lcnn.costs import _flat
from d2lcnn.export import CONVERTERS, export_onnx
from d2lcnn.models.googlenet import chain
from d2lcnn.models.inception import ResidualInception, conv
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn
from d2lcnn.models.resnet import FLAVORS, flavored, resnet
from d2lcnn.models.zfnet import zfnet

import mxnet as mx
import numpy
import onnx
import onnxruntime
import pytest
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from .small import symbol_block
from .test_models import IMAGENET, SMALL

# deeper forms of others: that they consist of the same operators is seen sooner than computed
DEEPER = ("AlexNet in one column", "VGG A", "VGG B", "VGG C", "VGG D", "VGG E", "ResNet-34", "ResNet-101", "ResNet-152",
          "DenseNet-161", "DenseNet-169", "DenseNet-201", "Inception-v4")
NETWORKS = {build.__name__: (build, 1, side) for build, (*_, side) in SMALL.items()}
NETWORKS |= {name: (lambda build=build: build(classes=10), 3, side) for name, (build, *_, side) in IMAGENET.items()
             if name not in DEEPER}
NETWORKS |= {f"small ResNet, {flavor}": (lambda flavor=flavor: flavored(8, flavor), 1, 16)
             for flavor in FLAVORS}
NETWORKS |= {"ZFNet": (lambda: zfnet(classes=10), 3, 67), "plain twin": (lambda: resnet(18, shortcuts=False), 3, 32),
             "Inception with shortcuts": (lambda: ResidualInception([
                conv(4, 1), chain(conv(4, 1), conv(4, 3)), nn.MaxPool2D(3, strides=1, padding=1)], 3), 3, 9)}


class Function(nn.HybridBlock):
    """A network of one function of F and X."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def hybrid_forward(self, F, X):
        return self.function(F, X)


class Scaled(nn.HybridBlock):
    """A parameter of its own, which is not the first operand."""

    def __init__(self, name="scale"):
        super().__init__()
        setattr(self, name, self.params.get(name, shape=(1, 4, 1, 1)))

    def hybrid_forward(self, F, X, **scale):
        [scale] = scale.values()
        return X * scale + scale


class Twice(nn.HybridBlock):
    """The same layer twice, so that MXNet gives two operators one name; and two outputs."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2D(4, 3, padding=1, in_channels=4)

    def hybrid_forward(self, F, X):
        Y = self.conv(self.conv(X))
        return F.npx.relu(Y), Y


FUNCTIONS = {  # each of an input of shape (batch, 4, 6, 6)
    "relu": lambda F, X: F.npx.relu(X),
    "sigmoid": lambda F, X: F.npx.sigmoid(X),
    "tanh": lambda F, X: F.np.tanh(X),
    "exp": lambda F, X: F.np.exp(X),
    "log, sqrt, abs": lambda F, X: F.np.log(F.np.sqrt(F.np.abs(X) + 0.5)),
    "x - x": lambda F, X: F.np.tanh(X) - F.npx.sigmoid(X),
    "x * x": lambda F, X: F.np.tanh(X) * X,
    "x / x": lambda F, X: F.np.tanh(X) / F.npx.sigmoid(X),
    "x ** x": lambda F, X: F.np.exp(X) ** X,
    "maximum, minimum": lambda F, X: F.np.maximum(X, 2 * F.np.minimum(X, F.np.tanh(X))),
    "matmul": lambda F, X: F.np.matmul(X, F.np.tanh(X)),
    "x + 1": lambda F, X: X + 1,
    "x - 1": lambda F, X: X - 1,
    "1 - x": lambda F, X: 1 - X,
    "x * 3": lambda F, X: X * 3,
    "-x": lambda F, X: -X,
    "x / 3": lambda F, X: X / 3,
    "3 / x": lambda F, X: 3 / (F.np.exp(X)),
    "x ** 2": lambda F, X: X ** 2,
    "2 ** x": lambda F, X: 2 ** X,
    "maximum, minimum with a number": lambda F, X: F.np.maximum(F.np.minimum(X, 0.5), -0.25),
    "mean": lambda F, X: F.np.mean(X, axis=(2, 3)),
    "mean that keeps its axes": lambda F, X: X.mean(axis=(-1, -2), keepdims=True),
    "sum": lambda F, X: F.np.sum(X, axis=1),
    "max, min": lambda F, X: F.np.max(X, axis=1) + F.np.min(X, axis=1),
    "mean of all": lambda F, X: X - X.mean(),
    "clip": lambda F, X: F.np.clip(X, -0.5, 0.25),
    "hard swish": lambda F, X: X * F.np.clip(X + 3, 0, 6) / 6,
    "softmax": lambda F, X: F.npx.softmax(X),
    "softmax over channels": lambda F, X: F.npx.softmax(X, axis=1),
    "log_softmax": lambda F, X: F.npx.log_softmax(X, axis=1),
    "softrelu": lambda F, X: F.npx.activation(X, act_type="softrelu"),
    "softsign": lambda F, X: F.npx.activation(X, act_type="softsign"),
    "npx.reshape": lambda F, X: F.npx.reshape(X, (-2, 2, 2, -1, 6)),
    "npx.reshape of the end": lambda F, X: F.npx.reshape(X, (-2, -1)),
    "np.reshape": lambda F, X: F.np.reshape(X, (-1, 72)),
    "images of single channels": lambda F, X: X.reshape((-1, 1, 6, 6)),
    "batch_flatten": lambda F, X: F.npx.batch_flatten(X),
    "squeeze": lambda F, X: F.np.squeeze(X.mean(axis=1, keepdims=True), axis=1),
    "expand_dims": lambda F, X: F.np.expand_dims(X, 2),
    "transpose": lambda F, X: F.np.transpose(X, (0, 2, 3, 1)),
    "transpose without axes": lambda F, X: X.T,
    "swapaxes": lambda F, X: F.np.swapaxes(X, 1, -1),
    "swapaxes with the batch": lambda F, X: F.np.swapaxes(X, 0, 1),
    "channel shuffle": lambda F, X: X.reshape((-1, 2, 2, 6, 6)).swapaxes(1, 2).reshape((-1, 4, 6, 6)),
    "concatenate": lambda F, X: F.np.concatenate((X, F.np.tanh(X), X), axis=1),
    "concatenate batches": lambda F, X: F.np.concatenate((X, X)),
    "slice": lambda F, X: X[:, 1:3],
    "slice of the first axis": lambda F, X: X.transpose((1, 0, 2, 3))[1:],
    "slice of the first axis with steps": lambda F, X: X.transpose((1, 0, 2, 3))[::-2],
    "slice of a single channel": lambda F, X: X[:, 2],
    "slice from the end": lambda F, X: F.npx.slice(X, (None, None, -2), (None, 1, None)),
    "slice with steps": lambda F, X: F.npx.slice(X, (None, 0, 4, None), (None, 4, None, None), (None, 2, -1, -2)),
    "pad": lambda F, X: F.np.pad(X, ((0, 0), (0, 0), (1, 2), (0, 3)), mode="constant", constant_values=0.5),
    "pad by reflection": lambda F, X: F.np.pad(X, ((0, 0), (0, 0), (1, 2), (3, 1)), mode="reflect"),
    "pad by the edge": lambda F, X: F.np.pad(X, ((0, 0), (0, 0), (1, 2), (3, 1)), mode="edge"),
    "dropout": lambda F, X: F.npx.dropout(X, p=0.5),
    "LRN": lambda F, X: F.LRN(X.as_nd_ndarray(), nsize=3).as_np_ndarray(),
    # with the arguments that MXNet takes where none are given
    "npx.pooling": lambda F, X: F.npx.pooling(X, kernel=(2, 3)),
    "npx.leaky_relu": lambda F, X: F.npx.leaky_relu(X),
    "npx.layer_norm": lambda F, X: F.npx.layer_norm(X, X[0, 0, 0], X[0, 0, 1]),
    "npx.convolution": lambda F, X: F.npx.convolution(X, X[:1, :, :2, :3], kernel=(2, 3), num_filter=1, no_bias=True),
    "npx.deconvolution": lambda F, X: F.npx.deconvolution(X, X[:1, :, :2, :3].swapaxes(0, 1), kernel=(2, 3),
                                                          num_filter=1, no_bias=True),
    "npx.fully_connected": lambda F, X: F.npx.fully_connected(X, F.npx.batch_flatten(X[:1]), num_hidden=1,
                                                              no_bias=True),
}
LAYERS = {
    "Conv2D": lambda: nn.Conv2D(5, (3, 2), strides=(2, 1), padding=(1, 0)),
    "Conv2D with groups": lambda: nn.Conv2D(8, 3, groups=4),
    "Conv2D with holes": lambda: nn.Conv2D(3, 3, dilation=2, padding=1, use_bias=False),
    "Conv2DTranspose": lambda: nn.Conv2DTranspose(3, 3, strides=2, padding=1, output_padding=1),
    "Conv2DTranspose with groups": lambda: nn.Conv2DTranspose(4, 2, strides=(1, 2), groups=2, dilation=2,
                                                              use_bias=False),
    "Dense": lambda: nn.Dense(3),
    "Dense without bias": lambda: nn.Dense(3, use_bias=False),
    "Dense of the last axis": lambda: nn.Dense(3, flatten=False),
    "Dense of the last axis without bias": lambda: nn.Dense(3, flatten=False, use_bias=False),
    "MaxPool2D": lambda: nn.MaxPool2D(3, 2, 1),
    "MaxPool2D with a window over the edge": lambda: nn.MaxPool2D(3, 2, ceil_mode=True),
    "MaxPool2D with a window outside": lambda: nn.MaxPool2D(2, 3, 1, ceil_mode=True),
    "AvgPool2D": lambda: nn.AvgPool2D(3, 2, 1),
    "AvgPool2D of pixels only": lambda: nn.AvgPool2D(3, 2, 1, count_include_pad=False),
    "AvgPool2D with a window over the edge": lambda: nn.AvgPool2D(3, 2, ceil_mode=True),
    "GlobalAvgPool2D": lambda: nn.GlobalAvgPool2D(),
    "GlobalMaxPool2D": lambda: nn.GlobalMaxPool2D(),
    "BatchNorm": lambda: nn.BatchNorm(epsilon=0.1),
    "BatchNorm with gamma fixed": lambda: nn.BatchNorm(scale=False),
    "BatchNorm with global statistics": lambda: nn.BatchNorm(use_global_stats=True),
    "LayerNorm": lambda: nn.LayerNorm(epsilon=0.1),
    "LeakyReLU": lambda: nn.LeakyReLU(0.1),
    "PReLU": lambda: nn.PReLU(),
    "PReLU per channel": lambda: nn.PReLU(in_channels=4),
    "ELU": lambda: nn.ELU(0.5),
    "SELU": lambda: nn.SELU(),
    "GELU": lambda: nn.GELU(),
    "Swish": lambda: nn.Swish(2),
    "Dropout": lambda: nn.Dropout(0.5),
    "Flatten": lambda: nn.Flatten(),
    "Normalization": lambda: d2lcnn.Normalization([0.1, 0.2, 0.3, 0.4], [1, 2, 3, 4]),
    "a parameter": Scaled,
}


def prepared(net, shape, magnitude=6):
    """The initialized net, without parameters that are all zeros or ones, and a batch of random inputs."""
    d2lcnn.set_seed(0)
    net.initialize(init.Xavier("uniform", "in", magnitude))  # with 6, signals neither grow nor shrink in plain layers
    X = np.random.normal(size=shape)
    net(X[:1])  # fixes the shapes
    for parameter in net.collect_params().values():
        values = parameter.data()
        if (values == values.reshape(-1)[0]).all():
            parameter.set_data(values + np.random.uniform(-0.3, 0.3, values.shape))
    return net, X


def check(net, X, path):
    """Export with a batch of 2; batches of 1 and 3 must give with the one file what they give in MXNet."""
    export_onnx(net, path, (2, *X.shape[1:]))
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path)
    for n in (1, 3):
        expected = net(X[:n]).asnumpy()
        [found] = session.run(None, {"input": X[:n].asnumpy()})
        assert found.shape == expected.shape
        assert abs(found - expected).max() <= 1e-5 * abs(expected).max()
    return expected


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)  # the files need not outlive the machine
    return str(tmp_path / "net.onnx")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_gives_with_onnxruntime_what_it_gives_in_mxnet(name, path, capfd):
    build, channels, side = NETWORKS[name]
    # SE-ResNet-50's sums over 16 blocks would grow to hundreds; its gates are then so steep that float32 loses digits
    expected = check(*prepared(build(), (3, channels, side, side), 3 if name == "SE-ResNet-50" else 6), path)
    assert abs(expected[0] - expected[1]).max() > 0.01 * abs(expected).max()  # it does see its input
    assert capfd.readouterr().err == ""  # where onnxruntime warns


def nodes(net):
    """The operators that `net` consists of, with their attributes but for the number of channels and dropped values."""
    graph = json.loads(net(mx.sym.var("X").as_np_ndarray()).tojson())["nodes"]
    return [(node["op"], *sorted({**node.get("attrs", {}), "num_filter": "", "num_hidden": "", "p": ""}.items()))
            for node in graph if node["op"] != "null"]


def test_the_deeper_networks_consist_of_the_same_operators_with_the_same_attributes():
    compared = {node for build, *_ in NETWORKS.values() for node in nodes(build())}
    for name in DEEPER:
        assert set(nodes(IMAGENET[name][0]())) <= compared, name


CASES = {name: lambda function=function: Function(function) for name, function in FUNCTIONS.items()} | LAYERS


@pytest.mark.parametrize("name", CASES)
def test_operators_and_layers_compute_the_same(name, path, capfd):
    check(*prepared(CASES[name](), (3, 4, 6, 6)), path)
    assert capfd.readouterr().err == ""


def test_every_converter_is_tested_by_a_case():
    assert {name for build in CASES.values() for name, *_ in nodes(build())} == CONVERTERS.keys()


def test_a_layer_called_twice_and_several_outputs(path):
    net, X = prepared(Twice(), (3, 4, 6, 6))
    export_onnx(net, path, (1, 4, 6, 6))
    found = onnxruntime.InferenceSession(path).run(["output0", "output1"], {"input": X.asnumpy()})
    for y, expected in zip(found, net(X), strict=True):
        assert numpy.allclose(y, expected.asnumpy(), atol=1e-6)


def test_a_plain_sequence_of_hybrid_layers_leaves_too(path):
    net = nn.Sequential()
    net.add(nn.Conv2D(3, 3, activation="relu"), nn.Dense(2))
    check(*prepared(net, (3, 1, 5, 5)), path)


def test_the_file_names_what_it_takes_and_has_no_parameters_among_its_inputs(path):
    net, _ = prepared(lenet(), (1, 1, 28, 28))
    export_onnx(net, path, [1, 1, 28, 28])
    session, graph = onnxruntime.InferenceSession(path), onnx.load(path).graph
    assert [(x.name, x.shape, x.type) for x in session.get_inputs()] == [
        ("input", ["batch", 1, 28, 28], "tensor(float)")]
    assert [(y.name, y.shape) for y in session.get_outputs()] == [("output", ["batch", 10])]
    assert [x.name for x in graph.input] == ["input"]
    parameters = net._collect_params_with_prefix()  # under the names of net.save_parameters
    assert {tensor.name for tensor in graph.initializer} == parameters.keys()
    for tensor in graph.initializer:
        assert (onnx.numpy_helper.to_array(tensor) == parameters[tensor.name].data().asnumpy()).all()


def test_onnxruntime_from_2024_on_reads_the_file(path):
    export_onnx(prepared(nn.Dense(1), (1, 3))[0], path, (1, 3))
    model = onnx.load(path)
    assert model.opset_import[0].version <= 21 and model.ir_version <= 10  # those of onnxruntime 1.18


def test_equal_networks_give_equal_files(tmp_path):
    files = [tmp_path / name for name in ("a.onnx", "b.onnx")]
    for file in files:
        export_onnx(prepared(lenet_bn(), (1, 1, 28, 28))[0], file, (1, 1, 28, 28))
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("hybridized", [False, True])
def test_the_network_stays_as_it_is_and_nothing_else_is_written(hybridized, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net, X = prepared(lenet_bn(), (3, 1, 28, 28))
    if hybridized:
        net.hybridize(static_alloc=True, static_shape=True)

    def state():
        parameters = [(p.name, p.grad_req, p.list_ctx(), p.data().asnumpy().tolist())
                      for p in net.collect_params().values()]
        return parameters, net(X).asnumpy().tolist(), net._active, repr(net), numpy.random.rand(), np.random.rand()

    d2lcnn.set_seed(1)
    before = state()
    d2lcnn.set_seed(1)
    export_onnx(net, "net.onnx", (1, 1, 28, 28))
    assert state() == before
    assert os.listdir() == ["net.onnx"]
    with autograd.record():
        l = net(X).sum()  # noqa: E741
    l.backward()
    assert all(abs(p.grad()).max() > 0 for p in net.collect_params("0.*weight").values())


def test_it_leaves_as_it_predicts_wherever_it_is_exported(path):
    net, X = prepared(Function(lambda F, X: 2 * X if autograd.is_training() else X), (3, 2))
    with autograd.record():
        export_onnx(net, path, (1, 2))
    [found] = onnxruntime.InferenceSession(path).run(None, {"input": X.asnumpy()})
    assert (found == X.asnumpy()).all()


def test_a_file_is_replaced_in_one_step_by_a_complete_one(tmp_path, monkeypatch):
    path, seen = tmp_path / "net.onnx", []
    path.write_text("old")

    def replace(source, target):
        onnx.checker.check_model(str(source))
        seen.append((path.read_text(), target))

    monkeypatch.setattr(os, "replace", replace)
    export_onnx(prepared(nn.Dense(1), (1, 3))[0], path, (1, 3))
    assert seen == [("old", path)]


def test_where_writing_fails_the_old_file_stays_and_no_other(tmp_path, monkeypatch):
    def full(_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "net.onnx").write_text("old")
    with pytest.raises(OSError, match="No space left"):
        export_onnx(prepared(nn.Dense(1), (1, 3))[0], tmp_path / "net.onnx", (1, 3))
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("net.onnx", "old")]


def test_without_onnx_the_module_imports_and_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)  # as if it were not there
    module = runpy.run_path(d2lcnn.export.__file__, run_name="d2lcnn.a_second_time")
    with pytest.raises(ImportError, match="export_onnx needs the package onnx .*pip install -e '.\\[onnx\\]'"):
        module["export_onnx"](None, "net.onnx", (1, 3))


@pytest.mark.parametrize("outputs, names", [
    (lambda X: (X, [X + 1, X * 2]), ["output0", "output1", "output2"]),
    (lambda X: {"a": X + 1, "b": X}, ["output0", "output1"]), (lambda X: {"a": [X + 1]}, ["output"])])
def test_outputs_in_lists_tuples_and_dicts_leave_in_their_order(outputs, names, path):
    net, X = prepared(Function(lambda F, X: outputs(X)), (3, 2))
    export_onnx(net, path, (1, 2))
    session = onnxruntime.InferenceSession(path)
    assert [output.name for output in session.get_outputs()] == names
    for found, expected in zip(session.run(None, {"input": X.asnumpy()}), _flat(outputs(X)), strict=True):
        assert (found == expected.asnumpy()).all()


class Plain(gluon.Block):
    def forward(self, X):
        return X * X.asnumpy().mean()


def deferred():
    net = nn.Dense(3)
    net.initialize()
    return net


def initialized(net):
    net.initialize()
    return net


def half():
    net, _ = prepared(nn.Dense(3), (1, 4))
    net.cast("float16")
    return net


WRONG = {  # changes to export_onnx(net=nn.Dense(3), path="net.onnx", input_shape=(1, 4)), what is said
    "not called": ({"net": lenet}, r"lenet\(\) makes one, lenet does not"),
    "no network": ({"net": 3}, "net must be a Gluon network, got int"),
    "computes by itself": ({"net": Plain()}, "cannot be traced .*asnumpy.* build it of HybridBlocks"),
    "unfinished": ({"net": nn.HybridBlock()}, r"cannot be traced \(NotImplementedError\): build"),
    "not initialized": ({"net": lenet()}, r"not initialized \(0.weight\): call net.initialize\(\)"),
    "never run": ({"net": deferred()}, r"not initialized \(weight\): .* pass one batch"),
    "float16": ({"net": half()}, r"computes in float16 \(weight\).*net.cast\('float32'\)"),
    "a graph without layers": ({"net": symbol_block()}, "a SymbolBlock is a graph without layers: build the network"),
    "a parameter as the input": ({"net": initialized(Scaled("input"))}, "the parameter 'input' would be taken for an"),
    "a parameter as an output": ({"net": initialized(Scaled("output1"))}, "the parameter 'output1' would be taken for"),
    "no folder": ({"path": "nowhere/net.onnx"}, "no folder 'nowhere' for the file: make it first"),
    "a folder": ({"path": "."}, "path must be that of a file, such as 'lenet.onnx', got '.'"),
    "no path": ({"path": 3}, "path must be that of a file, .* got 3"),
    "no shape": ({"input_shape": 4}, "input_shape must be .* got 4"),
    "other features": ({"input_shape": (1, 5)}, r"input shape \(1, 5\) does not fit"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_the_remedy(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    changes, said = WRONG[case]
    arguments = {"net": prepared(nn.Dense(3), (1, 4))[0], "path": "net.onnx", "input_shape": (1, 4)} | changes
    with pytest.raises(ValueError, match=said):
        export_onnx(**arguments)
    assert not os.listdir()


UNSUPPORTED = {
    "flip": (lambda F, X: F.np.flip(X, axis=3), "_npi_flip, which cannot leave MXNet yet"),
    "softmax with a temperature": (lambda F, X: F.npx.softmax(X, temperature=2), "softmax .*'temperature': 2"),
    "dropout that never ends": (lambda F, X: F.npx.dropout(X, p=0.5, mode="always"), "mode is 'always', not 'train"),
    "mean in another type": (lambda F, X: F.np.mean(X, dtype="float64"), "_npi_mean .*float64"),
    "rrelu": (lambda F, X: F.npx.leaky_relu(X, act_type="rrelu"), "act_type is 'rrelu', not 'leaky' or"),
    "sums of windows": (lambda F, X: F.npx.pooling(X, kernel=(2, 2), pool_type="sum"), "pool_type is 'sum'"),
    "two axes of a batch": (lambda F, X: F.np.expand_dims(F.np.matmul(F.npx.batch_flatten(X), F.npx.batch_flatten(X).T),
                                                          0), r"two axes of the shape \(1, 'batch', 'batch'\)"),
    "a batch of two": (lambda F, X: X.reshape((2, 2, 2, 6, 6)), "takes batches of 2, but none of 1"),
    "squeezed for one image": (lambda F, X: F.np.squeeze(X), r"has the shape \(4, 6, 6\) for a batch of 1"),
    "concatenation of all": (lambda F, X: F.np.concatenate((X, X), axis=None), "_npi_concatenate .*'axis': None"),
    "symmetric padding": (lambda F, X: F.np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="symmetric"),
                          "mode is 'symmetric'"),
}
UNSUPPORTED_LAYERS = {
    "channels last": (lambda: nn.Conv2D(3, 3, in_channels=6, layout="NHWC"), "layout is 'NHWC', not 'NCHW'"),
    "transposed, channels last": (lambda: nn.Conv2DTranspose(3, 3, in_channels=6, layout="NHWC"), "layout is 'NHWC'"),
    "windows, channels last": (lambda: nn.MaxPool2D(layout="NHWC"), "layout is 'NHWC'"),
    "average over the edge": (lambda: nn.AvgPool2D(3, 2, 1, ceil_mode=True), "an average with both padding and ceil"),
    "BatchNorm of the last axis": (lambda: nn.BatchNorm(axis=-1, in_channels=6), "axis is 3, not 1"),
    "LayerNorm of the channels": (lambda: nn.LayerNorm(axis=1, in_channels=4), "axis is 1, not 3"),
}


@pytest.mark.parametrize("name", UNSUPPORTED | UNSUPPORTED_LAYERS)
def test_what_cannot_leave_is_refused_by_name(name, path, capsys):
    build, said = (UNSUPPORTED | UNSUPPORTED_LAYERS)[name]
    net = build() if name in UNSUPPORTED_LAYERS else Function(build)
    net.initialize()
    with pytest.raises(ValueError, match=f"{said}.*: "):
        export_onnx(net, path, (2, 4, 6, 6))
    assert not os.path.exists(path) and capsys.readouterr().out == ""

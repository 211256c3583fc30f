"""A network leaves MXNet: its graph and its weights in an ONNX file, which other frameworks run.

MXNet's own exporter, `mxnet.onnx`, knows few operators of NumPy-style arrays and no shapes, takes nine times the memory
of the file, and passes over what it does not know, such as the fixed gamma of a batch normalization. So the graph is
translated here: a function per kind of operator adds the nodes of ONNX that compute the same. Its keyword arguments are
the attributes that it understands, and an operator with any other is refused.
"""
import json
import math
import os
from ast import literal_eval
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import mxnet as mx
import numpy

from .costs import graph_of, summary
from .device import reason
from .validate import check_is_network

__all__ = ["export_onnx"]

OPSET, IR_VERSION = 18, 8  # of ONNX 1.13, from early 2023: read by all later ones, and by onnxruntime from 1.14 on


def export_onnx(net, path, input_shape):
    """Write the initialized Gluon network `net` to the ONNX file `path`, as it predicts.

    `input_shape` has a batch axis, as in `summary`: `(1, 1, 28, 28)`. The file takes float32 arrays of that shape, but
    in batches of any size: its input is called "input", its output "output" ("output0", "output1" … where there are
    several, in lists, tuples or dicts). Equal networks give equal files. The network stays as it is; a file of that
    name is replaced in one step when the new one is complete.

    Raises ImportError without the package onnx, and ValueError for a path in no folder, a network that is not
    initialized, not of float32 or not traceable, a parameter of the network itself with one of those names, a shape
    that does not fit, or an operator that has no counterpart here. Raises OSError, and leaves the old file, where
    writing fails.
    """
    try:
        import onnx
    except ImportError as error:
        raise ImportError(f"export_onnx needs the package onnx ({error}): install it by "
                          "python -m pip install -e '.[onnx]' in the folder of the course") from error
    check_is_network(net)
    _check_path(path)
    parameters = _parameters(net)
    symbol = graph_of(net)
    summary(net, input_shape)  # refuses a shape that does not fit

    nodes, heads = _described(symbol)
    _check_operators(nodes)
    shapes = _shapes(symbol, tuple(input_shape))
    graph, names = _Graph(onnx, dict(parameters.values())), {}  # (node, output), as in shapes -> name in the graph
    graph.declare(graph.proto.input, "input", ("batch", *input_shape[1:]))
    for i, node in enumerate(nodes):
        if node["op"] == "null":
            names[i, 0], _ = parameters.get(node["name"], ("input", None))
        else:
            inputs = [names[source, output] for source, output, _ in node["inputs"]]
            names[i, 0] = _convert(_Call(graph, node["op"], inputs, shapes[i, 0]), node)
    for i, head in enumerate(heads):
        name = graph.add("Identity", names[head], name="output" if len(heads) == 1 else f"output{i}")
        graph.declare(graph.proto.output, name, shapes[head])
    _write(path, graph.model.SerializeToString())


def _check_path(path):
    if not isinstance(path, (str, os.PathLike)) or Path(path).is_dir():
        raise ValueError(f"path must be that of a file, such as 'lenet.onnx', got {path!r}")
    if not Path(path).parent.is_dir():
        raise ValueError(f"there is no folder {str(Path(path).parent)!r} for the file: make it first")


def _parameters(net):
    """Return the name of each parameter in MXNet's graph -> (its name in `net.save_parameters`, the parameter)."""
    parameters = {}
    for name, parameter in net._collect_params_with_prefix().items():
        try:
            parameter.list_data()
        except RuntimeError as error:
            raise ValueError(f"the network is not initialized ({name}): call net.initialize() and pass one batch "
                             "through it, or load its parameters, before it is exported") from error
        if numpy.dtype(parameter.dtype) != "float32":
            raise ValueError(f"the network computes in {numpy.dtype(parameter.dtype)} ({name}), the file in float32: "
                             "call net.cast('float32') first")
        if name.rstrip("0123456789") in ("input", "output"):
            raise ValueError(f"the parameter {name!r} would be taken for an input or output of the file: give it "
                             "another name in the network")
        parameters.setdefault(parameter.name, (name, parameter))
    return parameters


def _described(symbol):
    """Return MXNet's description of a graph: its nodes, and (index of a node, index of its output) for each result."""
    described = json.loads(symbol.tojson())
    return described["nodes"], [(node, output) for node, output, _ in described["heads"]]


def _shapes(symbol, input_shape):
    """Return (node, output) -> shape, of whole numbers where the size of the batch changes nothing.

    An axis that is as long as the batch is called "batch", one that depends on it in another way None: the shapes for
    one image and for a batch are compared.
    """
    batch, *rest = input_shape
    internals = symbol.get_internals()
    sizes, shapes = (1, max(batch, 2)), []
    for size in sizes:
        try:
            with redirect_stdout(StringIO()):  # MXNet prints the shape before it raises
                shapes.append(internals.infer_shape(data=(size, *rest))[1])
        except mx.MXNetError as error:
            raise ValueError(f"the network takes batches of {batch}, but none of {size} ({reason(error)}): let it "
                             "keep the first axis, as in npx.reshape(X, (-2, -1))") from error
    for one, many in zip(*shapes, strict=True):
        if len(one) != len(many):
            raise ValueError(f"a value of shape {many} has the shape {one} for a batch of 1: name the axes to squeeze")
    _, heads = _described(internals)
    return {head: tuple(n if n == m else "batch" if (n, m) == sizes else None for n, m in zip(one, many, strict=True))
            for head, one, many in zip(heads, *shapes, strict=True)}


def _write(path, content):
    """Replace the file by one with these bytes, in one step when they are on the disk."""
    unfinished = f"{path}.{os.getpid()}.tmp"
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        with suppress(OSError):  # it has its new name, or there is none
            os.remove(unfinished)


class _Graph:
    """An ONNX graph that grows; each value in it is known by a name. `parameters` are Gluon's by name."""

    def __init__(self, onnx, parameters):
        self.onnx, self.unused = onnx, parameters
        self.model = onnx.helper.make_model(
            onnx.helper.make_graph([], "network", [], []), producer_name="d2lcnn",
            opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        self.proto = self.model.graph  # filled in place: a graph is large, and make_model would copy it

    def declare(self, group, name, shape):
        """Name an input or an output of the whole network."""
        group.append(self.onnx.helper.make_tensor_value_info(name, self.onnx.TensorProto.FLOAT, shape))

    def add(self, operator, *inputs, name=None, **attributes):
        """Add a node that computes with the values named `inputs`, and return the name of its output."""
        for value in inputs:
            if value in self.unused:
                self.constant(self.unused.pop(value).list_data()[0].asnumpy(), value)
        name = name or f"{operator}_{len(self.proto.node)}"
        self.proto.node.append(self.onnx.helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def constant(self, value, name=None):
        """Add a NumPy array and return its name."""
        name = name or f"constant_{len(self.proto.initializer)}"
        self.proto.initializer.append(self.onnx.numpy_helper.from_array(numpy.asarray(value), name))
        return name

    def numbers(self, value):
        """Add whole numbers as ONNX takes those of axes and shapes; return their name."""
        return self.constant(numpy.array(value, dtype="int64").reshape(-1))


@dataclass
class _Call:
    """An operator of MXNet; `inputs` are names of values in `graph`, `shape` is that of the output as in `_shapes`."""

    graph: _Graph
    operator: str
    inputs: list
    shape: tuple

    def add(self, operator, *inputs, **attributes):
        return self.graph.add(operator, *inputs, **attributes)


# Attributes without influence on a prediction, or that only repeat what the inputs show
IGNORED = {"cudnn_off", "cudnn_tune", "workspace", "is_int", "momentum", "use_global_stats",
           "num_args", "num_filter", "num_hidden", "no_bias"}

CONVERTERS = {}  # name of an operator of MXNet -> function(_Call, its attributes by name) -> name of the output


def _converts(*operators):
    def register(function):
        CONVERTERS.update(dict.fromkeys(operators, function))
        return function
    return register


def _check_operators(nodes):
    missing = sorted({node["op"] for node in nodes} - CONVERTERS.keys() - {"null"})
    if missing:
        raise ValueError(f"the network uses {', '.join(missing)}, which cannot leave MXNet yet: express it by other "
                         "operators, or add a converter to d2lcnn/export.py")


def _convert(call, node):
    attributes = {name: _value(text) for name, text in node.get("attrs", {}).items()
                  if name not in IGNORED and not name.startswith("__")}
    try:
        return CONVERTERS[call.operator](call, **attributes)
    except (TypeError, ValueError) as error:  # an attribute, or a value of one, that no converter expects
        raise ValueError(f"the operator {call.operator} ({node['name']}) cannot leave MXNet yet with {attributes} "
                         f"({error}): choose other arguments, or extend its converter in d2lcnn/export.py") from error


def _value(text):
    """The value of an attribute, which MXNet writes as Python does, but for texts without quotes."""
    try:
        return literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def _only(name, value, *supported):
    if value not in supported:
        raise ValueError(f"{name} is {value!r}, not {' or '.join(map(repr, supported))}")


ALIKE = {
    "_npx_relu": "Relu", "_npx_sigmoid": "Sigmoid", "_npi_tanh": "Tanh", "_npi_exp": "Exp", "_npi_log": "Log",
    "_npi_sqrt": "Sqrt", "_npi_absolute": "Abs", "_npi_add": "Add", "_npi_subtract": "Sub", "_npi_multiply": "Mul",
    "_npi_true_divide": "Div", "_npi_power": "Pow", "broadcast_maximum": "Max", "broadcast_minimum": "Min",
    "_npi_matmul": "MatMul", "Flatten": "Flatten",
}
WITH_SCALAR = {
    "_npi_add_scalar": "Add", "_npi_subtract_scalar": "Sub", "_npi_multiply_scalar": "Mul",
    "_npi_true_divide_scalar": "Div", "_npi_power_scalar": "Pow", "_maximum_scalar": "Max", "_minimum_scalar": "Min",
}
WITH_SCALAR_FIRST = {
    "_npi_rsubtract_scalar": "Sub", "_npi_rtrue_divide_scalar": "Div", "_npi_rpower_scalar": "Pow",
}
REDUCTIONS = {"_npi_mean": "ReduceMean", "_np_sum": "ReduceSum", "_np_max": "ReduceMax", "_np_min": "ReduceMin"}


@_converts(*ALIKE)
def _alike(call):
    return call.add(ALIKE[call.operator], *call.inputs)


@_converts(*WITH_SCALAR)
def _with_scalar(call, scalar):
    return call.add(WITH_SCALAR[call.operator], *call.inputs, call.graph.constant(numpy.float32(scalar)))


@_converts(*WITH_SCALAR_FIRST)
def _with_scalar_first(call, scalar):
    return call.add(WITH_SCALAR_FIRST[call.operator], call.graph.constant(numpy.float32(scalar)), *call.inputs)


@_converts(*REDUCTIONS)
def _reduction(call, axis=None, keepdims=False):
    axes = [] if axis is None else [call.graph.numbers(axis)]
    return call.add(REDUCTIONS[call.operator], *call.inputs, *axes, keepdims=keepdims)


@_converts("clip")
def _clip(call, a_min, a_max):
    return call.add("Clip", *call.inputs, *(call.graph.constant(numpy.float32(bound)) for bound in (a_min, a_max)))


@_converts("Activation")
def _activation(call, act_type):
    return call.add({"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softrelu": "Softplus",
                     "softsign": "Softsign"}[act_type], *call.inputs)


@_converts("LeakyReLU")
def _leaky_relu(call, act_type="leaky", slope=0.25):
    x, *parameter = call.inputs
    if act_type == "prelu":  # a slope per channel, or one for all
        per_channel = call.graph.numbers([-1] + [1] * (len(call.shape) - 2))
        return call.add("PRelu", x, call.add("Reshape", *parameter, per_channel))
    if act_type == "gelu":  # ONNX has it from opset 20 on
        scaled = call.add("Mul", x, call.graph.constant(numpy.float32(math.sqrt(0.5))))
        share = call.add("Add", call.add("Erf", scaled), call.graph.constant(numpy.float32(1)))
        return call.add("Mul", call.add("Mul", x, share), call.graph.constant(numpy.float32(0.5)))
    _only("act_type", act_type, "leaky", "elu", "selu")
    if act_type == "selu":
        return call.add("Selu", x)
    return call.add({"leaky": "LeakyRelu", "elu": "Elu"}[act_type], x, alpha=slope)


@_converts("softmax", "log_softmax")
def _softmax(call, axis=-1):
    return call.add({"softmax": "Softmax", "log_softmax": "LogSoftmax"}[call.operator], *call.inputs, axis=axis)


@_converts("Dropout")
def _dropout(call, p=0.5, axes=(), mode="training"):
    _only("mode", mode, "training")
    return call.inputs[0]


@_converts("Convolution")
def _convolution(call, kernel, stride=None, dilate=None, pad=(), num_group=1, layout="NCHW"):
    _only("layout", layout, "NCHW")
    return call.add("Conv", *call.inputs, kernel_shape=kernel, strides=stride, dilations=dilate, pads=pad + pad or None,
                    group=num_group)


@_converts("Deconvolution")
def _deconvolution(call, kernel, stride=None, dilate=None, pad=(), adj=None, num_group=1, layout="NCHW"):
    _only("layout", layout, "NCHW")
    return call.add("ConvTranspose", *call.inputs, kernel_shape=kernel, strides=stride, dilations=dilate,
                    pads=pad + pad or None, output_padding=adj, group=num_group)


@_converts("FullyConnected")
def _dense(call, flatten=True):
    x, weight, *bias = call.inputs
    if flatten or len(call.shape) == 2:
        return call.add("Gemm", call.add("Flatten", x), weight, *bias, transB=1)
    product = call.add("MatMul", x, call.add("Transpose", weight, perm=(1, 0)))
    return call.add("Add", product, *bias) if bias else product


@_converts("Pooling")
def _pooling(call, kernel=None, pool_type="max", global_pool=False, pooling_convention="valid", stride=None, pad=(),
             count_include_pad=True, layout="NCHW"):
    _only("layout", layout, "NCHW")
    _only("pool_type", pool_type, "max", "avg")
    [x] = call.inputs
    if global_pool:
        return call.add({"max": "GlobalMaxPool", "avg": "GlobalAveragePool"}[pool_type], x)
    ceil_mode = pooling_convention == "full"
    if ceil_mode and any(pad):  # frameworks disagree about a last window that begins in the padding
        if pool_type == "avg":
            raise ValueError("an average with both padding and ceil_mode")
        x, pad = _padded(call, x, [(0, 0), (0, 0), *zip(pad, pad, strict=True)], numpy.finfo("float32").min), ()
    attributes = {"kernel_shape": kernel, "strides": stride, "pads": pad + pad or None, "ceil_mode": ceil_mode}
    if pool_type == "max":
        return call.add("MaxPool", x, **attributes)
    # MXNet does not count what a last window has beyond the edge
    return call.add("AveragePool", x, count_include_pad=count_include_pad and not ceil_mode, **attributes)


@_converts("_npi_pad")
def _pad(call, pad_width, mode="constant", constant_value=0, reflect_type="even"):
    _only("mode", mode, "constant", "edge", "reflect")
    _only("reflect_type", reflect_type, "even")
    return _padded(call, *call.inputs, pad_width, constant_value, mode)


def _padded(call, x, widths, value, mode="constant"):
    """Add what pads `x` by `widths`, a pair (before, after) for each axis."""
    before, after = zip(*widths, strict=True)
    return call.add("Pad", x, call.graph.numbers(before + after), call.graph.constant(numpy.float32(value)), mode=mode)


@_converts("LRN")
def _lrn(call, nsize, alpha=1e-4, beta=0.75, knorm=2):
    return call.add("LRN", *call.inputs, size=nsize, alpha=alpha, beta=beta, bias=float(knorm))


@_converts("BatchNorm")
def _batch_norm(call, axis, eps, fix_gamma):
    _only("axis", axis % len(call.shape), 1)
    x, gamma, *others = call.inputs
    if fix_gamma:  # MXNet takes ones, whatever gamma is
        gamma = call.graph.constant(numpy.ones(call.shape[1], "float32"))
    return call.add("BatchNormalization", x, gamma, *others, epsilon=eps)


@_converts("LayerNorm")
def _layer_norm(call, axis=-1, eps=1e-5):
    _only("axis", axis % len(call.shape), len(call.shape) - 1)
    return call.add("LayerNormalization", *call.inputs, epsilon=eps)


@_converts("_npx_reshape", "_np_reshape", "_np_squeeze", "expand_dims")
def _reshape(call, **_):
    """MXNet has worked out the shape. One axis may depend on the batch; ONNX finds its length."""
    lengths = [n if isinstance(n, int) else -1 for n in call.shape]
    if lengths.count(-1) > 1:
        raise ValueError(f"two axes of the shape {call.shape} depend on the batch")
    return call.add("Reshape", *call.inputs, call.graph.numbers(lengths))


@_converts("_np_transpose")
def _transpose(call, axes=None):
    return call.add("Transpose", *call.inputs, perm=axes)  # without perm, ONNX reverses the axes too


@_converts("SwapAxis")
def _swap_axes(call, dim1, dim2):
    perm = list(range(len(call.shape)))
    perm[dim1], perm[dim2] = perm[dim2], perm[dim1]
    return call.add("Transpose", *call.inputs, perm=perm)


@_converts("_npi_concatenate")
def _concatenate(call, axis):
    return call.add("Concat", *call.inputs, axis=int(axis))


@_converts("slice")
def _slice(call, begin, end, step=()):
    # of a single axis, MXNet may give a number without brackets
    begin, end, step = ([n] if n is None or isinstance(n, int) else n for n in (begin, end, step))
    steps = [n or 1 for n in step] or [1] * len(begin)
    far = numpy.iinfo("int64").max  # beyond any end
    begin = [n if n is not None else 0 if s > 0 else far for n, s in zip(begin, steps, strict=True)]
    end = [n if n is not None else far if s > 0 else -far for n, s in zip(end, steps, strict=True)]
    return call.add("Slice", *call.inputs, *map(call.graph.numbers, (begin, end, range(len(begin)), steps)))

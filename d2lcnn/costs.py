"""What a network costs, layer by layer: shapes, parameters, multiply-adds, memory. First used in notebook 00."""
import re
from dataclasses import dataclass
from html import escape
from math import prod

import mxnet as mx
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from .device import reason
from .validate import check_is_network, is_count

__all__ = ["Layer", "Summary", "check_input_shape", "graph_of", "summary"]


@dataclass
class Layer:
    """One row: `shape` and `values` are those of the output for the given input, batch axis included.

    `parameters` are those that can be trained, frozen ones included, `statistics` the running ones of normalization
    layers, `macs` multiply-adds. Constants, as the fixed gamma of `BatchNorm(scale=False)`, are neither.
    """

    layer: str
    shape: tuple
    parameters: int
    statistics: int
    macs: int
    values: int
    kernel: tuple = ()  # height and width of the window of a convolution or pooling


class Summary(list):
    """The `Layer`s of a network in the order of their computation, with totals; a table as text and as HTML."""

    def __init__(self, layers, input_shape):
        super().__init__(layers)
        self.input_shape = input_shape
        self.parameters = sum(layer.parameters for layer in layers)
        self.statistics = sum(layer.statistics for layer in layers)
        self.macs = sum(layer.macs for layer in layers)
        self.values = prod(input_shape) + sum(layer.values for layer in layers)

    def _table(self):
        """Header, rows and total; a column of statistics only where a layer has some."""
        head = ["layer", "output shape", "parameters", "statistics", "multiply-adds", "activations"]
        rows = [["input", str(self.input_shape), "", "", "", f"{prod(self.input_shape):,}"]]
        rows += [[row.layer, str(row.shape), *(f"{n:,}" for n in (row.parameters, row.statistics, row.macs,
                                                                 row.values))] for row in self]
        rows += [["total", f"{4 * self.values / 2**20:.2f} MiB of float32 activations",
                  *(f"{n:,}" for n in (self.parameters, self.statistics, self.macs, self.values))]]
        if not self.statistics:
            head, rows = head[:3] + head[4:], [row[:3] + row[4:] for row in rows]
        return head, rows

    def __repr__(self):
        head, rows = self._table()
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = ["  ".join(cell.ljust(w) if i < 2 else cell.rjust(w)
                           for i, (cell, w) in enumerate(zip(row, widths, strict=True))).rstrip()
                 for row in [head, *rows]]
        rule = "-" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def _repr_html_(self):
        head, rows = self._table()

        def tr(row, tag):
            return "<tr>" + "".join(f'<{tag} style="text-align: {"left" if i < 2 else "right"}">{escape(cell)}</{tag}>'
                                    for i, cell in enumerate(row)) + "</tr>"
        return (f"<table><thead>{tr(head, 'th')}</thead><tbody>" + "".join(tr(row, "td") for row in rows[:-1])
                + f"</tbody><tfoot>{tr(rows[-1], 'th')}</tfoot></table>")


def summary(net, input_shape, depth=None):
    """Return the `Summary` of a Gluon network for an input shape with batch axis, such as `(1, 1, 28, 28)`.

    Counted are the multiply-adds of convolutions and dense layers: each number of a parameter called weight once per
    output position (its first axis counts the outputs, as in Gluon's own layers). An activation inside a layer counts
    in that layer's row; additions between layers are not counted; of a block with several outputs the shape is that of
    the first. `depth=1` shows one row per child of `net`, `depth=2` per grandchild. Parameters and modes of the net
    stay as they are: its graph is traced without computing, so it need not even be initialized. Only a net with plain
    Blocks that compute by themselves is run once, in predict mode. Raises ValueError if the shape does not fit, if
    such a net was never initialized and run, and for a SymbolBlock, which hides its layers.
    """
    check_is_network(net)
    input_shape = check_input_shape(input_shape)
    calls = []  # (chain, inputs, outputs) in the order in which the outputs were made
    chain = []  # (name, block) of what is computing now, from the child of `net` inwards

    def enter(block, _):
        parent = chain[-1][1] if chain else net
        if block is not net:
            name = next((name for name, child in parent._children.items() if child is block), block.name)
            chain.append((name, block))

    def leave(block, inputs, output):
        calls.append((tuple(chain), _flat(inputs), _flat(output)))
        if block is not net:
            chain.pop()

    hooks = [hook for block in _blocks(net)
             for hook in (block.register_forward_pre_hook(enter), block.register_forward_hook(leave))]
    try:
        shapes, weights = _trace(net, input_shape, calls, chain)
    finally:
        for hook in hooks:
            hook.detach()

    layers, costs, counted = [], {}, set()
    for (chain, *_), (in_shapes, out_shapes) in zip(calls, shapes, strict=True):
        block = chain[-1][1] if chain else net
        row = _row(net, chain, depth)
        cost = costs.setdefault(row, _Cost())
        for name, parameter in block._reg_params.items():
            shape = weights[parameter.name]
            if parameter not in counted:
                cost.parameters += prod(shape) if parameter._differentiable else 0
                cost.statistics += prod(shape) if name.startswith("running_") else 0
                counted.add(parameter)
            if name == "weight" and not isinstance(block, nn.Embedding):
                positions = in_shapes[0] if "Transpose" in type(block).__name__ else out_shapes[0]
                cost.macs += prod(shape) * prod(positions) // shape[0]
        if chain == _row(net, chain, None):
            cost.values += sum(map(prod, out_shapes))
        if chain == row:
            name = ".".join(name for name, _ in chain)
            window = not type(block).__name__.startswith("Global")  # those look at everything
            kernel = tuple(getattr(block, "_kwargs", {}).get("kernel", ())) if window else ()
            layers.append(Layer(f"{name} {_kind(block)}".strip(), out_shapes[0], **vars(costs.pop(row)), kernel=kernel))
    return Summary(layers, input_shape)


def graph_of(net):
    """Return the graph of `net` in predict mode as a Symbol of the input "data", with all outputs as a group.

    Raises ValueError if the network computes by itself, or for a SymbolBlock.
    """
    _blocks(net)
    try:
        with autograd.predict_mode():
            return mx.sym.Group(_flat(net(mx.sym.var("data").as_np_ndarray())))
    except Exception as error:  # what a Block computes by itself fails in its own way on a symbol
        why = type(error).__name__ + (f": {reason(error)}" if str(error) else "")
        raise ValueError(f"the network cannot be traced ({why}): build it of HybridBlocks whose hybrid_forward uses F, "
                         "so that it can be hybridized") from error


def _blocks(net):
    """The network and all blocks in it; raise ValueError for a SymbolBlock, which MXNet breaks where it is traced."""
    blocks = []
    net.apply(blocks.append)
    if any(isinstance(block, gluon.SymbolBlock) for block in blocks):
        raise ValueError("a SymbolBlock is a graph without layers: build the network of its own blocks, and load the "
                         "weights into those")
    return set(blocks)


def check_input_shape(input_shape):
    """Return the shape as a tuple of Python's integers; raise ValueError if it is none."""
    if not (isinstance(input_shape, list | tuple) and all(map(is_count, input_shape))):
        raise ValueError(f"input_shape must be whole numbers such as (1, 1, 28, 28), got {input_shape!r}")
    return tuple(map(int, input_shape))


@dataclass
class _Cost:
    parameters: int = 0
    statistics: int = 0
    macs: int = 0
    values: int = 0


def _flat(structure):
    """The arrays or symbols in nested lists, tuples and dicts."""
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, list | tuple):
        return [part for each in structure for part in _flat(each)]
    return [] if structure is None else [structure]


def _kind(block):
    """What a layer is called: the name of its class; of a mere sequence its prefix, if it was given one."""
    if type(block) not in (nn.HybridSequential, nn.Sequential):
        return type(block).__name__
    automatic = re.search(r"sequential\d+_?$", block.prefix)
    return f"block of {len(block)}" if automatic or not block.prefix else block.prefix.rstrip("_").split("_")[-1]


def _is_leaf(block):
    """Whether what the block holds inside, if anything, belongs to its own row."""
    return bool(block._reg_params) or not block._children


def _row(net, chain, depth):
    """The part of `chain` that has a row: down to `depth`, to a block with parameters of its own, or to a leaf."""
    blocks = [net] + [block for _, block in chain]
    for i, block in enumerate(blocks):
        if i == depth or _is_leaf(block):
            return chain[:i]
    return None


def _trace(net, input_shape, calls, chain):
    """Fill `calls`; return the (input shape, output shape) of each call, and the shape of each parameter by name."""
    try:
        net(mx.sym.var("data").as_np_ndarray())
    except Exception as error:  # a Block that computes by itself takes arrays only; each fails in its own way
        calls.clear()
        chain.clear()
        return _run(net, input_shape, calls, error)
    group = mx.sym.Group([symbol for _, x, y in calls for symbol in (*x, *y)])
    try:
        arguments, outputs, statistics = group.infer_shape(data=input_shape)
    except mx.MXNetError as error:
        raise ValueError(f"the input shape {input_shape} does not fit the network: {reason(error)}") from error
    weights = {parameter.name: parameter.shape for parameter in net.collect_params().values()}
    weights |= zip(group.list_arguments() + group.list_auxiliary_states(), arguments + statistics, strict=True)
    for parameter in net.collect_params().values():
        if all(n > 0 for n in parameter.shape) and parameter.shape != weights[parameter.name]:
            raise ValueError(f"the input shape {input_shape} does not fit the network: {parameter.name} has the shape "
                             f"{parameter.shape}, not {weights[parameter.name]}")
    outputs = iter(outputs)
    return [tuple([next(outputs) for _ in part] for part in parts) for _, *parts in calls], weights


def _run(net, input_shape, calls, why):
    """As `_trace`, by computing on zeros. Hybridized blocks hide their children, so they run as plain ones here."""
    active, parameters = [], list(net.collect_params().values())
    net.apply(lambda block: active.append((block, block._active)) if hasattr(block, "_active") else None)
    try:
        devices = [parameter.list_data()[0].ctx for parameter in parameters]
    except RuntimeError as error:  # one has no values yet
        raise ValueError(f"this network cannot be traced ({type(why).__name__}: {why}), so it must run to be "
                         f"measured: initialize it and pass one batch through it first") from error
    try:
        for block, _ in active:
            block._active = False
        with autograd.predict_mode():
            net(np.zeros(input_shape, ctx=devices[0] if devices else mx.cpu()))
    except (mx.MXNetError, AssertionError, ValueError) as error:
        raise ValueError(f"the input shape {input_shape} does not fit the network: {reason(error)}") from error
    finally:
        for block, was in active:
            block._active = was
    shapes = [tuple([array.shape for array in part] for part in parts) for _, *parts in calls]
    return shapes, {p.name: p.shape for p in parameters}

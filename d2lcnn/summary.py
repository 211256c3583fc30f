"""What a network costs, layer by layer: shapes, parameters, multiply-adds, memory. First used in notebook 06."""
from dataclasses import dataclass
from html import escape
from math import prod

import mxnet as mx
import numpy
from mxnet import autograd, np
from mxnet.gluon import nn

__all__ = ["Layer", "Summary", "summary"]


@dataclass
class Layer:
    """One row: `shape` and `values` are those of the output for the given input, batch axis included.

    `parameters` are the trained ones, `statistics` the running ones of normalization layers, `macs` multiply-adds.
    """

    layer: str
    shape: tuple
    parameters: int
    statistics: int
    macs: int
    values: int


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

    Counted are the multiply-adds of convolutions and dense layers: every weight once per output position. What a
    layer calls (its activation function) belongs to its row; `depth=1` shows one row per child of `net`, `depth=2`
    per grandchild. Parameters and modes of the net stay as they are: its graph is traced without computing, so it
    need not even be initialized. Only a net with plain Blocks that compute by themselves is run once, in predict
    mode. Raises ValueError if the shape does not fit, or if such a net was never initialized and run.
    """
    calls = []  # (path, block, inputs, output) in the order in which the outputs were made
    handles = {}  # by block: one that stands in several places is watched once

    def watch(block, path):
        if block not in handles:
            handles[block] = block.register_forward_hook(lambda b, x, y: calls.append((path, b, x[0], y)))
            for name, child in block._children.items():
                watch(child, (*path, name))

    watch(net, ())
    try:
        shapes, weights = _trace(net, tuple(input_shape), calls)
    finally:
        for handle in handles.values():
            handle.detach()

    layers, costs, counted = [], {}, set()
    for (path, block, *_), (in_shape, out_shape) in zip(calls, shapes, strict=True):
        row, unit = _row(net, path, depth), _row(net, path, None)
        cost = costs.setdefault(row, numpy.zeros(4, int))
        for parameter in block._reg_params.values():
            shape = weights[parameter.name]
            if parameter not in counted:
                cost[0 if parameter.grad_req != "null" else 1] += prod(shape)
                counted.add(parameter)
            if len(shape) >= 2 and not isinstance(block, nn.Embedding):
                positions = in_shape if "Transpose" in type(block).__name__ else out_shape
                cost[2] += prod(shape) * prod(positions) // shape[0]
        if path == unit:
            cost[3] += prod(out_shape)
        if path == row:
            name = f"{'.'.join(path)} {type(block).__name__}".strip()
            layers.append(Layer(name, out_shape, *map(int, costs.pop(row))))
    return Summary(layers, tuple(input_shape))


def _row(net, path, depth):
    """The part of `path` that names the row: down to `depth`, a block with parameters of its own, or a leaf."""
    block = net
    for i, name in enumerate(path):
        if i == depth or block._reg_params:
            return path[:i]
        block = block._children[name]
    return path if not block._children or block._reg_params or len(path) == depth else None


def _trace(net, input_shape, calls):
    """Fill `calls`; return a list of (input shape, output shape) per call, and the shape of each parameter by name."""
    try:
        net(mx.sym.var("data").as_np_ndarray())
    except Exception:  # a Block that computes by itself takes arrays only, and each fails on a symbol in its own way
        calls.clear()
        return _run(net, input_shape, calls)
    group = mx.sym.Group([s for *_, x, y in calls for s in (x, _first(y))])
    try:
        arguments, outputs, statistics = group.infer_shape(data=input_shape)
    except mx.MXNetError as error:
        raise ValueError(f"the input shape {input_shape} does not fit the network: "
                         f"{str(error).strip().splitlines()[-1]}") from error
    weights = dict(zip(group.list_arguments() + group.list_auxiliary_states(), arguments + statistics, strict=True))
    return list(zip(outputs[::2], outputs[1::2], strict=True)), weights


def _run(net, input_shape, calls):
    """As `_trace`, by computing on zeros. Hybridized blocks hide their children, so they run as plain ones here."""
    active, parameters = [], net.collect_params().values()
    net.apply(lambda block: active.append((block, block._active)) if hasattr(block, "_active") else None)
    try:
        device = next(iter(parameters)).list_data()[0].ctx if parameters else mx.cpu()
        for block, _ in active:
            block._active = False
        with autograd.predict_mode():
            net(np.zeros(input_shape, ctx=device))
    except (RuntimeError, mx.gluon.parameter.DeferredInitializationError) as error:
        raise ValueError("this network holds plain Blocks, which must run to be measured: initialize it and pass "
                         f"one batch through it first ({error})") from error
    finally:
        for block, was in active:
            block._active = was
    return [(x.shape, _first(y).shape) for *_, x, y in calls], {p.name: p.shape for p in parameters}


def _first(output):
    return output[0] if isinstance(output, list | tuple) else output

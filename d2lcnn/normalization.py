"""A first layer that normalizes the input. First used in notebook 15."""
import numpy
from mxnet import init
from mxnet.gluon import nn

__all__ = ["Normalization"]


class Normalization(nn.HybridBlock):
    """Subtract `mean` and divide by `std`, per channel: `Normalization(*train_iter.mean_and_std())`.

    As the first layer of a network it stays with it: in prediction, in saved parameters and in ONNX. Mean and standard
    deviation are kept as two constant parameters of shape (1, channels, 1, 1), which training and `fit` leave alone.
    Keras has a layer of that name. Raises ValueError if a standard deviation is not above 0.
    """

    def __init__(self, mean, std):
        super().__init__()
        mean, std = (numpy.asarray(value, "float32").reshape(1, -1, 1, 1) for value in (mean, std))
        if not (mean.shape == std.shape and numpy.isfinite(mean).all() and (std > 0).all()):
            raise ValueError("mean and std must have one number per channel, std above 0, "
                             f"got {mean.ravel().tolist()} and {std.ravel().tolist()}")
        for name, value in (("mean", mean), ("std", std)):
            parameter = self.params.get(name, shape=value.shape, init=_Fixed(value), differentiable=False)
            setattr(self, name, parameter)

    def hybrid_forward(self, F, X, mean, std):
        return (X - mean) / std


class _Fixed(init.Initializer):
    """Start with given values, also where a network is initialized anew."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def _init_weight(self, _, array):
        array[:] = self.value

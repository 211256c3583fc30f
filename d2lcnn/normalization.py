"""A first layer that normalizes the input. First used in notebook 15."""
import numpy
from mxnet import init, np
from mxnet.gluon import nn

__all__ = ["Normalization"]


class Normalization(nn.HybridBlock):
    """Subtract `mean` and divide by `std`, per channel: `Normalization(*train_iter.mean_and_std())`.

    As the first layer of a network it stays with it: in prediction, in saved parameters and in ONNX. Mean and standard
    deviation are kept as two constant parameters of shape (1, channels, 1, 1), which training and `fit` leave alone.
    Keras has a layer of that name. Raises ValueError if a standard deviation is not above 0, and for images with
    another number of channels (hybridized MXNetError, as other layers do).
    """

    def __init__(self, mean, std):
        super().__init__()
        mean, std = (numpy.asarray(value, "float32").reshape(1, -1, 1, 1) for value in (mean, std))
        if not (mean.shape == std.shape and numpy.isfinite(mean + std).all() and (std > 0).all()):
            raise ValueError("mean and std must have one number per channel, std above 0, "
                             f"got {mean.ravel().tolist()} and {std.ravel().tolist()}")
        for name, value in (("mean", mean), ("std", std)):
            parameter = self.params.get(name, shape=value.shape, init=_Fixed(value), differentiable=False)
            setattr(self, name, parameter)

    def __repr__(self):  # a checkpoint knows its network by what it prints
        mean, std = (", ".join(map(str, values.init.value.ravel())) for values in (self.mean, self.std))
        return f"Normalization(mean=[{mean}], std=[{std}])"

    def forward(self, X, *arguments):
        if isinstance(X, np.ndarray) and X.shape[1] != self.mean.shape[1]:  # would be repeated for each of ours
            raise ValueError(f"Normalization has {self.mean.shape[1]} channels, the images have {X.shape[1]}")
        return super().forward(X, *arguments)

    def hybrid_forward(self, F, X, mean, std):
        X = F.npx.reshape(X, (-2, self.mean.shape[1], -2, -2))  # hybridized, only this sees other channels
        return (X - mean) / std


class _Fixed(init.Initializer):
    """Start with given values, also where a network is initialized anew."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def _init_weight(self, _, array):
        array[:] = self.value

"""Made by `make export` from notebooks/07_alexnet.ipynb and notebooks/labs/07_local_response_normalization.ipynb and notebooks/labs/07_two_columns.ipynb: change it there."""
from mxnet.gluon import nn


def alexnet(in_channels=1, classes=10):
    """AlexNet in one column, for 224 x 224 pixels, as in d2l."""
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(96, kernel_size=11, strides=4, activation="relu",
                  in_channels=in_channels),
        nn.MaxPool2D(pool_size=3, strides=2),
        nn.Conv2D(256, kernel_size=5, padding=2, activation="relu"),
        nn.MaxPool2D(pool_size=3, strides=2),
        nn.Conv2D(384, kernel_size=3, padding=1, activation="relu"),
        nn.Conv2D(384, kernel_size=3, padding=1, activation="relu"),
        nn.Conv2D(256, kernel_size=3, padding=1, activation="relu"),
        nn.MaxPool2D(pool_size=3, strides=2),
        nn.Flatten(),
        nn.Dense(4096, activation="relu"),
        nn.Dropout(0.5),
        nn.Dense(4096, activation="relu"),
        nn.Dropout(0.5),
        nn.Dense(classes))
    return net


class LRN(nn.HybridBlock):
    """Local response normalization, by default with AlexNet's constants."""

    def __init__(self, k=2, alpha=1e-4):
        super().__init__()
        self.k, self.alpha = k, alpha

    def hybrid_forward(self, F, X):  # MXNet divides alpha by nsize
        Y = F.LRN(X.as_nd_ndarray(), nsize=5, knorm=self.k,
                  alpha=5 * self.alpha, beta=0.75)
        return Y.as_np_ndarray()


def alexnet_imagenet(groups=2, in_channels=3, classes=1000):
    """AlexNet for 227 x 227 pixels, Krizhevsky et al. (2012)."""
    if groups not in (1, 2):
        raise ValueError(f"groups must be 1 or 2, got {groups}")
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(96, kernel_size=11, strides=4, activation="relu",
                  in_channels=in_channels),
        nn.MaxPool2D(pool_size=3, strides=2),
        LRN(),
        nn.Conv2D(256, kernel_size=5, padding=2, groups=groups,
                  activation="relu"),
        nn.MaxPool2D(pool_size=3, strides=2),
        LRN(),
        nn.Conv2D(384, kernel_size=3, padding=1, activation="relu"),
        nn.Conv2D(384, kernel_size=3, padding=1, groups=groups,
                  activation="relu"),
        nn.Conv2D(256, kernel_size=3, padding=1, groups=groups,
                  activation="relu"),
        nn.MaxPool2D(pool_size=3, strides=2),
        nn.Flatten(),
        nn.Dense(4096, activation="relu"),
        nn.Dropout(0.5),
        nn.Dense(4096, activation="relu"),
        nn.Dropout(0.5),
        nn.Dense(classes))
    return net

__all__ = ['LRN', 'alexnet', 'alexnet_imagenet']

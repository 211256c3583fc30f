"""The exercises of notebook 03."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise

output_size = Exercise(
    lambda n, k, p, s: (n + 2 * p - k) // s + 1,
    [("The padding is on both sides of the image: it adds 2p, not p.", lambda n, k, p, s: (n + p - k) // s + 1),
     ("The first window counts too: add 1 after the division.", lambda n, k, p, s: (n + 2 * p - k) // s),
     ("A window that does not fit any more is left out: round down, with //.",
      lambda n, k, p, s: (n + 2 * p - k) / s + 1),
     ("The stride divides the number of steps, n + 2p - k, and only then comes the 1.",
      lambda n, k, p, s: (n + 2 * p - k + 1) // s)],
    [(5, 3, 0, 1), (5, 3, 1, 1), (7, 3, 0, 3), (224, 7, 3, 2), (8, 3, 1, 2)])

layer = Exercise(
    {"padding": 3, "strides": 2},
    [("With padding 2, 224 pixels become 111: try the formula.", {"padding": 2, "strides": 2}),
     ("A stride of 4 leaves 56 pixels.", {"padding": 3, "strides": 4}),
     ("Without a stride of 2 the image keeps its size.", {"padding": 3, "strides": 1}),
     ("Padding is counted per side: 6 in all are 3 on each.", {"padding": 6, "strides": 2})])


def _mirror(X, p, mode="reflect"):
    return numpy.pad(to_numpy(X), ((p, p), (p, p)), mode=mode)


mirror = Exercise(
    lambda X, p: _mirror(X, p),
    [("Those are zeros: put the pixels of the image there.", lambda X, p: _mirror(X, p, "constant")),
     ("The border itself must not be doubled: the mirror stands in the middle of the border pixels.",
      lambda X, p: _mirror(X, p, "symmetric")),
     ("That repeats the border pixel. A mirror shows what lies inside: next to the border comes its inner neighbor.",
      lambda X, p: _mirror(X, p, "edge")),
     ("That continues with the opposite side of the image, as on a tile. A mirror shows the same side.",
      lambda X, p: _mirror(X, p, "wrap"))],
    [(np.arange(9).reshape(3, 3), 1), (np.arange(20).reshape(4, 5), 2)])

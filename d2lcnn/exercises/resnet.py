"""The exercises of notebook 11 and, of paths, of lab 11_many_paths."""
import math

from . import Exercise

needs_1x1conv = Exercise(
    lambda in_channels, out_channels, strides: in_channels != out_channels or strides != 1,
    [("A stride halves the side even if the channels stay: then the shapes differ, too.",
      lambda in_channels, out_channels, strides: in_channels != out_channels),
     ("More or fewer channels cannot be added either, even if the side stays.",
      lambda in_channels, out_channels, strides: strides != 1),
     ("One difference is enough: or, not and.",
      lambda in_channels, out_channels, strides: in_channels != out_channels and strides != 1),
     ("The other way round: the convolution is needed where the shapes differ.",
      lambda in_channels, out_channels, strides: in_channels == out_channels and strides == 1),
     ("Fewer channels are a difference as well: compare with !=, not with <.",
      lambda in_channels, out_channels, strides: in_channels < out_channels or strides != 1)],
    [(64, 64, 1), (64, 128, 2), (64, 128, 1), (64, 64, 2), (256, 64, 1)])

paths = Exercise(
    lambda K, length=None: 2**K if length is None else math.comb(K, length),
    [("The choices multiply: two at each block, so 2 · 2 · … and not 2 + 2 + …",
      lambda K, length=None: 2 * K if length is None else math.comb(K, length)),
     ("That counts the lengths there are, 0 to K; most lengths belong to many paths.",
      lambda K, length=None: K + 1 if length is None else math.comb(K, length)),
     ("The order of the blocks is fixed: only which ones are passed counts. Divide, or take math.comb.",
      lambda K, length=None: 2**K if length is None else math.perm(K, length)),
     ("All paths are right, but only some have this length: choose `length` of the K blocks.",
      lambda K, length=None: 2**K)],
    [(1,), (2,), (4,), (4, 0), (4, 2), (21, 3)])

count_layers = Exercise(
    lambda block, repeats: 2 + (2 if block == "Basic" else 3) * sum(repeats),
    [("The first convolution and the dense layer at the end are layers with weights, too.",
      lambda block, repeats: (2 if block == "Basic" else 3) * sum(repeats)),
     ("One is missing: there is a convolution at the beginning and a dense layer at the end.",
      lambda block, repeats: 1 + (2 if block == "Basic" else 3) * sum(repeats)),
     ("A bottleneck has three convolutions, a basic block two.", lambda block, repeats: 2 + 2 * sum(repeats)),
     ("That counts blocks: each has two or three convolutions.", lambda block, repeats: 2 + sum(repeats)),
     ("The name does not count the projections on the shortcuts.",
      lambda block, repeats: 2 + (2 if block == "Basic" else 3) * sum(repeats) + (3 if block == "Basic" else 4))],
    [("Basic", (2, 2, 2, 2)), ("Bottleneck", (3, 4, 6, 3)), ("Bottleneck", (3, 8, 36, 3))])

"""The exercises of notebook 16."""
from . import Exercise

weights_of = Exercise(
    lambda in_channels, out_channels, kernel_size, groups: out_channels * in_channels * kernel_size**2 // groups,
    [("An output channel reads only the input channels of its own group: divide by groups.",
      lambda in_channels, out_channels, kernel_size, groups: out_channels * in_channels * kernel_size**2),
     ("There are groups blocks of (in / groups) × (out / groups) kernels: divide by groups once, not twice.",
      lambda in_channels, out_channels, kernel_size, groups: out_channels * in_channels * kernel_size**2 // groups**2),
     ("A kernel has kernel_size rows and as many columns.",
      lambda in_channels, out_channels, kernel_size, groups: out_channels * in_channels * kernel_size // groups),
     ("All output channels have kernels of their own: multiply by out_channels.",
      lambda in_channels, out_channels, kernel_size, groups: in_channels * kernel_size**2 // groups)],
    [(8, 8, 1, 4), (256, 256, 3, 1), (256, 512, 3, 32), (64, 64, 3, 64)])

inverted_weights = Exercise(
    lambda channels, kernel_size, expansion: expansion * channels * (2 * channels + kernel_size**2),
    [("A depthwise kernel reads a single channel: kernel_size**2 weights for each wide channel, not for each pair.",
      lambda channels, kernel_size, expansion: 2 * expansion * channels**2 + (expansion * channels * kernel_size)**2),
     ("A 1 × 1 convolution is missing: there is one before the depthwise convolution and one after it.",
      lambda channels, kernel_size, expansion: expansion * channels * (channels + kernel_size**2)),
     ("The depthwise convolution works in the middle, on expansion * channels channels.",
      lambda channels, kernel_size, expansion: 2 * expansion * channels**2 + channels * kernel_size**2),
     ("A kernel has kernel_size rows and as many columns.",
      lambda channels, kernel_size, expansion: expansion * channels * (2 * channels + kernel_size))],
    [(2, 3, 6), (40, 5, 6), (16, 3, 4)])

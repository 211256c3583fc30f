"""The networks of the course, written by `make export` from the notebooks that the first lines of the modules name.

| d2l's form, for small images | the paper's form, for ImageNet   | in notebook |
|------------------------------|----------------------------------|-------------|
| `lenet`, `lenet_bn`          |                                  | 06, 10      |
| `alexnet`                    | `alexnet_imagenet`, `zfnet`      | 07          |
| `vgg11`                      | `vgg`                            | 08          |
| `nin`                        |                                  | 09          |
| `googlenet`                  | `googlenet_imagenet`             | 09          |
|                              | `inception_v3`, `inception_v4`   | 11 (lab)    |
| `resnet18`                   | `resnet`                         | 11          |
| `densenet_small`             | `densenet`                       | 12          |
|                              | `mobilenet_v1`                   | 16          |
|                              | `efficientnet_lite0` (pretrained) | 16         |
|                              | `shufflenet_v1`, `resnext50`, `se_resnet50` | 16 (lab) |

The two families differ in what they are for. d2l's forms have one input channel and ten classes unless told otherwise,
train on a laptop, and keep biases before batch normalization, as in the book. The papers' forms have three channels and
1,000 classes, and the published numbers of parameters; `vgg`, `resnet` and `densenet` take the depth.
All are `HybridSequential`s without weights: `fit` or `net.initialize()` gives them some.
"""
from .alexnet import alexnet, alexnet_imagenet
from .densenet import densenet, densenet_small
from .efficient import mobilenet_v1, resnext50, se_resnet50, shufflenet_v1
from .efficientnet import efficientnet_lite0
from .googlenet import googlenet, googlenet_imagenet
from .inception import inception_v3, inception_v4
from .lenet import lenet
from .lenet_bn import lenet_bn
from .nin import nin
from .resnet import resnet, resnet18
from .vgg import vgg, vgg11
from .zfnet import zfnet

__all__ = ["alexnet", "alexnet_imagenet", "densenet", "densenet_small", "efficientnet_lite0", "googlenet",
           "googlenet_imagenet", "inception_v3", "inception_v4", "lenet", "lenet_bn", "mobilenet_v1", "nin", "resnet",
           "resnet18", "resnext50", "se_resnet50", "shufflenet_v1", "vgg", "vgg11", "zfnet"]

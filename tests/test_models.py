"""The networks that the notebooks export: published counts, shapes, a step of training, and Gluon's model zoo."""
import functools

import d2lcnn
import d2lcnn.files
import d2lcnn.models
from d2lcnn.models.alexnet import alexnet, alexnet_imagenet
from d2lcnn.models.densenet import densenet, densenet_small
from d2lcnn.models.efficient import Shuffle, mobilenet_v1, resnext50, se_resnet50, shufflenet_v1
from d2lcnn.models.efficientnet import efficientnet_lite0, imagenet_classes
from d2lcnn.models.googlenet import googlenet, googlenet_imagenet
from d2lcnn.models.inception import inception_v3, inception_v4
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn
from d2lcnn.models.nin import nin
from d2lcnn.models.resnet import resnet, resnet18
from d2lcnn.models.vgg import vgg, vgg11
from d2lcnn.models.zfnet import zfnet

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon.model_zoo import vision

CPU = npx.cpu()

# d2l's forms for gray images of ten classes: side in pixels, trainable parameters, a smaller side to compute with
SMALL = {
    lenet: (28, 61_706, 28),
    lenet_bn: (28, 62_158, 28),  # LeNet and two per channel or unit before the last layer
    alexnet: (224, 46_764_746, 67),
    vgg11: (224, 43_093_322, 32),
    nin: (224, 1_992_166, 67),
    googlenet: (96, 5_977_530, 32),
    resnet18: (96, 11_178_378, 32),
    densenet_small: (96, 758_226, 32),
}

# The papers' forms for ImageNet: side, trainable parameters as published or in torchvision, 1e9 multiply-adds (None
# where no source counts them), a smaller side to compute with
IMAGENET = {
    "AlexNet": (lambda **kw: alexnet_imagenet(groups=2, **kw), 227, 60_965_224, 0.724, 67),
    "AlexNet in one column": (lambda **kw: alexnet_imagenet(groups=1, **kw), 227, 62_378_344, 1.135, 67),
    "VGG A": (lambda **kw: vgg("A", **kw), 224, 132_863_336, 7.61, 32),
    "VGG A-LRN": (lambda **kw: vgg("A-LRN", **kw), 224, 132_863_336, 7.61, 32),
    "VGG B": (lambda **kw: vgg("B", **kw), 224, 133_047_848, 11.3, 32),
    "VGG C": (lambda **kw: vgg("C", **kw), 224, 133_638_952, None, 32),
    "VGG D": (lambda **kw: vgg(16, **kw), 224, 138_357_544, 15.5, 32),
    "VGG E": (lambda **kw: vgg(19, **kw), 224, 143_667_240, 19.6, 32),
    "GoogLeNet": (googlenet_imagenet, 224, 6_998_552, None, 64),
    "ResNet-18": (lambda **kw: resnet(18, **kw), 224, 11_689_512, 1.81, 32),
    "ResNet-34": (lambda **kw: resnet(34, **kw), 224, 21_797_672, 3.66, 32),
    "ResNet-50": (lambda **kw: resnet(50, **kw), 224, 25_557_032, 4.09, 64),
    "ResNet-101": (lambda **kw: resnet(101, **kw), 224, 44_549_160, 7.80, 32),
    "ResNet-152": (lambda **kw: resnet(152, **kw), 224, 60_192_808, 11.5, 32),
    "DenseNet-121": (lambda **kw: densenet(121, **kw), 224, 7_978_856, 2.83, 32),
    "DenseNet-161": (lambda **kw: densenet(161, **kw), 224, 28_681_000, 7.73, 32),
    "DenseNet-169": (lambda **kw: densenet(169, **kw), 224, 14_149_480, 3.36, 32),
    "DenseNet-201": (lambda **kw: densenet(201, **kw), 224, 20_013_928, 4.29, 32),
    "Inception-v3": (inception_v3, 299, 23_834_568, 5.71, 80),
    "Inception-v4": (inception_v4, 299, 42_679_816, None, 80),
    "ResNeXt-50": (resnext50, 224, 25_028_904, 4.23, 64),
    "SE-ResNet-50": (se_resnet50, 224, 28_088_024, None, 64),
    "MobileNet-v1": (mobilenet_v1, 224, 4_231_976, 0.569, 128),
    "ShuffleNet-v1": (shufflenet_v1, 224, 1_865_728, None, 128),
    "EfficientNet-Lite0": (efficientnet_lite0, 224, 4_652_008, None, 64),
}
# one of each builder is enough to compute with
COMPUTED = ("AlexNet", "VGG A-LRN", "GoogLeNet", "ResNet-50", "DenseNet-121", "ResNeXt-50", "SE-ResNet-50",
            "MobileNet-v1", "ShuffleNet-v1", "EfficientNet-Lite0")


def ready(net, shape, seed=0, start=None):
    d2lcnn.set_seed(seed)
    net.initialize(start or init.Xavier(), ctx=CPU)
    X = np.random.uniform(size=shape, ctx=CPU)
    net(X)  # fixes the shapes
    return net, X


def trained_one_step(net, X, classes=10):
    """The loss before and after a small step of gradient descent on one batch."""
    y = np.arange(len(X)) % classes
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1e-4})
    losses = []
    for _ in range(2):
        d2lcnn.set_seed(1)  # the same dropout twice
        with autograd.record():
            l = loss(net(X), y).mean()  # noqa: E741
        l.backward()
        trainer.step(1)
        losses.append(float(l))
    return losses


@pytest.mark.parametrize("build", SMALL, ids=lambda build: build.__name__)
def test_small_form_has_the_count_of_d2l_takes_a_step_and_hybridizes(build):
    side, parameters, computed = SMALL[build]
    assert d2lcnn.summary(build(), (1, 1, side, side)).parameters == parameters
    net, X = ready(build(), (4, 1, computed, computed))
    check_step_and_hybridization(net, X)


@pytest.mark.parametrize("name", IMAGENET)
def test_imagenet_form_has_the_published_counts(name):
    build, side, parameters, giga_macs, _ = IMAGENET[name]
    cost = d2lcnn.summary(build(), (1, 3, side, side))
    assert cost.parameters == parameters
    assert cost[-1].shape == (1, 1000)
    if giga_macs:
        assert cost.macs / 1e9 == pytest.approx(giga_macs, rel=0.005)


@pytest.mark.parametrize("name", COMPUTED)
def test_imagenet_form_takes_a_step_and_hybridizes(name):
    build, *_, side = IMAGENET[name]
    grouped = name in ("ResNeXt-50", "MobileNet-v1", "ShuffleNet-v1", "EfficientNet-Lite0")  # Xavier starts too small
    net, X = ready(build(classes=10), (4, 3, side, side), start=d2lcnn.HE if grouped else None)
    check_step_and_hybridization(net, X)


def check_step_and_hybridization(net, X):
    imperative = net(X).asnumpy()
    assert imperative.shape == (len(X), 10)
    assert abs(imperative).max() > 1e-4  # zeros would agree with anything
    net.hybridize(static_alloc=True, static_shape=True)
    assert numpy.allclose(net(X).asnumpy(), imperative, rtol=1e-4, atol=1e-5)
    before, after = trained_one_step(net, X)
    assert after < before


@pytest.mark.parametrize("build", [
    *SMALL, lambda **kw: resnet(18, **kw), lambda **kw: vgg(11, **kw), lambda **kw: densenet(121, **kw),
    alexnet_imagenet, zfnet, googlenet_imagenet, inception_v3, inception_v4, resnext50, mobilenet_v1, shufflenet_v1])
def test_channels_and_classes_are_what_was_asked_for(build):
    side = 299 if build in (inception_v3, inception_v4) else 224
    cost = d2lcnn.summary(build(in_channels=5, classes=7), (1, 5, side, side))
    assert cost[-1].shape == (1, 7)
    net = build(in_channels=5, classes=7)
    net.initialize(ctx=CPU)
    with pytest.raises(Exception, match="(?i)shape"):  # noqa: B017 (MXNet raises several classes)
        net(np.zeros((1, 4, side, side), ctx=CPU)).wait_to_read()


def test_zfnet_has_both_variants():
    narrow, wide = (d2lcnn.summary(zfnet(**kw), (1, 3, 224, 224)) for kw in ({}, {"wide": True}))
    assert (narrow.parameters, wide.parameters) == (62_357_608, 107_627_624)


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_a_plain_twin_differs_from_the_resnet_by_its_projections(depth):
    with_shortcuts, plain = (d2lcnn.summary(resnet(depth, shortcuts=s), (1, 3, 224, 224)) for s in (True, False))
    stages = {18: [64, 128, 256, 512], 34: [64, 128, 256, 512]}.get(depth, [64, 256, 512, 1024, 2048])
    projections = sum(a * b + 2 * b for a, b in zip(stages, stages[1:], strict=False))
    assert with_shortcuts.parameters - plain.parameters == projections


@pytest.mark.parametrize("build, wrong", [(resnet, 20), (resnet, "18"), (densenet, 100), (vgg, 12), (vgg, "F")])
def test_an_unknown_depth_is_refused_by_name(build, wrong):
    with pytest.raises(ValueError, match=str(wrong)):
        build(wrong)


def copied(source, target):
    """Give the parameters of `target` the values of `source`, in their order."""
    for a, b in zip(source, target, strict=True):
        assert a.shape == b.shape
        b.set_data(a.data())


@pytest.mark.parametrize("depth", [11, 13, 16, 19])
def test_vgg_computes_what_the_model_zoo_computes(depth):
    zoo, X = ready(getattr(vision, f"vgg{depth}")(), (2, 3, 32, 32))
    ours, _ = ready(vgg(depth), X.shape, seed=1)
    copied(zoo.collect_params().values(), ours.collect_params().values())
    assert numpy.allclose(ours(X).asnumpy(), zoo(X).asnumpy(), atol=1e-5)
    assert abs(zoo(X)).max() > 1e-3


@pytest.mark.parametrize("depth", [18, 34, 50, 101])
def test_resnet_computes_what_the_model_zoo_computes(depth):
    """From 50 on the zoo has biases before normalization (zero here), and strides in a block's first convolution."""
    zoo = getattr(vision, f"resnet{depth}_v1")()
    if depth >= 50:
        for stage in zoo.features[5:8]:
            stage[0].body[0]._kwargs["stride"], stage[0].body[3]._kwargs["stride"] = (1, 1), (2, 2)
    zoo, X = ready(zoo, (2, 3, 64, 64))
    ours, _ = ready(resnet(depth), X.shape, seed=1)
    biases = [p for name, p in zoo.features.collect_params().items() if name.endswith("bias") and "conv" in name]
    assert len(biases) == (0 if depth < 50 else 2 * sum(len(stage) for stage in zoo.features[4:8]))
    for p in biases:
        p.set_data(np.zeros(p.shape))
    copied([p for p in zoo.collect_params().values() if p not in biases], ours.collect_params().values())
    assert numpy.allclose(ours(X).asnumpy(), zoo(X).asnumpy(), atol=1e-5)
    assert abs(zoo(X)).max() > 1e-2


@pytest.mark.parametrize("build, side, name", [(lambda: densenet(121), 224, "densenet121"),
                                               (inception_v3, 299, "inceptionv3")])
def test_networks_that_the_zoo_has_for_old_arrays_only_compute_the_same(build, side, name):
    ours, X = ready(build(), (1, 3, side, side))
    scores, X = ours(X).asnumpy(), X.asnumpy()
    weights = [p.data().asnumpy() for p in ours.collect_params().values()]
    with mx.util.np_array(False), mx.util.np_shape(False):
        zoo = vision.get_model(name)
        zoo.initialize(ctx=CPU)
        zoo(mx.nd.array(X))
        for p, weight in zip(zoo.collect_params().values(), weights, strict=True):
            p.set_data(mx.nd.array(weight))
        error = abs(scores - zoo(mx.nd.array(X)).asnumpy()).max()
    mx.util.set_np_shape(2)  # as d2lcnn had set it, for all threads: `False` is for all of them, too
    assert error < 1e-5 and error < 1e-3 * abs(scores).max()


def test_two_columns_of_alexnet_are_one_without_the_weights_between_them():
    two, X = ready(alexnet_imagenet(groups=2, classes=10), (2, 3, 67, 67))
    one, _ = ready(alexnet_imagenet(groups=1, classes=10), X.shape)
    for a, b in zip(two.collect_params().values(), one.collect_params().values(), strict=True):
        W = a.data()
        if a.shape != b.shape:
            n, m = a.shape[0] // 2, a.shape[1]
            W = np.zeros(b.shape)
            W[:n, :m], W[n:, m:] = a.data()[:n], a.data()[n:]
        b.set_data(W)
    assert numpy.allclose(two(X).asnumpy(), one(X).asnumpy(), atol=1e-5)


@pytest.mark.parametrize("channels, groups", [(6, 2), (12, 3), (12, 4)])
def test_a_shuffle_takes_one_channel_of_each_group_in_turn(channels, groups):
    X = np.arange(2 * channels * 6).reshape(2, channels, 2, 3)
    expected = X.asnumpy().reshape(2, groups, channels // groups, 2, 3).swapaxes(1, 2).reshape(X.shape)
    layer = Shuffle(groups)
    assert (layer(X).asnumpy() == expected).all()
    layer.hybridize()
    assert (layer(X).asnumpy() == expected).all()


@pytest.mark.parametrize("name, answer", [("dog", "German shepherd"), ("hen", "hen"), ("red_panda", "lesser panda"),
                                          ("macaw", "macaw"), ("coffee", "espresso"), ("crab", "rock crab")])
def test_the_pretrained_network_knows_the_courses_photographs(name, answer):
    [path] = (d2lcnn.files.DATA / "photos").glob(f"{name}.*")
    probabilities = d2lcnn.predict(pretrained(), d2lcnn.load_image(path, 224)).reshape(-1)
    assert imagenet_classes()[int(probabilities.argmax())] == answer


@functools.cache
def pretrained():
    net = efficientnet_lite0(pretrained=True, device=CPU)
    net.hybridize()
    return net


def test_pretrained_weights_fit_1000_classes_only():
    with pytest.raises(ValueError, match="know 1,000 classes, not 3: take net"):
        efficientnet_lite0(classes=3, pretrained=True)
    assert len(imagenet_classes()) == len(set(imagenet_classes())) == 1000


def test_every_network_can_be_imported_from_models():
    small = {build.__name__ for build in SMALL}
    builders = {"alexnet_imagenet", "densenet", "efficientnet_lite0", "googlenet_imagenet", "inception_v3",
                "inception_v4", "mobilenet_v1", "resnet", "resnext50", "se_resnet50", "shufflenet_v1", "vgg", "zfnet"}
    assert set(d2lcnn.models.__all__) == small | builders
    assert all(callable(getattr(d2lcnn.models, name)) and f"`{name}`" in d2lcnn.models.__doc__
               for name in d2lcnn.models.__all__)

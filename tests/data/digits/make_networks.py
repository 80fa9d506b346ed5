"""Trains small networks on scikit-learn's digits and writes them as ONNX, with a test and a calibration set.

Run by hand when the networks should change (all, or those that are named); what it writes is committed. Needs Debian's python3-torch, python3-onnx and
python3-sklearn. Beside this file it writes

    cnn.onnx, transformer.onnx, depthwise.onnx   input image [N,1,8,8], output logits [N,10]
    test/image.npy, labels/label.npy             a sixth of the data, never trained on
    calibration/image.npy                        some of the training data
"""

import pathlib
import sys

import numpy
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

HERE = pathlib.Path(__file__).parent
CLASSES = 10


class Cnn(nn.Module):
    def __init__(self, width=32):
        super().__init__()

        def block(inputs, outputs):
            return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

        self.body = nn.Sequential(
            *block(1, width), *block(width, 2 * width), nn.MaxPool2d(2), *block(2 * width, 2 * width))
        self.head = nn.Linear(2 * width, CLASSES)

    def forward(self, image):
        return self.head(self.body(image).mean((2, 3)))


class Depthwise(nn.Module):
    """As MobileNet: each channel filtered by itself, then mixed.

    Trained MobileNets are known for channels whose ranges differ by orders of magnitude, which one scale for a whole
    tensor cannot hold. A network this small does not get there in a few epochs, so the first blocks start there: channels
    are stretched, and the mixing behind them undoes it.
    """

    def __init__(self, width=128, blocks=5, stretched=2, stretch=2.5):
        super().__init__()
        layers = [nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        for block in range(blocks):
            norm = nn.BatchNorm2d(width)
            mix = nn.Conv2d(width, width, 1, bias=False)
            if block < stretched:
                scale = torch.exp(stretch * torch.randn(width))
                norm.weight.data *= scale
                mix.weight.data /= scale[:, None, None]
            layers += [nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False), norm, nn.ReLU(),
                       mix, nn.BatchNorm2d(width), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, image):
        return self.head(self.body(image).mean((2, 3)))


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.before_mlp = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)

    def attend(self, x):
        n, t, width = x.shape
        q, k, v = (f(x).view(n, t, self.heads, width // self.heads).transpose(1, 2)
                   for f in (self.query, self.key, self.value))
        scores = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, width))

    def forward(self, x):
        x = x + self.attend(self.before_attention(x))
        return x + self.down(functional.gelu(self.up(self.before_mlp(x))))


class Transformer(nn.Module):
    """Sixteen patches of 2x2 pixels as tokens."""

    def __init__(self, width=64, heads=4, layers=2):
        super().__init__()
        self.embed = nn.Conv2d(1, width, 2, stride=2)
        self.position = nn.Parameter(torch.randn(1, 16, width) * 0.1)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, image):
        x = self.embed(image).flatten(2).transpose(1, 2) + self.position
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x).mean(1))


def train(network, images, labels, epochs, rate):
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * (len(images) // 32 + 1))
    for _ in range(epochs):
        for at in torch.randperm(len(images)).split(32):
            optimizer.zero_grad()
            functional.cross_entropy(network(images[at]), labels[at]).backward()
            optimizer.step()
            schedule.step()
    network.eval()


def main():
    digits = load_digits()
    order = numpy.random.default_rng(7).permutation(len(digits.target))
    images = torch.tensor(digits.images[order, None] / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target[order])
    test = len(images) // 6
    for folder in ("test", "labels", "calibration"):
        (HERE / folder).mkdir(exist_ok=True)
    numpy.save(HERE / "test" / "image.npy", images[:test].numpy())
    numpy.save(HERE / "labels" / "label.npy", labels[:test].numpy())
    numpy.save(HERE / "calibration" / "image.npy", images[test:test + 128].numpy())

    recipes = {"cnn": (Cnn, 6, 0.005), "transformer": (Transformer, 25, 0.003), "depthwise": (Depthwise, 8, 0.01)}
    for name in sys.argv[1:] or recipes:
        make, epochs, rate = recipes[name]
        torch.manual_seed(1)
        network = make()
        train(network, images[test:], labels[test:], epochs, rate)
        with torch.no_grad():
            right = (network(images[:test]).argmax(1) == labels[:test]).float().mean()
        print(f"{name}: {100 * right:.1f} % of the test set")
        torch.onnx.export(network, images[:2], str(HERE / f"{name}.onnx"), opset_version=13, input_names=["image"],
                          output_names=["logits"], dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}})


main()

"""A spatial transformer network on small images of strokes, trained for some steps."""

import sys

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

torch.manual_seed(0)
steps = int(sys.argv[1]) if len(sys.argv) > 1 else 6
SIDE, OUT, CLASSES = 20, 12, 4


def strokes(count):
    """Images of one bar each, at a random place, of a width that is its class."""
    images, labels = torch.zeros(count, 1, SIDE, SIDE), torch.randint(0, CLASSES, (count,))
    for image, label in zip(images, labels, strict=True):
        row, column = torch.randint(2, SIDE - 8, (2,)).tolist()
        image[0, row : row + 6, column : column + int(label) + 1] = 1.0
    return images + 0.05 * torch.randn(images.shape), labels


def layers(first, hidden, last):
    """Two layers of numbers of features."""
    return nn.Sequential(nn.Flatten(), nn.Linear(first, hidden), nn.ReLU(), nn.Linear(hidden, last))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.locate = layers(SIDE**2, 16, 6)
        self.locate[-1].weight.data.mul_(0.1)
        self.locate[-1].bias.data.copy_(torch.tensor([0.9, 0.1, 0.05, -0.1, 0.9, 0.03]))
        self.classify = layers(OUT**2, 32, CLASSES)

    def forward(self, x):
        theta = self.locate(x).view(-1, 2, 3)
        grid = F.affine_grid(theta, (len(x), 1, OUT, OUT), align_corners=False)
        return self.classify(F.grid_sample(x, grid, align_corners=False))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), 1e-3)
x, y = strokes(64)
for _ in range(steps):
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(*[p.detach().double().sum().item().hex() for p in net.parameters()])

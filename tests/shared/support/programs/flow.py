"""Optical flow by iterated warping, as RAFT refines it, fitted to one pair of frames."""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

torch.manual_seed(1)
HEIGHT, WIDTH, CHANNELS = 12, 20, 6


def warp(features, flow):
    """Sample features (N, C, H, W) at the pixels moved by a flow (N, 2, H, W), x first."""
    y, x = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    pixels = torch.stack([x, y]).float() + flow
    scale = torch.tensor([WIDTH - 1.0, HEIGHT - 1.0]).view(1, 2, 1, 1)
    grid = (2 * pixels / scale - 1).permute(0, 2, 3, 1)
    return F.grid_sample(features, grid, padding_mode="border", align_corners=True)


encode = nn.Conv2d(1, CHANNELS, 3, padding=1)
update = nn.Conv2d(2 * CHANNELS + 2, 2, 3, padding=1)
update.weight.data.mul_(0.1)
optimizer = torch.optim.Adam([*encode.parameters(), *update.parameters()], 1e-3)
first = torch.rand(2, 1, HEIGHT, WIDTH)
second = first.roll(1, dims=3)
for _ in range(4):
    flow = torch.full((2, 2, HEIGHT, WIDTH), 0.3)
    for _ in range(2):
        warped = warp(encode(second), flow)
        flow = flow + update(torch.cat([encode(first), warped, flow], 1))
    loss = (flow - torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)).abs().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item().hex(), update.weight.detach().double().sum().item().hex())

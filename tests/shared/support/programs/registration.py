"""A volume registered to another by a field of displacements, as VoxelMorph's layer moves it."""

import torch
from torch.nn import functional as F  # noqa: N812

torch.manual_seed(2)
SIZE = 6, 8, 10

ticks = [torch.arange(n).float() for n in SIZE]
lattice = torch.stack(torch.meshgrid(*ticks, indexing="ij"))[None]  # (1, 3, D, H, W), z first


def moved(volume, field):
    """Sample a volume where a field (1, 3, D, H, W) in voxels points, z first."""
    places = lattice + field
    unit = torch.stack([2 * (places[:, i] / (n - 1) - 0.5) for i, n in enumerate(SIZE)], -1)
    return F.grid_sample(volume, unit.flip(-1), align_corners=True)


fixed = torch.rand(1, 1, *SIZE)
moving = fixed.roll(1, dims=4)
field = torch.full((1, 3, *SIZE), 0.2).requires_grad_()
optimizer = torch.optim.Adam([field], 0.05)
for _ in range(5):
    loss = ((moved(moving, field) - fixed) ** 2).mean() + 0.01 * field.diff(dim=4).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item().hex(), field.detach().double().sum().item().hex())

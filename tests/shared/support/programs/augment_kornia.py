"""Images augmented by kornia."""

import torch
from kornia.augmentation import AugmentationSequential, RandomAffine, RandomPerspective

torch.manual_seed(3)
affine, perspective = RandomAffine(20.0, (0.1, 0.1), p=1.0), RandomPerspective(p=1.0)
augment = AugmentationSequential(affine, perspective)
x = torch.rand(4, 3, 16, 24)
for _ in range(3):
    out = augment(x)
print(float(out.double().sum()).hex())

"""Volumes augmented by MONAI."""

import torch
from monai.transforms import Affine, RandAffine

torch.manual_seed(4)
x = torch.rand(1, 8, 10, 12)
ranges = {"rotate_range": (0.2, 0.1, 0.1), "translate_range": 1.0}
augment = RandAffine(prob=1.0, padding_mode="border", **ranges).set_random_state(4)
for _ in range(3):
    out = augment(x)
turned, _ = Affine(rotate_params=(0.1, 0.0, 0.0), padding_mode="border")(x)
print(float(out.double().sum()).hex(), float(turned.double().sum()).hex())

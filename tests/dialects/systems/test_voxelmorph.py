"""The row of VoxelMorph against VoxelMorph, on PyTorch."""

import pytest
from support.dialects import KINDS, compare
from support.tensors import on_arrays

pytest.importorskip("torch", reason="VoxelMorph is built on PyTorch")
pytest.importorskip("voxelmorph", reason="the row of VoxelMorph is compared with VoxelMorph")


def test_displacements():
    from voxelmorph.nn.modules import SpatialTransformer

    def transformed(moving_image, deformation_field, **options):
        return SpatialTransformer(**options)(moving_image, deformation_field)

    real = on_arrays(transformed, "moving_image", "deformation_field")
    print(compare("voxelmorph", "SpatialTransformer", *real))


def test_maps():
    from voxelmorph.nn.functional import spatial_transform

    real = on_arrays(spatial_transform, "image", "trf")
    near = tuple(kind for kind in KINDS if kind != "outside")
    print(compare("voxelmorph", "spatial_transform", *real, kinds=near))
    # A gradient of trf has its inverse on both sides: a shift of 40 pixels, once more than in out.
    print(compare("voxelmorph", "spatial_transform", *real, kinds=("outside",), slack=32.0 * 40))

"""Layers over steps and volumes that have no weights: pools, borders and what is cut off."""

from layers import case
from tensors import Given

TIED = [1, 1, 2, 0, 0, 0, 0, 2, 3, 0, 5, 5, 3, 1, 5, 5]


def spatial():
    def of(name, kind, shape, batch=2, given=None, **config):
        return case("spatial", name, kind, config, [shape], batch, given=given)

    same = {"padding": "same"}
    ties = {"x": Given.values((1, 8, 2), TIED)}
    return dict(
        [
            of("max_1d", "MaxPooling1D", (7, 3), pool_size=2),
            of("max_1d_same", "MaxPooling1D", (8, 2), pool_size=3, strides=2, **same),
            of("max_1d_ties", "MaxPooling1D", (8, 2), 1, ties, pool_size=3, strides=1),
            of("average_1d", "AveragePooling1D", (9, 2), pool_size=3, strides=2),
            of("average_1d_same", "AveragePooling1D", (7, 3), pool_size=2, **same),
            of("global_max_1d", "GlobalMaxPooling1D", (7, 3)),
            of("global_max_1d_ties", "GlobalMaxPooling1D", (8, 2), 1, ties),
            of("global_average_1d", "GlobalAveragePooling1D", (7, 3)),
            of("max_3d", "MaxPooling3D", (4, 5, 6, 2), pool_size=2),
            of("max_3d_same", "MaxPooling3D", (3, 5, 4, 2), pool_size=(2, 3, 1), **same),
            of("average_3d", "AveragePooling3D", (4, 5, 6, 2), pool_size=(2, 1, 3)),
            of(
                "average_3d_same",
                "AveragePooling3D",
                (3, 4, 5, 1),
                pool_size=3,
                strides=(1, 2, 2),
                **same,
            ),
            of("global_max_3d", "GlobalMaxPooling3D", (2, 3, 4, 3)),
            of("global_average_3d", "GlobalAveragePooling3D", (2, 3, 4, 3)),
            of("zero_pad_1d", "ZeroPadding1D", (4, 3), padding=(1, 2)),
            of(
                "zero_pad_3d",
                "ZeroPadding3D",
                (2, 3, 2, 2),
                padding=((1, 0), (0, 2), (1, 1)),
            ),
            of("crop_1d", "Cropping1D", (6, 3), cropping=(1, 2)),
            of("crop_2d", "Cropping2D", (5, 6, 2), cropping=((1, 0), (2, 3))),
            of(
                "crop_3d", "Cropping3D", (4, 3, 5, 2), cropping=((1, 1), (0, 1), (2, 0))
            ),
        ]
    )


THEMES = {"spatial": spatial}

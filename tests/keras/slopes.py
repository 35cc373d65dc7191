"""Slopes that are learnt."""

from backend import keras
from row_norms import case


def slopes():
    layer = keras.layers.PReLU
    return dict(
        [
            case("prelu", layer(), (4, 5)),
            case("prelu_of_channels", layer(shared_axes=[1, 2]), (5, 4, 7)),
            case("prelu_of_all", layer(shared_axes=[1]), (37,)),
        ]
    )


THEMES = {"slopes": slopes}

"""ResNet50V2 on MNIST at 32×32, the smallest size it takes: a deep network where a small one would suffice.

Courses train it to show what depth gains. The ImageSpec's own resize enlarges the digits, in training as on the phone.
By default it is trained on a part of the digits, in minutes; `--full` trains it on all of them.
"""

from dataclasses import replace
from typing import Any

from export.networks.digits import IMAGE, digit_recipe
from export.networks.train import TrainingPlan


def network() -> Any:
    """Keras's ResNet50V2 without weights, for one channel and ten classes."""
    import keras

    model = keras.applications.ResNet50V2(weights=None, input_tensor=keras.Input((32, 32, 1), name="image"), classes=10)
    for layer in model.layers:
        # With Keras's 0.99 the statistics take several hundred steps to settle, nearly all that the short plan has.
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    return model


RECIPE = digit_recipe(
    name="digits_resnet50v2",
    description="Handwritten digits 0 to 9: ResNet50V2, fifty layers deep.",
    parameters=23_579_018,
    network=network,
    plan=TrainingPlan(epochs=3, batch_size=64, peak_rate=1e-3, train_inputs=8_000, validation_inputs=1_000),
    full=TrainingPlan(epochs=3, batch_size=64, peak_rate=1e-3),
    image=replace(IMAGE, height=32, width=32),
    shipped=True,
)

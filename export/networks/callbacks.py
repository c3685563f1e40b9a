"""What all trainings here ask of Keras while it fits: progress on the terminal, and the best epoch's weights."""

from collections.abc import Mapping
from typing import Any

from export.recipe import ProgressStage


def training_callbacks(stage: ProgressStage, epochs: int, monitor: str, patience: int) -> list[Any]:
    """Callbacks that advance `stage` by one a batch, and leave the weights of the best epoch by `monitor` in the model.

    Training stops after `patience` epochs without a better one.
    """
    import keras

    def note(epoch: int, logs: Mapping[str, float]) -> None:
        stage.advance(0, f"epoch {epoch + 1} of {epochs}, validation accuracy {logs['val_accuracy']:.4f}")

    report = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: stage.advance(1), on_epoch_end=note)  # noqa: ARG005 - Keras passes them by name
    return [report, keras.callbacks.EarlyStopping(monitor, patience=patience, restore_best_weights=True)]

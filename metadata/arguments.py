"""What `python -m metadata` takes: the parser and its help with examples."""

import argparse
from pathlib import Path

from metadata.card import Polarity, Resize
from metadata.command_line import OneLineParser, crop, numbers, size
from metadata.runtimes import APP_RUNTIME, known_runtimes

EXAMPLES = """examples:
  python -m metadata show mobilenet.tflite
  python -m metadata check build/models/*.tflite
  python -m metadata pack mobilenet.tflite --labels labels.txt --mean 127.5 --std 127.5 --crop 7/8
  python -m metadata bindings mobilenet_packed.tflite --package com.example.app --out app_module
"""
PACK_EXAMPLES = """What is not asked for is read from the model: picture size, channels, number of labels.

mean and std are on pixels 0..255, value = (pixel - mean) / std:
  pixels to [-1, 1]      --mean 127.5 --std 127.5
  pixels to [0, 1]       --mean 0 --std 255
  pixels as they are     --mean 0 --std 1
  ImageNet, as in torch  --mean 123.675,116.28,103.53 --std 58.395,57.12,57.375

examples:
  python -m metadata pack mobilenet.tflite --labels labels.txt --mean 127.5 --std 127.5
  python -m metadata pack mnist.tflite --labels digits.txt --mean 0 --std 255 --digit light_on_dark --out digits.tflite
"""
CHECK_EXAMPLES = """Exit code 0: nothing worse than warnings. 1: errors. 2: a file that cannot be read.

examples:
  python -m metadata check mobilenet.tflite
  python -m metadata check build/models/*.tflite --runtime 2.19.1 --json
"""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; the chosen one is in `command`."""
    root = OneLineParser(
        prog="python -m metadata",
        description="Show, check and write what a .tflite file says about itself.",
        epilog=EXAMPLES,
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="{show,check,pack,bindings}")
    _add_show(commands)
    _add_check(commands)
    _add_pack(commands)
    _add_bindings(commands)
    return root


def _add(commands: "argparse._SubParsersAction[OneLineParser]", name: str, text: str, epilog: str) -> OneLineParser:
    return commands.add_parser(name, help=text, description=text, epilog=epilog)


def _add_show(commands: "argparse._SubParsersAction[OneLineParser]") -> None:
    show = _add(commands, "show", "Show what a .tflite file says: tensors, operators, metadata, labels.", EXAMPLES)
    show.add_argument("model", type=Path, metavar="MODEL.tflite")
    show.add_argument("--json", action="store_true", help="everything, as one JSON object")


def _add_check(commands: "argparse._SubParsersAction[OneLineParser]") -> None:
    check = _add(commands, "check", "Find what is wrong with .tflite files, and say what to do.", CHECK_EXAMPLES)
    check.add_argument("models", type=Path, nargs="+", metavar="MODEL.tflite")
    check.add_argument(
        "--runtime",
        default=APP_RUNTIME,
        metavar="VERSION",
        help=f"the TensorFlow Lite that has to load them: {', '.join(known_runtimes())} (default: %(default)s)",
    )
    check.add_argument("--json", action="store_true", help="the findings as one JSON object")


def _add_pack(commands: "argparse._SubParsersAction[OneLineParser]") -> None:
    pack = _add(commands, "pack", "Put labels, normalisation and preprocessing into a .tflite file.", PACK_EXAMPLES)
    pack.add_argument("model", type=Path, metavar="MODEL.tflite")
    pack.add_argument("--labels", type=Path, required=True, metavar="FILE", help="one label a line, no index")
    pack.add_argument("--mean", type=numbers, required=True, help="of pixels 0..255: one number, or R,G,B")
    pack.add_argument("--std", type=numbers, required=True, help="of pixels 0..255: one number, or R,G,B")
    pack.add_argument("--crop", type=crop, metavar="NUM/DEN", help="central square of the picture (default: none)")
    pack.add_argument(
        "--resize",
        type=Resize,
        choices=tuple(Resize),
        default=Resize.PILLOW_BILINEAR,
        metavar="FILTER",
        help=f"{', '.join(Resize)} (default: %(default)s)",
    )
    pack.add_argument(
        "--digit",
        type=Polarity,
        choices=tuple(Polarity),
        metavar="POLARITY",
        help=f"drawings are laid out as MNIST digits: {', '.join(Polarity)}",
    )
    pack.add_argument("--name", help="what apps call the model (default: the file's name)")
    pack.add_argument("--description", help="a sentence about it (default: what the file says)")
    pack.add_argument("--version", help="its version (default: what the file says, else 1)")
    pack.add_argument("--author", help="who made it (default: what the file says)")
    pack.add_argument("--license", help="its licence, as an SPDX identifier (default: what the file says)")
    pack.add_argument("--size", type=size, metavar="HxW", help="size of the input, for a model that takes any size")
    pack.add_argument("--out", type=Path, metavar="FILE", help="where to (default: MODEL_packed.tflite beside it)")


def _add_bindings(commands: "argparse._SubParsersAction[OneLineParser]") -> None:
    text = "Write an Android module with a Java wrapper class for a packed model, as Android Studio does."
    bindings = _add(commands, "bindings", text, EXAMPLES)
    bindings.add_argument("model", type=Path, metavar="MODEL.tflite")
    bindings.add_argument("--package", required=True, metavar="com.example.app", help="the Java package")
    bindings.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder of the module")

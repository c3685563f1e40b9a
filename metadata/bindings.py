"""Wrapper classes for Android, written by tflite-support's own generator: what Android Studio's model import makes.

The class knows the model's labels and normalisation because it reads them from the metadata at run time. For one
channel the generator has no image type and takes a TensorBuffer instead; it says so in a note.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from metadata.errors import ModelFileError
from metadata.output import write_whole
from metadata.reader import read, read_file
from metadata.support_library import load_support

PACKAGE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bindings:
    """The files written, the wrapper class first, and the generator's messages."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def generate(model_path: Path, package: str, out_dir: Path) -> Bindings:
    """Write an Android module with a Java wrapper for the model, and the model itself as its asset, to `out_dir`.

    SupportLibraryError where the generator does not run; ModelFileError when the model has no metadata or the generator
    refuses it, and when `package` is no Java package; OutputError when the files cannot be written.
    """
    codegen = load_support("codegen.python._pywrap_codegen")
    if not PACKAGE.fullmatch(package):
        raise ModelFileError(f"{package!r} is not a Java package; write it like com.example.app")
    if read(model_path).metadata is None:
        raise ModelFileError(f"{model_path}: has no metadata; pack it first with python -m metadata pack")
    data = read_file(model_path)
    generator = codegen.AndroidJavaGenerator(str(out_dir))
    result = generator.generate(data, package, class_name(model_path), model_path.name)
    notes = tuple(line for line in generator.get_error_message().splitlines() if line.strip())
    if not result.files:
        raise ModelFileError(f"{model_path}: the generator refuses it: {' '.join(notes) or 'no reason given'}")
    contents = {Path(file.path): file.content.encode() for file in result.files}
    contents[out_dir / "src" / "main" / "assets" / model_path.name] = data
    for path, content in contents.items():
        write_whole(path, content)
    return Bindings(tuple(contents), notes)


def class_name(model_path: Path) -> str:
    """The Java class named after the file: digits_cnn_int8.tflite gives DigitsCnnInt8."""
    words = re.findall(r"[A-Za-z0-9]+", model_path.stem)
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name[:1].isalpha() else f"Model{name}"

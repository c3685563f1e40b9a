"""docs/formats.md and docs/schemas from the declarations: `python -m tests.docs.formats_page --write`.

Between `<!-- fields: FORMAT -->` and `<!-- end of fields -->` the page has what is made here; the rest is written by
people. Without `--write` it says whether page and schemas are those of the declarations, and exits with 1 if not.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import inspect as types

from benchmarks.compare.answers import AnswersFile
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.gates import Limits
from benchmarks.console.places import ROOT
from benchmarks.explain.explanation import Explanations
from benchmarks.formats.catalog import Catalog, SelfTest
from benchmarks.formats.declared import formats_of
from benchmarks.formats.inputs import Truth
from benchmarks.formats.job import Job, ProbeJob
from benchmarks.formats.layers_file import Layers
from benchmarks.formats.mismatch import plain_types
from benchmarks.formats.models_file import ModelsFile
from benchmarks.formats.probe_result import FailedProbe, OkProbe
from benchmarks.formats.result import FailedResult, OkResult
from benchmarks.formats.run_file import RunFile
from metadata.descriptions import CheckReport, ModelDescription
from metadata.output import write_whole

PAGE = ROOT / "docs" / "formats.md"
SCHEMAS = ROOT / "docs" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: tuple[Any, ...] = (
    ModelsFile,
    Truth,
    Catalog,
    SelfTest,
    ModelDescription,
    CheckReport,
    Job,
    ProbeJob,
    OkResult | FailedResult,
    OkProbe | FailedProbe,
    RunFile,
    Comparison,
    AnswersFile,
    Explanations,
    Layers,
)
DECLARATIONS: Mapping[str, Any] = {formats_of(kind)[0]: kind for kind in FILES} | {"gates": Limits}
SECTION = re.compile(r"(<!-- fields: (?P<format>\S+) -->\n).*?(<!-- end of fields -->\n)", re.DOTALL)
HEADER = "| field | type | meaning |\n|---|---|---|\n"


def page(text: str) -> str:
    """The page with the tables of the declarations in it."""
    tables = {name: "".join(_tables(kind)) for name, kind in DECLARATIONS.items()}
    return SECTION.sub(lambda found: f"{found[1]}\n{tables[found['format']]}{found[3]}", text)


def schemas() -> Mapping[str, bytes]:
    """The JSON Schema of each declaration, by its file's name."""
    return {f"{name.replace('/', '-')}.json": _schema(name, kind) for name, kind in DECLARATIONS.items()}


def _schema(name: str, kind: Any) -> bytes:
    (root,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    for part in parts.values():
        if "format" in part.get("properties", {}) and "format" not in part["required"]:
            part["required"] = ["format", *part["required"]]  # which a constructor fills in
    whole = {"$schema": DIALECT, "title": name, **root, "$defs": parts}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def _tables(kind: Any) -> Iterator[str]:
    """A table of the object itself, and one of each object in it, where it is first."""
    places: dict[type, list[str]] = {}
    tables: dict[type, list[tuple[str, str, str, Any]]] = {}
    waiting = [("", types.type_info(kind))]
    while waiting:
        place, info = waiting.pop(0)
        structs = _structs(info)
        if not structs or (place and _own_format(structs[0])):
            continue
        cls = structs[0].cls
        places.setdefault(cls, []).append(place)
        if cls not in tables:
            tables[cls] = list(_rows(structs))
            inner = [(f"{place}.{name}" if place else name, info) for name, *_, infos in tables[cls] for info in infos]
            waiting += [(f"{name}{more}", part) for name, info in inner for more, part in _parts(info)]
    for cls, rows in tables.items():
        if places[cls] != [""]:
            yield f"{', '.join(f'`{place}`' for place in dict.fromkeys(places[cls]))}: {_sentence(cls)}\n\n"
        yield HEADER + "".join(f"| `{name}` | {words} | {meaning} |\n" for name, words, meaning, _ in rows) + "\n"


def _structs(info: Any) -> tuple[Any, ...]:
    return tuple(one for one in plain_types(info) if isinstance(one, types.StructType | types.DataclassType))


def _own_format(struct: Any) -> str | None:
    """The format whose section has the table of a struct that is a whole file elsewhere."""
    return str(struct.tag) if getattr(struct, "tag_field", None) == "format" else None


def _rows(structs: tuple[Any, ...]) -> Iterator[tuple[str, str, str, Any]]:
    """Name, type, meaning and declared type of every field of one struct, or of those of a union."""
    first = structs[0]
    if getattr(first, "tag_field", None):
        tags = " or ".join(f"`{one.tag}`" for one in structs)
        yield first.tag_field, tags, "" if len(structs) == 1 else "which of the two it is", ()
    for name in dict.fromkeys(field.encode_name for struct in structs for field in struct.fields):
        fields = [field for struct in structs for field in struct.fields if field.encode_name == name]
        declared = [field.type for field in fields]
        names = list(dict.fromkeys(word for info in declared for word in _words(info)))
        if len(declared) < len(structs) and "null" not in names:
            names.append("null")
        is_optional = not any(field.required for field in fields) and not isinstance(declared[0], types.LiteralType)
        words = " or ".join(sorted(names, key=lambda word: word == "null"))
        yield name, words + (", optional" if is_optional else ""), _meaning(name, structs, declared), tuple(declared)


def _meaning(name: str, structs: tuple[Any, ...], declared: list[Any]) -> str:
    """The description of the field, that of a base where the struct only narrows its type."""
    bases = [base for struct in structs for base in struct.cls.__mro__ if issubclass(base, msgspec.Struct)]
    inherited = (
        field.type for base in bases for field in _structs(types.type_info(base))[0].fields if field.encode_name == name
    )
    for info in (*declared, *inherited):
        for described in (info, *getattr(info, "types", ())):
            schema = described.extra_json_schema if isinstance(described, types.Metadata) else None
            if schema and "description" in schema:
                return str(schema["description"]).replace("|", "\\|")
    return ""


def _sentence(cls: type) -> str:
    """The first sentence of a docstring, on one line."""
    text = " ".join((cls.__doc__ or "").split())
    return re.split(r"(?<=[.;]) ", text, maxsplit=1)[0].rstrip(";.") + "."


def _parts(info: Any) -> Iterator[tuple[str, Any]]:
    """The types of what is in a value of this type, with how their place is written after its own."""
    for kind in plain_types(info):
        match kind:
            case types.StructType() | types.DataclassType():
                yield "", kind
            case types.ListType() | types.VarTupleType():
                yield from ((f"[]{more}", part) for more, part in _parts(kind.item_type))
            case types.DictType():
                yield from ((f".<name>{more}", part) for more, part in _parts(kind.value_type))


def _words(info: Any) -> Iterator[str]:
    """The types that JSON has for it, as people call them."""
    for kind in plain_types(info):
        match kind:
            case types.NoneType():
                yield "null"
            case types.EnumType():
                yield ", ".join(f"`{choice.value}`" for choice in kind.cls)
            case types.LiteralType():
                yield ", ".join(f"`{value}`" for value in kind.values)
            case types.ListType() | types.VarTupleType():
                yield f"list of {'/'.join(_words(kind.item_type))}"
            case types.TupleType():
                yield f"[{', '.join('/'.join(_words(item)) for item in kind.item_types)}]"
            case types.IntType() | types.FloatType():
                yield f"{'integer' if isinstance(kind, types.IntType) else 'number'}{_bounds(kind)}"
            case _ if (named := _own_format(kind)) is not None:
                yield f"[`{named}`](#{re.sub('[^a-z0-9]', '', named)})"
            case _:
                yield NAMES.get(type(kind), "object")


NAMES: dict[type, str] = {
    types.StrType: "string",
    types.BoolType: "boolean",
    types.BytesType: "string",
    types.AnyType: "anything",
}


def _bounds(kind: Any) -> str:
    """The bounds that say something; 64 bits and finite are what every number is."""
    low = kind.ge if kind.gt is None else kind.gt
    low, high = (None if bound is None or abs(bound) >= 1 << 62 else f"{bound:.16g}" for bound in (low, kind.le))
    if low is None or high is None or kind.gt is not None:
        least = "" if low is None else f" {'≥' if kind.gt is None else '>'} {low}"
        return least if high is None else f"{least}, ≤ {high}"
    return f", {low} to {high}"


def main() -> int:
    """0 where page and schemas are those of the declarations, or are now."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.formats_page")
    parser.add_argument("--write", action="store_true", help="bring page and schemas up to date")
    files = {PAGE: page(PAGE.read_text("utf-8")).encode()}
    files |= {SCHEMAS / name: schema for name, schema in schemas().items()}
    stale = [path for path, data in files.items() if not path.is_file() or path.read_bytes() != data]
    if parser.parse_args().write:
        SCHEMAS.mkdir(exist_ok=True)
        for path in stale:
            write_whole(path, files[path])
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what the declarations say; run with --write", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())

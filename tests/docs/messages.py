"""Every error text of the kit, read from its sources. What varies in a text is `…`; nothing is imported or run.

A text is what the packages' own errors, argparse's checks, findings, the table of known failures of adb and phones,
set-up and the app's screens say. Python's own exceptions are bugs, or are shown inside one of these.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[2]
PACKAGES = ("metadata", "export", "benchmarks", "android_app")
SCRIPTS = ("setup.sh", "requirements/environment.sh")
STRINGS = ROOT / "android_app/app/src/main/res/values/strings.xml"
APP_PROBLEMS = re.compile(
    r".*_(broken|failed|refused|unreadable)|camera_(taken|too_many|disabled|forbidden|gone|unusable)|no_.*|out_of_memory"
)
FINDING = re.compile(r"[A-Z]+(-[A-Z]+)+|HOT")
EXPANDED = re.compile(r"\$\((?:[^()]|\([^()]*\))*\)|\$\w+")
"""$(…) of the shell, with one more pair of parentheses inside, or a variable."""
VARIES = "…"


@dataclass(frozen=True, slots=True)
class Message:
    """One text, and where it is raised: `file:line` below the repository's root."""

    text: str
    where: str


def messages() -> Iterator[Message]:
    """Every text that a user may read, in the order of the sources."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sources()}
    errors = error_classes(trees.values())
    for path, tree in trees.items():
        constants = constants_of(tree, trees)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda one: one.lineno):
            text = _said_by(call, errors, constants)
            if text is not None:
                yield Message(text, f"{path.relative_to(ROOT)}:{call.lineno}")
    yield from _of_setup()
    yield from _of_the_app()


def sources() -> list[Path]:
    """The packages' Python files."""
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def every_literal() -> set[str]:
    """Every string in the sources: what a heading may quote."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources()]
    return {text for tree in trees for node in ast.walk(tree) if (text := template(node)) is not None}


def template(node: ast.AST, constants: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The text of a literal, `…` in place of what is formatted into it; None for anything else."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(template(part, constants) or VARIES for part in parts)
        case ast.FormattedValue(value=ast.Name(id=name), format_spec=None) | ast.Name(id=name):
            return constants.get(name)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (template(left, constants) or VARIES) + (template(right, constants) or VARIES)
        case _:
            return None


def constants_of(tree: ast.Module, trees: Mapping[Path, ast.Module]) -> dict[str, str]:
    """The texts that a module gives a name to, REMEDY for example, or imports by it."""
    named: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if (text := template(value)) is not None:
                named[name] = text
            case ast.ImportFrom(module=str(module), names=names):
                source = trees.get(ROOT / f"{module.replace('.', '/')}.py")
                theirs = constants_of(source, {}) if source is not None else {}
                named |= {name.name: theirs[name.name] for name in names if name.name in theirs}
    return named


def error_classes(trees: Iterable[ast.Module]) -> set[str]:
    """Names of the packages' own errors, and of argparse's."""
    parents: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                parents[node.name] = {base.id for base in node.bases if isinstance(base, ast.Name)}
    known = {name for name, bases in parents.items() if "Exception" in bases} | {"ArgumentTypeError"}
    while more := {name for name, bases in parents.items() if bases & known} - known:
        known |= more
    return known


def _said_by(call: ast.Call, errors: set[str], constants: Mapping[str, str]) -> str | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [template(argument, constants) or VARIES for argument in call.args]
    if len(texts) == 3 and (name in ("error", "warning") or (name == "make" and FINDING.fullmatch(texts[0]))):
        return f"{texts[0]}: {texts[1]}; {texts[2]}"
    if name == "KnownFailure" and len(texts) == 4:
        return f"phone {VARIES} {texts[2]}; {texts[3]} (it said: {VARIES})"
    if (name in errors or name == "error") and texts and texts[0] != VARIES:
        return texts[0]
    return None


def _of_setup() -> Iterator[Message]:
    for script in SCRIPTS:
        for number, line in enumerate((ROOT / script).read_text(encoding="utf-8").splitlines(), start=1):
            said = re.search(r'\bfail "(.*)"( ;;)?$', line)
            if said is not None:
                yield Message(f"setup: {re.sub(EXPANDED, VARIES, said[1])}", f"{script}:{number}")


def _of_the_app() -> Iterator[Message]:
    for name, text in re.findall(r'<string name="(\w+)">(.*?)</string>', STRINGS.read_text(encoding="utf-8")):
        if APP_PROBLEMS.fullmatch(name):
            yield Message(re.sub(r"%(\d\$)?[sd]", VARIES, text), f"{STRINGS.relative_to(ROOT)}: {name}")

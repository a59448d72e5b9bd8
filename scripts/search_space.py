"""What scripts/search searches: the TOML files of scripts/spaces.

    preset = "best"                     # and set, evaluate_after, measure, sampler, pruner, trials: the flags of scripts/search

    [search.NAME]                       # a range; whole numbers if low and high are
    settings = ["KEY={:.3g}"]           # where the number goes, and how it is written
    low = 0.1
    high = 1.0
    log = true                          # if wanted
    first = 0.5                         # of the first trial, if wanted

    [search.NAME]                       # a list
    settings = ["KEY={}"]
    values = ["none", 1, 2]

    [search.NAME.choices]               # settings that go together
    LABEL = ["KEY=VALUE", "KEY=VALUE"]
    ANOTHER = []                        # as the preset has it

A setting is written as for --set. The first value of a list, and the first choice, are those of the first trial.
"""

import itertools
import sys
import tomllib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "spaces"


def read(name: str, flags: set[str]) -> dict:
    """A file of scripts/spaces, or any other. Exits with the file and the key of what is wrong."""
    path = FOLDER / f"{name}.toml"
    path = path if path.exists() else Path(name)
    try:
        space = tomllib.loads(path.read_text())
    except OSError as error:
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
        sys.exit(f"search: --space {name}: {path} cannot be read: {error.strerror}; give a file, or one of {known}")
    except ValueError as error:
        sys.exit(f"search: {path}: not TOML: {error}")
    for key in sorted(space.keys() - flags - {"search"}):
        sys.exit(f"search: {path}: {key}: there is no such key; known are search, {', '.join(sorted(flags))}")
    if not are_settings(space.get("set", [])):
        sys.exit(f'search: {path}: set is not a list of settings "KEY=VALUE"')
    if type(space.get("trials", 0)) is not int:
        sys.exit(f"search: {path}: trials is {space['trials']!r}, not a whole number")
    evaluate_after = space.get("evaluate_after", [1])
    if not isinstance(evaluate_after, list) or not evaluate_after or not all(type(epochs) is int for epochs in evaluate_after):
        sys.exit(f"search: {path}: evaluate_after is {evaluate_after!r}, not a list of whole numbers")
    if not isinstance(space.get("search"), dict) or not space["search"]:
        sys.exit(f"search: {path}: there is no table [search.NAME], so there is nothing to search")
    for name, spec in space["search"].items():
        fault = fault_of(spec)
        if fault:
            sys.exit(f"search: {path}: search.{name}: {fault}")
    return space


def fault_of(spec: object) -> str | None:
    """What is wrong with a table [search.NAME]."""
    keys = set(spec) if isinstance(spec, dict) else set()
    if keys == {"choices"}:
        if not isinstance(spec["choices"], dict) or not spec["choices"]:
            return "choices is not a table of names, each with a list of settings"
        wrong = [label for label, settings in spec["choices"].items() if not are_settings(settings)]
        return f'choices.{wrong[0]} is not a list of settings "KEY=VALUE"' if wrong else None
    if keys != {"settings", "values"} and not {"settings", "low", "high"} <= keys <= {"settings", "low", "high", "log", "first"}:
        return "it has neither choices, nor settings and values, nor settings, low and high (with log and first, if wanted)"
    if not are_settings(spec["settings"]) or not spec["settings"]:
        return 'settings is not a list of "KEY={}"'
    if "values" in keys and not (isinstance(spec["values"], list) and spec["values"]):
        return "values is not a list with a value"
    numbers = [spec[key] for key in ("low", "first", "high") if key in keys]
    if not all(type(number) in (int, float) for number in numbers) or numbers != sorted(numbers):
        return "low, first and high are not numbers in this order"
    try:
        for value in values_of(spec):
            settings_of(spec, value)
    except (LookupError, ValueError) as error:
        return f"settings has a place for a value that is not {{}}, or a format that does not fit: {error}"
    return None


def are_settings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and "=" in one for one in value)


def values_of(spec: dict) -> list:
    """The values of a list, or the names of the choices; of a range both ends."""
    return list(spec.get("choices") or spec.get("values") or [spec["low"], spec["high"]])


def settings_of(spec: dict, value: object) -> list[str]:
    """What --set is given for a value."""
    if "choices" in spec:
        return spec["choices"][value]
    return [setting.format(str(value).lower() if isinstance(value, bool) else value) for setting in spec["settings"]]


def suggest(trial, name: str, spec: dict) -> object:
    """A value by the sampler of Optuna's trial."""
    if "low" not in spec:
        return trial.suggest_categorical(name, values_of(spec))
    whole = all(isinstance(spec[key], int) for key in ("low", "high"))
    draw = trial.suggest_int if whole else trial.suggest_float
    return draw(name, spec["low"], spec["high"], log=spec.get("log", False))


def points(search: dict, sampler: str) -> list[dict]:
    """The first trials, which are not left to a sampler: the first value of everything, or a whole grid.

    A grid is laid out here because workers of Optuna's GridSampler may draw a point twice, as its documentation says.
    """
    first = {name: spec.get("first") if "low" in spec else values_of(spec)[0] for name, spec in search.items()}
    if sampler not in ("grid", "each"):
        return [{name: value for name, value in first.items() if value is not None}]
    for name, spec in search.items():
        if "low" in spec:
            sys.exit(f"search: sampler {sampler}: search.{name} is a range; a grid needs values or choices")
    values = {name: values_of(spec) for name, spec in search.items()}
    if sampler == "grid":
        return [dict(zip(values, point)) for point in itertools.product(*values.values())]
    return [first] + [first | {name: value} for name in values for value in values[name][1:]]

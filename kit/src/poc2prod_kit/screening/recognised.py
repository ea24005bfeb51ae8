"""Columns recognised by their name and values: protected attributes, bookkeeping, parts of one moment."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from poc2prod_kit.screening.entities import words
from poc2prod_kit.screening.finding import Finding, option, percent
from poc2prod_kit.screening.sample import Column, Sample

STEP = "features"
# A protected attribute has few values, or is a number of years or a date.
MOST_VALUES, MOST_PARTS = 200, 20
# Names in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish, without accents.
PROTECTED = {
    "sex or gender": "sex gender female male geschlecht sexe sexo genero sesso geslacht plec pohlavi kon kjonn",
    "age": "age alter edad idade leeftijd wiek dob yob birthdate birthday birthyear geburtsdatum geburtsjahr "
    "geburtstag nascimento nacimiento naissance geboortedatum",
    "race or ethnicity": "race ethnicity ethnic ethnie etnia raza raca rasse hautfarbe ancestry hispanic latino",
    "religion": "religion religious religione religiao confession konfession glaube godsdienst religia",
    "disability": "disability disabled behinderung schwerbehindert discapacidad disabilita deficiencia handicapped "
    "invalidity niepelnosprawnosc",
    "nationality or origin": "nationality citizenship citizen nationalitat nationalite staatsangehorigkeit "
    "nacionalidad cittadinanza nazionalita nacionalidade nationaliteit narodowosc nativity immigrant foreigner "
    "migrationshintergrund",
    "family status": "marital familienstand pregnant pregnancy schwanger",
    "sexual orientation": "lgbt orientation_sexuelle",
}
PHRASES = {
    "age": "date of birth|year of birth|birth date|birth year",
    "nationality or origin": "country of (birth|origin)|native country|birth country|foreign worker|place of birth",
    "family status": "civil status|estado civil|etat civil|stato civile",
    "sexual orientation": "sexual orientation",
    "race or ethnicity": "skin colour|skin color",
}
ATTRIBUTES = {word: attribute for attribute, text in PROTECTED.items() for word in text.split()}
# Other words that may stand beside such a word where it still speaks of a person.
BESIDE = frozenset(
    {
        "applicant", "at", "band", "bracket", "client", "code", "customer", "driver", "employee", "group", "in",
        "is", "member", "of", "parent", "patient", "person", "policyholder", "range", "respondent", "self",
        "status", "student", "subject", "the", "user", "year", "years", "yrs",
    }
)  # fmt: skip
PARTS_OF_DATA = frozenset(
    {
        "train", "training", "test", "testing", "val", "valid", "validation", "dev", "holdout", "hold-out",
        "eval", "evaluation", "unlabeled",
    }
)  # fmt: skip
FLAGS = re.compile(r"(is_?)?(train(ing)?|test|holdout|validation)(_?(set|flag|split))?|train_?test")
WEIGHTS = re.compile(
    r"(sample|sampling|survey|person|case|final|post|design|household|replicate|inverse|freq|frequency)_?"
    r"(weights?|wgt|wt)|fnlwgt|pw[gt]+p\d*|perwt|hhwt|wgtp\d*|pweights?|fweights?|weights|finalwgt|ipw"
)


def protected(name: str) -> str:
    """The protected attribute that a column's name speaks of; "" for any other."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace("ß", "ss")
    parts = words(plain)
    joined = " ".join(parts)
    for attribute, phrases in PHRASES.items():
        if re.search(rf"\b({phrases})\b", joined):
            return attribute
    parts = plain.lower().replace("-", "_").replace(" ", "_").split("_") if plain.isupper() else parts
    known = [ATTRIBUTES[word] for word in parts if word in ATTRIBUTES]
    return known[0] if known and all(word in ATTRIBUTES or word in BESIDE for word in parts) else ""


def sensitive(sample: Sample) -> Iterator[Finding]:
    """Columns that speak of a protected attribute and are not called sensitive; sensitive ones that are features."""
    roles = sample.roles
    taken = {*roles.sensitive, *roles.exclude, roles.target, roles.id, roles.group}
    for column in sample.columns.values():
        attribute = "" if column.name in taken else protected(column.name)
        counted = column.numeric or column.type == "date"
        if attribute and len(column.counts) > 1 and (counted or len(column.counts) <= MOST_VALUES):
            text = (
                f"{column.name} seems to be about a protected attribute ({attribute}), and a model would use it: "
                f"pass --sensitive {option(column.name)} to compare the scores of its values, and exclude it "
                "where a decision must not rest on it."
            )
            yield Finding("sensitive-unnamed", text, weight=0.4, proposes=("sensitive", column.name))
    used = [name for name in roles.sensitive if name not in {*roles.exclude, *roles.special}]
    if used:
        verb, them = ("is", "it") if len(used) == 1 else ("are", "them")
        text = (
            f"{', '.join(used)} {verb} sensitive, and a feature: the model may use {them}. Exclude {them} where a "
            "decision must not rest on that."
        )
        yield Finding("sensitive-feature", text, weight=0.35)


def bookkeeping(sample: Sample) -> Iterator[Finding]:
    """Columns that say how rows were split, folded or weighted: not known of a row to come."""
    roles = sample.roles
    for column in sample.columns.values():
        if column.name in roles.special or len(column.counts) < 2:
            continue
        if how := _split(column):
            text = (
                f"{column.name} says how somebody divided the rows ({how}): no row to come has it. Exclude it; "
                "`split` divides the rows anew."
            )
        elif _weight(column):
            text = (
                f"{column.name} looks like a survey or sampling weight: it says how many others a row stands for, "
                "not what a row is like. Exclude it; no step weights rows."
            )
        else:
            continue
        yield Finding("bookkeeping", text, (column.name,), STEP, weight=0.95)


def _split(column: Column) -> str:
    """The values of a column that divides rows into parts or folds, with their shares; "" for any other."""
    if len(column.counts) > MOST_PARTS:
        return ""
    values = [(column.texts[code], n) for code, n in column.counts.most_common()]
    whole = column.counts.total()
    parts = {text.strip().casefold() for text, _ in values}
    spoken = len({part[:2] for part in parts & PARTS_OF_DATA}) > 1 and parts <= PARTS_OF_DATA
    name = "_".join(words(column.name)) if not column.name.isupper() else column.name.lower()
    plain = name.replace(" ", "_")
    even = column.type == "integer" and len(values) > 1 and values[0][1] <= 1.25 * values[-1][1]
    folds = even and bool({"fold", "folds", "kfold", "cv"} & {*plain.split("_")})
    flag = len(values) == 2 and FLAGS.fullmatch(plain) is not None
    if not (spoken or folds or flag):
        return ""
    shown = ", ".join(f"{text} {percent(n, whole)}" for text, n in values[:4])
    return shown + (" and more" if len(values) > 4 else "")


def _weight(column: Column) -> bool:
    """Whether a number that is never negative is named like a sampling weight."""
    name = re.sub(r"[\W]+", "_", column.name.casefold())
    spoken = WEIGHTS.fullmatch(name) or WEIGHTS.fullmatch("_".join(words(column.name)))
    return column.numeric and spoken is not None and min(n for n in column.numbers if n is not None) >= 0


PARTS_OF_TIME = (
    ("year", {"year", "yr", "yyyy", "jahr", "annee", "ano"}, 1800, 2100),
    ("month", {"month", "mnth", "mm", "mo", "monat", "mois", "mes"}, 1, 12),
    ("day", {"day", "dd", "dayofmonth", "tag", "jour", "dia", "mday"}, 1, 31),
    ("hour", {"hour", "hr", "hh", "stunde", "heure", "hora"}, 0, 23),
)


def moment_in_parts(sample: Sample) -> Iterator[Finding]:
    """Year, month, day and hour in columns of their own: one moment, which no step puts together."""
    if sample.roles.time and sample.columns[sample.roles.time].type == "date":
        return
    parts = []
    for _, names, low, high in PARTS_OF_TIME:
        fitting = (
            one.name
            for one in sample.columns.values()
            if one.type == "integer"
            and {*words(one.name), one.name.casefold()} & names
            and one.name not in (sample.roles.target, *sample.roles.exclude)
            and all(low <= value <= high for value in one.numbers if value is not None)
        )
        if not (name := next(fitting, "")):
            break
        parts.append(name)
    if len(parts) < 2:
        return
    text = (
        f"{', '.join(parts[:-1])} and {parts[-1]} are one moment in {len(parts)} columns, and the split takes "
        f"one: join them into a column of dates in the table (such as {'-'.join(('2024', '05', '17')[: len(parts)])}"
        f"{' 13:00' if len(parts) > 3 else ''}) and pass it as --time. By {parts[0]} alone, rows of one "
        f"{parts[0]} cannot be put in order."
    )
    yield Finding("time-in-parts", text, weight=0.58)


DESCRIPTIONS = (sensitive, moment_in_parts)

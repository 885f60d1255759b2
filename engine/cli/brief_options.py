"""The options of a brief on the command line: added from what the media declare, read back."""

import argparse
from collections import defaultdict
from typing import Any

from engine.core.brief_rules import SHARED_OPTIONS, BriefRules, Option
from engine.core.errors import BadInput
from engine.media.briefs import RULES
from engine.protocol import Brief, Medium


def add_brief_options(verb: argparse.ArgumentParser) -> None:
    """Those of all media: one that several have stands in a group of its own."""
    for option in SHARED_OPTIONS:
        _add(verb, option, option.help)
    declared: defaultdict[str, list[tuple[BriefRules[Any], Option]]] = defaultdict(list)
    for rules in RULES.values():
        for option in rules.options:
            declared[option.name].append((rules, option))
    groups: dict[str, argparse._ArgumentGroup] = {}
    for owners in declared.values():
        titles = ", ".join(rules.works for rules, _ in owners)
        group = groups.get(titles) or groups.setdefault(titles, verb.add_argument_group(titles))
        helps = {rules.works: option.help for rules, option in owners if option.help}
        alone = len(owners) == 1
        words = (text if alone else f"{works}: {text}" for works, text in helps.items())
        _add(group, owners[0][1], "; ".join(words))


def _add(group: argparse._ActionsContainer, option: Option, words: str) -> None:
    """Nothing is set where the option is not given: the brief's own defaults hold."""
    about: dict[str, Any] = {"help": words, "default": argparse.SUPPRESS}
    if option.switch:
        about["action"] = "store_true"
    else:
        about |= {"type": option.parse, "metavar": option.metavar}
        about |= {"choices": option.choices} if option.choices else {}
        about |= {"nargs": "+"} if option.several else {}
    group.add_argument(f"--{option.name}", **about)


def brief_from(options: argparse.Namespace, medium: Medium) -> Brief:
    """Raises BadInput for an option that is another medium's, and as the medium does."""
    rules = RULES[medium]
    given = {}
    every = (*SHARED_OPTIONS, *(option for each in RULES.values() for option in each.options))
    for option in every:
        if option.key not in options:
            continue
        if not rules.takes(option):
            others = " and ".join(each.works for each in RULES.values() if each.takes(option))
            name = f"--{option.name}"
            raise BadInput("other_option", option=name, others=others, works=rules.works)
        given[option.key] = getattr(options, option.key)
    return rules.from_options(given)

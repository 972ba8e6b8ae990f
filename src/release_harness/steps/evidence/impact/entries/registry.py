"""Every framework adapter there is, and one question to all of them: which entry points does this tree have?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from release_harness.steps.evidence.impact.entries import url_literals
from release_harness.steps.evidence.impact.entries.aiohttp import AiohttpFramework
from release_harness.steps.evidence.impact.entries.commands_and_jobs import COMMANDS_AND_JOBS
from release_harness.steps.evidence.impact.entries.contract import Discovery, Framework, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.django import DjangoFramework
from release_harness.steps.evidence.impact.entries.fastapi import FastAPIFramework
from release_harness.steps.evidence.impact.entries.flask import FlaskFramework
from release_harness.steps.evidence.impact.entries.flask_appbuilder import AppBuilderFramework
from release_harness.steps.evidence.impact.entries.graphene import GrapheneFramework
from release_harness.steps.evidence.impact.entries.litestar import LitestarFramework
from release_harness.steps.evidence.impact.entries.other_languages import OTHER_LANGUAGES
from release_harness.steps.evidence.impact.entries.own_router import DeclaredPatterns, OwnRouter
from release_harness.steps.evidence.impact.entries.pyramid import PyramidFramework
from release_harness.steps.evidence.impact.entries.strawberry import StrawberryFramework
from release_harness.steps.evidence.impact.entries.templates import Templates

FRAMEWORKS: tuple[Framework, ...] = (
    FastAPIFramework(),
    FlaskFramework(),
    AppBuilderFramework(),
    DjangoFramework(),
    GrapheneFramework(),
    StrawberryFramework(),
    AiohttpFramework(),
    LitestarFramework(),
    PyramidFramework(),
    OwnRouter(),
    DeclaredPatterns(),
    Templates(),
    *COMMANDS_AND_JOBS,
    *OTHER_LANGUAGES,
)
"""One line each; the order decides who keeps an entry that two frameworks find."""


class LinkedTree(Protocol):
    """What `link` gives: the program, and the registrations of each framework by its name."""

    @property
    def program(self) -> ProgramView:
        """The whole tree."""
        ...

    @property
    def registrations(self) -> Mapping[str, Sequence[Registration]]:
        """What `collect` of each framework returned for all files."""
        ...


def assemble(framework: Framework, linked: LinkedTree, program: ProgramView) -> Discovery | None:
    """Return what a framework finds in a tree; None when nothing is registered with it and it looks at nothing else."""
    registrations = linked.registrations.get(framework.name, ())
    if not registrations and not getattr(framework, "whole_tree", False):
        return None
    return framework.assemble(registrations, program)


def put_together(linked: LinkedTree, discoveries: Sequence[Discovery]) -> tuple[Discovery, ...]:
    """Return what several frameworks found, each entry once, and the calls of clients that lead to them."""
    found: list[Discovery] = []
    seen: set[tuple[str, str, str, str]] = set()
    for discovery in discoveries:
        kept = []
        for each in discovery.entries:
            key = (each.key, each.handler, each.receiver, each.registered_on)
            if key not in seen:
                seen.add(key)
                kept.append(each)
        found.append(discovery if len(kept) == len(discovery.entries) else replace(discovery, entries=tuple(kept)))
    asked = linked.registrations.get(url_literals.NAME, ())
    if asked:
        found.append(url_literals.client_edges(asked, [entry for each in found for entry in each.entries]))
    return tuple(found)


def discover(linked: LinkedTree, frameworks: Sequence[Framework] = FRAMEWORKS) -> tuple[Discovery, ...]:
    """Return what every framework with registrations finds in a tree; an entry that two of them find is kept once."""
    found = (assemble(each, linked, linked.program) for each in frameworks)
    return put_together(linked, [each for each in found if each is not None])

"""Every adapter for frameworks of other languages than Python."""

from release_harness.steps.evidence.impact.entries import (
    cobra,
    express,
    fastify,
    go_http,
    go_program,
    hono,
    laravel,
    nest,
    next_js,
    rails,
    spring,
    url_literals,
    without_adapter,
)
from release_harness.steps.evidence.impact.entries.contract import Framework

OTHER_LANGUAGES: tuple[Framework, ...] = (
    express.FRAMEWORK,
    nest.FRAMEWORK,
    next_js.FRAMEWORK,
    fastify.FRAMEWORK,
    hono.FRAMEWORK,
    go_http.FRAMEWORK,
    go_program.FRAMEWORK,
    cobra.FRAMEWORK,
    spring.FRAMEWORK,
    rails.FRAMEWORK,
    laravel.FRAMEWORK,
    url_literals.FRAMEWORK,
    without_adapter.FRAMEWORK,
)
"""One line each."""

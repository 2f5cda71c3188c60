"""The stories, by what goes wrong."""

from tests.field.stories import (
    afterwards as afterwards,
    closing as closing,
    idle as idle,
    listeners as listeners,
    opening as opening,
    refused as refused,
    reported as reported,
    resets as resets,
    services as services,
    sound as sound,
    stacks as stacks,
    stalls as stalls,
    tap as tap,
    ways as ways,
)

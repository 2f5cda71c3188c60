"""The stories, by what goes wrong."""

from tests.field.stories import (
    afterwards as afterwards,
    applications as applications,
    closing as closing,
    clusters as clusters,
    devices as devices,
    idle as idle,
    listeners as listeners,
    odd as odd,
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

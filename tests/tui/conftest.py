from tests.live.conftest import wire as wire

"""Numbers that look like chance and are the same for ever."""

from __future__ import annotations

import uuid

_MASK = (1 << 64) - 1


def mix(*parts: int) -> int:
    """A 64-bit number that depends on every part (a splitmix step per part)."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = ((state ^ (part & _MASK)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 31)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 29
    return state


def guid(*parts: int) -> str:
    """A lower-case random-looking UUID (version 4) that depends on every part."""
    return str(uuid.UUID(int=(mix(1, *parts) << 64) | mix(2, *parts), version=4))

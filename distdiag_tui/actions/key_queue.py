"""A queue of keys: they take effect in the order in which they were typed, however fast that was.

Textual hands a key to the widget that has the focus, and looks for its binding once it has come back to the app: by the
focus of that moment, which a key typed after it may have moved. So here the next key waits until the last one is
through, and until a screen that it opened can be typed into: a list of incidents has been read, say, so that a key has
something to act on. What is pasted into a terminal, or typed over a slow line, comes in such bursts; Escape and a
letter that came together look like the letter with Alt held, and are taken apart.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING
from weakref import ref

from textual import events, on
from textual.app import App
from textual.message import Message

from distdiag_tui.actions.registry import ACTIONS, BY_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from textual.screen import Screen
    from textual.timer import Timer

# A widget that is taken away may take the sign along that a key is through.
_KEY_TIMEOUT_S = 1.0
# A recording of days is read within that. On a list that takes longer no key waits any more.
_LIST_TIMEOUT_S, _LOOK_AGAIN_S = 5.0, 0.02


def _names(keys: Iterable[str]) -> set[str]:
    """Textual's names, of which each text has one or several."""
    return {key.strip() for each in keys for key in each.split(",")}


class KeyPassed(Message):
    """A marker sent after a key on the same path; where it arrives, the key has been handled."""

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self.screen = screen


class KeyQueue(App[None], inherit_bindings=False):
    """An app that handles one key at a time.

    Those of scope `everywhere` wait for no other, and those that close a screen for no list.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__()
        everywhere = [action for action in ACTIONS if action.scope == "everywhere"]
        self._urgent = _names(keys.get(action.id, action.keys) for action in everywhere)
        self._leaving = _names([keys.get("close", BY_ID["close"].keys)])
        self._with_alt = {key for key in _names(keys.values()) if "alt+" in key}
        self._waiting: deque[events.Key] = deque()
        self._under_way: KeyPassed | None = None
        self._patience: Timer | None = None
        # Not the screen itself, which would be kept after it has closed.
        self._given_up: ref[Screen[object]] | None = None

    def takes_keys(self, screen: Screen[object]) -> bool:
        """Whether this screen has what its keys act on."""
        return True

    async def on_event(self, event: events.Event) -> None:
        """Send a key on its way, or let it wait for its turn."""
        if isinstance(event, events.Key) and self._is_two_keys(event):
            for key in (events.Key("escape", "\x1b"), events.Key(event.character or "", event.character)):
                await self.on_event(key)
        elif not isinstance(event, events.Key) or event.is_forwarded or event.key in self._urgent:
            await super().on_event(event)
        elif self._under_way is not None:
            self._waiting.append(event)
        else:
            await self._send(event)

    def _is_two_keys(self, key: events.Key) -> bool:
        return key.key.startswith("alt+") and key.key not in self._with_alt and len(key.character or "") == 1

    async def _send(self, key: events.Key) -> None:
        target = self.focused or self.screen
        self._under_way = passed = KeyPassed(self.screen)
        await super().on_event(key)
        self._wait_at_most(_KEY_TIMEOUT_S, self._go_on)
        if not target.post_message(passed):
            await self._go_on()

    @on(KeyPassed)
    async def _passed(self, message: KeyPassed) -> None:
        if message is not self._under_way:
            return
        if self.screen is not message.screen:
            self._under_way = opened = KeyPassed(self.screen)
            self.screen.call_after_refresh(self.post_message, opened)
        elif self._is_given_up(self.screen) or self.takes_keys(self.screen):
            await self._go_on()
        else:
            self._wait_at_most(_LIST_TIMEOUT_S, partial(self._give_up, self.screen))
            await self._look_again(message)

    def _wait_at_most(self, seconds: float, then: Callable[[], Awaitable[None]]) -> None:
        if self._patience is not None:
            self._patience.stop()
        self._patience = self.set_timer(seconds, then)

    async def _look_again(self, passed: KeyPassed) -> None:
        """Go on once there is what the next key acts on, or the operator wants to leave."""
        if passed is not self._under_way:
            return
        if self.takes_keys(self.screen) or any(key.key in self._leaving for key in self._waiting):
            await self._go_on()
        else:
            self.set_timer(_LOOK_AGAIN_S, partial(self._look_again, passed))

    def _is_given_up(self, screen: Screen[object]) -> bool:
        return self._given_up is not None and self._given_up() is screen

    async def _give_up(self, screen: Screen[object]) -> None:
        self._given_up = ref(screen)
        await self._go_on()

    async def _go_on(self) -> None:
        self._under_way = None
        if self._patience is not None:
            self._patience.stop()
        if self._waiting:
            await self._send(self._waiting.popleft())

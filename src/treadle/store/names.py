"""Integers for the names of assets, jobs, instigators and locations."""

from collections.abc import Iterable
from typing import Any, Literal

from treadle.core.keys import AssetKey
from treadle.store.codec import CORRUPT_RECORD, UNREADABLE, decode, plain, shown_text
from treadle.store.database import Transaction

Kind = Literal["asset", "job", "instigator", "location", "writer"]


class Names:
    """Finds ids by name and names by id; remembers what is committed."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}
        self._texts: dict[int, str] = {}
        self._keys: dict[int, AssetKey] = {}
        self._asset_texts: dict[AssetKey, str] = {}

    def text_of(self, key: AssetKey) -> str:
        """The stored text of an asset key."""
        text = self._asset_texts.get(key)
        if text is None:
            text = self._asset_texts[key] = plain(key.to_string())
        return text

    def find(self, tx: Transaction, kind: Kind, name: str) -> int | None:
        """The id of a name, or None where it was never stored."""
        known = self._ids.get((kind, name))
        if known is not None:
            return known
        row = tx.one("find_names", kind=kind, names=[name])
        return None if row is None else int(row[0])

    def find_asset(self, tx: Transaction, key: AssetKey) -> int | None:
        """The id of an asset, or None."""
        return self.find(tx, "asset", self.text_of(key))

    def ids(self, tx: Transaction, kind: Kind, names: Iterable[str], now: float) -> dict[str, int]:
        """The id of each name; new names are stored."""
        wanted = set(names)
        found = {name: self._ids[kind, name] for name in wanted if (kind, name) in self._ids}
        missing = sorted(wanted - found.keys())
        if not missing:
            return found
        fresh: dict[str, int] = {name: row for row, name in tx.all("find_names", kind=kind, names=missing)}
        new = [name for name in missing if name not in fresh]
        if new:
            tx.many("add_name", [(kind, name) for name in new])
            fresh.update({name: row for row, name in tx.all("find_names", kind=kind, names=new)})
            if kind == "asset":
                tx.many("add_asset", [(fresh[name], now) for name in new])
        tx.after_commit(lambda: self._remember(kind, fresh))
        return {**found, **fresh}

    def asset_ids(self, tx: Transaction, keys: Iterable[AssetKey], now: float) -> dict[AssetKey, int]:
        """The id of each asset; new ones are stored."""
        texts = {key: self.text_of(key) for key in keys}
        known = {key: self._ids.get(("asset", text)) for key, text in texts.items()}
        if None not in known.values():
            return known  # type: ignore[return-value]
        ids = self.ids(tx, "asset", texts.values(), now)
        return {key: ids[text] for key, text in texts.items()}

    def name_of(self, tx: Transaction, identity: int) -> str:
        """The name that an id stands for."""
        text = self._texts.get(identity)
        if text is None:
            row = tx.one("find_name_by_id", id=identity)
            if row is None:
                raise KeyError(identity)
            text = self._texts[identity] = shown_text(row[1])
        return text

    def asset_key(self, tx: Transaction, identity: int) -> AssetKey:
        """The asset that an id stands for."""
        key = self._keys.get(identity)
        if key is None:
            key = self._keys[identity] = stored_key(self.name_of(tx, identity), identity)
        return key

    def forget(self) -> None:
        """Drop what is remembered (after a rename)."""
        self._ids.clear()
        self._texts.clear()
        self._keys.clear()

    def _remember(self, kind: str, fresh: dict[str, int]) -> None:
        self._ids.update({(kind, name): identity for name, identity in fresh.items()})


def key_from_text(text: str) -> AssetKey:
    """The asset key whose stored text this is."""
    return AssetKey(decode(text.encode(), list[str]))


def stored_key(text: Any, identity: int) -> AssetKey:
    """The asset key of a row of names; a damaged one gets a name that says so, and hides no other."""
    try:
        return key_from_text(shown_text(text))
    except UNREADABLE:
        return AssetKey([CORRUPT_RECORD, f"name {identity}"])

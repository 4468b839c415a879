"""Faust's view of a lane table: a name and its partitions. Rows are read per partition and written by units."""

from typing import Any, NoReturn

from faust import Table
from faust.stores.base import Store


class LaneStore(Store):
    """Rows of a table in those partitions whose lanes run here."""

    def _use_units(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            f"table {self.table_name} has no rows outside units: read with unit.get_many or "
            "Lanes.table, write with unit.put"
        )

    __getitem__ = __setitem__ = __delitem__ = __iter__ = __len__ = _use_units
    apply_changelog_batch = reset_state = backup_partition = restore_backup = _use_units


class LaneTable(Table):
    """A Faust table whose rows are in the lanes' RocksDB partitions."""

    def _new_store(self) -> LaneStore:
        return LaneStore(f"lanes://{self.name}", self.app, self, table_name=self.name, loop=self.loop)
